"""The line of a house is put down, whatever is known of it: rung, in the room, or perhaps not even made yet."""

from __future__ import annotations

from ivr.core.consults import Consult
from ivr.core.draft import Draft
from ivr.core.events import Event
from ivr.core.house_events import HouseRung
from ivr.core.house_orders import PutDownHouse
from ivr.core.instructions import EndLeg


def put_down(draft: Draft, one: Consult) -> None:
    call = draft.session.call
    if one.leg is not None:
        draft.order(EndLeg(call=call, leg=one.leg))
    elif one.dialled_at is not None:
        draft.order(PutDownHouse(call=call, destination=one.outside, since=one.dialled_at))


def rung_late(draft: Draft, event: Event) -> None:
    """A leg of a line that nobody wants any more, however late it was heard of."""
    assert isinstance(event, HouseRung)
    house = draft.session.house
    if event.sure and (house is None or house.leg != event.leg):
        draft.order(EndLeg(call=draft.session.call, leg=event.leg))
