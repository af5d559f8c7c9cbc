"""Carry what the caller's line reports through its call, and say what the line does next.

Decide, save, answer: `advance` decides, one atomic write saves session, facts, orders and wake-ups, and the stored
instructions answer the leg. The same step asked twice gets the same answer and has no second effect. When Redis is
away the leg is answered from its URL alone: navigation and music go on, nothing is kept, and the next turn after
its return puts the caller back in the old place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache

from ivr.core import hold
from ivr.core.callback_events import CalleeFailed
from ivr.core.calls import advance, begin
from ivr.core.errors import Unavailable
from ivr.core.events import CallArrived, Caller, CallerKind, CallerLeft, Event, LegAsked, NotKept, TurnAsked
from ivr.core.ids import CallId, LegId, PromptId
from ivr.core.instructions import Instruction, Link, Speak
from ivr.core.menus import MenuTree
from ivr.core.recover import note_recovery, recover
from ivr.core.session import CallSession, State, Step
from ivr.core.speech import fill
from ivr.workflows.estimate_wait import EstimateWait
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.ports import Clock, Greet, Inform, Ledger, Memory, Menus, Remembered, Sessions

TROUBLE = PromptId("system_trouble")
WAITING = frozenset({State.QUEUED, State.OFFERED, State.CONNECTING})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a leg does next, in whose voices."""

    instructions: tuple[Instruction, ...]
    tree: MenuTree
    kept: bool = True
    """False: Redis was away; nothing was saved."""


