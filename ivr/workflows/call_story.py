"""One call as its story: a line for each party, with what happened on it and when (`DOMAIN.md` 7, items 5 and 21).

Lines are the caller, the queue, each agent who was offered the call, each house that was asked, and the recording. An item is
a moment or a span; it says what is true in plain values, and the page finds the words. Prompts are told word for word, in
the version of the menu that the caller heard. A call that lasts is told up to now, and its last spans are open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ivr.core import facts, speech
from ivr.core.call_story import Around, Promise
from ivr.core.consents import YES, Consent
from ivr.core.facts import Fact
from ivr.core.ids import CallId
from ivr.core.records import CallRecord, fold
from ivr.core.transfer_facts import Consulted, HoldEnded, HoldStarted, RecordingPaused, Transferred
from ivr.workflows.ports import Clock, Menus
from ivr.workflows.tell_call import KeptConsents, NotedCalls

CALLER, LINE, RECORDING = "caller", "line", "recording"
AGENT, HOUSE = "agent:", "house:"
Value = str | int | float | bool | None
PRIVATE = frozenset({"notes"})
"""Kinds that a shared story leaves out unless it was said otherwise."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that happened: a moment, or a span with its end."""

    at: datetime
    lane: str
    kind: str
    until: datetime | None = None
    open: bool = False
    """The span lasts still; `until` is now."""
    words: str = ""
    """What was said or written, word for word."""
    values: Mapping[str, Value] = field(default_factory=dict)
    reason: Mapping[str, object] = field(default_factory=dict)
    """Of an offer: why this agent."""


class Books(Protocol):
    def around(self, call: CallId) -> Around:
        """Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class Story:
    record: CallRecord
    around: Around
    """With the number masked."""
    start: datetime
    end: datetime
    """Of the whole story; of a call that lasts: now."""
    live: bool
    lanes: tuple[str, ...]
    items: tuple[Item, ...]
    recordings: tuple[tuple[str, int], ...]
    """Ids of the carrier's, with their seconds."""


@dataclass(frozen=True, kw_only=True)
class TellStory:
    """None: no such call is known. Raises `Unavailable`."""

    records: NotedCalls
    menus: Menus
    consents: KeptConsents
    books: Books
    clock: Clock
    mask: Mask

    def __call__(self, call: CallId) -> Story | None:
        known = self.records.facts_of(call)
        if not known:
            return None
        now = self.clock.now()
        record = fold(call, {f"{at:06}": fact for at, fact in enumerate(known)})
        live = record.ended_at is None
        last = max(fact.at for fact in known)
        end = now if live else last
        around = self.books.around(call)
        items = [
            *_Spans(record=record, known=known, now=end, live=live).items(),
            *(item for fact in known for item in self._moments(fact, record)),
            *(_agreed(one) for one in self.consents.of_call(call)),
            *(_promised(one) for one in around.promises),
        ]
        items.sort(key=lambda item: (item.at, item.kind != "started", item.lane != CALLER))
        start = min(item.at for item in items)
        return Story(
            record=record,
            around=replace(around, number=None if around.number is None else self.mask(around.number)),
            start=start,
            end=max(end, start + timedelta(seconds=1), *(item.until or item.at for item in items)),
            live=live,
            lanes=_lanes(items),
            items=tuple(items),
            recordings=tuple((one.recording, one.duration_s) for one in known if isinstance(one, facts.RecordingKept)),
        )

    def _moments(self, fact: Fact, record: CallRecord) -> Iterator[Item]:
        """What the caller heard and did, and what was noted of the call."""
        plain = NOTED.get(type(fact))
        if plain is not None:
            kind, values = plain(fact)
            yield Item(at=fact.at, lane=CALLER, kind=kind, values=values)
            return
        match fact:
            case facts.PromptHeard():
                version = {"prompt": fact.prompt, "language": fact.language, "version": fact.menu_version}
                yield Item(at=fact.at, lane=CALLER, kind="heard", words=self._said(fact), values=version)
            case facts.WaitAnnounced():
                yield _told(fact, record)
            case facts.Reranked():
                yield Item(at=fact.at, lane=LINE, kind="moved_up", values={"reason": fact.reason})
            case facts.NobodyFits():
                yield Item(at=fact.at, lane=LINE, kind="nobody", reason=fact.reason)
            case Transferred():
                to = str(fact.outside or fact.to or fact.topic)
                values = {"how": fact.how, "to": to, "segment": fact.segment}
                yield Item(at=fact.at, lane=f"{AGENT}{fact.agent}", kind="given", values=values)
            case facts.Disposed():
                values = {
                    "result": fact.disposition,
                    "reason": fact.disposition_reason,
                    "by_default": fact.by_default,
                    "about": fact.topic,
                }
                yield Item(at=fact.at, lane=f"{AGENT}{fact.agent}", kind="result", values=values)
                if fact.notes:
                    yield Item(at=fact.at, lane=f"{AGENT}{fact.agent}", kind="notes", words=fact.notes)

    def _said(self, fact: facts.PromptHeard) -> str:
        tree = self.menus.by_version(fact.menu_version)
        prompt = tree.prompts.get(fact.prompt) if tree else None
        return speech.retold(prompt, fact.language, fact.slots, tree) if tree and prompt else ""


