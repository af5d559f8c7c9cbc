"""What callers told the menu, against what agents found (`DOMAIN.md` C19).

Both are kept. Counted are answered stays whose agent said what it was about; a wrap-up that ran out says nothing and is
counted apart. A reason beside the topics (another channel failed) is found here too, with the calls behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.metrics import Share
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of
from ivr.workflows.reports import Judged, ReportQuery

MOST_CALLS = 500
"""Calls listed on one page."""


class JudgedRows(Protocol):
    """Of answered stays that were entered within the query's time and wrapped up. Raise Unavailable."""

    def agreed(self, query: ReportQuery) -> Mapping[tuple[str, str], int]:
        """By the menu's topic and the agent's (empty: the agent did not say)."""

    def judged(self, query: ReportQuery, said: str, most: int) -> Sequence[Judged]:
        """The newest of which the agent said this, oldest first."""


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
        found = self.stored.agreed(query)
        topics = sorted({topic for topic, _ in found})
        return TopicsReport(
            query=query,
            pairs=tuple(pair for topic in topics for pair in _pairs(topic, found)),
            totals=(*(_total(topic, [topic], found) for topic in topics), _total("", topics, found)),
            calls=tuple(self.stored.judged(query, said, MOST_CALLS)) if said else (),
        )


Found = Mapping[tuple[str, str], int]


def _pairs(topic: str, found: Found) -> Iterable[Pair]:
    said = {name: calls for (of, name), calls in found.items() if of == topic and name}
    for name, calls in sorted(said.items(), key=lambda item: (-item[1], item[0])):
        yield Pair(topic=topic, said=name, calls=calls, share=Share(part=calls, whole=sum(said.values())))


def _total(name: str, topics: Sequence[str], found: Found) -> Pair:
    those = {pair: calls for pair, calls in found.items() if pair[0] in topics}
    whole = sum(calls for (_, said), calls in those.items() if said)
    differ = sum(calls for (topic, said), calls in those.items() if said and said != topic)
    unsaid = sum(those.values()) - whole
    return Pair(topic=name, said=None, calls=whole, share=Share(part=differ, whole=whole), unsaid=unsaid)


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
