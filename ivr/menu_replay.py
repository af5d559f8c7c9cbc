"""Recorded calls, walked through two versions of a menu: which lead elsewhere, and how much speech that saves or costs.

The keys are pressed again in the order and at the times that the records have, by the rules of live calls on either tree.
A caller who waits is left waiting: who would have answered is not the menu's doing. Speech is an estimate: what is said up
to the words that name the key which was pressed, else all of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.core import facts
from ivr.core.calls import State, Step
from ivr.core.events import Caller, CallerKind
from ivr.core.facts import Fact
from ivr.core.ids import E164, Language, NodeId
from ivr.core.instructions import SendText
from ivr.core.menus import Callback, MenuTree, Sms, Transfer
from ivr.core.speech import is_chinese, plain_text
from ivr.menu_tools import ANSWERS, DIGITS, TONE, WAIT, Walk
from ivr.storage.files.wording import SAMPLES, seconds_of, spoken_seconds

SOMEBODY = E164("+10000000000")
"""Stands for a number, which is sealed; it is never dialled."""
ASKED = timedelta(seconds=1)
MOST_PASSED_S = 9999
NAMES = {"*": ("星号", "star"), "#": ("井号", "pound")}
SHOWN = 20


class OutOfRecord(Exception):
    """What the caller did then is not recorded: the walk is left where it is."""


@dataclass(frozen=True, kw_only=True)
class Press:
    """One answer of the caller, as it was recorded."""

    at: datetime
    node: str
    key: str
    result: str


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    call: str
    at: datetime
    kind: str
    country: str
    language: str
    presses: tuple[Press, ...]
    texted: bool
    """A text message was sent."""
    nodes: frozenset[NodeId]

    @property
    def keys(self) -> str:
        return " ".join(press.key or "-" for press in self.presses) or "no key"


def recorded(call: str, noted: Sequence[Fact]) -> RecordedCall | None:
    """A call from its facts, in order; None when its beginning is not among them."""
    begun = next((fact for fact in noted if isinstance(fact, facts.CallStarted)), None)
    if begun is None:
        return None
    presses = [fact for fact in noted if isinstance(fact, facts.KeyPressed)]
    return RecordedCall(
        call=call,
        at=begun.at,
        kind=begun.kind,
        country=begun.country,
        language=begun.language,
        presses=tuple(Press(at=one.at, node=one.node, key=one.key, result=one.result) for one in presses),
        texted=any(isinstance(fact, facts.TextSent) for fact in noted),
        nodes=frozenset(fact.node for fact in noted if isinstance(fact, facts.NodeEntered)),
    )


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Where a walk came to, and how much was said until then."""

    place: str
    answers: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    seconds: float
    pressed: tuple[str, ...]
    """The nodes at which keys were taken."""

    @property
    def where(self) -> str:
        told = [f"{name}={value}" for name, value in self.answers] + list(self.texts)
        return f"{self.place} ({', '.join(told)})" if told else self.place


