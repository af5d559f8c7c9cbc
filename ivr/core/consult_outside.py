"""A house outside is asked, as a colleague would be: dialled once while the caller is on hold, in the room, gone again.

What differs from a colleague is here. Nobody is looked for or claimed: the menu file names the house. Whoever answers is in
the room at once, without a key, and has neither a desk nor a wrap-up. When the agent goes, the caller stays with the
house only where the agent says so, or where the two talk already (`leaving`, `with_house`).

The carrier is asked for the leg once: the session says when (`dialled_at`), and what became of a create whose answer was
lost is heard from the leg's own reports, which name its line, or looked up; it is never made again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from ivr.core import consult, hold, taping, visits
from ivr.core.consults import Consult
from ivr.core.draft import Draft
from ivr.core.events import Event
from ivr.core.fence import of_offer
from ivr.core.house_events import HouseAsked, HouseDialled, HouseGone, HouseJoined, HouseRung
from ivr.core.house_orders import DialHouse
from ivr.core.ids import LegId
from ivr.core.instructions import Alarm, EndLeg
from ivr.core.offering import RING_GRACE
from ivr.core.queueing import topic_of

RING = timedelta(seconds=30)


@of_offer(HouseAsked)
def ask(draft: Draft, event: HouseAsked) -> None:
    """The caller goes on hold, and the house is dialled. One that the menu file does not name is no house.

    Whoever sits in on the talk is put out: the house is told of no listener, and may answer at any moment.
    """
    session, house = draft.session, draft.tree.destination(event.destination)
    if house is None or session.consult is not None or not session.agent_in_room or session.lost_at is not None:
        return
    topic = topic_of(draft)
    one = Consult(
        topic=topic.id,
        outside=house.name,
        asked_at=event.at,
        demand=consult.desk(draft, topic),
        offer=event.line,
        offered_at=event.at,
    )
    draft.set(consult=one, consult_result="")
    consult.note(draft, event.note)
    visits.over(draft)
    hold.start(draft)
    ring_s = round(RING.total_seconds())
    draft.order(DialHouse(call=session.call, line=event.line, destination=house.name, ring_s=ring_s))
    draft.wake(Alarm.OFFER, RING + RING_GRACE, event.line)


def dialled(draft: Draft, event: HouseDialled) -> None:
    """The permission to make the leg: only the first event of an attempt leaves its own time in the session."""
    one = consult.present(draft)
    if event.undone:
        if one.leg is None and one.rings:
            draft.set(consult=replace(one, dialled_at=None))
    elif one.dialled_at is None and one.rings:
        draft.set(consult=replace(one, dialled_at=event.at, offered_at=event.at))
        draft.wake(Alarm.OFFER, RING + RING_GRACE, event.offer)


def rung(draft: Draft, event: HouseRung) -> None:
    """Its own reports are believed before what was looked up. A second leg, when one is in the room, is put down."""
    one = consult.present(draft)
    if one.in_room and one.leg != event.leg:
        if event.sure:
            draft.order(EndLeg(call=draft.session.call, leg=event.leg))
    elif one.leg is None or event.sure:
        draft.set(consult=replace(one, leg=event.leg))


def joined(draft: Draft, event: HouseJoined) -> None:
    """In the room. Asked again, nothing changes; another leg is told so by the answer to its own request."""
    one = consult.present(draft)
    if one.rings:
        draft.set(consult=replace(one, leg=event.leg, accepted_at=event.at, joined_at=event.at))
        draft.wake(Alarm.OFFER, None)
        consult.told(draft, "joined")
        taping.strangers_in(draft)


def gone(draft: Draft, event: HouseGone) -> None:
    """Not reached, or the house put down: the agent goes on, and the caller stays as they are."""
    one = consult.present(draft)
    if one.leg not in (None, event.leg):
        return
    draft.set(consult=replace(one, leg=None, dialled_at=None))  # there is nothing to put down
    consult.let_go(draft, "left" if one.in_room else event.result)


def lapse(draft: Draft) -> None:
    """Ring time is over, whatever was reported."""
    one = consult.present(draft)
    consult.let_go(draft, "no_answer" if one.dialled_at is not None else "failed")


def line_dead(draft: Draft, leg: LegId) -> None:
    """The carrier says that the house's leg is over."""
    one = consult.present(draft)
    assert one.offer is not None
    gone(draft, HouseGone(at=draft.at, offer=one.offer, leg=leg, result="failed"))


RULES: Mapping[type[Event], Callable[[Draft, Any], None]] = MappingProxyType(
    {HouseDialled: dialled, HouseRung: rung, HouseJoined: joined, HouseGone: gone}
)
"""What events that name the house's line do while it is asked; any other changes nothing."""