NOTED: Mapping[type[Fact], Callable[[Any], tuple[str, dict[str, Value]]]] = {
    facts.CallStarted: lambda fact: ("started", {"dialled": fact.dialled, "version": fact.menu_version}),
    facts.KeyPressed: lambda fact: ("key", {"key": fact.key, "result": fact.result, "node": fact.node}),
    facts.LanguageChosen: lambda fact: ("language", {"language": fact.language}),
    facts.SpeedChosen: lambda fact: ("speed", {"slow": fact.slow}),
    facts.TicketUsed: lambda fact: ("ticket", {"verified": fact.verified}),
    facts.IncidentHeard: lambda _fact: ("incident", {}),
    facts.Verified: lambda fact: ("verified", {"how": fact.how, "result": fact.result}),
    facts.LookedUp: lambda fact: ("looked_up", {"result": fact.result}),
    facts.TextSent: lambda fact: ("text", {"kind": fact.kind}),
    facts.EvidenceGiven: lambda fact: ("form", {"fields": len(fact.fields), "files": fact.files}),
    facts.CaseKept: lambda fact: ("case", {"opened": fact.opened}),
    facts.CallbackRefused: lambda fact: ("callback_refused", {"reason": fact.reason}),
    facts.MessageLeft: lambda fact: ("message", {"seconds": fact.duration_s}),
    facts.SurveyAsked: lambda fact: ("survey_asked", {"channel": fact.channel}),
    facts.SurveyAnswered: lambda fact: ("rated", {"score": fact.score, "solved": fact.solved}),
    facts.Repaired: lambda fact: ("repaired", {"what": fact.what}),
    facts.CallEnded: lambda fact: ("ended", {"end": fact.end, "by": fact.hung_up_by, "left": fact.left}),
}
"""Facts that say of the caller's line what happened, and nothing more."""


class Mask(Protocol):
    def __call__(self, number: str, /) -> str: ...


