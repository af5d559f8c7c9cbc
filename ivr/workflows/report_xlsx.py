"""A report as an Excel workbook: the sheet of `report_output`, drawn in cells.

The first page is the table from its first cell on, so that it can be sorted, filtered and read by programs; what the
figures mean (period, time zone, time of the report) stands on the second. Numbers are numbers, shares are percentages,
text is text: a cell is never taken for a formula or a link, whatever it begins with. Nothing where there is no value.
"""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

from ivr.core.metrics import Share
from ivr.workflows.report_output import LABELS, Sheet, Value

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Its media type."""
PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LABEL_WIDTH = 26
FIGURE_WIDTH = 13


def to_xlsx(sheet: Sheet, *more: Sheet) -> bytes:
    """The file, a page for each sheet. Times in seconds; rows first, then totals in bold."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **PLAIN_TEXT}) as book:
        for one in (sheet, *more):
            _page(book, one)
        notes = book.add_worksheet("Notes")
        notes.set_column(0, 0, 100)
        noted = [note for one in (sheet, *more) for note in (one.title, *one.notes)]
        for line, note in enumerate(dict.fromkeys(noted)):
            notes.write_string(line, 0, note)
    return out.getvalue()


def _page(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(page_name(sheet.title))
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    for at, column in enumerate(sheet.columns):
        page.write_string(0, at, column.heading, head)
    for line, row in enumerate((*sheet.rows, *sheet.totals), start=1):
        look = {"bold": True} if line > len(sheet.rows) else {}
        plain, share = book.add_format(look), book.add_format({**look, "num_format": "0.0%"})
        for at, value in enumerate(row):
            form = share if isinstance(value, Share) else plain
            cell = _cell(value)
            if isinstance(cell, str):
                page.write_string(line, at, cell, form)
            elif cell is not None:
                page.write_number(line, at, cell, form)
    page.set_column(0, LABELS - 1, LABEL_WIDTH)
    page.set_column(LABELS, len(sheet.columns) - 1, FIGURE_WIDTH)
    page.freeze_panes(1, LABELS)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def page_name(title: str) -> str:
    """As Excel allows it: at most 31 characters, none of them with a meaning of its own."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("'")


def _cell(value: Value) -> str | float | None:
    if isinstance(value, Share):
        return value.value
    if isinstance(value, timedelta):
        return round(value.total_seconds(), 3)
    return value
