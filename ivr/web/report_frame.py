"""What all report pages share: the filter in the address, the table in pages, the files beside it.

A report is a name, a title and a way to draw itself (`Report`); the frame reads the filter, asks for the sheet and writes
it down as page, CSV, XLSX or JSON at the same address. A page holds at most 200 rows, files hold all. A rate leads to its
formula card and a count to its calls, for just the row it stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.facts import Outcome
from ivr.core.figures import COUNTS, FIGURES
from ivr.core.intervals import Step, period
from ivr.core.metrics import Share
from ivr.web.bars import of_sheet
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.known_topics import topics_for
from ivr.web.report_cells import Cell, cell
from ivr.web.report_told import filter_notes, noted
from ivr.web.report_words import covered, heading, result_words, shown_step
from ivr.workflows.report_output import Sheet, Value, to_csv, to_json
from ivr.workflows.report_pdf import PDF, to_pdf
from ivr.workflows.report_xlsx import XLSX, to_xlsx
from ivr.workflows.reports import Placing, ReportQuery

ROWS = 200
"""On one page."""
MOST_PAGES = 10_000
FILES = (("xlsx", "Excel"), ("csv", "CSV"), ("pdf", "PDF"), ("json", "JSON"))
"""Formats that the page offers as files, with their names in every language."""
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a report is drawn from."""

    query: ReportQuery
    names: Callable[[str], str]
    """A topic as people call it."""
    form: Mapping[str, str]
    portion: range | None
    """The rows that the page shows, of those that hold anything (or of all, with `empty` in the form). None: all, for
    a file."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What one row is about: its calls are those of this time and topic."""

    start: datetime
    end: datetime
    topic: str | None
    """None: all."""
    leads: Mapping[str, str] = field(default_factory=dict)
    """Addresses behind single cells, by the key of their column."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A report, drawn."""

    sheet: Sheet
    filled: Sequence[bool] | None = None
    """Which of the rows hold anything; the others are shown on demand. None: all of them."""
    pages: int | None = None
    """How many there are, when the sheet holds only the portion that was asked for."""
    stretches: Sequence[Stretch | None] = ()
    """Of the rows and then of the totals, where their figures lead to calls; None: a row that is not of one stretch."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What its own template needs beside the table."""


@dataclass(frozen=True, kw_only=True)
class Report:
    title: str
    """To be translated."""
    draw: Callable[[Terms], Drawn]
    steps: bool = False
    """Cut into intervals that can be chosen."""
    empties: bool = False
    """Intervals without calls can be shown."""
    placings: bool = False
    """Callers can be placed by arrival or by event."""
    nothing: str = ""
    """What the table says when it is empty; to be translated."""
    template: str = "report.html"


def show(site: Site, name: str, report: Report) -> ResponseReturnValue:
    """The report that the address asks for, in the format that it asks for."""
    topics = topics_for(site, request.args.getlist("topic"))
    words = {**topics, **site.reasons(page_language())}
    form = _form(site)
    kind = request.args.get("format", "html")
    page = request.args.get("page", "1")
    if not page.isdecimal() or not 1 <= int(page) <= MOST_PAGES:
        abort(404)
    shared = {
        "name": name,
        "report": report,
        "form": form,
        "keepable": name in site.shelf.keep.reports,
        "steps": [(step.value, shown_step(step)) for step in Step],
        "topics": topics,
        "words": words,
        "result_words": result_words(site.result_names(page_language())),
        "local": lambda at: f"{at.astimezone(ZoneInfo(form['zone'])):%Y-%m-%d %H:%M:%S}",
    }

    def names(topic: str) -> str:
        return words.get(topic, topic)

    portion = range((int(page) - 1) * ROWS, int(page) * ROWS) if kind == "html" else None
    try:
        query = _query(form, topics)
        if not report.placings:  # nothing is placed by event where nobody can choose it
            query = replace(query, by=Placing.ARRIVAL)
        drawn = report.draw(Terms(query=query, names=names, form=form, portion=portion))
    except (ValueError, RequestError) as err:
        refused = gettext(str(err)) if isinstance(err, RequestError) else str(err)
        return render_template(report.template, refused=refused, **shared), 422
    notes = filter_notes(query, site.now(), names=names, placings=report.placings, steps=report.steps)
    sheet = drawn.sheet
    if kind != "html":
        if kind == "pdf" and drawn.filled is not None and not form["empty"]:
            sheet = replace(sheet, rows=tuple(row for row, full in zip(sheet.rows, drawn.filled, strict=True) if full))
        sheet = noted(sheet, gettext(report.title), notes, spoken=kind == "pdf")
    file = as_file(sheet, kind, f"{name}-{form['from']}-{form['to']}")
    if file is not None:
        return file
    rows, pages = _portion(drawn, portion or range(ROWS), empties=bool(form["empty"]))
    headings = _headings(sheet)
    return render_template(
        report.template,
        headings=headings,
        drawing=of_sheet(name, sheet, [one["text"] for one in headings]),
        rows=[_cells(sheet, sheet.rows[at], _stretch(drawn, at), query) for at in rows],
        totals=[
            _cells(sheet, row, _stretch(drawn, len(sheet.rows) + at), query) for at, row in enumerate(sheet.totals)
        ],
        pages=_pages(int(page), pages),
        covers=covered(query, site.now()) if report.steps else notes[0],
        notes=notes,
        files=file_links(),
        refused="",
        **shared,
        **drawn.more,
    )


