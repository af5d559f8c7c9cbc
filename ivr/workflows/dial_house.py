"""Call a house that an agent asks, once, and put its line down whatever is known of it.

The session holds the permission: whoever leaves the time of dialling in it makes the leg, and nobody else. When the answer
to a create is lost, the leg reports itself (its addresses name the line), and is looked for by number and time
beside that. What is found counts only when it is the one leg to that number that no call of ours has: houses are called
from several desks at once, and nobody else's talk may be ended for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.consults import Consult
from ivr.core.errors import CarrierError
from ivr.core.events import OfferEvent
from ivr.core.house_events import HouseDialled, HouseGone, HouseRung
from ivr.core.house_orders import DialHouse, PutDownHouse
from ivr.core.ids import E164, CallId, LegId, OfferId
from ivr.core.session import CallSession
from ivr.workflows.match_calls import tree_of
from ivr.workflows.pace import Pace
from ivr.workflows.ports import Clock, Menus, Sessions
from ivr.workflows.take_call import TakeCall

LOOK_AGAIN = timedelta(seconds=1)
LOOKS = 6
"""Looks for a leg whose creation was never answered."""
REFUSALS = 10
"""So often the carrier may have no room for the call before the agent is told."""
CREATED_WITHIN = timedelta(seconds=15)
"""A create that was asked for is carried out within this, or never."""


class HouseCarrier(Protocol):
    """Raises `CarrierError`."""

    def ring_house(self, *, number: E164, line: OfferId, call: CallId, ring: timedelta, sender: str) -> LegId: ...

    def legs_made(self, *, number: E164, since: datetime, until: datetime) -> Sequence[LegId]:
        """Live legs to this number that were made by request, and not for a `Dial`, in that time."""

    def end(self, leg: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class DialHouseOnce:
    sessions: Sessions
    menus: Menus
    carrier: HouseCarrier
    take_call: TakeCall
    pace: Pace
    clock: Clock

    def __call__(self, order: DialHouse | PutDownHouse, *, tries: int) -> timedelta | None:
        """A duration: come again after it."""
        session = self.sessions.find(order.call)
        if session is None:
            return None  # Redis was lost, and the line with it: whoever answers is told so
        if isinstance(order, PutDownHouse):
            return self._put_down(order, session, tries=tries)
        one = _asked(session, order)
        if one is None or one.leg is not None:
            return None
        if one.dialled_at is not None:
            return self._look(order, session, one.dialled_at, tries=tries)
        wait = self.pace.take(self.clock.now())
        return wait if wait > timedelta(0) else self._dial(order, tries=tries)

    def _dial(self, order: DialHouse, *, tries: int) -> timedelta | None:
        now = self.clock.now()
        step = self.take_call.tell(order.call, HouseDialled(at=now, offer=order.line))
        one = _asked(step.session, order) if step else None
        if step is None or one is None or one.dialled_at is None:
            return None
        if one.dialled_at != now:
            return LOOK_AGAIN  # another dispatcher had this order, and may have died since
        tree = tree_of(self.menus, step.session)
        number = self._number(step.session, order.destination)
        if number is None:
            self._over(order, "failed")
            return None
        try:
            leg = self.carrier.ring_house(
                number=number,
                line=order.line,
                call=order.call,
                ring=timedelta(seconds=order.ring_s),
                sender=tree.own_number(step.session.dialled),
            )
        except CarrierError as err:
            return self._not_made(order, err, tries=tries)
        self._tell(order, HouseRung(at=self.clock.now(), offer=order.line, leg=leg))
        return None

    def _not_made(self, order: DialHouse, err: CarrierError, *, tries: int) -> timedelta | None:
        if err.unknown:
            return LOOK_AGAIN  # it may ring: it reports itself, or the next look finds it
        if err.retry and tries < REFUSALS:
            self._tell(order, HouseDialled(at=self.clock.now(), offer=order.line, undone=True))
            return LOOK_AGAIN
        self._over(order, "refused")
        return None

    def _look(self, order: DialHouse, session: CallSession, since: datetime, *, tries: int) -> timedelta | None:
        leg = self._made(order, session, since)
        if leg is not None:
            self._tell(order, HouseRung(at=self.clock.now(), offer=order.line, leg=leg, sure=False))
        elif tries < LOOKS:
            return LOOK_AGAIN
        else:
            self._over(order, "failed")
        return None

    def _put_down(self, order: PutDownHouse, session: CallSession, *, tries: int) -> timedelta | None:
        leg = self._made(order, session, order.since)
        if leg is not None:
            self.carrier.end(leg)
            return None
        return LOOK_AGAIN if tries < LOOKS else None

    def _made(self, order: DialHouse | PutDownHouse, session: CallSession, since: datetime) -> LegId | None:
        """The only leg there that is nobody's."""
        number = self._number(session, order.destination)
        if number is None:
            return None
        found = set(self.carrier.legs_made(number=number, since=since, until=since + CREATED_WITHIN))
        if found:
            found -= {leg for one in self.sessions.live() for leg in _lines(one)}
        return found.pop() if len(found) == 1 else None

    def _number(self, session: CallSession, destination: str) -> E164 | None:
        house = tree_of(self.menus, session).destination(destination)
        return house.number if house else None

    def _over(self, order: DialHouse, result: str) -> None:
        self._tell(order, HouseGone(at=self.clock.now(), offer=order.line, result=result))

    def _tell(self, order: DialHouse, event: OfferEvent) -> None:
        self.take_call.tell(order.call, event)


def _asked(session: CallSession, order: DialHouse) -> Consult | None:
    """The consultation that this order is about, while it rings."""
    one = session.consult
    return one if one is not None and one.offer == order.line and one.rings else None


def _lines(session: CallSession) -> tuple[LegId | None, ...]:
    """Every leg of this call that we know."""
    return (session.line, session.agent_leg, *houses_of(session))


def houses_of(session: CallSession) -> tuple[LegId | None, ...]:
    """The leg to a house that is asked in this talk, or talks with its caller."""
    consult, house = session.consult, session.house
    return (consult.leg if consult else None, house.leg if house else None)
