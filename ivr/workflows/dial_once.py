"""Make one leg to somebody outside, once, whatever is lost on the way (`RELIABILITY.md` I-28).

SQL gives the one permission to create it. What happens to a create whose answer never came is looked up, never repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.callback_events import CallbackWithdrawn, CalleeFailed, CalleeRung
from ivr.core.callback_orders import DialCallback
from ivr.core.draft import link_of
from ivr.core.errors import CarrierError
from ivr.core.ids import E164, LegId
from ivr.core.instructions import Link
from ivr.core.session import CallSession
from ivr.workflows.dial_house import houses_of
from ivr.workflows.pace import Pace
from ivr.workflows.ports import Clock
from ivr.workflows.take_call import TakeCall

LOOK_AGAIN = timedelta(seconds=1)
LOOKS = 6
"""Looks for a leg whose creation was never answered."""


class Permits(Protocol):
    """The rows of those who are dialled. Raises `Unavailable`."""

    def begin_dial(self, callback: str, attempt: int, at: datetime) -> str: ...
    def undo_dial(self, callback: str, attempt: int) -> None: ...
    def note_leg(self, callback: str, attempt: int, leg: LegId) -> None: ...


class CalleeCarrier(Protocol):
    """What the carrier does for a call that we make. Raises `CarrierError`."""

    def ring_callee(self, *, number: E164, link: Link, ring: timedelta, sender: str) -> LegId: ...
    def find_callee_leg(self, *, number: E164, since: datetime) -> LegId | None: ...
    def alive(self, leg: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Dialled:
    """Whom to call, and what is known of a leg that may be there already."""

    number: E164
    sender: str
    since: datetime
    leg: LegId | None = None


@dataclass(frozen=True, kw_only=True)
class DialOnce:
    """The one place where somebody outside is called."""

    carrier: CalleeCarrier
    take_call: TakeCall
    pace: Pace
    clock: Clock

    def __call__(
        self, order: DialCallback, whom: Dialled, session: CallSession, permits: Permits, *, tries: int
    ) -> timedelta | None:
        """A duration: come again after it."""
        now = self.clock.now()
        wait = self.pace.take(now)
        if wait > timedelta(0):
            return wait
        match permits.begin_dial(order.callback, order.attempt, now):
            case "go":
                return self._ring(order, whom, session, permits)
            case "already":
                return self.look(order, whom, permits, tries=tries)
            case "elsewhere":
                self.take_call.tell(order.call, CalleeFailed(at=now, result="elsewhere"))
            case _:
                self.take_call.tell(order.call, CallbackWithdrawn(at=now, reason="closed"))
        return None

    def _ring(self, order: DialCallback, whom: Dialled, session: CallSession, permits: Permits) -> timedelta | None:
        try:
            leg = self.carrier.ring_callee(
                number=whom.number,
                link=link_of(session, "out"),
                ring=timedelta(seconds=order.ring_s),
                sender=whom.sender,
            )
        except CarrierError as err:
            if err.unknown:
                return LOOK_AGAIN  # it may ring: the next look finds it, or not
            if err.retry:
                permits.undo_dial(order.callback, order.attempt)
                return LOOK_AGAIN
            self.take_call.tell(order.call, CalleeFailed(at=self.clock.now(), result="failed"))
            return None
        self._rung(order, leg, permits)
        return None

    def look(self, order: DialCallback, whom: Dialled, permits: Permits, *, tries: int) -> timedelta | None:
        """Dialled once already and the answer was lost: the leg is looked for, never made again.

        Of a call that is over by then it is put down, by the rule that hears of it.
        """
        found = whom.leg or self.carrier.find_callee_leg(number=whom.number, since=whom.since)
        if found is not None and not self._asked_in_a_talk(found):
            self._rung(order, found, permits)
        elif tries < LOOKS:
            return LOOK_AGAIN
        else:
            self.take_call.tell(order.call, CalleeFailed(at=self.clock.now(), result="lost"))
        return None

    def _asked_in_a_talk(self, leg: LegId) -> bool:
        """Houses are asked from other talks at the same time (`dial_house`): theirs is no leg of this call."""
        return any(leg in houses_of(one) for one in self.take_call.sessions.live())

    def _rung(self, order: DialCallback, leg: LegId, permits: Permits) -> None:
        self.take_call.tell(order.call, CalleeRung(at=self.clock.now(), leg=leg))
        permits.note_leg(order.callback, order.attempt, leg)