def _headings(sheet: Sheet) -> list[dict[str, Any]]:
    """A column of figures stands to the right, its heading too."""
    return [
        {**heading(column.key, column.heading), "number": figures}
        for column, figures in zip(sheet.columns, _of_figures(sheet), strict=True)
    ]


def _of_figures(sheet: Sheet) -> list[bool]:
    """Which columns hold no words; an empty sheet says nothing of its own."""
    rows = (*sheet.totals, *sheet.rows)
    return [bool(rows) and not any(isinstance(row[at], str) for row in rows) for at in range(len(sheet.columns))]


def _portion(drawn: Drawn, portion: range, *, empties: bool) -> tuple[Sequence[int], int]:
    """Which rows of the sheet the page shows, and how many pages there are."""
    filled = drawn.filled if drawn.filled is not None and not empties else [True for _ in drawn.sheet.rows]
    shown = [at for at, full in enumerate(filled) if full]
    if drawn.pages is not None:
        return shown, drawn.pages
    return shown[portion.start : portion.stop], max(1, -(-len(shown) // ROWS))


def _stretch(drawn: Drawn, at: int) -> Stretch | None:
    return drawn.stretches[at] if drawn.stretches else None


def _pages(page: int, of: int) -> dict[str, Any]:
    """Which page this is, and the addresses of its neighbours; the filter stays."""

    def to(number: int) -> str:
        return f"{request.path}?{urlencode(_args(page=str(number)))}" if 1 <= number <= of else ""

    return {"many": of > 1 or page > 1, "page": page, "of": of, "before": to(page - 1), "after": to(page + 1)}


def _args(**changes: str) -> list[tuple[str, str]]:
    """The filter as it came, with these changes."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in (*changes, "page", "format")]
    return [*kept, *changes.items()]


def _form(site: Site) -> dict[str, str]:
    zone = request.args.get("zone") or site.zone
    known = zone in available_timezones()
    today = site.now().astimezone(ZoneInfo(zone if known else site.zone)).date().isoformat()
    return {
        "from": request.args.get("from") or today,
        "to": request.args.get("to") or request.args.get("from") or today,
        "interval": request.args.get("interval") or Step.HOUR.value,
        "topic": request.args.get("topic", ""),
        "zone": zone,
        "by": request.args.get("by") or Placing.ARRIVAL.value,
        "empty": request.args.get("empty", ""),
    }


def _query(form: Mapping[str, str], topics: Mapping[str, str]) -> ReportQuery:
    """Raises ValueError with a sentence."""
    if form["zone"] not in available_timezones():
        raise ValueError(gettext("There is no time zone “{zone}”. Write it like Asia/Shanghai.").format_map(form))
    if form["topic"] and form["topic"] not in topics:
        raise ValueError(gettext("There is no topic “{topic}”.").format_map(form))
    if form["interval"] not in set(Step):
        raise ValueError(gettext("There is no interval “{interval}”.").format_map(form))
    if form["by"] not in set(Placing):
        raise ValueError(gettext("Calls are placed by “arrival” or by “event”, not by “{by}”.").format_map(form))
    zone = ZoneInfo(form["zone"])
    try:
        start, end = period(form["from"], form["to"], zone)
    except ValueError as err:
        raise ValueError(gettext("Choose two days such as 2026-10-25, the second not before the first.")) from err
    return ReportQuery(
        start=start,
        end=end,
        zone=zone,
        step=Step(form["interval"]),
        topics=(form["topic"],) if form["topic"] else (),
        by=Placing(form["by"]),
    )


# ---- cells -----------------------------------------------------------------------------------------------------


def _cells(sheet: Sheet, row: Sequence[Value], stretch: Stretch | None, query: ReportQuery) -> list[Cell]:
    """A dash stands where the other values of its column stand."""
    drawn = [
        cell(value, link=_link(column.key, value, stretch, query))
        for column, value in zip(sheet.columns, row, strict=True)
    ]
    return [replace(one, number=figures) for one, figures in zip(drawn, _of_figures(sheet), strict=True)]


def _link(key: str, value: Value, stretch: Stretch | None, query: ReportQuery) -> str:
    if stretch is None or not value:
        return ""
    if key in stretch.leads:
        return stretch.leads[key]
    if key in FIGURES and isinstance(value, Share) and value.value is not None:
        return f"/supervisor/reports/formula?{urlencode(filter_of(stretch, query, figure=key))}"
    if key not in COUNTS or not isinstance(value, int):
        return ""
    joined = replace(query, by=Placing.ARRIVAL) if key == "offered" else query
    return calls_of(stretch, joined, figure=key, side="part")


def calls_of(stretch: Stretch, query: ReportQuery, **which: str) -> str:
    """The address of the calls of this time and topic."""
    return f"/supervisor/calls?{urlencode(filter_of(stretch, query, **which))}"


def talks_of(query: ReportQuery, topic: str | None, **which: str) -> str:
    """The address of the answered stays that were entered in the report's time, those of our own calls among them."""
    stretch = Stretch(start=query.start, end=query.end, topic=topic)
    return calls_of(stretch, replace(query, by=Placing.ARRIVAL), outcome=Outcome.ANSWERED.value, made="1", **which)


def promises_of(stretch: Stretch, query: ReportQuery, state: str) -> str:
    """The address of the callbacks that were asked for in this time, on this topic, and came to this."""
    words = filter_of(stretch, replace(query, by=Placing.ARRIVAL), state=state)
    return f"/supervisor/reports/attempts?{urlencode(words)}#promises"


def filter_of(stretch: Stretch, query: ReportQuery, **which: str) -> dict[str, str]:
    """One row as a filter; times with their offset, for the clock may show an hour twice."""
    topic = stretch.topic or (query.topics[0] if len(query.topics) == 1 else "")
    return {
        "from": stretch.start.astimezone(query.zone).isoformat(timespec="minutes"),
        "to": stretch.end.astimezone(query.zone).isoformat(timespec="minutes"),
        "zone": query.zone.key,
        **({"by": query.by.value} if query.by is not Placing.ARRIVAL else {}),
        **({"topic": topic} if topic else {}),
        **which,
    }


def as_file(sheet: Sheet, kind: str, name: str) -> Response | None:
    """The sheet in the format of this name, as an answer; None: it is to be a page. `name`: of the file, without its ending."""
    if kind == "csv":
        return download(to_csv(sheet, noted=True), f"{name}.csv", CSV)
    if kind == "pdf":
        return download(to_pdf(sheet.title, sheet.notes, [sheet]), f"{name}.pdf", PDF)
    if kind == "xlsx":
        return download(to_xlsx(sheet), f"{name}.xlsx", XLSX)
    return Response(to_json(sheet), mimetype="application/json") if kind == "json" else None


def file_links() -> list[tuple[str, str]]:
    """What stands on the page for each file, and the address of this page as that file."""
    return [(word, f"{request.path}?{urlencode(_args(format=kind))}") for kind, word in FILES]


def download(body: str | bytes, name: str, mimetype: str) -> Response:
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in name)
    response = Response(body, content_type=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response
