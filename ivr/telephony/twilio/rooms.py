"""The rooms at the carrier and the ends of lines: what the sweep compares, and hold. Our rooms are told by their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from twilio.rest import Client

from ivr.core.ids import CallId, LegId
from ivr.core.instructions import Link
from ivr.core.returning import ROOM, in_room
from ivr.telephony.twilio.carrier import LIVE, asking, over_as
from ivr.telephony.twilio.links import path_of
from ivr.workflows.ports import RoomRow

MOST_ROOMS = 1000
MOST_SEATS = 20
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class TwilioRooms:
    """`workflows.ports.Rooms` on Twilio's REST interface."""

    def __init__(self, client: Client, *, public_url: str) -> None:
        self._client = client
        self._origin = public_url.rstrip("/")

    def open(self) -> Sequence[RoomRow]:
        """One that waits alone may still be `init` (`FACTS.md` 4.4)."""
        with asking():
            found = [
                room
                for status in ("init", "in-progress")
                for room in self._client.conferences.list(status=status, limit=MOST_ROOMS)
            ]
        ours = [one for one in found if str(one.friendly_name).startswith(ROOM)]
        named = [(str(one.sid), *in_room(str(one.friendly_name))) for one in ours]
        return [RoomRow(id=sid, call=CallId(call), returns=returns) for sid, call, returns in named]

    def seats(self, room: str) -> Mapping[str, LegId]:
        """Nobody, when the room closed meanwhile."""
        with asking():
            found: list[Any] = over_as([], lambda: self._client.conferences(room).participants.list(limit=MOST_SEATS))
        return {str(one.label): LegId(str(one.call_sid)) for one in found}

    def hold(self, *, room: str, leg: LegId, link: Link | None) -> bool:
        """Asked again, the carrier would begin the music anew: so it is asked first how things stand."""
        with asking():
            rooms: list[Any] = self._client.conferences.list(friendly_name=room, status="in-progress", limit=1)
            if not rooms:
                return False
            seat: Any = self._client.conferences(rooms[0].sid).participants(leg)
            found: Any = over_as(None, seat.fetch)
            if found is None or bool(found.hold) == (link is not None):
                return found is not None
            if link is None:
                return over_as(None, lambda: seat.update(hold=False)) is not None
            heard = f"{self._origin}{path_of(link)}"
            return over_as(None, lambda: seat.update(hold=True, hold_url=heard, hold_method="POST")) is not None

    def seat(self, *, room: str, leg: LegId, muted: bool, coach: LegId | None) -> bool:
        with asking():
            rooms: list[Any] = self._client.conferences.list(friendly_name=room, status="in-progress", limit=1)
            if not rooms:
                return False
            seat: Any = self._client.conferences(rooms[0].sid).participants(leg)
            if coach is None:
                return over_as(None, lambda: seat.update(muted=muted, coaching=False)) is not None
            wanted = {"muted": muted, "coaching": True, "call_sid_to_coach": coach}
            return over_as(None, lambda: seat.update(**wanted)) is not None

    def ended_at(self, leg: LegId) -> datetime | None:
        """A leg that the carrier does not know (any more) ended long ago."""
        with asking():
            found: Any = over_as(None, lambda: self._client.calls(leg).fetch())
        if found is None:
            return LONG_AGO
        return None if str(found.status) in LIVE else found.end_time or LONG_AGO
