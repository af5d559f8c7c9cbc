"""Satisfaction: what callers answered when they were asked, by channel and agent, and what became of their comments (`DOMAIN.md` 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

from ivr.core.follow_ups import WHICH
from ivr.core.ids import AgentId
from ivr.core.metrics import Share
from ivr.core.satisfaction import LEAST_FOR_AN_AGENT, NO_RATINGS, Comments, Ratings
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Row, Table
from ivr.workflows.report_output import Value
from ivr.workflows.reports import ReportQuery


class SatisfactionRows(Protocol):
    """Raises Unavailable."""

    def ratings(self, query: ReportQuery, *, by: str) -> Iterable[tuple[str, str, Ratings]]: ...

    def offered(self, query: ReportQuery) -> Mapping[str, tuple[int, int]]: ...

    def comments(self, query: ReportQuery, at: datetime) -> Iterable[Comments]: ...


@dataclass(frozen=True)
class ReportSatisfaction:
    stored: SatisfactionRows
    clock: Clock
    names: Callable[[], Mapping[AgentId, str]]

    def __call__(self, asked: Asked) -> Book:
        words, now = asked.words, self.clock.now()
        by_channel = list(self.stored.ratings(asked.query, by="channel"))
        return Book(
            name="satisfaction",
            title=words("Satisfaction"),
            asked=asked,
            as_of=now,
            tables=(
                _topics(asked, by_channel, self.stored.offered(asked.query)),
                _channels(asked, by_channel),
                _agents(asked, list(self.stored.ratings(asked.query, by="agent")), self.names()),
                _comments(asked, list(self.stored.comments(asked.query, now))),
            ),
            remarks=(
                words("The sample chose itself: people whose call went very badly hang up before they are asked. Who hangs up first is asked by text, so channels are told apart."),
                words("Answers belong to the time in which the question was asked."),
            ),
        )  # fmt: skip


def _fields(asked: Asked) -> tuple[Field, ...]:
    words = asked.words
    return (
        Field(key="asked", heading=words("Asked")),
        Field(key="valid", heading=words("Valid answers"), meaning=words("a score from 1 to 5")),
        Field(key="response_rate", heading=words("Response rate"), meaning=words("valid answers / asked; hanging up, silence and wrong keys lower it")),
        Field(key="csat", heading=words("CSAT"), meaning=words("answers of 4 or 5 / valid answers")),
        Field(key="mean", heading=words("Mean"), meaning=words("of the valid scores, 1 to 5")),
    )  # fmt: skip


def _cells(one: Ratings) -> tuple[Value, ...]:
    return (one.asked, one.valid, one.response_rate, one.csat, one.mean)


def _sum(ratings: Iterable[Ratings]) -> Ratings:
    return sum(ratings, NO_RATINGS)


def _topics(asked: Asked, ratings: Sequence[tuple[str, str, Ratings]], offered: Mapping[str, tuple[int, int]]) -> Table:
    words = asked.words

    def row(name: str, one: Ratings, calls: int, was_asked: int, topic: str) -> Row:
        never = Share(part=calls - was_asked, whole=calls)
        return Row(cells=(name, calls, never, *_cells(one)), calls={"by": "answer", "once": "1", "made": "1", **({"topic": topic} if topic else {})})  # fmt: skip

    topics = sorted(({topic for topic, _, _ in ratings} | set(offered)) - {""})
    return Table(
        key="topics",
        title=words("By topic"),
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="answered", heading=words("Answered calls"), calls={}),
            Field(key="never_asked", heading=words("Never asked"), meaning=words("answered calls without a question / answered calls: no survey on the topic, asked in the last days, no number for texts")),
            *_fields(asked),
        ),
        rows=tuple(
            row(asked.topics(topic), _sum(one for name, _, one in ratings if name == topic), *offered.get(topic, (0, 0)), topic)
            for topic in topics
        ),
        totals=(
            row(
                words("All topics"),
                _sum(one for _, _, one in ratings),
                *offered.get("", (0, 0)),
                "",
            ),
        ) if topics else (),
        empty=words("No call was answered and nobody was asked in this time."),
    )  # fmt: skip


def _channels(asked: Asked, ratings: Sequence[tuple[str, str, Ratings]]) -> Table:
    words = asked.words
    said = {"phone": words("by key, after the talk"), "text": words("by text message")}
    return Table(
        key="channels",
        title=words("By channel"),
        labels=2,
        fields=(Field(key="channel", heading=words("Channel")), Field(key="topic", heading=words("Topic")), *_fields(asked)),
        rows=tuple(
            Row(cells=(said.get(channel, channel), asked.topics(topic), *_cells(one)))
            for topic, channel, one in sorted(ratings, key=lambda one: (one[1], one[0]))
        ),
        totals=tuple(
            Row(cells=(said.get(channel, channel), words("All topics"), *_cells(_sum(one for _, of, one in ratings if of == channel))))
            for channel in sorted({channel for _, channel, _ in ratings})
        ),
        empty=words("Nobody was asked in this time. A topic asks when the menu file names a survey for it."),
    )  # fmt: skip


def _agents(asked: Asked, ratings: Sequence[tuple[str, str, Ratings]], names: Mapping[AgentId, str]) -> Table:
    words = asked.words
    agents = sorted({agent for _, agent, _ in ratings if agent})
    of = {agent: _sum(one for _, name, one in ratings if name == agent) for agent in agents}

    def row(agent: str) -> Row:
        one = of[agent]
        enough = one.valid >= LEAST_FOR_AN_AGENT
        return Row(
            cells=(
                names.get(AgentId(agent), agent),
                one.asked,
                one.valid,
                one.response_rate,
                one.csat if enough else None,
                one.mean if enough else None,
            )
        )

    return Table(
        key="agents",
        title=words("By agent"),
        about=words("By name, in no order of merit. Below 20 valid answers nothing is said of one person."),
        fields=(Field(key="agent", heading=words("Agent")), *_fields(asked)),
        rows=tuple(row(agent) for agent in agents),
        empty=words("No caller of an agent was asked in this time."),
    )


def _entries(asked: Asked, topic: str) -> dict[str, str]:
    """Where the entries behind each count are listed."""
    query = asked.query
    first, last = [at.astimezone(query.zone).isoformat(timespec="minutes") for at in (query.start, query.end)]
    words = {"from": first, "to": last, "topic": topic}
    return {
        key: f"/supervisor/follow-ups?{urlencode({**words, 'which': which})}"
        for key, which in (("entries", "all"), *((one, one) for one in WHICH if one != "all"))
    }


def _comments(asked: Asked, comments: Sequence[Comments]) -> Table:
    words = asked.words
    return Table(
        key="comments",
        title=words("Low ratings and comments, and what became of them"),
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="entries", heading=words("Entries"), meaning=words("low ratings and comments")),
            Field(key="with_comment", heading=words("With a comment")),
            Field(key="wished", heading=words("Wish for a contact")),
            Field(key="open", heading=words("Open")),
            Field(key="looked_at", heading=words("Looked at")),
            Field(key="changed", heading=words("Something changed")),
            Field(key="handled", heading=words("Share handled"), meaning=words("(looked at + something changed) / entries")),
            Field(key="overdue", heading=words("Overdue"), meaning=words("open after the time that was named to the caller")),
        ),
        rows=tuple(
            Row(
                cells=(
                    asked.topics(one.topic),
                    one.entries,
                    one.with_comment,
                    one.wished,
                    one.open,
                    one.looked_at,
                    one.changed,
                    one.handled,
                    one.overdue,
                ),
                leads=_entries(asked, one.topic),
            )
            for one in sorted(comments, key=lambda one: one.topic)
        ),
        empty=words("No low rating and no comment in this time."),
    )  # fmt: skip
