"""The page on which our records stand against the carrier's own list of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.carrier_match import TOLERANCE, Differs
from ivr.core.errors import RequestError
from ivr.core.intervals import period
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.my_day import asked_day
from ivr.web.report_frame import as_file, file_links
from ivr.web.report_told import told
from ivr.web.security import allow
from ivr.web.texts import N_
from ivr.workflows.report_carrier import differences_sheet, matches_sheet

SHOWN = timedelta(days=30)
"""Without a wish the last thirty days are shown."""
KINDS: Mapping[Differs, str] = {
    Differs.MISSING_HERE: N_("not recorded here"),
    Differs.MISSING_THERE: N_("unknown to the carrier"),
    Differs.BEGINNING: N_("began at another time"),
    Differs.END: N_("ended at another time"),
    Differs.OPEN_HERE: N_("over at the carrier, open here"),
    Differs.OPEN_THERE: N_("over here, going on at the carrier"),
}


def carrier_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("carrier", __name__, url_prefix="/supervisor/reports/carrier")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        zone = ZoneInfo(site.zone)
        today, refused = site.now().astimezone(zone).date(), ""
        try:
            last = asked_day(request.args.get("to", "")) or today
            first = asked_day(request.args.get("from", "")) or last - SHOWN
            day = asked_day(request.args.get("day", ""))
        except RequestError:
            first, last, day = today - SHOWN, today, None
            refused = gettext("Choose two days such as 2026-10-25, the second not before the first.")
        matches = site.carrier.matches(first.isoformat(), last.isoformat())
        chosen = site.carrier.matches(day.isoformat(), day.isoformat()) if day else ()
        sheet = differences_sheet(chosen, zone=zone) if day else matches_sheet(matches)
        of = (day.isoformat(), day.isoformat()) if day else (first.isoformat(), last.isoformat())
        notes = [told(*period(*of, zone), zone, site.now())]
        sheet = replace(sheet, title=gettext("Carrier match"), notes=(*notes, *sheet.notes))
        file = as_file(sheet, request.args.get("format", "html"), f"carrier-{day or last}")
        if file is not None:
            return file
        shown = render_template(
            "carrier.html",
            matches=matches,
            chosen=chosen,
            first=first.isoformat(),
            last=last.isoformat(),
            day=day.isoformat() if day else "",
            kinds={kind.value: gettext(words) for kind, words in KINDS.items()},
            clock=lambda at: f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "–",
            tolerance=round(TOLERANCE.total_seconds()),
            files=file_links(),
            notes=notes,
            refused=refused,
        )
        return shown, 422 if refused else 200

    return blueprint
