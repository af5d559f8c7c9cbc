"""What happened in one call: the fold of its facts.

Facts arrive in any order, in any portions, some twice, some late. The record is a function of the *set* of facts of
the call, so it does not matter how they came: fold all that are known whenever a new one comes, and the last answer
is right. Within the set they are told apart by time, then by id (call, version, counter), which is the order in
which the call noted them.

Three units are never mixed (`DOMAIN.md` 3.0): the call, the segment (one stay in one queue) and the offer (one
ringing of one agent). A return to the queue after no answer stays the same segment; a lost agent and a transfer
make the next one. A segment is known even if its beginning was lost: it then begins with the first that is known
of it. A call that ended leaves no segment open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ivr.core import facts
from ivr.core.facts import CallEnd, Fact, Outcome
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.transfer_facts import HoldEnded, HoldStarted
from ivr.core.verification import Proof

UNKNOWN_TOPIC, UNKNOWN_LANGUAGE = TopicId(""), Language("")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stay of one call in one queue, and the talk it led to."""

    segment: int
    """Counts the stays of one call from 1."""
    topic: TopicId = UNKNOWN_TOPIC
    path: tuple[str, ...] = ()
    language: Language = UNKNOWN_LANGUAGE
    priority: int = 0
    queued_at: datetime | None = None
    """First queue time of the call, which gives the place in line."""
    cause: str = ""
    """`transfer`: another agent sent the caller here."""
    entered_at: datetime
    """Joined this queue. Waits count from here."""
    answered_at: datetime | None = None
    left_at: datetime | None = None
    """The wait was over: answered, or gone with `outcome`."""
    ended_at: datetime | None = None
    """Talk over, or gone."""
    wrapped_up_at: datetime | None = None
    outcome: Outcome | None = None
    """None: still waiting."""
    reason: str = ""
    agent: AgentId | None = None
    offer: OfferId | None = None
    """The accepted one."""
    by_phone: bool = False
    """Of an answered one: the agent talked on a telephone."""
    offers: int = 0
    ended_by: str = ""
    held: timedelta = timedelta(0)
    held_at: datetime | None = None
    """On hold: in all spans that are over, and the beginning of one that is not."""
    disposition: str = ""
    disposition_reason: str = ""
    by_default: bool = False
    notes: str = ""
    account_changed: bool = False
    agent_topic: str = ""
    """What the agent said it was about: a topic or a reason."""

    @property
    def wait(self) -> timedelta | None:
        """From joining to answer or to leaving, ringing included; None while it lasts."""
        return _span(self.entered_at, self.left_at)

    @property
    def talk(self) -> timedelta | None:
        """From both in the room to the end of the talk, without hold; None without one, or while it lasts."""
        span = _span(self.answered_at, self.ended_at)
        return None if span is None else max(timedelta(0), span - self.held)

    @property
    def hold(self) -> timedelta | None:
        """On hold in this talk; None without one, or while it lasts."""
        return self.held if _span(self.answered_at, self.ended_at) is not None else None

    @property
    def wrap(self) -> timedelta | None:
        """From the end of the talk to the disposition; None while it lasts."""
        return _span(self.ended_at, self.wrapped_up_at) if self.answered_at else None


@dataclass(frozen=True, kw_only=True)
class OfferRecord:
    """One ringing of one agent."""

    offer: OfferId
    agent: AgentId
    segment: int | None = None
    topic: TopicId = UNKNOWN_TOPIC
    made_at: datetime | None = None
    ended_at: datetime | None = None
    result: str | None = None
    """`accepted`, `declined`, `lapsed`, `cancelled`, `failed`; None while it rings."""
    end_reason: str = ""
    reason: Mapping[str, object] = field(default_factory=dict)
    """Why this agent: who was considered, who was not and why."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What a caller was told about the wait."""

    at: datetime
    segment: int
    seconds: int | None
    estimator: str
    estimates: Mapping[str, int]
    """What every estimator said then, for their scores."""


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One telephone call from the first ring to the last word. `started_at` is None while the start is unknown."""

    call: CallId
    started_at: datetime | None = None
    dialled: str = ""
    kind: str = ""
    country: str = ""
    menu_version: str = ""
    language: Language = UNKNOWN_LANGUAGE
    """The last one chosen."""
    path: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    end: CallEnd | None = None
    left: str = ""
    hung_up_by: str = ""
    forms: int = 0
    """Forms of texted links that came back."""
    case: str = ""
    """Id of the case that the call belongs to; empty when it came to none."""
    texts: int = 0
    survey: str = ""
    """How a rating was asked for: `phone`, `text`; empty when it was not."""
    score: int | None = None
    solved: str = ""
    verified: str = ""
    """How the caller's proof ended (`verification.Proof`); empty: none was asked for."""
    repairs: int = 0
    test: bool = False
    """From a test number: in no figure."""
    segments: tuple[Segment, ...] = ()
    offers: tuple[OfferRecord, ...] = ()
    announcements: tuple[Announcement, ...] = ()


