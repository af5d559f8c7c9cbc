"""The caller talks with a house outside, in the room where it was asked, and no agent of ours is there any more.

Nobody is dialled again: the agent leaves, and the two stay together. The call is answered and the agent in wrap-up, so
what is left is to see it through: when the house puts down, the caller hears the closing words; when the caller
does, the house's line ends with them. A caller who was given away is not put down: one who has hardly met the house,
or whose room closed under them, is first in line again.
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import consult, hold, returning
from ivr.core.consults import House
from ivr.core.draft import Draft
from ivr.core.events import Event, RoomLeft
from ivr.core.first_in_line import first_in_line
from ivr.core.house_events import HouseGone
from ivr.core.ids import LegId
from ivr.core.instructions import Alarm, EndLeg, GoOn, LookUpLeg, MoveCaller
from ivr.core.queueing import topic_of
from ivr.core.session import State
from ivr.core.talk_over import SURVEY_PULSE, talk_over
from ivr.core.transfers import note_transfer

HARDLY = timedelta(seconds=5)
"""A house that is gone so soon after the agent has not talked to the caller."""
OUTSIDE = "outside"
"""`closing` of a caller who has talked to a house: goodbye, and no question whose answer would be about somebody else."""


def leave(draft: Draft, ended_by: str) -> None:
    """The agent's talk is over; caller and house go on."""
    one = consult.present(draft)
    assert one.offer is not None
    assert one.leg is not None
    note_transfer(draft, topic_of(draft), how="outside_warm", outside=one.outside)
    consult.told(draft, "handed_over")
    met_at = None if draft.session.held_at is None else draft.at
    hold.stop(draft)
    consult.quiet(draft)
    draft.set(consult=None, consult_result="")
    talk_over(draft, ended_by)
    house = House(name=one.outside, line=one.offer, leg=one.leg, met_at=met_at)
    draft.set(state=State.SURVEY, closing="", house=house)
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


def gone(draft: Draft, event: Event) -> None:
    """The house has put down. Or the room closed under it, which the caller's leg does by leaving: make sure, and do not
    look for somebody to talk to a caller who has just hung up.
    """
    assert isinstance(event, HouseGone)
    session, house = draft.session, draft.session.house
    if house is None or house.line != event.offer or event.leg != house.leg:
        return
    if event.room_closed and session.line is not None:
        draft.order(LookUpLeg(call=session.call, leg=session.line))
    else:
        _to_closing(draft)


def line_dead(draft: Draft, leg: LegId) -> bool:
    """The carrier says that this leg is over. True: it was the house's."""
    house = draft.session.house
    if house is None or house.leg != leg:
        return False
    _to_closing(draft)
    return True


def _to_closing(draft: Draft) -> None:
    house = draft.session.house
    if house is not None and house.met_at is not None and draft.at - house.met_at < HARDLY:
        draft.set(house=None, caller_in_room=False)
        first_in_line(draft, move=True)
        return
    draft.set(house=None, closing=OUTSIDE, caller_in_room=False)
    draft.order(MoveCaller(call=draft.session.call, link=draft.link("bye")))
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


def fetch_again(draft: Draft) -> None:
    """The caller was to be led to the closing words, and has not come: an order that was lost leaves nobody alone."""
    session = draft.session
    if session.state is State.SURVEY and session.closing == OUTSIDE:
        draft.order(MoveCaller(call=session.call, link=draft.link("bye")))


def put_down(draft: Draft) -> None:
    """The caller is not with the house any more: its line ends."""
    house = draft.session.house
    if house is not None:
        draft.set(house=None, closing=OUTSIDE, caller_in_room=False)
        draft.order(EndLeg(call=draft.session.call, leg=house.leg))


def caller_out(draft: Draft, event: Event) -> None:
    """The caller comes out of a room after the talk: as it should be, or because it closed with the house in it."""
    assert isinstance(event, RoomLeft)
    session = draft.session
    if event.offer in (session.offer, session.seat) and event.returns >= session.returns:
        there = session.house is not None
        put_down(draft)
        if there:
            first_in_line(draft, move=False)
            return
    draft.then(GoOn(link=draft.link("bye")))


def back(draft: Draft) -> None:
    """The caller's leg lost its way: back to the house, and is it still there?"""
    house = draft.session.house
    assert house is not None
    draft.set(caller_in_room=True)
    draft.order(LookUpLeg(call=draft.session.call, leg=house.leg))
    returning.enter_room(draft)
