"""What callers told the menu, against what agents found (`DOMAIN.md` C19).

Both are kept. Counted are answered stays whose agent said what it was about; a wrap-up that ran out says nothing and is
counted apart. A reason beside the topics (another channel failed) is found here too, with the calls behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.metrics import Share
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of
from ivr.workflows.reports import Judged, ReportQuery

MOST_CALLS = 500
"""Calls listed on one page."""


class JudgedRows(Protocol):
    def judged(self, query: ReportQuery) -> Iterable[Judged]:
        """Answered stays that were entered within the query's time and wrapped up, oldest first. Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A topic of the menu and what agents made of it; `said` None: all of the topic together."""

    topic: str
    said: str | None
    calls: int
    share: Share
    """Of the topic's calls whose agent said something; for the whole topic: those that differ."""
    unsaid: int = 0


@dataclass(frozen=True, kw_only=True)
class TopicsReport:
    query: ReportQuery
    pairs: tuple[Pair, ...]
    """By topic: what was said, the commonest first."""
    totals: tuple[Pair, ...]
    """Each topic, then all together (`topic` empty)."""
    calls: tuple[Judged, ...]
    """Of the pair or reason asked for; newest last, at most `MOST_CALLS`."""


@dataclass(frozen=True)
class ReportTopics:
    stored: JudgedRows

    def __call__(self, query: ReportQuery, *, said: str = "") -> TopicsReport:
        """`said` names a topic or reason whose calls are listed."""
        rows = list(self.stored.judged(query))
        topics = sorted({row.topic for row in rows})
        return TopicsReport(
            query=query,
            pairs=tuple(pair for topic in topics for pair in _pairs(topic, _of(rows, topic))),
            totals=(*(_total(topic, _of(rows, topic)) for topic in topics), _total("", rows)),
            calls=tuple(row for row in rows if said and row.agent_topic == said)[-MOST_CALLS:],
        )


def _of(rows: Sequence[Judged], topic: str) -> list[Judged]:
    return [row for row in rows if row.topic == topic]


def _pairs(topic: str, rows: Sequence[Judged]) -> Iterable[Pair]:
    said = Counter(row.agent_topic for row in rows if row.agent_topic)
    for name, calls in sorted(said.items(), key=lambda item: (-item[1], item[0])):
        yield Pair(topic=topic, said=name, calls=calls, share=Share(part=calls, whole=said.total()))


def _total(topic: str, rows: Sequence[Judged]) -> Pair:
    said = [row for row in rows if row.agent_topic]
    differ = sum(row.agent_topic != row.topic for row in said)
    return Pair(
        topic=topic, said=None, calls=len(said), share=Share(part=differ, whole=len(said)), unsaid=len(rows) - len(said)
    )


def topics_sheet(report: TopicsReport, *, names: Names = str) -> Sheet:
    """Menu topic, agent topic, calls, share; the totals hold the share that differs."""
    query = report.query
    return Sheet(
        title="Topics",
        notes=(
            span_of(query),
            asked_of(query),
            "answered calls by what the agent said at wrap-up; totals: the share that differs from the menu",
        ),
        columns=(
            Column(key="menu_topic", heading="menu topic"),
            Column(key="agent_topic", heading="agent topic"),
            Column(key="calls", heading="calls"),
            Column(key="share", heading="share of the topic"),
            Column(key="unsaid", heading="agent did not say"),
        ),
        rows=tuple(_cells(pair, names) for pair in report.pairs),
        totals=tuple(_cells(pair, names) for pair in report.totals),
    )


def _cells(pair: Pair, names: Callable[[str], str]) -> tuple[Value, ...]:
    return (
        names(pair.topic) if pair.topic else "all",
        "differs" if pair.said is None else names(pair.said),
        pair.calls,
        pair.share,
        None if pair.said is not None else pair.unsaid,
    )
