"""The pages of the two reports. The same address with `format=xlsx`, `format=csv` or `format=json` is the export.

Everything chosen is in the address, so that a report can be shared and kept as a bookmark. Figures come from the report's
sheet as they are; the page only writes them down: a dash where there is no value, the fraction where there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.intervals import Step, period
from ivr.core.metrics import Share
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.report_words import covered, heading, hour_words, promise_words, result_words, shown_step
from ivr.web.security import allow
from ivr.workflows.report_hours import hours_sheet
from ivr.workflows.report_output import DASH, Sheet, Value, callbacks_sheet, to_csv, to_json, waits_sheet
from ivr.workflows.report_promises import promises_sheet
from ivr.workflows.report_results import results_sheet
from ivr.workflows.report_topics import topics_sheet
from ivr.workflows.report_xlsx import XLSX, to_xlsx
from ivr.workflows.reports import CallbacksReport, Judged, Placing, ReportQuery, WaitsReport

STEPS = tuple(Step)
FILES = (("xlsx", "Excel"), ("csv", "CSV"))
"""Formats that the page offers as files, with their names in every language."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    text: str
    number: bool = False
    small: bool = False
    """Few calls: the fraction stands beside the rate."""
    note: str = ""


def reports_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("reports", __name__, url_prefix="/supervisor/reports")

    @blueprint.get("/waits")
    @allow("supervisor", "admin")
    def waits() -> ResponseReturnValue:
        def draw(query: ReportQuery, names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report: WaitsReport = site.waits(query)
            return waits_sheet(report, names=names), [bool(row.counts.offered) for row in report.rows]

        return _page(site, "waits", draw)

    @blueprint.get("/callbacks")
    @allow("supervisor", "admin")
    def callbacks() -> ResponseReturnValue:
        def draw(query: ReportQuery, names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report: CallbacksReport = site.callbacks(query)
            return callbacks_sheet(report, names=names), [bool(row.figures.requested) for row in report.rows]

        return _page(site, "callbacks", draw)

    @blueprint.get("/topics")
    @allow("supervisor", "admin")
    def topics() -> ResponseReturnValue:
        said = request.args.get("said", "")
        listed: list[Judged] = []

        def draw(query: ReportQuery, names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report = site.topics_report(query, said=said)
            listed.extend(report.calls)
            return topics_sheet(report, names=names), [True for _ in report.pairs]

        return _page(site, "topics", draw, said=said, calls=listed)

    @blueprint.get("/results")
    @allow("supervisor", "admin")
    def results() -> ResponseReturnValue:
        def draw(query: ReportQuery, names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report = site.results(query)
            words = result_words(site.result_names(page_language()))
            return results_sheet(report, names=names, words=words), [True for _ in report.lines]

        return _page(site, "results", draw)

    @blueprint.get("/hours")
    @allow("supervisor", "admin")
    def hours() -> ResponseReturnValue:
        def draw(query: ReportQuery, _names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report = site.hours(query)
            return hours_sheet(report, words=hour_words), [True for _ in report.rows]

        return _page(site, "hours", draw)

    @blueprint.get("/promises")
    @allow("supervisor", "admin")
    def promises() -> ResponseReturnValue:
        def draw(query: ReportQuery, names: Callable[[str], str]) -> tuple[Sheet, Sequence[bool]]:
            report = site.promises(query)
            sheet = promises_sheet(report, names=names, words=promise_words)
            return sheet, [True for _ in report.rows]

        return _page(site, "promises", draw)

    return blueprint


Draw = Callable[[ReportQuery, Callable[[str], str]], tuple[Sheet, Sequence[bool]]]
"""From a query to the sheet, and which of its rows hold anything."""


def _page(site: Site, name: str, draw: Draw, **more: object) -> ResponseReturnValue:
    topics = site.topics(page_language())
    words = {**topics, **site.reasons(page_language())}
    form = _form(site)
    results = result_words(site.result_names(page_language()))
    more = {"words": words, "result_words": results, "local": lambda at: _local(at, form), **more}
    try:
        query = _query(form, topics)
        sheet, filled = draw(query, lambda topic: words.get(topic, topic))
    except (ValueError, RequestError) as err:
        refused = gettext(str(err)) if isinstance(err, RequestError) else str(err)
        page = render_template(
            "report.html", name=name, form=form, steps=_steps(), topics=topics, refused=refused, **more
        )
        return page, 422
    kind = request.args.get("format", "html")
    if kind == "csv":
        return _download(to_csv(sheet), f"{name}-{form['from']}-{form['to']}.csv", "text/csv; charset=utf-8")
    if kind == "xlsx":
        return _download(to_xlsx(sheet), f"{name}-{form['from']}-{form['to']}.xlsx", XLSX)
    if kind == "json":
        return Response(to_json(sheet), mimetype="application/json")
    rows = [row for row, full in zip(sheet.rows, filled, strict=True) if full or form["empty"]]
    return render_template(
        "report.html",
        name=name,
        form=form,
        steps=_steps(),
        topics=topics,
        headings=[heading(column.key, column.heading) for column in sheet.columns],
        rows=[[_cell(value) for value in row] for row in rows],
        totals=[[_cell(value) for value in row] for row in sheet.totals],
        covers=covered(query, site.now()),
        files=[
            (word, f"{request.path}?{urlencode({**request.args.to_dict(), 'format': kind})}") for kind, word in FILES
        ],
        refused="",
        **more,
    )


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


def _local(at: datetime, form: Mapping[str, str]) -> str:
    return f"{at.astimezone(ZoneInfo(form['zone'])):%Y-%m-%d %H:%M:%S}"


def _query(form: Mapping[str, str], topics: Mapping[str, str]) -> ReportQuery:
    """Raises ValueError with a sentence."""
    if form["zone"] not in available_timezones():
        raise ValueError(gettext("There is no time zone “{zone}”. Write it like Asia/Shanghai.").format_map(form))
    if form["topic"] and form["topic"] not in topics:
        raise ValueError(gettext("There is no topic “{topic}”.").format_map(form))
    if form["interval"] not in set(Step):
        raise ValueError(gettext("There is no interval “{interval}”.").format_map(form))
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


def _steps() -> list[tuple[str, str]]:
    return [(step.value, shown_step(step)) for step in STEPS]


def _cell(value: Value) -> Cell:
    if isinstance(value, str):
        return Cell(text=value)
    if value is None or (isinstance(value, Share) and value.value is None):
        return Cell(text=DASH, number=True)
    if isinstance(value, Share):
        fraction = f"{value.part} / {value.whole}"
        return Cell(text=f"{100 * value.part / value.whole:.0f} %", number=True, small=value.small, note=fraction)
    if isinstance(value, timedelta):
        return Cell(text=_seconds(value), number=True)
    return Cell(text=str(value), number=True)


def _seconds(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, rest = divmod(minutes, 60)
    if hours:
        return f"{hours}:{rest:02d}:{seconds:02d}"
    return f"{minutes}:{seconds:02d}" if minutes else f"{seconds} s"


def _download(body: str | bytes, name: str, mimetype: str) -> Response:
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in name)
    response = Response(body, content_type=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response
