"""Reports as text: a table for the terminal, CSV for spreadsheets, JSON for programs.

A report becomes a sheet (headings and typed cells) and each format draws the sheet. Formula names and the time zone
stand in the headings, so a figure never travels without its definition. Where there is no value there is a dash in
the table, nothing in CSV, null in JSON. Text that a spreadsheet would take for a formula is disarmed (`RELIABILITY.md`
S-56); numbers are written as numbers.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ivr.core.metrics import Share
from ivr.workflows.report_callbacks import CallbacksReport, CallbacksRow
from ivr.workflows.reports import Placing, ReportQuery, WaitsReport, WaitsRow

DASH = "–"
BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""

EDITION = 1
"""Of the formulas: it changes when the meaning of a figure does."""
LABELS = 2
"""Interval and topic; the rest are figures."""

Value = str | int | float | Share | timedelta | None


@dataclass(frozen=True, kw_only=True)
class Column:
    key: str
    heading: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[tuple[Value, ...], ...]


Names = Callable[[str], str]
"""A topic as people call it."""


def waits_sheet(report: WaitsReport, *, names: Names = str) -> Sheet:
    v4, v8 = report.headline, report.strict
    columns = _columns(
        report.query,
        ("offered", "offered"),
        ("answered", "answered"),
        ("abandoned", "abandoned"),
        ("short_abandoned", "of them short"),
        ("flow_out", "flow-out"),
        ("dropped", "dropped by us"),
        ("waiting", "still waiting"),
        ("within_s", "T in s"),
        (f"service_level_{v4}", f"service level {v4} {v4.letters}"),
        (f"service_level_{v8}", f"service level {v8} {v8.letters}"),
        ("abandon_rate", "abandon rate (b)"),
        ("asa_s", "ASA s"),
        *((f"p{percent}_s", f"P{percent} s") for percent in (50, 80, 90, 95)),
        ("longest_s", "longest answered s"),
        ("longest_any_s", "longest of all s"),
        ("handle_time_s", "AHT s"),
    )
    return Sheet(
        title="Waits",
        notes=(
            *_notes(report.query, report.as_of),
            f"callers by {report.query.by}; percentiles by nearest rank, of the answered",
        ),
        columns=columns,
        rows=tuple(_waits_cells(row, names) for row in report.rows),
        totals=tuple(_waits_cells(row, names) for row in report.totals),
    )


def _waits_cells(row: WaitsRow, names: Names) -> tuple[Value, ...]:
    counts = row.counts
    return (
        row.interval.label if row.interval else "total",
        "all" if row.topic is None else names(row.topic),
        counts.offered,
        counts.answered,
        counts.abandoned,
        counts.short_abandoned,
        counts.flow_out,
        counts.dropped,
        counts.waiting if row.by is Placing.ARRIVAL else None,
        row.within,
        row.service_level,
        row.service_level_strict,
        row.abandon_rate,
        row.asa,
        *row.percentiles.values(),
        row.longest,
        row.longest_any,
        row.handle_time,
    )


def callbacks_sheet(report: CallbacksReport, *, names: Names = str, words: Names = str) -> Sheet:
    """`words` puts results of tries into the reader's language."""
    columns = _columns(
        report.query,
        ("requested", "requested (unique)"),
        ("pending", "pending"),
        ("completed", "completed"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("expired", "expired"),
        ("reached_by_phone", "reached by phone"),
        ("merged", "merged duplicates"),
        ("attempts", "attempts"),
        ("attempt_results", "attempt results"),
        ("first_attempt_success", "first-attempt success"),
        ("success_of_requested", "success of requested"),
        ("success_of_attempted", "success of attempted"),
        ("to_first_attempt_s", "request to first attempt s"),
        ("to_connected_s", "request to connected s"),
        ("lateness_s", "lateness s"),
        ("promise_kept", "promised window kept"),
        ("agent_idle_s", "agent time without caller s"),
    )
    return Sheet(
        title="Callbacks",
        notes=(*_notes(report.query, report.as_of), "attempts in the interval of the request"),
        columns=columns,
        rows=tuple(_callback_cells(row, names, words) for row in report.rows),
        totals=tuple(_callback_cells(row, names, words) for row in report.totals),
    )


def _callback_cells(row: CallbacksRow, names: Names, words: Names) -> tuple[Value, ...]:
    f, of = row.figures, row.figures.sums
    results = ", ".join(f"{words(name)} {count}" for name, count in sorted(of.attempts.items()))
    return (
        row.interval.label if row.interval else "total",
        "all" if row.topic is None else names(row.topic),
        f.requested,
        of.pending,
        of.completed,
        of.failed,
        of.cancelled,
        of.expired,
        of.reached_by_phone,
        of.merged,
        of.attempts.total(),
        results or None,
        f.first_attempt_success,
        f.success_of_requested,
        f.success_of_attempted,
        f.to_first_attempt,
        f.to_connected,
        f.lateness,
        f.promise_kept,
        f.agent_idle,
    )


def _columns(query: ReportQuery, *figures: tuple[str, str]) -> tuple[Column, ...]:
    first = (("interval", f"interval ({query.zone.key})"), ("topic", "topic"))
    return tuple(Column(key=key, heading=heading) for key, heading in (*first, *figures))


def _notes(query: ReportQuery, as_of: datetime) -> tuple[str, ...]:
    return (f"{span_of(query)}, {query.step}", asked_of(query), told_at(query, as_of))


def span_of(query: ReportQuery) -> str:
    """The time that a report covers, on its own clock."""
    start, end = query.start.astimezone(query.zone), query.end.astimezone(query.zone)
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} ({query.zone.key})"


