"""The agent's side of a call: accept, decline, end, and the agent's own line coming and going.

Every request names an offer and an agent; the offer is looked up, and only its own agent may act on it. An
offer that is over answers "over" and changes nothing, whoever asks and however late.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.calls import State
from ivr.core.consoles import may_act
from ivr.core.errors import Unavailable
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    LineRenewed,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    RecordingAsked,
    RoomEmptied,
)
from ivr.core.ids import AgentId, CallId, LegId, OfferId
from ivr.core.instructions import Gather, HangUp, Instruction, JoinRoom, Link, Speak, Spoken
from ivr.core.menus import MenuTree
from ivr.core.returning import room_of
from ivr.core.session import CallSession, Step
from ivr.core.speech import fill, proof_words, wait_words
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.ports import Clock, Menus, OfferRow, Presences, Sessions
from ivr.workflows.take_call import Answer, TakeCall

TALKING = frozenset({State.CONNECTING, State.CONNECTED})
KEY_TIME_S = 8
"""A person presses 1 within this; voicemail and pockets do not (`RELIABILITY.md` F39)."""


@dataclass(frozen=True, kw_only=True)
class TakeOffer:
    """What an agent, or an agent's line, does to a call."""

    take_call: TakeCall
    presences: Presences
    sessions: Sessions
    menus: Menus
    match: MatchCalls
    clock: Clock

    def accept(self, agent: AgentId, offer: OfferId) -> bool:
        """Accept pressed. False: the offer is over, or was never this agent's."""
        row = self._row(agent, offer)
        if row is None:
            return False
        step = self.take_call.tell(row.call, OfferAccepted(at=self.clock.now(), offer=offer, agent=agent))
        return step is not None and step.session.talks(offer)

    def decline(self, agent: AgentId, offer: OfferId) -> None:
        row = self._row(agent, offer)
        if row is not None:
            self.take_call.tell(row.call, OfferDeclined(at=self.clock.now(), offer=offer, agent=agent))

    def end(self, agent: AgentId, offer: OfferId) -> None:
        """The End button: meant, so the caller goes on to the closing words."""
        row = self._row(agent, offer)
        if row is not None:
            self.take_call.tell(row.call, AgentEnded(at=self.clock.now(), offer=offer))

    def record(self, agent: AgentId, offer: OfferId, *, on: bool) -> None:
        """The agent starts or stops the recording of the talk."""
        row = self._row(agent, offer)
        if row is not None:
            self.take_call.tell(row.call, RecordingAsked(at=self.clock.now(), offer=offer, on=on))

    def renew_line(self, agent: AgentId, offer: OfferId) -> None:
        """Another page goes on with the talk: the line of the one before is over."""
        row = self._row(agent, offer)
        if row is not None:
            self.take_call.tell(row.call, LineRenewed(at=self.clock.now(), offer=offer))

    def agent_ready(self, agent: AgentId) -> None:
        try:
            self.match.for_agent(agent)
        except Unavailable:
            return

    def _row(self, agent: AgentId, offer: OfferId) -> OfferRow | None:
        row = self.presences.offer(offer)
        return row if row is not None and row.agent == agent else None

    def join(self, agent: AgentId, offer: OfferId, leg: LegId, *, console: str = "") -> Answer:
        """The agent's line asks for the room of an offer that was accepted; from a page that was taken over it gets none."""
        row = self._row(agent, offer)
        if row is None or not self._leads(agent, console):
            return self._over(None)
        step = self.take_call.tell(row.call, AgentJoined(at=self.clock.now(), offer=offer, leg=leg))
        if step is None or not _holds(step, offer, leg):
            return self._over(step.session if step else None)
        return Answer(instructions=(agent_room(step.session, offer),), tree=tree_of(self.menus, step.session))

    def _leads(self, agent: AgentId, console: str) -> bool:
        present = self.presences.find(agent) if console else None
        return present is None or may_act(present, console)

    def whisper(self, call: CallId, offer: OfferId) -> Answer:
        """An agent's telephone was answered: say what it is about and ask for key 1."""
        row = self.presences.offer(offer)
        session = self.sessions.find(call)
        if row is None or session is None or not session.rings(offer):
            return self._over(session)
        tree = tree_of(self.menus, session)
        link = Link(door="answer", call=call, step=offer)
        return Answer(
            instructions=(Gather(sounds=self._words(session, offer, tree), link=link, timeout_s=KEY_TIME_S),),
            tree=tree,
        )

    def _words(self, session: CallSession, offer: OfferId, tree: MenuTree) -> tuple[Spoken, ...]:
        """Topic, language and wait, in the caller's language: that is the one both speak."""
        language = session.language
        waited = (self.clock.now() - (session.queued_at or self.clock.now())).total_seconds()
        one = session.consult
        about = one.topic if one is not None and one.offer == offer else session.topic
        topic = tree.topics.get(about) if about else None
        slots = {
            "topic": topic.short_names.get(language, topic.id) if topic else "",
            "language": tree.voices[language].name,
            "wait": wait_words(waited, language),
            "verified": proof_words(language, tree, verified=bool(session.verified)),
        }
        tie = session.callback
        if tie is not None:
            slots |= {"code": tie.code, "n": str(tie.attempt)}
        words: list[Spoken] = []
        kind = "whisper_out" if session.called_out else "whisper_callback" if tie else "whisper"
        for name in (kind, "accept_key"):
            prompt = next((p for p in tree.prompts.values() if p.id == name), None)
            if prompt is not None:
                words.extend(fill(prompt, language, slots, tree))
        return tuple(words)

    def answer(self, call: CallId, offer: OfferId, leg: LegId, *, keys: str) -> Answer:
        """Key 1 accepts; silence, voicemail or another key is a decline (`RELIABILITY.md` R12)."""
        row = self.presences.offer(offer)
        if row is None or row.call != call:
            return self._over(None)
        now = self.clock.now()
        if keys[:1] != "1":
            event = (
                OfferDeclined(at=now, offer=offer, agent=row.agent)
                if keys
                else OfferFailed(at=now, offer=offer, missed=True, reason="no key pressed")
            )
            step = self.take_call.tell(call, event)
            return self._over(step.session if step else None)
        self.accept(row.agent, offer)
        return self.join(row.agent, offer, leg)

    def _over(self, session: CallSession | None) -> Answer:
        tree = tree_of(self.menus, session) if session else self.menus.by_number("")
        prompt = next((p for p in tree.prompts.values() if p.id == "offer_over"), None)
        language = session.language if session and session.language in tree.voices else tree.default_language
        words = fill(prompt, language, {}, tree) if prompt else ()
        spoken: tuple[Instruction, ...] = (Speak(sounds=words),) if words else ()
        return Answer(instructions=(*spoken, HangUp()), tree=tree)

    def left_room(self, call: CallId, offer: OfferId, leg: LegId, *, alive: bool) -> None:
        """The agent's line came out of the room: alive (the room closed) or gone."""
        now = self.clock.now()
        if alive:
            self.take_call.tell(call, RoomEmptied(at=now, offer=offer, leg=leg))
        else:
            self.lost(call, offer, leg)

    def lost(self, call: CallId, offer: OfferId, leg: LegId) -> None:
        """The agent's line ended."""
        row = self.presences.offer(offer)
        agent = self.presences.find(row.agent) if row else None
        by_phone = agent is not None and agent.on_telephone
        self.take_call.tell(call, AgentLost(at=self.clock.now(), offer=offer, leg=leg, by_phone=by_phone))

    def leg_ended(self, call: CallId, offer: OfferId, leg: LegId, *, status: str) -> None:
        """The status callback of a telephone agent's leg: never answered, or over. In a talk every end is a loss."""
        session = self.sessions.find(call)
        if session is None or not session.rings(offer):
            self.lost(call, offer, leg)
            return
        missed = status not in ("busy", "failed")
        reason = "hung up without a key" if status == "completed" else status
        failed = OfferFailed(at=self.clock.now(), offer=offer, missed=missed, reason=reason, leg=leg)
        self.take_call.tell(call, failed)

    def leave(self, agent: AgentId, offer: OfferId) -> None:
        """The agent signs out while it rings: nobody waits for an empty chair."""
        row = self._row(agent, offer)
        if row is not None:
            self.take_call.tell(row.call, OfferFailed(at=self.clock.now(), offer=offer, reason="signed out"))


def _holds(step: Step, offer: OfferId, leg: LegId) -> bool:
    return step.session.talks(offer) and step.session.leg_of(offer) == leg


def agent_room(session: CallSession, offer: OfferId) -> JoinRoom:
    return JoinRoom(
        room=room_of(session),
        label=f"agent-{offer}",
        link=Link(door="agent-left", call=session.call, step=offer),
    )