@dataclass(frozen=True, kw_only=True)
class _Spans:
    """What lasts: menu, waits, rings, talks, holds, wrap-up, colleagues and houses, recording."""

    record: CallRecord
    known: Sequence[Fact]
    now: datetime
    live: bool

    def items(self) -> Iterator[Item]:
        yield from self._menu()
        for segment in self.record.segments:
            about: dict[str, Value] = {"segment": segment.segment, "topic": segment.topic}
            yield self._span(
                segment.entered_at,
                segment.left_at,
                LINE,
                "wait",
                **about,
                priority=segment.priority,
                outcome=segment.outcome.value if segment.outcome else "",
                reason=segment.reason,
                cause=segment.cause,
                path=" / ".join(segment.path),
            )
            if segment.answered_at and segment.agent:
                lane = f"{AGENT}{segment.agent}"
                held = segment.held.total_seconds()
                values: dict[str, Value] = {**about, "by": segment.ended_by, "hold_s": held}
                yield self._span(segment.answered_at, segment.ended_at, lane, "talk", **values)
                if segment.ended_at and segment.wrapped_up_at:
                    yield self._span(segment.ended_at, segment.wrapped_up_at, lane, "wrap")
        for offer in self.record.offers:
            if offer.made_at:
                rang = self._span(
                    offer.made_at,
                    offer.ended_at,
                    f"{AGENT}{offer.agent}",
                    "rang",
                    result=offer.result or "",
                    why=offer.end_reason,
                )
                yield replace(rang, reason=offer.reason)
        yield from self._pairs()

    def _menu(self) -> Iterator[Item]:
        """From the first word to the first queue, or to the end; its own span, so that a long way is seen as one."""
        start = self.record.started_at
        first = min((one.entered_at for one in self.record.segments), default=None)
        if start is not None:
            yield self._span(start, first or self.record.ended_at, CALLER, "menu")

    def _pairs(self) -> Iterator[Item]:
        """Facts that say when something began, and others that say when it was over."""
        held: dict[str, datetime] = {}
        asked: dict[str, tuple[datetime, str]] = {}
        paused: datetime | None = None
        talks = sorted((one for one in self.record.segments if one.answered_at), key=lambda one: one.segment)
        for fact in self.known:
            match fact:
                case HoldStarted():
                    held.setdefault(fact.agent, fact.at)
                case HoldEnded() if fact.agent in held:
                    yield self._span(held.pop(fact.agent), fact.at, f"{AGENT}{fact.agent}", "hold")
                case Consulted():
                    lane = f"{HOUSE}{fact.outside}" if fact.outside else f"{AGENT}{fact.colleague or fact.topic}"
                    if fact.result == "joined":
                        asked[lane] = (fact.at, fact.agent)
                    elif lane in asked:
                        began, who = asked.pop(lane)
                        yield self._span(began, fact.at, lane, "helped", who=who, result=fact.result)
                    else:
                        yield Item(
                            at=fact.at, lane=lane, kind="asked", values={"who": fact.agent, "result": fact.result}
                        )
                case RecordingPaused(on=True):
                    paused = paused or fact.at
                case RecordingPaused(on=False) if paused is not None:
                    yield self._span(paused, fact.at, RECORDING, "pause")
                    paused = None
                case facts.RecordingKept():
                    over = [one for one in talks if one.ended_at and one.ended_at <= fact.at + timedelta(seconds=1)]
                    end = over[-1].ended_at if over and over[-1].ended_at else fact.at
                    began = over[-1].answered_at if over and over[-1].answered_at else end
                    yield self._span(began, end, RECORDING, "recorded", seconds=fact.duration_s)
        for agent, since in held.items():
            let_go = next(
                (one.ended_at for one in talks if one.agent == agent and one.ended_at and one.ended_at >= since), None
            )
            yield self._span(since, let_go, f"{AGENT}{agent}", "hold")
        for lane, (since, who) in asked.items():
            yield self._span(since, self.record.ended_at, lane, "helped", who=who, result="")

    def _span(self, start: datetime, end: datetime | None, lane: str, kind: str, **values: Value) -> Item:
        lasting = end is None and self.live
        until = max(start, end or self.now)
        return Item(at=start, until=until, open=lasting, lane=lane, kind=kind, values=values)


def _told(fact: facts.WaitAnnounced, record: CallRecord) -> Item:
    """What the caller was told of the wait, beside what it became: None while it lasts."""
    segment = next((one for one in record.segments if one.segment == fact.segment), None)
    truth = segment.left_at - fact.at if segment and segment.left_at else None
    values: dict[str, Value] = {
        "seconds": fact.seconds,
        "truth": None if truth is None else round(truth.total_seconds()),
        "answered": bool(segment and segment.answered_at),
        "estimator": fact.estimator,
    }
    return Item(at=fact.at, lane=LINE, kind="told", values=values)


def _agreed(consent: Consent) -> Item:
    values: dict[str, Value] = {"yes": consent.choice == YES, "how": consent.how, "agent": consent.agent or ""}
    return Item(at=consent.at, lane=CALLER, kind="consent", values=values)


def _promised(one: Promise) -> Item:
    values: dict[str, Value] = {
        "from": one.start.isoformat() if one.start else "",
        "to": one.end.isoformat() if one.end else "",
        "state": one.state,
        "result": one.result,
    }
    return Item(at=one.at, lane=CALLER, kind="promise", values=values)


def _lanes(items: Sequence[Item]) -> tuple[str, ...]:
    """The caller first, then the queue, the others as they came in, the recording last."""
    found = dict.fromkeys((CALLER, LINE)) | dict.fromkeys(item.lane for item in items if item.lane != RECORDING)
    has = {item.lane for item in items}
    return (*(lane for lane in found if lane in has), *([RECORDING] if RECORDING in has else []))
