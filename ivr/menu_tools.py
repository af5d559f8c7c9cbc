"""What `ivr menu check` and `ivr menu play` do: judge menu files, and walk one in the terminal.

The walk is a call like any other: the same rules, the same instructions, drawn as lines of text instead of a
carrier's document. Time passes only when it is told to, so a night or a long wait can be tried in a minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.core import facts
from ivr.core.callback_events import CallbackAsked
from ivr.core.calls import CallSession, State, Step, advance, begin
from ivr.core.case_events import CaseAsked
from ivr.core.errors import Problem
from ivr.core.events import (
    AgentEnded,
    CallArrived,
    Caller,
    CallerKind,
    CallerLeft,
    Event,
    LegAsked,
    LinkAsked,
    MessageRecorded,
    OutsideDialled,
    ReviewAsked,
    RoomAsked,
    StepAsked,
    TimeUp,
    TurnAsked,
)
from ivr.core.ids import CallId, Language, NodeId, OfferId
from ivr.core.instructions import (
    Alarm,
    DialOut,
    Gather,
    GoOn,
    HangUp,
    JoinRoom,
    Link,
    MoveCaller,
    RecordMessage,
    SendText,
    Speak,
    Spoken,
    WakeAt,
)
from ivr.core.lookups import Found, LookupAsked
from ivr.core.menu_usage import PERIOD, Usage, unused_choices
from ivr.core.menus import Lookup, MenuTree
from ivr.core.verification import SendCode
from ivr.core.verification_events import VerifyAsked
from ivr.menu_rehearsal import World, informed, text_of
from ivr.storage.files.menus import Checked, check_menu, clashes, menu_files
from ivr.storage.files.problems import Problems

Say = Callable[[str], None]
Ask = Callable[[str], str]
Beside = Callable[[Path, MenuTree], Iterable[Problem]]
"""What else is to be said of a file that can be used."""
Watch = Callable[[Step], None]

HELP = "keys 0-9 * #  ·  Enter: silence  ·  +5m: time passes  ·  q: hang up"
DIGITS_HELP = "digits, ended with # or Enter  ·  # alone: skip  ·  Enter: silence  ·  q: hang up"
PASS = re.compile(r"\+([0-9]{1,4})(s|m|h)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
MESSAGE_S = 10
TALK = timedelta(seconds=60)
KEY, DIGITS, WAIT, TALKING, ANSWERS, TONE = "key", "digits", "wait", "talk", "answer", "message"
"""What the caller is asked for; every question to `ask` begins with one of these words."""
TURN = timedelta(seconds=15)
CALL = CallId("CA" + "0" * 32)
MOST_UNASKED = 100
"""Steps in a row in which a call asks its caller nothing; no menu that was checked has so many."""


def check_files(
    paths: Iterable[Path],
    *,
    out: Say,
    err: Say,
    recordings: Path | None = None,
    usage: Callable[[str], Usage] | None = None,
    beside: Beside = lambda *_: (),
) -> int:
    """Judge files, and all files of folders. Problems go to `err`, one a line; a good file gets a line on `out`.
    The exit code: 0 when every file can be used (warnings allowed), else 1. `usage` tells what callers of a hotline
    pressed; without it, options that nobody takes are not looked for. `beside` says what else there is to say.
    """
    files = [file for path in paths for file in (menu_files(path) if path.is_dir() else [path])]
    if not files:
        err("there is no menu file to check")
        return 1
    failed = False
    trees: list[tuple[Path, MenuTree]] = []
    for file in files:
        checked = check_menu(file, recordings=recordings)
        for problem in (*checked.problems, *(beside(file, checked.tree) if checked.tree else ())):
            err(f"{problem} (warning)" if problem.warning else str(problem))
        if checked.tree is None:
            failed = True
            continue
        for problem in _never_taken(file, checked, usage):
            err(f"{problem} (warning)")
        trees.append((file, checked.tree))
        tree = checked.tree
        out(f"{file}: good: {len(tree.nodes)} nodes, {', '.join(tree.voices)}, version {tree.version}")
    for problem in clashes(trees):
        err(str(problem))
        failed = True
    return 1 if failed else 0


def _never_taken(file: Path, checked: Checked, usage: Callable[[str], Usage] | None) -> tuple[Problem, ...]:
    if usage is None or checked.tree is None:
        return ()
    problems = Problems(str(file), checked.lines)
    for one in unused_choices(checked.tree, usage(checked.tree.hotline)):
        path = ("nodes", one.node, "menu", "choices", one.key)
        problems.warn(path, f"was taken by none of the {one.visits} callers who came here in {PERIOD.days} days")
    return problems.sorted()


def time_of(text: str, zone: str, now: datetime) -> datetime:
    """An instant from `03:10` (today) or `2026-11-24T03:10`, on the clock of `zone`. Raises `ValueError`."""
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        text = f"{now.astimezone(ZoneInfo(zone)).date()}T{text}"
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


@dataclass
class Walk:
    """One call through a tree, at a terminal. It ends when the caller hangs up or the tree does."""

    tree: MenuTree
    at: datetime
    out: Say
    ask: Ask
    caller: Caller = field(default_factory=lambda: Caller(kind=CallerKind.WITHHELD))
    language: Language | None = None
    """That of the number's last call."""
    world: World = field(default_factory=World)
    watch: Watch = lambda _: None
    """Sees every step."""
    asks_lookups: bool = False
    """Ask for the answers of other systems, instead of taking the world's."""
    wake_ups: dict[Alarm, WakeAt] = field(default_factory=dict)
    unasked: int = 0

    def run(self) -> CallSession:
        """Walk until the end; the session as it was then."""
        arrived = CallArrived(
            at=self.at,
            call=CALL,
            caller=self.caller,
            dialled=self.tree.numbers[0],
            language=self.language,
            open_case=self.world.open_case if self.caller.number else "",
        )
        session = begin(arrived, self.tree)
        self.out(f"-- {self.tree.hotline} at {self._clock()} ({self.tree.zone}); {HELP}")
        event: Event | None = arrived
        while event is not None:
            step = advance(session, event, self.tree)
            session = step.session
            self.watch(step)
            self._tell(step)
            event = self._next(step)
            if event is not None:
                event = informed(event, session, self.tree, self.world)
        if session.state is not State.ENDED:
            step = advance(session, CallerLeft(at=self.at), self.tree)
            self.watch(step)
            session = step.session
        self._summary(session)
        return session

    def _next(self, step: Step) -> Event | None:
        """What the leg does after this step: the keys pressed, the message spoken, the time gone by."""
        self.wake_ups |= {wake.alarm: wake for wake in step.wake_ups}
        self.unasked += 1
        if step.session.state is State.ENDED:
            return None
        if self.unasked > MOST_UNASKED:
            self.out(f"-- node {step.session.node} goes round without asking anything; please report this")
            return None
        if due := self._due():
            return due
        moved = next((order for order in step.orders if isinstance(order, MoveCaller)), None)
        if moved is not None:
            return self._ask_at(moved.link)
        if step.session.state is not State.QUEUED and (doing := self.world.agent_does(step.session, self.at)):
            return doing
        return self._answer(step)

    def _ask_at(self, link: Link) -> Event:
        """What the leg brings when it comes to one of our links."""
        match link.door:
            case "wait":
                return TurnAsked(at=self.at)
            case "callback":
                return CallbackAsked(at=self.at)
            case "verify":
                return VerifyAsked(at=self.at)
            case "lookup":
                return self._look_up(link)
            case "case":
                return CaseAsked(at=self.at)
            case "review":
                return ReviewAsked(at=self.at)
            case "room":
                return RoomAsked(at=self.at, offer=OfferId(link.step))
            case "link":
                return LinkAsked(at=self.at)
            case "step" | "bye":
                return StepAsked(at=self.at)
            case _:
                return LegAsked(at=self.at)

    def _look_up(self, link: Link) -> LookupAsked:
        """At a terminal, whoever walks says what the other system answers."""
        node = self.tree.nodes.get(NodeId(link.node))
        if not self.asks_lookups or not isinstance(node, Lookup):
            return LookupAsked(at=self.at)
        cases = ", ".join(node.cases) or "any word"
        answer = self.ask(f"{ANSWERS} of the system that {node.id} asks, {cases}, Enter: none > ").strip()
        values = {node.by: answer} if answer and node.by else {}
        return LookupAsked(at=self.at, found=Found(values=values, result="ok" if answer else "unavailable"))

    def _answer(self, step: Step) -> Event | None:
        """What the leg reports back about the first instruction that waits for something."""
        for instruction in step.instructions:
            match instruction:
                case Gather(link=link) if link.door == "wait":
                    return self.world.agent_does(step.session, self.at) or self._keys(instruction)
                case Gather():
                    return self._keys(instruction)
                case RecordMessage():
                    return self._message()
                case DialOut(number=number):
                    answer = self.ask(f"{ANSWERS} of {number}, y/n > ")
                    return OutsideDialled(at=self.at, answered=answer.strip().lower().startswith("y"))
                case JoinRoom():
                    return self._talk(step.session)
                case GoOn(link=link):
                    return self._ask_at(link)
                case HangUp():
                    return None
        return LegAsked(at=self.at)

    def _talk(self, session: CallSession) -> Event | None:
        answer = self.ask(f"{TALKING}, Enter when the agent ends it > ").strip()
        if answer == "q" or session.offer is None:
            return None
        self.at += TALK
        return AgentEnded(at=self.at, offer=session.offer)

    def _keys(self, gather: Gather) -> Event | None:
        self.unasked = 0
        waiting = gather.link.door == "wait"
        if gather.digits != 1:
            self.out(f"   ({DIGITS_HELP})")
        answer = self.ask(f"{WAIT if waiting else KEY if gather.digits == 1 else DIGITS} > ").strip()
        if answer == "q":
            return None
        if passing := PASS.fullmatch(answer):
            later = timedelta(**{UNITS[passing.group(2)]: int(passing.group(1))})
            return self._pass(later, waiting=waiting)
        keys = "".join(c for c in answer if c in "0123456789*#")
        if waiting:
            self.at += timedelta(0) if keys else TURN
            return TurnAsked(at=self.at, keys=keys[:1])
        self.at += timedelta(seconds=1 if keys else gather.timeout_s)
        if gather.link.door == "callback":
            return CallbackAsked(at=self.at, keys=keys.partition("#")[0], finished="#" in keys)
        if gather.link.door == "verify":
            return VerifyAsked(at=self.at, keys=keys.partition("#")[0], finished="#" in keys)
        if gather.link.door == "case":
            return CaseAsked(at=self.at, keys=keys[:1])
        if gather.link.door == "review":
            return ReviewAsked(at=self.at, keys=keys[:1])
        if gather.digits == 1:
            return StepAsked(at=self.at, keys=keys[:1])
        digits, sharp, _ = keys.partition("#")
        return StepAsked(at=self.at, keys=digits[: gather.digits], finished=bool(sharp))

    def _pass(self, later: timedelta, *, waiting: bool) -> Event:
        self.at += later
        self.out(f"-- it is {self._clock()}")
        return TurnAsked(at=self.at) if waiting else StepAsked(at=self.at)

    def _due(self) -> Event | None:
        """The earliest wake-up whose time has come; those about lost legs do not matter here."""
        due = [wake for wake in self.wake_ups.values() if wake.at and wake.at <= self.at and wake.alarm != Alarm.PULSE]
        if not due:
            return None
        first = min(due, key=lambda wake: wake.at or self.at)
        del self.wake_ups[first.alarm]
        return TimeUp(at=self.at, alarm=first.alarm, ref=first.ref)

    def _message(self) -> Event | None:
        answer = self.ask(f"{TONE} after the tone, its seconds, Enter for {MESSAGE_S} > ").strip()
        if answer == "q":
            return None
        length = int(answer) if answer.isdigit() else MESSAGE_S
        self.at += timedelta(seconds=length)
        return MessageRecorded(at=self.at, duration_s=length, recording="RE" + "0" * 32)

    def _tell(self, step: Step) -> None:
        """Print what is heard and sent, and the turns that matter."""
        for order in step.orders:
            if isinstance(order, SendText | SendCode):
                self.out(f"   [text message] {text_of(order, step.session, self.tree)}")
        for fact in step.facts:
            if isinstance(fact, facts.SegmentStarted):
                path = " > ".join(fact.path) or "no choice made"
                self.out(f"-- queue {fact.topic}, priority {fact.priority}, {fact.language}, path: {path}")
        for instruction in step.instructions:
            if isinstance(instruction, Gather | Speak):
                self._hear(instruction.sounds)
            if isinstance(instruction, Gather) and instruction.music:
                self.out(f"   ♪ {instruction.music}")

    def _hear(self, sounds: Sequence[Spoken]) -> None:
        for sound in sounds:
            audio = f" ♪ {sound.audio}" if sound.audio else ""
            slow = " (slow)" if sound.slow else ""
            self.out(f"{sound.language}{slow}:{audio} {sound.text}".rstrip())

    def _summary(self, session: CallSession) -> None:
        answers = ", ".join(f"{name}={value}" for name, value in sorted(session.answers.items()))
        self.out(
            f"-- the call ends at {self._clock()}, path: {' > '.join(session.path) or 'none'}; {answers}".rstrip("; ")
        )

    def _clock(self) -> str:
        return f"{self.at.astimezone(ZoneInfo(self.tree.zone)):%Y-%m-%d %H:%M:%S}"
