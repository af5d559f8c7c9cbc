"""Whose microphone is heard where, and how the browsers at both ends find each other.

A page that carries the sound of a leg says so with an `end`, a word of its own making; a page that is loaded anew has a
new one, and the newest counts. Legs are linked while they sit in one started room or are bridged. Whenever that, a hold or
a mute changes, the page of each leg is told all of it (event `hearing`): who is at the other ends, which way sound may go,
and which of the two speaks first. The sound itself goes from browser to browser (WebRTC); only their first words pass
through here (event `signal`). Outside a room nobody hears a microphone.
"""

from __future__ import annotations

from typing import Any, Final

from ivr.simulator.ledger import Ledger
from ivr.simulator.legs import Leg

LONGEST_END: Final = 64
Others = list[dict[str, Any]]


class NotLinked(Exception):
    """The other end is no longer there, or the one who speaks no longer counts."""


class Hearing:
    """All methods are called with the network's lock held."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._legs: dict[str, Leg] = {}
        """Legs whose sound a page carries, by their sid."""
        self._ends: dict[str, str] = {}
        self._told: dict[str, Others] = {}

    def carry(self, leg: Leg, end: str) -> None:
        """From now on this page has the sound of the leg. Said again, it is told again."""
        if self._ends.get(leg.sid) != end:
            self._ledger.write("sound", event="carried", leg=leg.sid)
        self._legs[leg.sid], self._ends[leg.sid] = leg, end
        self._told.pop(leg.sid, None)
        self.look()

    def signal(self, leg: Leg, end: str, *, to: str, to_end: str, words: dict[str, Any]) -> None:
        """Raises NotLinked."""
        other = next((linked for linked in leg.linked if linked.sid == to), None)
        if other is None or self._ends.get(leg.sid) != end or self._ends.get(to) != to_end or other.phone is None:
            raise NotLinked
        other.phone.tell("signal", other, end=to_end, by={"sid": leg.sid, "end": end}, words=words)

    def look(self) -> None:
        """After every change: tell the pages for which something is different now."""
        for sid, leg in list(self._legs.items()):
            if leg.over or leg.phone is None:
                del self._legs[sid], self._ends[sid]
                self._told.pop(sid, None)
        for sid, leg in self._legs.items():
            others = self._others(leg)
            if self._told.get(sid) != others and leg.phone is not None:
                self._told[sid] = others
                leg.phone.tell("hearing", leg, end=self._ends[sid], others=others)

    def _others(self, leg: Leg) -> Others:
        heard = leg.voices
        return [
            {
                "sid": other.sid,
                "end": self._ends[other.sid],
                "first": leg.sid < other.sid,
                "hears": other in heard,
                "heard": leg in other.voices,
            }
            for other in leg.linked
            if other.sid in self._legs
        ]