def asked_of(query: ReportQuery) -> str:
    return f"hotline {query.hotline or 'all'}; topics {', '.join(query.topics) or 'all'}; formulas, edition {EDITION}"


def told_at(query: ReportQuery, as_of: datetime) -> str:
    return f"as of {as_of.astimezone(query.zone).isoformat(sep=' ', timespec='seconds')}"


# ---- formats ---------------------------------------------------------------------------------------------------


def to_csv(sheet: Sheet, *, noted: bool = False) -> str:
    """With byte order mark; times in seconds, shares from 0 to 1. Rows first, then totals; `noted`: then an empty line and what the
    figures are of, so that the first line stays that of the headings.
    """
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([disarm(column.heading) for column in sheet.columns])
    for row in (*sheet.rows, *sheet.totals):
        writer.writerow([_csv(value) for value in row])
    if noted and sheet.notes:
        writer.writerows([[], *([disarm(note)] for note in sheet.notes)])
    return out.getvalue()


def _csv(value: Value) -> str | int | float:
    if isinstance(value, str):
        return disarm(value)
    plain = _plain(value)
    return "" if plain is None else plain


def disarm(text: str) -> str:
    """`text` so that no spreadsheet takes it, or a piece of it behind a separator or quote, for a formula."""
    return re.sub(r"(^|[,;|\t\r\n\"'])(\s*)(?=[=+\-@＝＋－＠])", r"\1\2'", re.sub(r"^(?=[\t\r\n])", "'", text))


def to_json(sheet: Sheet) -> str:
    """Keys as in `columns`; a share as value, part and whole."""

    def entry(row: Sequence[Value]) -> dict[str, Any]:
        return {column.key: _json(value) for column, value in zip(sheet.columns, row, strict=True)}

    body = {
        "report": sheet.title.lower(),
        "notes": sheet.notes,
        "columns": {column.key: column.heading for column in sheet.columns},
        "rows": [entry(row) for row in sheet.rows],
        "totals": [entry(row) for row in sheet.totals],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _json(value: Value) -> Any:
    if isinstance(value, Share):
        return {"value": value.value, "part": value.part, "whole": value.whole}
    return _plain(value)


def _plain(value: Value) -> str | int | float | None:
    if isinstance(value, Share):
        return None if value.value is None else round(value.value, 4)
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds(), 3)
        return int(seconds) if seconds == int(seconds) else seconds
    return value


def to_table(sheet: Sheet) -> str:
    """For the terminal. A share of fewer than ten is shown as its fraction."""
    lines = [[column.heading for column in sheet.columns]]
    lines += [[shown_value(value) for value in row] for row in (*sheet.rows, *sheet.totals)]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(sheet.columns))]
    drawn = [
        "  ".join(_pad(cell, widths[at], left=at < LABELS) for at, cell in enumerate(line)).rstrip() for line in lines
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [drawn[0], rule, *drawn[1 : 1 + len(sheet.rows)], rule, *drawn[1 + len(sheet.rows) :]]
    return "\n".join([sheet.title, *sheet.notes, "", *body]) + "\n"


def shown_value(value: Value) -> str:
    if value is None or (isinstance(value, Share) and value.value is None):
        return DASH
    if isinstance(value, Share):
        return f"{value.part} of {value.whole}" if value.small else f"{value.value:.1%}"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.1f}".removesuffix(".0")
    return str(value)


def _width(text: str) -> int:
    """Cells on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _pad(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
