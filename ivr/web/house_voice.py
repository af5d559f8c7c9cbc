"""The carrier's doors of a house outside that an agent asks: answered, out of the room, and what its leg reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from ivr.core.ids import CallId, LegId, OfferId
from ivr.web.webhooks import Said, Wire
from ivr.workflows.take_house import SEAT, TakeHouse

RESULTS = {"busy": "busy", "no-answer": "no_answer", "completed": "failed"}
"""Why a house was not reached, by the carrier's word. One that answered and is gone before it was in the room was not either."""

Door = Callable[[Any], Any]


def add_house_routes(blueprint: Blueprint, wire: Wire, take_house: TakeHouse, *, steers: Door, reports: Door) -> None:
    @blueprint.post("/house/<call>/<line>")
    @steers
    def house(said: Said, call: str, line: str) -> bytes:
        """It was answered: into the room."""
        if said.call == call or said.over:  # over: its report says so too
            return wire.fixed("hang_up")
        answer = take_house.answered(CallId(call), OfferId(line), LegId(said.call))
        return wire.draw(answer.instructions, answer.tree, dialled="")

    @blueprint.post("/house-left/<call>/<line>")
    @steers
    def house_left(said: Said, call: str, line: str) -> bytes:
        """Out of the room, because it closed or the house put down."""
        if said.call != call:
            take_house.over(CallId(call), OfferId(line), LegId(said.call), result="failed", room_closed=not said.over)
        return wire.fixed("hang_up")

    @blueprint.post("/house-leg/<call>/<line>")
    @reports
    def house_leg(said: Said, call: str, line: str) -> None:
        """How far the carrier has come with this leg."""
        if said.call == call:
            return
        if said.over:
            result = RESULTS.get(said.status, "failed")
            take_house.over(CallId(call), OfferId(line), LegId(said.call), result=result)
        else:
            take_house.rung(CallId(call), OfferId(line), LegId(said.call))


def house_out(take_house: TakeHouse, said: Said, call: str) -> bool:
    """A room's report that somebody left it for good. True: it was the house."""
    if not said.label.startswith(SEAT):
        return False
    line = OfferId(said.label.removeprefix(SEAT))
    take_house.over(CallId(call), line, LegId(said.call), result="failed")
    return True
