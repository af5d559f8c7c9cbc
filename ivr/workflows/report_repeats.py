"""Repeats and resolution: three views side by side, each with its own denominator (`DOMAIN.md` 3.6, C35, C36).

No system can read off a call whether it solved anything. So three answers stand beside each other: nobody had to call again; the caller
said so; the agent said so. The last seven days are provisional: who may still call again has not done so yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.intervals import Interval, Step, intervals
from ivr.core.repeat_figures import NOTHING, WITHIN, Returns
from ivr.core.rollups import Limits
from ivr.core.satisfaction import NO_RATINGS, Ratings, SaidByAgents
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Row, Table
from ivr.workflows.reports import ReportQuery

MOST_DAYS = 62
"""With more days in the window, weeks stand in their place."""


class SaidRows(Protocol):
    """Raises Unavailable."""

    def ratings(self, query: ReportQuery, *, by: str) -> Iterable[tuple[str, str, Ratings]]: ...

    def said(self, query: ReportQuery) -> Iterable[SaidByAgents]: ...


class RepeatRows(Protocol):
    """Raises Unavailable."""

    def returns_of(
        self,
        query: ReportQuery,
        pieces: Sequence[Interval],
        *,
        by: Sequence[str],
        at: datetime,
        short: Mapping[str, timedelta],
    ) -> Sequence[Mapping[tuple[str, ...], Returns]]:
        """For each piece of the query's time."""


class TopicLimits(Protocol):
    def __call__(self) -> Mapping[str, Limits]: ...


@dataclass(frozen=True)
class ReportRepeats:
    repeats: RepeatRows
    said: SaidRows
    clock: Clock
    limits: TopicLimits

    def __call__(self, asked: Asked) -> Book:
        words, query, now = asked.words, asked.query, self.clock.now()
        short = {topic: limits.short for topic, limits in self.limits().items()}
        step = Step.DAY if query.end - query.start <= timedelta(days=MOST_DAYS) else Step.WEEK
        pieces = intervals(query.start, query.end, step, query.zone)
        past = [piece for piece in pieces if piece.start < now]
        counts = [
            {topic: one for (topic,), one in found.items()}
            for found in self.repeats.returns_of(query, past, by=("topic",), at=now, short=short)
        ]
        topics = sorted({topic for one in counts for topic in one})
        of = {topic: sum((one.get(topic, NOTHING) for one in counts), NOTHING) for topic in topics}
        ratings = list(self.said.ratings(query, by="channel"))
        agents = {one.topic: one for one in self.said.said(query)}
        return Book(
            name="repeats",
            title=words("Repeats and resolution"),
            asked=asked,
            as_of=now,
            tables=(
                _views(asked, of, ratings, agents),
                _returns(asked, of),
                _over_time(asked, [(piece.label, piece.start, one) for piece, one in zip(pieces, counts, strict=False)], now),
            ),
            warnings=(words("The last 7 days are provisional (hatched): who may still call again has not done so yet."),)
            if any(one.provisional for one in of.values())
            else (),
            remarks=(
                words("A repeat is a further call of the same number on the same topic within 7 days of an answered one. A short abandon is none; a caller who gave up after a wait had to call again. Our own calls out, kept callbacks among them, are none."),
                words("Withheld numbers leave the base, and so do shared ones: the records know no names, so from 5 different cases within 30 days a number counts as a switchboard."),
            ),
        )  # fmt: skip


