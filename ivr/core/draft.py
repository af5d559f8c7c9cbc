"""A step while it is being written.

Rules read better when they say what happens one thing after another; a `Draft` collects that and turns it into
one immutable `Step`. It lives inside one call of `advance`, so the outside sees a pure function.

Words that keys may cut off are held back until something listens: they go inside the next `Gather`, so that a key
pressed during any of them counts. Words that must be heard in full are spoken at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.core import facts, speech
from ivr.core.agents import AgentEvent
from ivr.core.banners import Banner
from ivr.core.commitments import Commitment
from ivr.core.facts import Fact
from ivr.core.ids import E164, AgentId, PromptId
from ivr.core.instructions import Alarm, Gather, GoOn, Instruction, Link, Order, SendText, Speak, Spoken, WakeAt
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession, State, Step

TALK_DOORS = frozenset({"room", "left"})
MENU_PULSE = timedelta(minutes=3)
"""Longest silence of a leg in the menu before the carrier is asked about it."""
MOST_TURNS = 999
"""A wait's link counts its turns up to here: enough to know that the first words were said."""


class Draft:
    """One step in the making: the session as it will be, and all that follows."""

    def __init__(self, session: CallSession, at: datetime, tree: MenuTree, *, banner: Banner | None = None) -> None:
        self.session = session
        self.banner = banner
        self.at = at
        self.tree = tree
        self.instructions: list[Instruction] = []
        self.held: list[Spoken] = []
        self.orders: list[Order] = []
        self.facts: list[Fact] = []
        self.wake_ups: dict[Alarm, WakeAt] = {}
        self.agents: list[tuple[AgentId, AgentEvent]] = []
        self.seek = False
        self.commitments: list[Commitment] = []

    def set(self, **changes: object) -> None:
        """Change the session; unknown names raise `TypeError`."""
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]

    def fact(self, fact: Fact) -> None:
        if not self.session.unheard:
            self.facts.append(fact)

    def order(self, order: Order) -> None:
        self.orders.append(order)

    def commit(self, commitment: Commitment) -> None:
        """Store this before the leg is answered."""
        self.commitments.append(commitment)

    def commitment_id(self, kind: str) -> str:
        """The id of a commitment of this step: one of each kind per step."""
        return f"{kind}-{self.session.call}-{self.session.step}"

    def agent(self, agent: AgentId, event: AgentEvent) -> None:
        self.agents.append((agent, event))

    def wake(self, alarm: Alarm, after: timedelta | None, ref: str = "") -> None:
        """Wake up `after` from now; None cancels."""
        self.wake_ups[alarm] = WakeAt(alarm=alarm, at=None if after is None else self.at + after, ref=ref)

    def say(self, prompt: PromptId | None, **slots: str) -> None:
        """Say a prompt of the tree in the caller's language. None says nothing."""
        if prompt is None:
            return
        said = self.tree.prompts[prompt]
        sounds = [
            replace(sound, slow=self.session.slow)
            for sound in speech.fill(said, self.session.language, slots, self.tree)
        ]
        if prompt == self.tree.recording_notice:
            self.set(recording_told=True)
        if prompt == self.tree.listening_notice:
            self.set(listening_told=True)
        self.fact(
            facts.PromptHeard(
                at=self.at,
                call=self.session.call,
                prompt=prompt,
                language=self.session.language,
                menu_version=self.session.menu_version,
                slots={name: value for name, value in slots.items() if name in speech.TOLD},
            )
        )
        if said.interruptible:
            self.held.extend(sounds)
        else:
            self.flush()
            self.instructions.append(Speak(sounds=tuple(sounds)))

    def text(self, number: E164, prompt: PromptId, *, also: str = "", **slots: str) -> None:
        """Send a prompt of the tree as a text message, in the caller's language; `also` stands behind it."""
        session = self.session
        body = speech.plain_text(self.tree.prompts[prompt], session.language, slots, self.tree)
        self.order(SendText(call=session.call, number=number, body=body + also, kind=prompt))
        self.fact(facts.TextSent(at=self.at, call=session.call, kind=prompt))

    def tell_call(self, at: datetime, *, kind: str) -> None:
        """The fact that this call began at `at`, as the session knows it."""
        session = self.session
        self.fact(
            facts.CallStarted(
                at=at,
                call=session.call,
                hotline=session.hotline,
                dialled=session.dialled,
                kind=kind,
                number=session.caller.number or "",
                country=session.caller.country,
                menu_version=session.menu_version,
                language=session.language,
                test=session.caller.number in self.tree.test_numbers,
            )
        )

    def tell_segment(self, at: datetime) -> None:
        """The fact that the present stay in a queue began at `at`."""
        session = self.session
        assert session.topic is not None
        self.fact(
            facts.SegmentStarted(
                at=at,
                call=session.call,
                segment=session.segment,
                topic=session.topic,
                path=session.path,
                language=session.language,
                priority=session.demand.priority if session.demand else 0,
                queued_at=session.queued_at or at,
                cause=session.cause,
            )
        )

    def say_if_there(self, prompt: PromptId | None, **slots: str) -> None:
        """Say a prompt that a menu need not have."""
        if prompt in self.tree.prompts:
            self.say(prompt, **slots)

    def listen(self, door: str, *, for_s: int, digits: int | None = 1, finish: str = "") -> None:
        """Wait for keys during the held words and after; whoever asked for slow speech has twice the time."""
        self.instructions.append(
            Gather(
                sounds=self.take_held(),
                link=self.link(door),
                timeout_s=for_s * (2 if self.session.slow else 1),
                digits=digits,
                finish=finish,
            )
        )

    def ask_at(self, door: str) -> None:
        """On to a door of its own, whose event is told what its rule must know."""
        self.set(state=State.MENU)
        self.then(GoOn(link=self.link(door)))
        self.wake(Alarm.PULSE, MENU_PULSE)

    def take_held(self) -> tuple[Spoken, ...]:
        """The words held back, for the collector that is about to listen."""
        held, self.held = tuple(self.held), []
        return held

    def flush(self) -> None:
        """Speak what is held back: nothing will listen."""
        held = self.take_held()
        if held:
            self.instructions.append(Speak(sounds=held))

    def then(self, instruction: Instruction) -> None:
        """Add an instruction that does not listen; held words are spoken before it."""
        self.flush()
        self.instructions.append(instruction)

    def link(self, door: str, step: str = "") -> Link:
        """The next URL of this leg, carrying what gives the place back when Redis forgot it."""
        return link_of(self.session, door, step)

    def step(self) -> Step:
        self.flush()
        return Step(
            session=self.session,
            instructions=tuple(self.instructions),
            orders=tuple(self.orders),
            facts=tuple(self.facts),
            wake_ups=tuple(self.wake_ups.values()),
            agents=tuple(self.agents),
            seek=self.seek,
            commitments=tuple(self.commitments),
        )


def link_of(session: CallSession, door: str, step: str = "") -> Link:
    return Link(
        door=door,
        call=session.call,
        step=step or str(session.step + 1),
        version=session.menu_version,
        node=session.node or "",
        language=session.language,
        tries=min(session.turns, MOST_TURNS) if door == "wait" else session.silences * 10 + session.wrongs,
        topic=session.topic or "",
        priority=session.demand.priority if session.demand else 0,
        queued_ms=ms_of(session.queued_at) if session.queued_at else 0,
        segment=session.segment,
        path=".".join(session.path),
        agent=session.agent or "" if door in TALK_DOORS else "",
    )


def ms_of(at: datetime) -> int:
    """Epoch milliseconds, whole."""
    return round(at.timestamp() * 1000)
