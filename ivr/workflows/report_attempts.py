"""Callbacks in detail: open ones scheduled and in line, tries by result, and every promise (`DOMAIN.md` 3.10).

Tries count in the time in which the call came that asked for them; by event, in the time in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.attempts import Listed, OpenNow, Tried
from ivr.core.metrics import Share
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Option, Row, Table
from ivr.workflows.report_output import Names
from ivr.workflows.reports import Placing, ReportQuery

LISTED = 1000


class AttemptRows(Protocol):
    """Raises Unavailable."""

    def open_now(self, query: ReportQuery, at: datetime) -> Iterable[OpenNow]: ...

    def tried(self, query: ReportQuery) -> Iterable[Tried]: ...

    def listed(self, query: ReportQuery, *, state: str, most: int) -> Iterable[Listed]: ...


@dataclass(frozen=True)
class ReportAttempts:
    stored: AttemptRows
    clock: Clock

    def __call__(self, asked: Asked) -> Book:
        words, query, now = asked.words, asked.query, self.clock.now()
        results = ("completed", "failed", "cancelled", "expired", "reached_by_phone", "merged")
        return Book(
            name="attempts",
            title=words("Callbacks in detail"),
            asked=asked,
            as_of=now,
            tables=(
                _open(asked, list(self.stored.open_now(query, now))),
                _tries(asked, list(self.stored.tried(query))),
                _list(asked, list(self.stored.listed(query, state=asked.option("state"), most=LISTED))),
            ),
            options=(
                Option(
                    key="by",
                    label=words("Tries count"),
                    choices=(
                        (Placing.ARRIVAL.value, words("with the call that asked")),
                        (Placing.EVENT.value, words("when they were made")),
                    ),
                ),
                Option(
                    key="state",
                    label=words("Promises"),
                    choices=(
                        ("", words("all")),
                        ("unique", words("all but merged ones")),
                        ("open", words("open")),
                        *((one, result_word(words, one)) for one in results),
                    ),
                ),
            ),
            remarks=(words("The call that asked is a flow-out and no abandon; its callback has a record of its own."),),
        )


def result_word(words: Names, result: str) -> str:
    """How a callback or a try of it ended."""
    said = {
        "": words("under way"),
        "running": words("under way"),
        "completed": words("completed"),
        "failed": words("failed"),
        "cancelled": words("cancelled"),
        "expired": words("expired"),
        "reached_by_phone": words("got through on their own"),
        "merged": words("merged into an earlier one"),
        "connected": words("talked"),
        "no_answer": words("no answer"),
        "busy": words("busy"),
        "voicemail": words("machine"),
        "machine": words("machine"),
        "later": words("put off by the customer"),
        "refused": words("not wanted any more"),
    }
    return said.get(result, result.replace("_", " "))


def _open(asked: Asked, found: Sequence[OpenNow]) -> Table:
    words = asked.words
    return Table(
        key="open",
        title=words("Open now"),
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="scheduled", heading=words("Scheduled"), meaning=words("not due yet")),
            Field(key="in_line", heading=words("In line"), meaning=words("due: waits for an agent or is being dialled")),
            Field(key="late", heading=words("Late"), meaning=words("the promised window is over and nobody has tried")),
        ),
        rows=tuple(
            Row(cells=(asked.topics(one.topic), one.scheduled, one.in_line, one.late))
            for one in sorted(found, key=lambda one: one.topic)
        ),
        totals=(
            Row(cells=(words("All topics"), sum(one.scheduled for one in found), sum(one.in_line for one in found), sum(one.late for one in found))),
        ) if found else (),
        empty=words("No callback of this time is open."),
    )  # fmt: skip


def _tries(asked: Asked, found: Sequence[Tried]) -> Table:
    words = asked.words
    of = {topic: sum(one.tries for one in found if one.topic == topic) for topic in {one.topic for one in found}}
    whole = sum(of.values())
    first = sum(one.first for one in found)
    connected = sum(one.first for one in found if one.result == "connected")
    return Table(
        key="tries",
        title=words("Tries by result"),
        labels=2,
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="result", heading=words("Result")),
            Field(key="tries", heading=words("Tries")),
            Field(key="share", heading=words("Share"), meaning=words("of the topic's tries")),
            Field(key="first", heading=words("of them first tries")),
            Field(key="first_success", heading=words("First tries that talked"), meaning=words("first tries that talked / first tries")),
            Field(key="agent_idle_s", heading=words("Agent time without caller")),
        ),
        rows=tuple(
            Row(
                cells=(
                    asked.topics(one.topic),
                    result_word(words, one.result),
                    one.tries,
                    Share(part=one.tries, whole=of[one.topic]),
                    one.first,
                    None,
                    one.agent_idle,
                )
            )
            for one in sorted(found, key=lambda one: (one.topic, -one.tries, one.result))
        ),
        totals=(
            Row(
                cells=(
                    words("All topics"),
                    words("All results"),
                    whole,
                    Share(part=whole, whole=whole),
                    first,
                    Share(part=connected, whole=first),
                    sum((one.agent_idle for one in found), timedelta(0)),
                )
            ),
        ) if found else (),
        empty=words("Nobody was dialled for a callback in this time."),
    )  # fmt: skip


def _list(asked: Asked, found: Sequence[Listed]) -> Table:
    words, zone = asked.words, asked.query.zone

    def local(at: datetime | None) -> str | None:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else None

    return Table(
        key="promises",
        title=words("Promises"),
        about=words("The newest 1000; take a shorter time or a state for the others.") if len(found) == LISTED else "",
        labels=4,
        fields=(
            Field(key="requested_at", heading=words("Requested")),
            Field(key="topic", heading=words("Topic")),
            Field(key="state", heading=words("State")),
            Field(key="last_result", heading=words("Last try")),
            Field(key="from", heading=words("Promised from")),
            Field(key="to", heading=words("to")),
            Field(key="due_at", heading=words("Next try")),
            Field(key="attempts", heading=words("Tries")),
            Field(key="connected_at", heading=words("Talked at")),
            Field(key="call", heading=words("Call"), meaning=words("the call that asked")),
        ),
        rows=tuple(
            Row(
                cells=(
                    local(one.requested_at),
                    asked.topics(one.topic),
                    result_word(words, one.result),
                    result_word(words, one.last_result) if one.attempts else None,
                    local(one.promised_from),
                    local(one.promised_to),
                    local(one.due_at) if one.state != "closed" else None,
                    one.attempts,
                    local(one.connected_at),
                    one.call or None,
                ),
                leads={"call": f"/supervisor/calls/{one.call}"} if one.call else {},
            )
            for one in found
        ),
        empty=words("No callback was promised in this time."),
    )
