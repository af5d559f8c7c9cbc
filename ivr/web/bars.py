"""A table of a report as bars: one a row, as long as its figures. The table says the same in words below it.

Which columns are drawn stands in `OF_SHEETS` and `OF_BOOKS`; a report that has a picture of its own, or lists single
calls, is not among them. Numbers and classes only: no style and no script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivr.core.metrics import Share
from ivr.web.report_cells import cell
from ivr.workflows.report_book import Book
from ivr.workflows.report_output import Sheet, Value

MOST = 24
"""Bars of one picture: the longest ones, in the order of the table."""
WIDE, LABEL, HIGH, GAP = 900, 210, 18, 8
LONGEST_LABEL, LONGEST_SAID = 27, 16
"""In letters; a Chinese one is as wide as two."""

STAYS = ("answered", "abandoned", "flow_out", "dropped", "waiting")
OF_SHEETS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "waits": (1, STAYS),
    "daily": (1, STAYS),
    "queues": (1, STAYS),
    "hours": (1, STAYS),
    "topics": (2, ("calls",)),
    "results": (3, ("calls",)),
    "callbacks": (1, ("completed", "failed", "pending", "expired", "cancelled")),
}
"""How many cells name a row, and the columns that are drawn, good news first."""
TIME = ("on_call_s", "missed_s", "available_s", "wrap_up_s", "away_s", "ringing_s", "break_s")
OF_BOOKS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "agents": ("time", TIME),
    "repeats": ("returns", ("repeat_rate",)),
    "attempts": ("open", ("in_line", "late", "scheduled")),
    "promises": ("kinds", ("kept", "broken", "open", "late", "cancelled")),
    "satisfaction": ("topics", ("csat",)),
    "disclosure": ("notice", ("received",)),
    "access": ("acts", ("count",)),
    "quality": ("checks", ("found",)),
}
"""The table and its columns."""


@dataclass(frozen=True, kw_only=True)
class Part:
    x: float
    wide: float
    series: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    y: int
    label: str
    parts: tuple[Part, ...]
    end: float
    said: str
    """The figures, behind the bar; empty where they would take too much room."""


@dataclass(frozen=True, kw_only=True)
class Bars:
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    left_out: int
    high: int
    width: int = WIDE
    label: int = LABEL
    thick: int = HIGH
    kind: str = "bars"


Line = tuple[str, Sequence[Value]]
"""A row: its label, and the figures of each series."""


def of_sheet(name: str, sheet: Sheet, headings: Sequence[str]) -> Bars | None:
    """Of a report of one table; `headings` in the reader's words. Sums by topic where the rows are intervals."""
    labels, wanted = OF_SHEETS.get(name, (1, ()))
    keys = [column.key for column in sheet.columns]
    drawn = [keys.index(key) for key in wanted if key in keys]
    by_time = keys[0] == "interval"
    rows = [row[1:] for row in sheet.totals if row[1] != "all"] if by_time else sheet.rows
    lines = [(_label(row[:labels]), [row[at - by_time] for at in drawn]) for row in rows]
    return bars([headings[at] for at in drawn], lines)


def of_book(book: Book) -> Bars | None:
    """Of a report of several tables."""
    key, wanted = OF_BOOKS.get(book.name, ("", ()))
    table = next((one for one in book.tables if one.key == key), None)
    if table is None:
        return None
    keys = [one.key for one in table.fields]
    drawn = [keys.index(one) for one in wanted]
    lines = [(_label(row.cells[: table.labels]), [row.cells[at] for at in drawn]) for row in table.rows]
    return bars([table.fields[at].heading for at in drawn], lines)


def bars(series: Sequence[str], lines: Sequence[Line]) -> Bars | None:
    """None where there is nothing to draw. Shares are drawn on a scale to 100 %, others to the longest."""
    sized = [(label, values, [_size(value) for value in values]) for label, values in lines]
    sized = [line for line in sized if sum(line[2]) > 0]
    if not sized:
        return None
    shares = any(isinstance(value, Share) for _, values, _ in sized for value in values)
    most = 1.0 if shares else max(sum(sizes) for _, _, sizes in sized)
    kept = sorted(sorted(range(len(sized)), key=lambda at: -sum(sized[at][2]))[:MOST])
    scale = (WIDE - LABEL - 120) / most
    return Bars(
        series=tuple(series),
        bars=tuple(_bar(place, *sized[at], series=series, scale=scale) for place, at in enumerate(kept)),
        left_out=len(sized) - len(kept),
        high=len(kept) * (HIGH + GAP),
    )


def _bar(
    place: int, label: str, values: Sequence[Value], sizes: Sequence[float], *, series: Sequence[str], scale: float
) -> Bar:
    parts, x = [], float(LABEL)
    for at, (value, size) in enumerate(zip(values, sizes, strict=True)):
        if size > 0:
            wide = round(size * scale, 1)
            parts.append(Part(x=round(x, 1), wide=wide, series=at, text=f"{label} · {series[at]}: {cell(value).text}"))
            x += wide
    said = " / ".join(cell(value).text for value, size in zip(values, sizes, strict=True) if size > 0)
    return Bar(
        y=place * (HIGH + GAP),
        label=_short(label),
        parts=tuple(parts),
        end=round(x + 6, 1),
        said=said if len(said) <= LONGEST_SAID else "",
    )


def _label(cells: Sequence[Value]) -> str:
    return " · ".join(one for one in cells if isinstance(one, str) and one)


def _short(label: str) -> str:
    if _wide(label) <= LONGEST_LABEL:
        return label
    while _wide(label) >= LONGEST_LABEL:
        label = label[:-1]
    return f"{label}…"


def _wide(label: str) -> int:
    return sum(2 if char > "\u2e7f" else 1 for char in label)


def _size(value: Value) -> float:
    if isinstance(value, Share):
        return value.value or 0.0
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, int | float) else 0.0
