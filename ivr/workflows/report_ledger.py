"""The ledger of promises: every callback, message and contact that was promised, what became of it, with filters (`DOMAIN.md` C33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.promises import FIRST, Kind, PromiseFigures, PromiseRow, Verdict
from ivr.workflows.report_book import Asked, Book, Field, Option, Row, Table
from ivr.workflows.report_output import Names
from ivr.workflows.report_promises import LISTED, PromisesReport
from ivr.workflows.reports import ReportQuery

PLACES = {Kind.MESSAGE: "/supervisor/messages", Kind.FOLLOW_UP: "/supervisor/follow-ups"}


class Promises(Protocol):
    def __call__(self, query: ReportQuery, *, kind: str = "", state: str = "") -> PromisesReport: ...


@dataclass(frozen=True)
class ReportLedger:
    promises: Promises

    def __call__(self, asked: Asked) -> Book:
        words = asked.words
        report = self.promises(asked.query, kind=asked.option("kind"), state=asked.option("state"))
        kinds = tuple((one.value, kind_word(words, one)) for one in Kind)
        states = tuple((one.value, state_word(words, one)) for one in FIRST)
        return Book(
            name="promises",
            title=words("Promises"),
            asked=asked,
            as_of=report.as_of,
            tables=(_kinds(asked, report.figures), _list(asked, report)),
            options=(
                Option(key="kind", label=words("Kind"), choices=(("", words("All kinds")), *kinds)),
                Option(key="state", label=words("State"), choices=(("", words("all")), *states)),
            ),
            remarks=(
                words("Kept: done by the time that was named. Late: done after it, or still open after it. Broken: given up. Cancelled: the caller no longer wanted it, which breaks nothing."),
            ),
        )  # fmt: skip


def kind_word(words: Names, kind: Kind) -> str:
    return {Kind.CALLBACK: words("Callback"), Kind.MESSAGE: words("Message"), Kind.FOLLOW_UP: words("Follow-up")}[kind]


def state_word(words: Names, state: Verdict) -> str:
    said = {
        Verdict.KEPT: words("kept"),
        Verdict.LATE: words("late"),
        Verdict.BROKEN: words("broken"),
        Verdict.CANCELLED: words("cancelled"),
        Verdict.OPEN: words("open"),
    }
    return said[state]


def _kinds(asked: Asked, figures: Sequence[tuple[Kind | None, PromiseFigures]]) -> Table:
    words = asked.words

    def row(name: str, of: PromiseFigures, kind: str) -> Row:
        leads = {state.value: f"?kind={kind}&state={state.value}" for state in FIRST}
        return Row(
            cells=(name, of.made, of.kept, of.late, of.broken, of.cancelled, of.open, of.share_kept),
            leads={**leads, "made": f"?kind={kind}&state="},
        )

    return Table(
        key="kinds",
        title=words("What was promised"),
        fields=(
            Field(key="promise", heading=words("Promise")),
            Field(key="made", heading=words("Number made")),
            *(
                Field(key=state.value, heading=state_word(words, state))
                for state in (Verdict.KEPT, Verdict.LATE, Verdict.BROKEN, Verdict.CANCELLED, Verdict.OPEN)
            ),
            Field(key="share_kept", heading=words("Share kept"), meaning=words("kept / (kept + late + broken)")),
        ),
        rows=tuple(row(kind_word(words, kind), of, kind.value) for kind, of in figures if kind is not None),
        totals=tuple(row(words("All promises"), of, "") for kind, of in figures if kind is None and of.made),
        empty=words("Nothing was promised in this time."),
    )


def _list(asked: Asked, report: PromisesReport) -> Table:
    words, zone = asked.words, asked.query.zone

    def local(at: datetime | None) -> str | None:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else None

    def leads(one: PromiseRow) -> dict[str, str]:
        found = {"call": f"/supervisor/calls/{one.call}"} if one.call else {}
        return {**found, "promise": PLACES[one.kind]} if one.kind in PLACES else found

    return Table(
        key="list",
        title=words("One by one"),
        about=words("What somebody must look at stands first.") if report.found <= LISTED else words("The first 1000; take a shorter time or a state for the others."),
        labels=6,
        fields=(
            Field(key="promise", heading=words("Promise")),
            Field(key="topic", heading=words("Topic")),
            Field(key="verdict", heading=words("State")),
            Field(key="promised_at", heading=words("Promised")),
            Field(key="due_at", heading=words("Due")),
            Field(key="done_at", heading=words("Done")),
            Field(key="call", heading=words("Call")),
        ),
        rows=tuple(
            Row(
                cells=(
                    kind_word(words, one.kind),
                    asked.topics(one.topic),
                    state_word(words, state),
                    local(one.at),
                    local(one.due_at),
                    local(one.done_at),
                    one.call or None,
                ),
                leads=leads(one),
            )
            for one, state in report.rows
        ),
        empty=words("No promise of this kind and state in this time."),
    )  # fmt: skip
