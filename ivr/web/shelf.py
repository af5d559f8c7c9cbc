"""The pages of the further reports, all drawn alike: `/supervisor/reports/NAME`, and with `format` the file.

Everything chosen is in the address. A figure with calls behind it leads to the list of calls with the same filter and what its row and
column add to it. Who takes a file with them stands in the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.intervals import period
from ivr.core.metrics import Share
from ivr.web.bars import of_book
from ivr.web.doors import Site
from ivr.web.drawings import drawn
from ivr.web.i18n import gettext, page_language
from ivr.web.known_topics import topics_for
from ivr.web.report_cells import Cell, cell
from ivr.web.report_frame import CSV, download
from ivr.web.report_words import result_words
from ivr.web.security import allow, signed_in
from ivr.workflows.report_book import Asked, Book, Field, Row, Table, book_json, chosen, for_people, sheets
from ivr.workflows.report_output import DASH, Value, to_csv
from ivr.workflows.report_pdf import PDF, to_pdf
from ivr.workflows.report_xlsx import XLSX, to_xlsx
from ivr.workflows.reports import Placing, ReportQuery

OWN = ("from", "to", "topic", "zone", "by", "format", "table")
"""Words of the address that every report understands; the others are options of one."""
CALLS = "/supervisor/calls"
DAYS: Mapping[str, int] = {"agents": 1, "access": 7, "menu-flow": 7, "attempts": 7, "promises": 7, "repeats": 7}
"""How many days a report shows when nothing is said, today the last."""
USUAL_DAYS = 14
TOPICLESS = frozenset({"access", "menu-flow", "quality"})
"""Reports in which a topic means nothing."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was chosen, as it stands in the fields."""

    start: str
    end: str
    zone: str
    topics: tuple[str, ...]
    by: str
    options: Mapping[str, str] = field(default_factory=dict)


def shelf_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("shelf", __name__, url_prefix="/supervisor/reports")
    for name in site.shelf.reports:
        blueprint.add_url_rule(f"/{name}", name.replace("-", "_"), _view(site, name))
    return blueprint


def _view(site: Site, name: str) -> Callable[[], ResponseReturnValue]:
    @allow("supervisor", "admin")
    def view() -> ResponseReturnValue:
        return _page(site, name)

    return view


def _page(site: Site, name: str) -> ResponseReturnValue:
    form = form_of(site, name, request.args)
    topics = topics_for(site, form.topics)
    more = {"name": name, "form": form, "topics": topics, "topicless": name in TOPICLESS}
    try:
        book = site.shelf.reports[name](asked_for(site, form))
    except (ValueError, RequestError) as err:
        refused = gettext(str(err)) if isinstance(err, RequestError) else str(err)
        return render_template("report_book.html", refused=refused, **more), 422
    kind = request.args.get("format", "html")
    if kind in ("csv", "xlsx", "pdf", "json"):
        return _file(site, book, kind)
    tables = [for_people(table) for table in book.tables]
    return render_template(
        "report_book.html",
        refused="",
        book=book,
        tables=[(table, [shown(book, table, row) for row in (*table.totals, *table.rows)]) for table in tables],
        meanings=meanings(book),
        drawing=drawn(book.drawing) or of_book(book),
        here=here,
        **more,
    )


def meanings(book: Book) -> list[tuple[str, list[Field]]]:
    """What the columns mean, by table; what was said before is not said again."""
    said: set[tuple[str, str]] = set()
    found = []
    for table in book.tables:
        new = [one for one in table.fields if one.meaning and (one.heading, one.meaning) not in said]
        said |= {(one.heading, one.meaning) for one in new}
        found.append((table.title, new))
    return [(title, fields) for title, fields in found if fields]


