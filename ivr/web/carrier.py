"""The page on which our records stand against the carrier's own list of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.carrier_match import TOLERANCE, Differs
from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.my_day import asked_day
from ivr.web.security import allow
from ivr.web.texts import N_
from ivr.workflows.report_carrier import differences_sheet, matches_sheet
from ivr.workflows.report_output import Sheet, to_csv, to_json
from ivr.workflows.report_xlsx import XLSX, to_xlsx

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
        kind = request.args.get("format", "html")
        if kind in FORMATS:
            sheet = differences_sheet(chosen, zone=zone) if day else matches_sheet(matches)
            body, mimetype = FORMATS[kind]
            return Response(body(sheet), content_type=mimetype, headers=_named(kind, day or last))
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
            files=[
                (word, f"{request.path}?{urlencode({**request.args.to_dict(), 'format': kind})}")
                for kind, word in (("xlsx", "Excel"), ("csv", "CSV"))
            ],
            refused=refused,
        )
        return shown, 422 if refused else 200

    return blueprint


FORMATS: Mapping[str, tuple[Callable[[Sheet], str | bytes], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, XLSX),
    "json": (to_json, "application/json"),
}


def _named(kind: str, day: object) -> Mapping[str, str]:
    return {} if kind == "json" else {"Content-Disposition": f'attachment; filename="carrier-{day}.{kind}"'}
