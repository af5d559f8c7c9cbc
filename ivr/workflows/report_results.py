"""How answered calls ended, by the agents' results and the reasons beneath them, and how many of these wrap-up's end gave instead of an agent (`DOMAIN.md` C30).

Every answered call has a result: the agent's, or the topic's default when the wrap-up runs out. The share of those that
time-out decided, in whole or in part (the reason alone), tells whether people have the time to say what became of a call; where it is large the other figures mean little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ivr.core.metrics import Share
from ivr.workflows.report_output import Column, Names, Sheet, Value, asked_of, span_of
from ivr.workflows.reports import ReportQuery, ResultCount


class ResultRows(Protocol):
    def results(self, query: ReportQuery) -> Iterable[ResultCount]:
        """Of answered stays that were entered within the query's time. Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """A topic, one of its results, and a reason of that; `reason` None: all of them, and likewise `result` and `topic`."""

    topic: str | None
    result: str | None
    reason: str | None = None
    """Empty: the calls with this result for which no reason was said."""
    calls: int
    share: Share
    """Of the topic's calls with a result; of a reason: of those with its result."""
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
        those = [one for one in counts if one.result == result]
        every = _line(topic, those, whole=whole)
        yield every
        yield from _reasons(topic, those, whole=every.calls)


def _reasons(topic: str, counts: Sequence[ResultCount], *, whole: int) -> Iterable[ResultLine]:
    """Nothing where no call of this result has a reason; the commonest first, those without one last."""
    names = {one.reason for one in counts}
    of = {name: [one for one in counts if one.reason == name] for name in names}
    lines = [replace(_line(topic, of[name], whole=whole), reason=name) for name in names]
    if names != {""}:
        yield from sorted(lines, key=lambda line: (not line.reason, -line.calls, line.reason or ""))


def _line(topic: str, counts: Sequence[ResultCount], *, whole: int) -> ResultLine:
    calls = sum(one.calls for one in counts)
    late = sum(one.calls for one in counts if one.by_time_out)
    return ResultLine(
        topic=topic,
        result=counts[0].result,
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
            None if line.reason is None else words(line.reason) if line.reason else "not said",
            line.calls,
            line.share,
            line.by_time_out,
            line.waiting if line.result is None else None,
        )

    return Sheet(
        title="Results",
        notes=(
            span_of(query),
            asked_of(query),
            "answered calls by result, and by the reasons beneath it; by time-out: wrap-up ran out before all was said",
        ),
        columns=(
            Column(key="topic", heading="topic"),
            Column(key="result", heading="result"),
            Column(key="reason", heading="reason"),
            Column(key="calls", heading="calls"),
            Column(key="share_of_results", heading="share"),
            Column(key="by_time_out", heading="set by time-out"),
            Column(key="no_result_yet", heading="no result yet"),
        ),
        rows=tuple(cells(line) for line in report.lines),
        totals=tuple(cells(line) for line in report.totals),
    )