def here(**changes: str) -> str:
    """This address with other words in it."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), **changes})}"


def form_of(site: Site, name: str, args: Mapping[str, Any]) -> Form:
    zone = args.get("zone") or site.zone
    clock = ZoneInfo(zone if zone in available_timezones() else site.zone)
    today = site.now().astimezone(clock).date()
    first, last = _usual(name, today)
    start = args.get("from") or str(first)
    listed = getattr(args, "getlist", lambda key: [args[key]] if args.get(key) else [])
    return Form(
        start=start,
        end=args.get("to") or (start if args.get("from") else str(last)),
        zone=zone,
        topics=tuple(topic for topic in listed("topic") if topic),
        by=args.get("by") or Placing.ARRIVAL.value,
        options={key: str(value) for key, value in args.items() if key not in OWN and value},
    )


def _usual(name: str, today: date) -> tuple[date, date]:
    """What a report shows when nothing is said. The yearly one: this year, and in January, when it is due, the last."""
    if name == "disclosure":
        year = today.year - (today.month == 1)
        return date(year, 1, 1), min(today, date(year, 12, 31))
    return today - timedelta(days=DAYS.get(name, USUAL_DAYS) - 1), today


def asked_for(site: Site, form: Form) -> Asked:
    """Raises ValueError with a sentence."""
    topics = topics_for(site, form.topics)
    if form.zone not in available_timezones():
        raise ValueError(gettext("There is no time zone “{zone}”. Write it like Asia/Shanghai.").format(zone=form.zone))
    for topic in form.topics:
        if topic not in topics:
            raise ValueError(gettext("There is no topic “{topic}”.").format(topic=topic))
    zone = ZoneInfo(form.zone)
    try:
        start, end = period(form.start, form.end, zone)
        by = Placing(form.by)
    except ValueError as err:
        raise ValueError(gettext("Choose two days such as 2026-10-25, the second not before the first.")) from err
    names = {**topics, **site.reasons(page_language())}
    return Asked(
        query=ReportQuery(start=start, end=end, zone=zone, topics=form.topics, by=by),
        words=gettext,
        language=page_language(),
        topics=lambda topic: names.get(topic, topic or DASH),
        results=result_words(site.result_names(page_language())),
        options=form.options,
    )


def _file(site: Site, book: Book, kind: str) -> Response:
    site.shelf.audit(
        at=site.now(),
        who=signed_in(site).login,
        what="report.export",
        object=book.name,
        detail={"format": kind, "from": request.args.get("from", ""), "to": request.args.get("to", "")},
    )
    if kind == "json":
        return Response(book_json(book), mimetype="application/json")
    days = book.asked.query
    span = "-".join(str(at.astimezone(days.zone).date()) for at in (days.start, days.end - timedelta(microseconds=1)))
    body: str | bytes = to_csv(chosen(book, request.args.get("table", "")), noted=True)
    media = CSV
    if kind == "xlsx":
        body, media = to_xlsx(*sheets(book)), XLSX
    elif kind == "pdf":
        body, media = to_pdf(book.title, book.notes, sheets(book, paper=True)), PDF
    return download(body, f"{book.name}-{span}.{kind}", media)


def shown(book: Book, table: Table, row: Row) -> list[Cell]:
    """A dash stands where the other values of its column stand."""
    words = [
        any(isinstance(one.cells[at], str) for one in (*table.totals, *table.rows)) for at in range(len(row.cells))
    ]
    drawn = [
        cell(value, link=_lead(row.leads.get(one.key, "")) or _calls(book, row, one) if _leads(value) else "")
        for one, value in zip(table.fields, row.cells, strict=True)
    ]
    return [replace(one, number=one.number and not text) for one, text in zip(drawn, words, strict=True)]


def _lead(address: str) -> str:
    """An address; one that begins with a question mark is this page with other choices."""
    return here(**dict(parse_qsl(address[1:], keep_blank_values=True))) if address.startswith("?") else address


def _leads(value: Value) -> bool:
    """Nothing stands behind nothing."""
    return bool(value.whole if isinstance(value, Share) else value)


def _calls(book: Book, row: Row, one: Field) -> str:
    more = row.behind.get(one.key, one.calls)
    if row.calls is None or more is None:
        return ""
    query = book.asked.query
    first, last = [at.astimezone(query.zone).isoformat(timespec="minutes") for at in (query.start, query.end)]
    words = {"from": first, "to": last, "zone": query.zone.key, **row.calls, **more}
    pairs = [(key, value) for key, value in words.items() if value]
    if "topic" not in words:
        pairs += [("topic", topic) for topic in query.topics]
    return f"{CALLS}?{urlencode(pairs)}"
