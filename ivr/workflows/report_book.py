"""A report of several tables: what is asked, what is drawn, and which calls stand behind a figure.

Every report of the shelf is a function from `Asked` to `Book`. A page draws all tables of a book one below the other, a workbook
has a page for each, JSON has them all, CSV has one of them. Words pass through `Asked.words`, so that pages and files speak the
reader's language and the command line speaks English.

A figure leads to its calls: a row and a column each add to the filter of the list of calls (`agent=ana` and `outcome=answered`);
a figure whose row or column has no filter leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import compress
from typing import Any, Protocol

from ivr.core.facts import Outcome
from ivr.workflows.report_output import EDITION, Column, Names, Sheet, Value, to_json
from ivr.workflows.reports import ReportQuery

Filter = Mapping[str, str]
ALL: Filter = {}
"""Calls of the time and topic that the report is about, without more."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a reader wants to see, and how they speak."""

    query: ReportQuery
    words: Names = str
    topics: Names = str
    results: Names = str
    language: str = "en"
    options: Mapping[str, str] = field(default_factory=dict)
    """What else was chosen, by the names in the address."""

    def option(self, name: str) -> str:
        return self.options.get(name, "")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column: key, heading, and what its figures mean."""

    key: str
    heading: str
    meaning: str = ""
    calls: Filter | None = None
    """What the calls behind its figures have in common; None: it leads to no calls."""
    code: bool = False
    """A name for programs, beside the words for people: in files only."""


@dataclass(frozen=True, kw_only=True)
class Row:
    cells: tuple[Value, ...]
    calls: Filter | None = None
    """What the calls behind its figures have in common; None: it leads to no calls."""
    behind: Mapping[str, Filter] = field(default_factory=dict)
    """What the calls behind single cells have in common besides, by key."""
    leads: Mapping[str, str] = field(default_factory=dict)
    """Addresses of single cells, by key."""
    mark: str = ""
    """`provisional`, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Table:
    key: str
    title: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    labels: int = 1
    """How many of the first columns name a row."""
    empty: str = ""
    """Why there may be no rows, and what to do."""
    about: str = ""
    """A sentence above it."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A further choice of a report, by its name in the address."""

    key: str
    label: str
    choices: tuple[tuple[str, str], ...]
    """Value and words; empty: anything may be typed."""


class Drawing(Protocol):
    """A picture beside the tables, which say the same in words. `web` knows how each kind is drawn."""

    @property
    def title(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Book:
    name: str
    """As in the address."""
    title: str
    asked: Asked
    as_of: datetime
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = ()
    """What a reader must know before believing the figures."""
    warnings: tuple[str, ...] = ()
    drawing: Drawing | None = None
    options: tuple[Option, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What every file and print says of itself."""
        return (self.told, *self.filters, *self.warnings, *self.remarks)

    @property
    def told(self) -> str:
        """Which time, on which clock, as of when, by which formulas."""
        query = self.asked.query
        start, end, at = [one.astimezone(query.zone) for one in (query.start, query.end, self.as_of)]
        return self.asked.words("{start} to {end} ({zone}). As of {at}. Formulas, edition {edition}.").format(
            start=f"{start:%Y-%m-%d %H:%M}",
            end=f"{end:%Y-%m-%d %H:%M}",
            zone=query.zone.key,
            at=at.isoformat(sep=" ", timespec="seconds"),
            edition=EDITION,
        )

    @property
    def filters(self) -> tuple[str, ...]:
        """What else was chosen; nothing when it was not."""
        asked, query = self.asked, self.asked.query
        said = [
            (asked.words("Topic"), ", ".join(map(asked.topics, query.topics))),
            (asked.words("Hotline"), query.hotline),
        ]
        said += [
            (one.label, dict(one.choices).get(asked.option(one.key), asked.option(one.key))) for one in self.options
        ]
        return tuple(f"{name}: {value}" for name, value in said if value)


Report = Callable[[Asked], Book]


def for_people(table: Table) -> Table:
    """Without the columns that only files have."""
    seen = [not one.code for one in table.fields]
    if all(seen):
        return table

    def kept(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(replace(row, cells=tuple(compress(row.cells, seen))) for row in rows)

    fields = tuple(compress(table.fields, seen))
    return replace(table, fields=fields, rows=kept(table.rows), totals=kept(table.totals))


def sheets(book: Book, *, paper: bool = False) -> tuple[Sheet, ...]:
    """One for each table, with what the figures mean among the notes. `paper`: as a person reads it."""
    return tuple(
        Sheet(
            title=table.title,
            notes=(book.title, *book.notes, *(f"{one.heading}: {one.meaning}" for one in table.fields if one.meaning)),
            columns=tuple(Column(key=one.key, heading=one.heading) for one in table.fields),
            rows=tuple(row.cells for row in table.rows),
            totals=tuple(row.cells for row in table.totals),
        )
        for table in (map(for_people, book.tables) if paper else book.tables)
    )


def book_json(book: Book) -> str:
    """All tables, each as `to_json` writes it, by key."""
    drawn: dict[str, Any] = {
        table.key: {
            key: value
            for key, value in json.loads(to_json(sheet)).items()
            if key in ("report", "columns", "rows", "totals")
        }
        for table, sheet in zip(book.tables, sheets(book), strict=True)
    }
    return json.dumps({"report": book.name, "notes": book.notes, "tables": drawn}, ensure_ascii=False, indent=2)


def chosen(book: Book, key: str) -> Sheet:
    """The table that is asked for; the first one when it is not there."""
    drawn = sheets(book)
    return next((sheet for table, sheet in zip(book.tables, drawn, strict=True) if table.key == key), drawn[0])


def over(part: float | timedelta, whole: float | timedelta) -> Sequence[int]:
    """Part and whole of a share of time, in whole seconds."""
    return [round(one.total_seconds() if isinstance(one, timedelta) else one) for one in (part, whole)]


def outcome_word(words: Names, outcome: str) -> str:
    """How a stay ended, in the reader's words."""
    said = {
        Outcome.ANSWERED: words("answered"),
        Outcome.ABANDONED: words("abandoned"),
        Outcome.OVERFLOW: words("sent on"),
        Outcome.MESSAGE: words("left a message"),
        Outcome.CALLBACK: words("took a callback"),
        Outcome.CLOSED: words("desk closed"),
        Outcome.DROPPED: words("dropped by us"),
    }
    return {one.value: word for one, word in said.items()}.get(outcome, outcome)