@dataclass(frozen=True, kw_only=True)
class TakeCall:
    """The caller's side of every call."""

    sessions: Sessions
    menus: Menus
    match: MatchCalls
    memory: Memory
    estimates: EstimateWait
    ledger: Ledger
    clock: Clock
    inform: Mapping[str, Inform] = field(default_factory=dict)
    """By door: what an event must be told before it is decided (a caller's open callback, an answer of another system)."""
    inform_all: Sequence[Inform] = ()
    """What every event of a caller's leg is told after that, whatever its door."""
    greet: Sequence[Greet] = ()
    """The same for a call that begins."""

    def arrive(self, call: CallId, caller: Caller, dialled: str) -> Answer:
        """A call begins. Asked again, it gets the same greeting."""
        tree = self.menus.by_number(dialled)
        remembered = self._remembered(caller)
        event = CallArrived(
            at=self.clock.now(),
            call=call,
            caller=caller,
            dialled=dialled,
            language=remembered.language,
            slow=remembered.slow,
        )
        for greet in self.greet:
            with suppress(Unavailable):
                event = greet(event, tree)

        def decide(session: CallSession | None) -> Step:
            return advance(session or begin(event, tree), event, tree)

        try:
            saved = self.sessions.change(call, decide, step="arrive")
        except Unavailable:
            return Answer(instructions=decide(None).instructions, tree=tree, kept=False)
        assert saved is not None
        self.match.after(saved)
        return Answer(instructions=saved.step.instructions, tree=tree)

    def _remembered(self, caller: Caller) -> Remembered:
        if caller.number is None:
            return Remembered()
        try:
            return self.memory.recall(caller.number)
        except Unavailable:
            return Remembered()

    def carry(self, link: Link, event: Event, *, caller: Caller, dialled: str, leg: LegId | None = None) -> Answer:
        """One request of the caller's leg, at one of our links."""
        tree = self.menus.by_version(link.version) or self.menus.by_number(dialled)
        # Whoever must be asked is asked once, however often this is decided, and not at all for a step that is answered.
        informed = cache(lambda: self._informed(link, event))

        def decide(session: CallSession | None) -> Step:
            known = session or recover(link, caller=caller, dialled=dialled, at=event.at, tree=tree, leg=leg)
            told = self._estimated(session, informed() if _forward(known, link) else event)
            step = self._committed(_in_order(known, link, told, tree), known, link, tree)
            return step if session else note_recovery(step, at=event.at, tree=tree)

        try:
            saved = self.sessions.change(link.call, decide, step=f"{link.door}:{link.step}")
        except Unavailable:
            lost = recover(link, caller=caller, dialled=dialled, at=event.at, tree=tree, leg=leg)
            step = self._committed(advance(lost, informed(), tree), lost, link, tree)
            return Answer(instructions=step.instructions, tree=tree, kept=False)
        assert saved is not None
        self.match.after(saved)
        return Answer(instructions=saved.step.instructions, tree=tree)

    def _committed(self, step: Step, known: CallSession, link: Link, tree: MenuTree) -> Step:
        """The step, once all that it commits stands in SQL; else what the caller is told instead."""
        if not step.commitments:
            return step
        try:
            self.ledger.commit(step.commitments)
        except Unavailable:
            number = int(link.step) if link.step.isdigit() else known.step
            return advance(
                replace(known, step=number), NotKept(at=step.commitments[0].at, refused=step.commitments), tree
            )
        return step

    def _informed(self, link: Link, event: Event) -> Event:
        own = self.inform.get(link.door)
        for inform in (*([own] if own else []), *self.inform_all):
            with suppress(Unavailable):
                event = inform(link, event)
        return event

    def _estimated(self, session: CallSession | None, event: Event) -> Event:
        """A wait turn learns its position and, when it is honestly known, the expected wait."""
        if session is None or not isinstance(event, TurnAsked):
            return event
        try:
            return self.estimates(session, event)
        except Unavailable:
            return event

    def held(self, link: Link) -> Answer:
        """One turn of what a caller on hold hears; no store is asked."""
        tree = self.menus.by_version(link.version) or self.menus.by_number("")
        return Answer(instructions=hold.heard(link, tree), tree=tree)

    def ask_again(self, call: CallId, *, dialled: str, sorry: bool = False) -> Answer:
        """A leg that lost its way: what its call is doing now; a stranger starts anew.

        `sorry` (the fallback address): one who is to be connected hears first that it was our fault and that they are.
        """
        event = LegAsked(at=self.clock.now())
        try:
            saved = self.tell(call, event)
        except Unavailable:
            saved = None
        if saved is None:
            return self.arrive(call, Caller(kind=CallerKind.UNKNOWN), dialled)
        tree = tree_of(self.menus, saved.session)
        words = _apology(saved.session, tree) if sorry else ()
        return Answer(instructions=(*words, *saved.instructions), tree=tree)

    def left(self, call: CallId) -> None:
        """The caller's line is gone. Asked again, or for an unknown call: nothing."""
        self.tell(call, CallerLeft(at=self.clock.now()))

    def callee_left(self, call: CallId, leg: LegId, *, result: str) -> None:
        """The leg that we called for a promise is over: nobody reached (`no_answer`, `busy`, …), or the customer went."""
        self.tell(call, CalleeFailed(at=self.clock.now(), result=result, leg=leg))

    def tell(self, call: CallId, event: Event) -> Step | None:
        """An event that no leg waits for. None when the call is unknown. Raises `Unavailable`, also when SQL should
        have kept what the step commits: then nothing has changed.
        """

        def decide(session: CallSession | None) -> Step | None:
            if session is None or (session.state is State.ENDED and not isinstance(event, LegAsked)):
                return _after_the_end(session, event, self.menus)
            step = advance(session, event, tree_of(self.menus, session))
            if step.commitments:
                self.ledger.commit(step.commitments)
            return step

        saved = self.sessions.change(call, decide)
        self.match.after(saved)
        return saved.step if saved else None


def _apology(session: CallSession, tree: MenuTree) -> tuple[Instruction, ...]:
    """The words promise an agent, so they are only for those who wait for one."""
    prompt = tree.prompts.get(TROUBLE)
    if prompt is None or session.state not in WAITING or session.language not in tree.voices:
        return ()
    return (Speak(sounds=fill(prompt, session.language, {}, tree)),)


def _after_the_end(session: CallSession | None, event: Event, menus: Menus) -> Step | None:
    """A call that is over: write only when there is something to undo (a late claim, a leg created too late)."""
    if session is None:
        return None
    step = advance(session, event, tree_of(menus, session))
    return step if step.orders or step.agents or step.facts else None


def _in_order(session: CallSession, link: Link, event: Event, tree: MenuTree) -> Step:
    """Steps only go forward: an old one that was never answered is told where its call is now."""
    if not _forward(session, link):
        return advance(session, LegAsked(at=event.at), tree)
    if not link.step.isdigit() or link.door in OFFER_DOORS:
        return advance(session, event, tree)
    return advance(replace(session, step=int(link.step)), event, tree)


def _forward(session: CallSession, link: Link) -> bool:
    return not link.step.isdigit() or link.door in OFFER_DOORS or int(link.step) > session.step


OFFER_DOORS = frozenset({"room", "left"})
"""Doors whose step is an offer: the offer itself is the fence."""
