"""The caller talks with a house outside, in the room where it was asked, and no agent of ours is there any more.

Nobody is dialled again: the agent leaves, and the two stay together. The call is answered and the agent in wrap-up, so
what is left is to see it through: when the house puts down, the caller hears the closing words; when the caller
does, the house's line ends with them.
"""

from __future__ import annotations

from ivr.core import consult, hold, returning
from ivr.core.consults import House
from ivr.core.draft import Draft
from ivr.core.events import Event, RoomLeft
from ivr.core.house_events import HouseGone
from ivr.core.ids import LegId
from ivr.core.instructions import Alarm, EndLeg, GoOn, LookUpLeg, MoveCaller
from ivr.core.queueing import topic_of
from ivr.core.session import State
from ivr.core.talk_over import SURVEY_PULSE, talk_over
from ivr.core.transfers import note_transfer

OUTSIDE = "outside"
"""`closing` of a caller who has talked to a house: goodbye, and no question whose answer would be about somebody else."""


def leave(draft: Draft, ended_by: str) -> None:
    """The agent's talk is over; caller and house go on."""
    one = consult.present(draft)
    assert one.offer is not None
    assert one.leg is not None
    note_transfer(draft, topic_of(draft), how="outside_warm", outside=one.outside)
    consult.told(draft, "handed_over")
    hold.stop(draft)
    consult.quiet(draft)
    draft.set(consult=None, consult_result="")
    talk_over(draft, ended_by)
    house = House(name=one.outside, line=one.offer, leg=one.leg)
    draft.set(state=State.SURVEY, closing="", house=house)
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


def gone(draft: Draft, event: Event) -> None:
    """The house has put down."""
    assert isinstance(event, HouseGone)
    house = draft.session.house
    if house is not None and house.line == event.offer and event.leg == house.leg:
        _to_closing(draft)


def line_dead(draft: Draft, leg: LegId) -> bool:
    """The carrier says that this leg is over. True: it was the house's."""
    house = draft.session.house
    if house is None or house.leg != leg:
        return False
    _to_closing(draft)
    return True


def _to_closing(draft: Draft) -> None:
    draft.set(house=None, closing=OUTSIDE, caller_in_room=False)
    draft.order(MoveCaller(call=draft.session.call, link=draft.link("bye")))
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


def fetch_again(draft: Draft) -> None:
    """The caller was to be led to the closing words, and has not come: an order that was lost leaves nobody alone."""
    session = draft.session
    if session.state is State.SURVEY and session.closing == OUTSIDE:
        draft.order(MoveCaller(call=session.call, link=draft.link("bye")))


def put_down(draft: Draft) -> None:
    """The caller is gone, or out of the room: the house is let go."""
    house = draft.session.house
    if house is not None:
        draft.set(house=None, closing=OUTSIDE, caller_in_room=False)
        draft.order(EndLeg(call=draft.session.call, leg=house.leg))


def caller_out(draft: Draft, event: Event) -> None:
    """The caller comes out of a room after the talk. Out of the one with the house in it: that is over."""
    assert isinstance(event, RoomLeft)
    session = draft.session
    if event.offer in (session.offer, session.seat) and event.returns >= session.returns:
        put_down(draft)
    draft.then(GoOn(link=draft.link("bye")))


def back(draft: Draft) -> None:
    """The caller's leg lost its way: back to the house, and is it still there?"""
    house = draft.session.house
    assert house is not None
    draft.set(caller_in_room=True)
    draft.order(LookUpLeg(call=draft.session.call, leg=house.leg))
    returning.enter_room(draft)
