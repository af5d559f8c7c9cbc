"""Complaints of a year, in the customary layout of a public notice: number and kinds, share closed, speed (`DOMAIN.md` 6).

Chinese rules for online payment ask for it by 31 January (art. 28); the layout follows what payment companies publish: closed within a day,
within one to three days, later. The totals equal the list of complaints beneath them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.metrics import Share
from ivr.core.oversight import Complaint, Speed
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Row, Table
from ivr.workflows.report_output import Names, Value
from ivr.workflows.reports import ReportQuery


class ComplaintRows(Protocol):
    def complaints(self, query: ReportQuery) -> Iterable[Complaint]:
        """Opened in the query's time, oldest first. Raises Unavailable."""


@dataclass(frozen=True)
class ReportDisclosure:
    stored: ComplaintRows
    clock: Clock

    def __call__(self, asked: Asked) -> Book:
        words = asked.words
        found = list(self.stored.complaints(asked.query))
        return Book(
            name="disclosure",
            title=words("Complaints of the year"),
            asked=asked,
            as_of=self.clock.now(),
            tables=(_notice(asked, found), _list(asked, found)),
            remarks=(
                words("A complaint is a case whose topic begins with “complaint”, or that an agent called so as topic or result. Its kind is the reason that the agent gave, else its topic."),
                words("Closed: the case is solved or closed; the time runs from its opening to that change. Online payment rules (art. 28) ask for last year's figures by 31 January."),
            ),
        )  # fmt: skip


def speed_word(words: Names, one: Speed) -> str:
    said = {
        Speed.WITHIN_A_DAY: words("within 1 day"),
        Speed.ONE_TO_THREE: words("1 to 3 days"),
        Speed.LONGER: words("longer than 3 days"),
    }
    return said[one]


def _notice(asked: Asked, found: Sequence[Complaint]) -> Table:
    words = asked.words
    kinds = sorted({one.kind for one in found}, key=lambda kind: (-sum(one.kind == kind for one in found), kind))

    def row(name: str, those: Sequence[Complaint]) -> Row:
        closed = [one for one in those if one.closed_at is not None]
        speeds: list[Value] = []
        for speed in Speed:
            count = sum(one.speed is speed for one in closed)
            speeds += [count, Share(part=count, whole=len(closed))]
        return Row(
            cells=(
                name,
                len(those),
                Share(part=len(those), whole=len(found)),
                len(closed),
                Share(part=len(closed), whole=len(those)),
                *speeds,
            )
        )

    speeds = [
        field
        for one in Speed
        for field in (
            Field(key=one.value, heading=speed_word(words, one)),
            Field(key=f"{one.value}_share", heading=words("share")),
        )
    ]
    return Table(
        key="notice",
        title=words("Complaints received and closed"),
        fields=(
            Field(key="kind", heading=words("Kind of complaint")),
            Field(key="received", heading=words("Received")),
            Field(key="share", heading=words("Share"), meaning=words("of all complaints received")),
            Field(key="closed", heading=words("Closed")),
            Field(key="closed_share", heading=words("Share closed"), meaning=words("closed / received")),
            *speeds,
        ),
        rows=tuple(
            row(asked.results(kind) if asked.topics(kind) == kind else asked.topics(kind), [one for one in found if one.kind == kind])
            for kind in kinds
        ),
        totals=(row(words("All complaints"), found),) if found else (),
        empty=words("No complaint in this time."),
    )  # fmt: skip


def _list(asked: Asked, found: Sequence[Complaint]) -> Table:
    words, zone = asked.words, asked.query.zone
    return Table(
        key="list",
        title=words("List of complaints"),
        labels=2,
        fields=(
            Field(key="case", heading=words("Case")),
            Field(key="kind", heading=words("Kind of complaint")),
            Field(key="opened", heading=words("Opened")),
            Field(key="closed", heading=words("Closed")),
            Field(key="took", heading=words("Took")),
            Field(key="speed", heading=words("Speed")),
        ),
        rows=tuple(
            Row(
                cells=(
                    one.number,
                    asked.results(one.kind) if asked.topics(one.kind) == one.kind else asked.topics(one.kind),
                    f"{one.opened_at.astimezone(zone):%Y-%m-%d %H:%M}",
                    f"{one.closed_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.closed_at else None,
                    one.closed_at - one.opened_at if one.closed_at else None,
                    speed_word(words, one.speed) if one.speed else words("open"),
                ),
                leads={"case": f"/supervisor/cases?number={one.number}"},
            )
            for one in found
        ),
        empty=words("No complaint in this time."),
    )