def _views(
    asked: Asked,
    of: Mapping[str, Returns],
    ratings: Sequence[tuple[str, str, Ratings]],
    agents: Mapping[str, SaidByAgents],
) -> Table:
    words = asked.words
    topics = sorted({*of, *agents, *(topic for topic, _, _ in ratings)})

    def row(name: str, wanted: Sequence[str], topic: str) -> Row:
        returns = sum((of.get(one, NOTHING) for one in wanted), NOTHING)
        said = sum((one for on, _, one in ratings if on in wanted), NO_RATINGS)
        known = [agents[one] for one in wanted if one in agents]
        by_agents = SaidByAgents(
            topic="", by_agent=sum(one.by_agent for one in known), solved=sum(one.solved for one in known)
        )
        return Row(
            cells=(
                name,
                returns.resolved,
                returns.base,
                said.said_solved,
                said.solved + said.not_solved,
                by_agents.share_solved,
                by_agents.by_agent,
            ),
            calls={"topic": topic, "outcome": "answered"} if topic else {"outcome": "answered"},
            mark="provisional" if 0 < returns.base == returns.provisional else "",
        )

    return Table(
        key="views",
        title=words("Solved: three views"),
        about=words("They count different calls and do not add up to one truth; where they part, read the calls."),
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="no_repeat", heading=words("No further call"), meaning=words("answered calls without a repeat / answered calls with a number")),
            Field(key="no_repeat_of", heading=words("of calls"), calls={"repeat": "base"}),
            Field(key="caller_says", heading=words("Caller says solved"), meaning=words("solved / answers to “was it solved?”")),
            Field(key="caller_says_of", heading=words("of answers")),
            Field(key="agent_says", heading=words("Agent says solved"), meaning=words("result “solved” / results that agents gave themselves; what the end of wrap-up gave is not in it")),
            Field(key="agent_says_of", heading=words("of results")),
        ),
        rows=tuple(row(asked.topics(topic), [topic], topic) for topic in topics),
        totals=(row(words("All topics"), topics, ""),) if topics else (),
        empty=words("No call was answered in this time."),
    )  # fmt: skip


def _returns(asked: Asked, of: Mapping[str, Returns]) -> Table:
    words = asked.words

    def row(name: str, one: Returns, topic: str) -> Row:
        return Row(
            cells=(
                name,
                one.answered,
                one.withheld,
                one.shared,
                one.base,
                one.again,
                one.repeat_rate,
                one.repeat_rate_by_agent,
                one.provisional,
            ),
            calls={"topic": topic, "outcome": "answered"} if topic else {"outcome": "answered"},
            mark="provisional" if 0 < one.base == one.provisional else "",
        )

    return Table(
        key="returns",
        title=words("Repeat calls by topic"),
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="answered", heading=words("Answered"), calls={}),
            Field(key="withheld", heading=words("Number withheld"), meaning=words("left out: nobody can tell who called")),
            Field(key="shared", heading=words("Number shared"), meaning=words("left out: many people behind one number")),
            Field(key="base", heading=words("Base"), calls={"repeat": "base"}),
            Field(key="again", heading=words("Called again"), calls={"repeat": "again"}),
            Field(key="repeat_rate", heading=words("Repeat rate"), meaning=words("called again on the menu's topic / base")),
            Field(key="repeat_rate_by_agent", heading=words("Repeat rate, agents' topics"), meaning=words("the same, with what agents said it was about in place of the menu's topic where they said something")),
            Field(key="provisional", heading=words("Provisional"), meaning=words("of the base: their 7 days are not over")),
        ),
        rows=tuple(row(asked.topics(topic), one, topic) for topic, one in sorted(of.items())),
        totals=(row(words("All topics"), sum(of.values(), NOTHING), ""),) if of else (),
        empty=words("No call was answered in this time."),
    )  # fmt: skip


def _over_time(asked: Asked, pieces: Sequence[tuple[str, datetime, Mapping[str, Returns]]], now: datetime) -> Table:
    words = asked.words

    def row(label: str, start: datetime, counts: Mapping[str, Returns]) -> Row:
        one = sum(counts.values(), NOTHING)
        return Row(
            cells=(label, one.answered, one.base, one.again, one.repeat_rate, one.provisional),
            mark="provisional" if start > now - WITHIN - timedelta(days=1) and one.provisional else "",
        )

    return Table(
        key="days",
        title=words("Over time"),
        fields=(
            Field(key="interval", heading=words("Interval")),
            Field(key="answered", heading=words("Answered")),
            Field(key="base", heading=words("Base")),
            Field(key="again", heading=words("Called again")),
            Field(key="repeat_rate", heading=words("Repeat rate")),
            Field(key="provisional", heading=words("Provisional")),
        ),
        rows=tuple(row(*piece) for piece in pieces),
    )