@dataclass
class Replay:
    """One call through one tree."""

    call: RecordedCall
    tree: MenuTree
    other: MenuTree
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    _left: list[Press] = field(default_factory=list)
    _heard: list[facts.PromptHeard] = field(default_factory=list)
    _walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self._walk = Walk(
            tree=self.tree,
            at=self.call.at,
            out=lambda _: None,
            ask=self._answer,
            caller=self._caller(),
            language=Language(self.call.language),
            watch=self._watch,
        )

    def walk(self) -> Ending:
        self._left = list(presses_of(self.call.presses))
        with suppress(OutOfRecord):
            self._walk.run()
        self._listen("")
        pressed = [fact.node for step in self.steps for fact in step.facts if isinstance(fact, facts.KeyPressed)]
        return Ending(
            place=self._place(),
            answers=tuple(sorted(self.steps[-1].session.answers.items())),
            texts=tuple(order.kind for step in self.steps for order in step.orders if isinstance(order, SendText)),
            seconds=self.seconds,
            pressed=tuple(pressed),
        )

    def _caller(self) -> Caller:
        numbered = self.call.kind == CallerKind.NUMBER
        passed = any(isinstance(self.tree.nodes.get(node), Sms) for node in self.call.nodes)
        return Caller(
            kind=CallerKind(self.call.kind),
            number=SOMEBODY if numbered else None,
            country=self.call.country,
            mobile=numbered and (self.call.texted or not passed),
        )

    def _watch(self, step: Step) -> None:
        self.steps.append(step)
        self._heard += [fact for fact in step.facts if isinstance(fact, facts.PromptHeard)]

    def _answer(self, question: str) -> str:
        """The next key that was recorded. Raises OutOfRecord when the record goes no further."""
        session = self.steps[-1].session
        if not self._left or session.registration is not None or question.startswith((ANSWERS, TONE)):
            raise OutOfRecord
        press = self._left[0]
        if question.startswith(WAIT) and press.result != "option":
            later = round((press.at - self._walk.at).total_seconds())
            if later <= 0:
                raise OutOfRecord
            return f"+{min(later, MOST_PASSED_S)}s"
        self._left.pop(0)
        self._walk.at = max(self._walk.at, press.at - ASKED)
        self._listen(press.key)
        return f"{press.key}#" if question.startswith(DIGITS) and press.result != "silence" else press.key

    def _listen(self, key: str) -> None:
        """Count what was said at this stop, up to the words that name the key."""
        last = len(self._heard) - 1
        self.seconds += sum(
            self._seconds(heard, key if number == last else "") for number, heard in enumerate(self._heard)
        )
        self._heard = []

    def _seconds(self, heard: facts.PromptHeard, key: str) -> float:
        prompt = self.tree.prompts[heard.prompt]
        if key and (named := words_until(plain_text(prompt, heard.language, SAMPLES, self.tree), key, heard.language)):
            return seconds_of(named)
        return spoken_seconds(prompt, heard.language, self.tree)

    def _place(self) -> str:
        session = self.steps[-1].session
        node = self.tree.nodes.get(session.node) if session.node else None
        if session.registration is not None and isinstance(node, Callback):
            return f"callback {node.topic}"
        if session.state is State.QUEUED:
            return f"queue {session.topic}, priority {session.demand.priority if session.demand else 0}"
        if session.state is State.VOICEMAIL:
            return f"message {session.topic}"
        if isinstance(node, Transfer):
            return f"transfer {node.number}"
        if session.state is State.ENDED:
            return "end of the call"
        if session.node in self.other.nodes or node is None:
            return f"menu {session.node}"
        return f"menu {getattr(node, 'prompt', session.node)}"  # the node has another name there


def words_until(text: str, key: str, language: Language) -> str:
    """The text up to where it names the key, that included; empty when it does not name it."""
    chinese, english = NAMES.get(key, (key, key))
    pattern = f"按{re.escape(chinese)}" if is_chinese(language) else rf"press {re.escape(english)}\b"
    match = re.search(pattern, text, re.IGNORECASE)
    return text[: match.end()] if match else ""


def presses_of(recorded: Sequence[Press]) -> Iterator[Press]:
    """What the caller did: a key that was handed on from menu to menu was pressed once."""
    for press, following in zip(recorded, [*recorded[1:], None], strict=True):
        handed_on = press.result == "passed_on" and following and (following.at, following.key) == (press.at, press.key)
        if not handed_on:
            yield press


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Calls with the same keys that lead from one place to another."""

    keys: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    calls: int
    moved: Counter[Moved]
    strange: int
    """Calls that do not go through the old version as they were recorded."""
    saved: float
    """Seconds of speech in all; negative: it costs so many more."""

    @property
    def affected(self) -> int:
        return self.moved.total()

    def lines(self) -> Iterator[str]:
        yield f"{self.affected} of {self.calls} recorded calls lead elsewhere"
        for moved, count in self.moved.most_common(SHOWN):
            yield f"  {count}  keys {moved.keys}: {moved.new} instead of {moved.old}"
        if len(self.moved) > SHOWN:
            yield f"  and {len(self.moved) - SHOWN} more ways"
        if self.calls:
            word = "saved" if self.saved >= 0 else "more"
            each = abs(self.saved) / self.calls
            yield f"speech up to the key pressed: {abs(self.saved):.0f} s {word} in all, {each:.1f} s a call (an estimate)"
        if self.strange:
            yield f"{self.strange} calls do not go through the old version as recorded: they were made with another one"


def replay(calls: Iterable[RecordedCall], old: MenuTree, new: MenuTree) -> Comparison:
    """Every call through both."""
    moved: Counter[Moved] = Counter()
    total = strange = 0
    saved = 0.0
    for call in calls:
        total += 1
        before, after = Replay(call, old, new).walk(), Replay(call, new, old).walk()
        saved += before.seconds - after.seconds
        strange += before.pressed != tuple(press.node for press in call.presses)
        if (before.place, before.answers, before.texts) != (after.place, after.answers, after.texts):
            moved[Moved(keys=call.keys, old=before.where, new=after.where)] += 1
    return Comparison(calls=total, moved=moved, strange=strange, saved=saved)
