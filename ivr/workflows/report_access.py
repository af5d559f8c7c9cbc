"""Access audit: who listened, revealed, exported and opened, and whether the chain of the audit holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.oversight import Access, Look
from ivr.core.people import AuditRow
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Option, Row, Table
from ivr.workflows.report_deeds import deeds
from ivr.workflows.report_output import Names
from ivr.workflows.reports import ReportQuery

LISTED = 200
CHECKED_AT_ONCE = 20_000
"""Rows up to which the chain is checked whenever somebody looks; a longer one when they ask."""


class AccessRows(Protocol):
    """Raises Unavailable."""

    def counts(self, query: ReportQuery, who: str = "") -> Iterable[Access]: ...

    def rows(self, query: ReportQuery, *, whats: Sequence[str], most: int, who: str = "") -> Iterable[AuditRow]: ...


@dataclass(frozen=True)
class ReportAccess:
    stored: AccessRows
    clock: Clock
    verify: Callable[[], int | None]
    """The first row that does not fit; None when all do."""
    length: Callable[[], int]

    def __call__(self, asked: Asked) -> Book:
        words, query = asked.words, asked.query
        who, wanted = asked.option("who"), asked.option("kind")
        counts = sorted(self.stored.counts(query, who), key=lambda one: (list(Look).index(one.kind), one.who, one.what))
        shown = [one for one in counts if not wanted or one.kind == wanted]
        whats = sorted({one.what for one in shown})
        rows = list(self.stored.rows(query, whats=whats, most=LISTED, who=who)) if whats else []
        kinds = [(look.value, _kind(words, look)) for look in Look]
        return Book(
            name="access",
            title=words("Access audit"),
            asked=asked,
            as_of=self.clock.now(),
            tables=(self._chain(asked), _people(asked, counts), _acts(asked, shown), _rows(asked, rows)),
            options=(
                Option(key="kind", label=words("Kind"), choices=(("", words("All kinds")), *kinds)),
                Option(key="who", label=words("Person"), choices=()),
            ),
            remarks=(
                words("Rows of the audit are added before the data go out and are never changed; each is chained to the one before under a key that is not in the database."),
            ),
        )  # fmt: skip

    def _chain(self, asked: Asked) -> Table:
        words, length = asked.words, self.length()
        if length <= CHECKED_AT_ONCE or asked.option("check"):
            broken = self.verify()
            said = words("every row follows from the one before")
            if broken is not None:
                said = words("broken from row {number} on: keep the database as it is and compare with a backup").format(number=broken)  # fmt: skip
        else:
            said = words("long: checked every night, and here when `check=1` is in the address")
        return Table(
            key="chain",
            title=words("Chain"),
            labels=2,
            fields=(
                Field(key="rows", heading=words("Rows in all")),
                Field(key="chain", heading=words("State of the chain")),
            ),
            rows=(Row(cells=(str(length), said)),),
        )


def _kind(words: Names, look: Look) -> str:
    said = {
        Look.LISTENED: words("listened"),
        Look.REVEALED: words("revealed a number"),
        Look.EXPORTED: words("took a file"),
        Look.OPENED: words("opened"),
        Look.OTHER: words("other"),
    }
    return said[look]


def _people(asked: Asked, counts: Sequence[Access]) -> Table:
    words = asked.words
    kinds = (Look.LISTENED, Look.REVEALED, Look.EXPORTED, Look.OPENED, Look.OTHER)
    of: dict[str, Counter[Look]] = {}
    for one in counts:
        of.setdefault(one.who, Counter())[one.kind] += one.count
    return Table(
        key="people",
        title=words("By person"),
        fields=(
            Field(key="who", heading=words("Person")),
            *(Field(key=look.value, heading=_kind(words, look)) for look in kinds),
        ),
        rows=tuple(Row(cells=(who, *(of[who][look] for look in kinds))) for who in sorted(of)),
        totals=(
            Row(cells=(words("Everybody"), *(sum(one[look] for one in of.values()) for look in kinds))),
        ) if of else (),
        empty=words("Nobody looked at anything in this time."),
    )  # fmt: skip


def _acts(asked: Asked, counts: Sequence[Access]) -> Table:
    words, zone = asked.words, asked.query.zone
    said = deeds(words)
    return Table(
        key="acts",
        title=words("By act"),
        labels=4,
        fields=(
            Field(key="kind", heading=words("Kind")),
            Field(key="who", heading=words("Person")),
            Field(key="deed", heading=words("Deed")),
            Field(key="what", heading=words("Name in the audit"), code=True),
            Field(key="count", heading=words("Times")),
            Field(key="first", heading=words("First")),
            Field(key="last", heading=words("Last")),
        ),
        rows=tuple(
            Row(
                cells=(
                    _kind(words, one.kind),
                    one.who,
                    said.get(one.what, one.what),
                    one.what,
                    one.count,
                    *(f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for at in (one.first, one.last)),
                )
            )
            for one in counts
        ),
        empty=words("Nothing of this kind in this time."),
    )


def _rows(asked: Asked, rows: Sequence[AuditRow]) -> Table:
    words, zone = asked.words, asked.query.zone
    said = deeds(words)
    return Table(
        key="rows",
        title=words("The newest 200"),
        labels=6,
        fields=(
            Field(key="number", heading=words("Row")),
            Field(key="at", heading=words("When")),
            Field(key="who", heading=words("Person")),
            Field(key="deed", heading=words("Deed")),
            Field(key="what", heading=words("Name in the audit"), code=True),
            Field(key="object", heading=words("Of what")),
            Field(key="detail", heading=words("More")),
        ),
        rows=tuple(
            Row(
                cells=(
                    str(one.number),
                    f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                    one.who,
                    said.get(one.what, one.what),
                    one.what,
                    one.object,
                    _said(one.detail, said),
                )
            )
            for one in rows
        ),
        empty=words("Nothing of this kind in this time."),
    )


def _said(detail: str, deeds: Mapping[str, str]) -> str:
    try:
        body = json.loads(detail)
    except ValueError:
        return detail
    if not isinstance(body, dict):
        return detail
    body = {key: deeds.get(value, value) if key == "deed" else value for key, value in body.items()}
    return ", ".join(f"{key} {value}" for key, value in body.items() if value not in ("", None))
