"""The line of a house outside that an agent asks: answered, and over. It has no keys and no desk; its addresses name it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.house_events import HouseGone, HouseJoined, HouseRung
from ivr.core.ids import CallId, LegId, OfferId, PromptId
from ivr.core.instructions import HangUp, Instruction, JoinRoom, Link, Speak
from ivr.core.returning import room_of
from ivr.core.session import CallSession
from ivr.core.speech import fill
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Clock, Menus
from ivr.workflows.take_call import Answer, TakeCall

OVER = PromptId("offer_over")
SEAT = "house-"
"""Of its label in the room."""


@dataclass(frozen=True, kw_only=True)
class TakeHouse:
    take_call: TakeCall
    menus: Menus
    clock: Clock

    def answered(self, call: CallId, line: OfferId, leg: LegId) -> Answer:
        """Into the room with the agent. Asked again it is the same room; when nobody wants it any more, a word and the end."""
        step = self.take_call.tell(call, HouseJoined(at=self.clock.now(), offer=line, leg=leg))
        session = step.session if step else None
        tree = tree_of(self.menus, session) if session else self.menus.by_number("")
        if session is not None and _seated(session, line, leg):
            link = Link(door="house-left", call=call, step=line)
            return Answer(instructions=(JoinRoom(room=room_of(session), label=f"{SEAT}{line}", link=link),), tree=tree)
        language = session.language if session and session.language in tree.voices else tree.default_language
        prompt = tree.prompts.get(OVER)
        words: tuple[Instruction, ...] = (Speak(sounds=fill(prompt, language, {}, tree)),) if prompt else ()
        return Answer(instructions=(*words, HangUp()), tree=tree)

    def rung(self, call: CallId, line: OfferId, leg: LegId) -> None:
        """The carrier speaks of this leg: it is ours, also when the answer to the create was lost."""
        self.take_call.tell(call, HouseRung(at=self.clock.now(), offer=line, leg=leg))

    def over(self, call: CallId, line: OfferId, leg: LegId, *, result: str, room_closed: bool = False) -> None:
        """The leg has ended, or is about to: out of the room it has nowhere to go."""
        gone = HouseGone(at=self.clock.now(), offer=line, leg=leg, result=result, room_closed=room_closed)
        self.take_call.tell(call, gone)


def _seated(session: CallSession, line: OfferId, leg: LegId) -> bool:
    one, house = session.consult, session.house
    if house is not None:
        return house.line == line and house.leg == leg
    return one is not None and one.offer == line and one.in_room and one.leg == leg