def fold(call: CallId, noted: Mapping[str, Fact]) -> CallRecord:
    """The record of `call` from all its facts known so far, by fact id. Same set, same record."""
    told = [noted[key] for key in sorted(noted, key=lambda key: (noted[key].at, natural(key)))]
    record = _call(call, told)
    made, segments = _offers(told), _segments(told)
    segments = [_closed(segment, record, last=segment is segments[-1]) for segment in segments]
    return replace(
        record,
        path=next((segment.path for segment in reversed(segments) if segment.path), ()),
        segments=tuple(segments),
        offers=tuple(made),
        announcements=tuple(_announcements(told)),
    )


def natural(key: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts ids as they were counted: `…:9:0` before `…:10:0`."""
    parts = re.findall(r"\d+|\D+", key)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _call(call: CallId, told: Iterable[Fact]) -> CallRecord:
    record = CallRecord(call=call)
    for fact in told:
        match fact:
            case facts.CallStarted() if record.started_at is None:
                record = replace(
                    record,
                    started_at=fact.at,
                    dialled=fact.dialled,
                    kind=fact.kind,
                    country=fact.country,
                    menu_version=fact.menu_version,
                    language=record.language or fact.language,
                    test=fact.test,
                )
            case facts.LanguageChosen():
                record = replace(record, language=fact.language)
            case facts.Answer():
                record = replace(record, answers={**record.answers, fact.name: fact.value})
            case facts.CaseKept():
                record = replace(record, case=fact.case)
            case facts.Verified() if record.verified != Proof.VERIFIED:
                record = replace(record, verified=fact.result)
            case facts.EvidenceGiven():
                record = replace(record, forms=record.forms + 1)
            case facts.TextSent():
                record = replace(record, texts=record.texts + 1)
            case facts.SurveyAsked():
                record = replace(record, survey=record.survey or fact.channel)
            case facts.SurveyAnswered():
                record = replace(record, score=fact.score, solved=fact.solved or record.solved)
            case facts.Repaired():
                record = replace(record, repairs=record.repairs + 1)
            case facts.CallEnded() if record.end is None:
                record = replace(record, ended_at=fact.at, end=fact.end, left=fact.left, hung_up_by=fact.hung_up_by)
    return record


def _segments(told: list[Fact]) -> list[Segment]:
    found: dict[int, Segment] = {}
    by_offer: dict[str, int] = {}
    for fact in told:
        number = getattr(fact, "segment", None)
        if isinstance(fact, facts.Disposed):
            number = by_offer.get(fact.offer)
        if not isinstance(number, int):
            continue
        if isinstance(fact, facts.OfferMade | facts.Answered | facts.TalkOver):
            by_offer[fact.offer] = number
        before = found.get(number) or Segment(segment=number, entered_at=fact.at)
        found[number] = _told(before, fact)
    return [found[number] for number in sorted(found)]


def _told(segment: Segment, fact: Fact) -> Segment:
    match fact:
        case facts.SegmentStarted() if segment.queued_at is None:
            # A caller whom the queue forgot is enrolled again with the first queue time: the wait goes on.
            begun = min(fact.at, fact.queued_at) if segment.segment == 1 else fact.at
            return replace(
                segment,
                topic=fact.topic,
                path=fact.path,
                language=fact.language,
                priority=fact.priority,
                queued_at=fact.queued_at,
                cause=fact.cause,
                entered_at=min(segment.entered_at, begun),
            )
        case facts.OfferMade() if fact.by is None:
            return replace(segment, topic=segment.topic or fact.topic, offers=segment.offers + 1)
        case facts.Answered() if segment.answered_at is None:
            return replace(
                segment,
                topic=segment.topic or fact.topic,
                answered_at=fact.at,
                left_at=fact.at,
                outcome=Outcome.ANSWERED,
                reason="",
                ended_at=None,
                agent=fact.agent,
                offer=fact.offer,
                by_phone=fact.by_phone,
            )
        case facts.SegmentEnded() if segment.outcome is None:
            answered_at = fact.at if fact.outcome is Outcome.ANSWERED else None
            return replace(
                segment,
                outcome=fact.outcome,
                reason=fact.reason,
                left_at=fact.at,
                answered_at=answered_at,
                ended_at=None if answered_at else fact.at,
            )
        case HoldStarted() if segment.held_at is None:
            return replace(segment, held_at=fact.at)
        case HoldEnded() if segment.held_at is not None:
            return _unheld(segment, fact.at)
        case facts.TalkOver() if segment.ended_at is None:
            return replace(
                _unheld(segment, fact.at),
                ended_at=fact.at,
                ended_by=fact.ended_by,
                agent=segment.agent or fact.agent,
                offer=segment.offer or fact.offer,
            )
        case facts.Disposed():
            return replace(
                segment,
                wrapped_up_at=segment.wrapped_up_at or fact.at,
                disposition=fact.disposition,
                disposition_reason=fact.disposition_reason,
                by_default=fact.by_default,
                notes=fact.notes,
                agent_topic=fact.topic,
                account_changed=fact.account_changed,
            )
    return segment


def _unheld(segment: Segment, at: datetime) -> Segment:
    return replace(segment, held=segment.held + (_span(segment.held_at, at) or timedelta(0)), held_at=None)


def _closed(segment: Segment, record: CallRecord, *, last: bool) -> Segment:
    """A call that ended leaves nothing open: the last open wait was given up, or dropped by a fault of ours."""
    if record.ended_at is None or segment.ended_at is not None:
        return segment
    if segment.answered_at is not None:
        ended_at = max(segment.answered_at, record.ended_at)
        return replace(_unheld(segment, ended_at), ended_at=ended_at, ended_by=segment.ended_by or "unknown")
    gone = last and record.end is not CallEnd.FAILED
    at = max(segment.entered_at, record.ended_at)
    return replace(
        segment, outcome=Outcome.ABANDONED if gone else Outcome.DROPPED, reason="call ended", left_at=at, ended_at=at
    )


def _offers(told: list[Fact]) -> list[OfferRecord]:
    found: dict[str, OfferRecord] = {}
    for fact in told:
        if not isinstance(fact, facts.OfferMade | facts.OfferEnded):
            continue
        before = found.get(fact.offer) or OfferRecord(offer=fact.offer, agent=fact.agent)
        if isinstance(fact, facts.OfferMade):
            found[fact.offer] = replace(
                before,
                agent=fact.agent,
                segment=fact.segment,
                topic=fact.topic,
                made_at=before.made_at or fact.at,
                reason=fact.reason,
            )
        elif before.result is None:
            found[fact.offer] = replace(before, ended_at=fact.at, result=fact.result, end_reason=fact.reason)
        else:
            found[fact.offer] = before
    return [found[offer] for offer in sorted(found)]


def _announcements(told: Iterable[Fact]) -> Iterable[Announcement]:
    for fact in told:
        if isinstance(fact, facts.WaitAnnounced):
            yield Announcement(
                at=fact.at,
                segment=fact.segment,
                seconds=fact.seconds,
                estimator=fact.estimator,
                estimates=dict(fact.estimates),
            )


def _span(start: datetime | None, end: datetime | None) -> timedelta | None:
    """Never negative: clocks of two servers may differ by a little."""
    if start is None or end is None:
        return None
    return max(timedelta(0), end - start)
