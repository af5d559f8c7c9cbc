"""The page of cost and capacity: what was used at the carrier, what it costs by the price list, how near the limits came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.intervals import period
from ivr.core.metrics import Share
from ivr.core.peaks import Room
from ivr.core.usage import Priced
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.my_day import asked_day
from ivr.web.report_frame import as_file, file_links
from ivr.web.report_told import told
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_
from ivr.workflows.report_cost import MOST_DAYS, CostReport, cost_sheet, fullest
from ivr.workflows.report_output import DASH, Value

SHOWN = timedelta(days=6)
"""Without a wish the last seven days."""
HEADINGS: Mapping[str, str] = {
    "day": N_("Day"),
    "topic": N_("Topic"),
    "calls": N_("Calls"),
    "caller_minutes": N_("Callers' lines, min"),
    "dialled_minutes": N_("Dialled lines, min"),
    "browser_minutes": N_("Browser lines, min"),
    "room_minutes": N_("Rooms, min"),
    "recorded_minutes": N_("Recorded, min"),
    "texts": N_("Text messages"),
    "requests": N_("Requests"),
    "cost": N_("Cost"),
}
EXPLAINED: Mapping[str, str] = {
    "caller_minutes": N_("lines on which people called us; every line counts the minutes it began"),
    "dialled_minutes": N_("answered lines that we dialled: customers, agents on telephones, houses"),
    "browser_minutes": N_("agents' lines in the browser"),
    "room_minutes": N_("everybody in the room of a talk"),
    "requests": N_("requests to the carrier's REST interface on behalf of these calls"),
    "cost": N_("units times prices; a dash while a price is missing of something that was used"),
}
PRICES: Mapping[Priced, str] = {
    Priced.CALLER_MINUTE: N_("Minute of a caller's line"),
    Priced.DIALLED_MINUTE: N_("Minute of a line that we dial"),
    Priced.BROWSER_MINUTE: N_("Minute of a browser line"),
    Priced.ROOM_MINUTE: N_("Minute of one person in a room"),
    Priced.RECORDED_MINUTE: N_("Minute of recording"),
    Priced.TEXT: N_("Text message"),
}
ROOMS: Mapping[Room, str] = {
    Room.ENOUGH: N_("enough"),
    Room.CLOSE: N_("close to the limit"),
    Room.BINDS: N_("the limit binds"),
}
REFUSALS: Mapping[str, str] = {
    "price_currency": N_("Name the currency by its three letters, such as USD."),
    "price_number": N_("A price is a number from 0 to 1000 with at most six decimals, such as 0.0085."),
    "too_many_days": N_("This report covers at most 92 days."),
    "bad_day": N_("Choose two days such as 2026-10-25, the second not before the first."),
}


def cost_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("cost", __name__, url_prefix="/supervisor/reports/cost")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/prices")
    @allow("supervisor", "admin")
    def prices() -> ResponseReturnValue:
        form = {kind: request.form.get(kind.value, "") for kind in Priced}
        try:
            site.carrier.cost.change(request.form.get("currency", ""), form, who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id)
        return redirect("/supervisor/reports/cost#prices", 303)

    return blueprint


def _page(site: Site, *, refused: str = "") -> ResponseReturnValue:
    zone = ZoneInfo(site.zone)
    today = site.now().astimezone(zone).date()
    try:
        last = asked_day(request.args.get("to", "")) or today
        first = asked_day(request.args.get("from", "")) or last - SHOWN
        report = site.carrier.cost(first, last, zone)
    except RequestError as err:
        refused = err.error_id
        first, last = today - SHOWN, today
        report = site.carrier.cost(first, last, zone)
    topics = site.topics(page_language())
    none = gettext("no queue joined")
    sheet = cost_sheet(report, names=lambda topic: topics.get(topic, topic), none=none)
    notes = [told(*period(first.isoformat(), last.isoformat(), zone), zone, report.as_of)]
    sheet = replace(sheet, title=gettext("Cost and capacity"), notes=(*notes, *sheet.notes[2:]))
    file = None if refused else as_file(sheet, request.args.get("format", "html"), f"cost-{first}-{last}")
    if file is not None:
        return file
    shown = render_template(
        "cost.html",
        first=first.isoformat(),
        last=last.isoformat(),
        most_days=MOST_DAYS,
        columns=[
            {
                "key": column.key,
                "text": gettext(HEADINGS[column.key]),
                "note": gettext(EXPLAINED[column.key]) if column.key in EXPLAINED else "",
            }
            for column in sheet.columns
        ],
        rows=[[_cell(value) for value in row] for row in sheet.rows],
        totals=[[_cell(value) for value in row] for row in sheet.totals],
        report=report,
        limits=_limits(report),
        rooms={room.value: gettext(words) for room, words in ROOMS.items()},
        prices={kind.value: (gettext(words), _typed(report, kind)) for kind, words in PRICES.items()},
        currency=request.form.get("currency", report.prices.currency),
        clock=lambda at: f"{at.astimezone(zone):%H:%M:%S}" if at else DASH,
        changed=f"{report.prices.changed_at.astimezone(zone):%Y-%m-%d %H:%M}" if report.prices.changed_at else "",
        files=file_links() if request.method == "GET" else [],
        notes=notes,
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
    return shown, 422 if refused else 200


def _typed(report: CostReport, kind: Priced) -> str:
    """What stands in the field: what was typed, else the price that is there."""
    price = report.prices.prices.get(kind)
    return request.form.get(kind.value, "" if price is None else f"{price:f}")


def _limits(report: CostReport) -> list[dict[str, object]]:
    """The highest peak of each limit that is known, those that bind or nearly do with a word of what to do."""
    found = [
        (
            gettext("New lines within 5 seconds"),
            fullest(report.days, lambda day: day.new_lines),
            "TWILIO_CALLS_PER_SECOND",
        ),
        (
            gettext("Lines that we had dialled at once"),
            fullest(report.days, lambda day: day.dialled),
            "TWILIO_OUTBOUND_LINES",
        ),
    ]
    return [{"what": what, "peak": peak, "setting": setting} for what, peak, setting in found if peak.limit]


def _cell(value: Value) -> str:
    if value is None:
        return DASH
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value) if not isinstance(value, Share) else DASH
