"""A caller who was left with a house outside, in a room that Redis forgot: the call as it is now, from record and room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ivr.core import hold
from ivr.core.consults import House
from ivr.core.draft import Draft
from ivr.core.facts import Fact, Repaired, TalkOver
from ivr.core.ids import LegId, OfferId
from ivr.core.instructions import Alarm, WakeAt
from ivr.core.menus import MenuTree
from ivr.core.records import Segment
from ivr.core.session import CallSession, State, Step
from ivr.core.talk_over import SURVEY_PULSE
from ivr.workflows.take_house import SEAT

WHAT = "talk with a house found in a forgotten room"


def houses_in(seats: Mapping[str, LegId]) -> Mapping[OfferId, LegId]:
    """By the fence of their lines."""
    return {OfferId(label.removeprefix(SEAT)): leg for label, leg in seats.items() if label.startswith(SEAT)}


def left_with(
    found: CallSession, seats: Mapping[str, LegId], talk: Segment, tree: MenuTree, *, at: datetime
) -> Step | None:
    """`found`: the call in the room, as its record knows it. None: no house is there."""
    house = next((House(name="", line=line, leg=leg) for line, leg in houses_in(seats).items()), None)
    if house is None:
        return None
    session = replace(found, state=State.SURVEY, house=house, agent_leg=None, agent_in_room=False)
    follow = Draft(session, at, tree)
    hold.follow(follow)  # nobody knows whether the caller was on hold
    known: list[Fact] = [Repaired(at=at, call=session.call, what=WHAT)]
    if talk.ended_at is None and talk.agent is not None and talk.offer is not None:
        known.append(
            TalkOver(
                at=at,
                call=session.call,
                segment=talk.segment,
                offer=talk.offer,
                agent=talk.agent,
                ended_by="agent_lost",
            )
        )
    return Step(
        session=session,
        facts=tuple(known),
        orders=tuple(follow.orders),
        wake_ups=(WakeAt(alarm=Alarm.PULSE, at=at + SURVEY_PULSE),),
    )
