"""How answered calls ended, by the agents' results, and how many of these wrap-up's end gave instead of an agent (`DOMAIN.md` C30).

Every answered call has a result: the agent's, or the topic's default when the wrap-up runs out. The share of the second kind tells
whether people have the time to say what became of a call; where it is large the other figures mean little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.metrics import Share
from ivr.workflows.report_output import Column, Names, Sheet, Value, span_of
from ivr.workflows.reports import ReportQuery, ResultCount


class ResultRows(Protocol):
    def results(self, query: ReportQuery) -> Iterable[ResultCount]:
        """Of answered stays that were entered within the query's time. Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """A topic and one of its results; `result` None: all of them, `topic` None: all topics."""

    topic: str | None
    result: str | None
    calls: int
    share: Share
    """Of the topic's calls with a result."""
    by_time_out: Share
    """Of these calls."""
    waiting: int = 0
    """Answered, and no result yet."""


@dataclass(frozen=True, kw_only=True)
class ResultsReport:
    query: ReportQuery
    lines: tuple[ResultLine, ...]
    totals: tuple[ResultLine, ...]
    """Each topic, then all together."""


@dataclass(frozen=True)
class ReportResults:
    stored: ResultRows

    def __call__(self, query: ReportQuery) -> ResultsReport:
        counts = list(self.stored.results(query))
        topics = sorted({one.topic for one in counts})
        of = {topic: [one for one in counts if one.topic == topic] for topic in topics}
        return ResultsReport(
            query=query,
            lines=tuple(line for topic in topics for line in _lines(topic, of[topic])),
            totals=(*(_total(topic, of[topic]) for topic in topics), _total(None, counts)),
        )


def _lines(topic: str, counts: Sequence[ResultCount]) -> Iterable[ResultLine]:
    whole = sum(one.calls for one in counts if one.result)
    for result in sorted({one.result for one in counts if one.result}, key=lambda name: (-_calls(counts, name), name)):
        calls = _calls(counts, result)
        late = sum(one.calls for one in counts if one.result == result and one.by_time_out)
        yield ResultLine(
            topic=topic,
            result=result,
            calls=calls,
            share=Share(part=calls, whole=whole),
            by_time_out=Share(part=late, whole=calls),
        )


def _calls(counts: Sequence[ResultCount], result: str) -> int:
    return sum(one.calls for one in counts if one.result == result)


def _total(topic: str | None, counts: Sequence[ResultCount]) -> ResultLine:
    calls = sum(one.calls for one in counts if one.result)
    late = sum(one.calls for one in counts if one.result and one.by_time_out)
    return ResultLine(
        topic=topic,
        result=None,
        calls=calls,
        share=Share(part=calls, whole=calls),
        by_time_out=Share(part=late, whole=calls),
        waiting=_calls(counts, ""),
    )


def results_sheet(report: ResultsReport, *, names: Names = str, words: Names = str) -> Sheet:
    """`words` puts results into the reader's language."""
    query = report.query

    def cells(line: ResultLine) -> tuple[Value, ...]:
        return (
            "all" if line.topic is None else names(line.topic),
            "every" if line.result is None else words(line.result),
            line.calls,
            line.share,
            line.by_time_out,
            line.waiting if line.result is None else None,
        )

    return Sheet(
        title="Results",
        notes=(
            span_of(query),
            "answered calls by result; by time-out: wrap-up ran out and the topic's default was taken",
        ),
        columns=(
            Column(key="topic", heading="topic"),
            Column(key="result", heading="result"),
            Column(key="calls", heading="calls"),
            Column(key="share_of_results", heading="share of the topic"),
            Column(key="by_time_out", heading="set by time-out"),
            Column(key="no_result_yet", heading="no result yet"),
        ),
        rows=tuple(cells(line) for line in report.lines),
        totals=tuple(cells(line) for line in report.totals),
    )
