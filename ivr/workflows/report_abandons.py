"""The report of callers who gave up: who was free then, what one more skill would have saved, and where people were missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.ids import Language, TopicId
from ivr.core.menus import MenuTree
from ivr.core.queueing import terms_of
from ivr.core.queues import Terms
from ivr.core.who_was_free import Available, GaveUp, Knew, Lesson, Verdict, judge, lessons
from ivr.workflows.ports import Clock
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of, told_at
from ivr.workflows.reports import ReportQuery

MOST = 5000
"""Callers of one report, the newest."""


class Rows(Protocol):
    """Raise `Unavailable`."""

    def gave_up(self, query: ReportQuery, *, most: int) -> Sequence[GaveUp]: ...

    def available(self, start: datetime, end: datetime) -> Sequence[Available]: ...

    def knew(self) -> Sequence[Knew]: ...


@dataclass(frozen=True, kw_only=True)
class Hour:
    """An hour of the day, over all days of the report."""

    hour: int
    gone: int
    nobody_free: int


@dataclass(frozen=True, kw_only=True)
class AbandonsReport:
    query: ReportQuery
    as_of: datetime
    verdicts: tuple[Verdict, ...]
    """The newest first."""
    lessons: tuple[Lesson, ...]
    hours: tuple[Hour, ...]
    """Those in which somebody gave up while nobody was free, the worst first."""
    more: bool
    """There were more than the report looks at."""


@dataclass(frozen=True)
class ReportAbandons:
    stored: Rows
    trees: Callable[[], Iterable[MenuTree]]
    clock: Clock

    def __call__(self, query: ReportQuery) -> AbandonsReport:
        gone = self.stored.gave_up(query, most=MOST)
        verdicts: list[Verdict] = []
        if gone:
            start, end = min(one.entered_at for one in gone), max(one.left_at for one in gone)
            verdicts = list(judge(gone, self.stored.available(start, end), self.stored.knew(), self._terms(gone)))
        return AbandonsReport(
            query=query,
            as_of=self.clock.now(),
            verdicts=tuple(reversed(verdicts)),
            lessons=tuple(lessons(verdicts)),
            hours=tuple(_hours(query, verdicts)),
            more=len(gone) == MOST,
        )

    def of_stay(self, stay: GaveUp) -> Verdict | None:
        """Who was free for one caller; None: no menu has the topic any more."""
        found = judge(
            [stay], self.stored.available(stay.entered_at, stay.left_at), self.stored.knew(), self._terms([stay])
        )
        return next(found, None)

    def _terms(self, gone: Iterable[GaveUp]) -> dict[tuple[str, str], Terms]:
        """The widest terms of each kind of caller, by the menus in use."""
        topics = {str(name): topic for tree in self.trees() for name, topic in tree.topics.items()}
        return {
            kind: terms_of(topics[TopicId(kind[0])], Language(kind[1]))[-1]
            for kind in {(one.topic, one.language) for one in gone}
            if kind[0] in topics
        }


def _hours(query: ReportQuery, verdicts: Iterable[Verdict]) -> list[Hour]:
    gone: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    for one in verdicts:
        hour = one.stay.left_at.astimezone(query.zone).hour
        gone[hour] += 1
        alone[hour] += not one.free
    found = [Hour(hour=hour, gone=gone[hour], nobody_free=alone[hour]) for hour in gone if alone[hour]]
    return sorted(found, key=lambda one: (-one.nobody_free, one.hour))


Words = Callable[[str], str]


def abandons_sheet(report: AbandonsReport, *, names: Names = str, agents: Words = str, words: Words = str) -> Sheet:
    """A row for each caller, then one for each thing that could be taught. `words`: of `ABANDON_WORDS`."""
    query = report.query

    def free(verdict: Verdict, *, able: bool) -> str:
        return ", ".join(agents(one.agent) for one in verdict.free if one.able is able)

    def row(verdict: Verdict) -> tuple[Value, ...]:
        stay = verdict.stay
        at = stay.left_at.astimezone(query.zone).isoformat(sep=" ", timespec="seconds")
        return (
            at,
            names(stay.topic),
            stay.language,
            stay.wait,
            free(verdict, able=True),
            free(verdict, able=False),
            "" if verdict.free else words("nobody"),
            stay.call,
            1,
        )

    def lesson(one: Lesson) -> tuple[Value, ...]:
        missing = ", ".join(
            [*(names(skill) for skill in one.lacks.skills), *([one.language] if one.lacks.language else [])]
        )
        return (words("teach"), names(one.topic), one.language, None, "", agents(one.agent), missing, "", one.callers)

    return Sheet(
        title="Abandons",
        notes=(
            span_of(query),
            asked_of(query),
            told_at(query, report.as_of),
            "free: available for 10 s or more within the wait; totals: callers that one more skill might have saved, at most",
        ),
        columns=(
            Column(key="left_at", heading=f"gave up ({query.zone.key})"),
            Column(key="topic", heading="topic"),
            Column(key="language", heading="language"),
            Column(key="wait_s", heading="wait s"),
            Column(key="could", heading="free and able"),
            Column(key="free", heading="free with another skill or language"),
            Column(key="missing", heading="missing"),
            Column(key="call", heading="call"),
            Column(key="callers", heading="callers"),
        ),
        rows=tuple(row(one) for one in report.verdicts),
        totals=tuple(lesson(one) for one in report.lessons),
    )
