"""The page on which supervisors set breaks beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.my_day import asked_day
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_, TEXTS
from ivr.workflows.agent_presence import BREAK_REASONS

USUAL_MINUTES = 15
REFUSALS: Mapping[str, str] = {
    "break_agent": N_("Choose an agent of the roster."),
    "break_reason": N_("There is no such reason."),
    "break_length": N_("A break lasts from 5 minutes to 4 hours."),
    "break_past": N_("The break must lie ahead, within a year."),
    "break_overlaps": N_("The agent has another break at that time."),
    "break_time": N_("Name a day and a time."),
}


def breaks_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("breaks", __name__, url_prefix="/supervisor/breaks")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/set")
    @allow("supervisor", "admin")
    def set_break() -> ResponseReturnValue:
        form, minutes = request.form, request.form.get("minutes", "").strip()
        try:
            site.breaks.add(
                **{name: form.get(name, "") for name in ("agent", "day", "start", "reason")},
                minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0,
                who=signed_in(site).login,
            )
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect(f"/supervisor/breaks?day={form.get('day', '')}", 303)

    @blueprint.post("/<entry>/remove")
    @allow("supervisor", "admin")
    def remove(entry: str) -> ResponseReturnValue:
        site.breaks.remove(entry, who=signed_in(site).login)
        day = asked_day(request.form.get("day", ""))
        return redirect(f"/supervisor/breaks{f'?day={day.isoformat()}' if day else ''}", 303)

    return blueprint


def reason_words() -> Mapping[str, str]:
    return {reason: gettext(TEXTS[f"reason_{reason}"]) if reason else "" for reason in BREAK_REASONS}


def _page(site: Site, *, refused: str = "") -> str:
    zone = ZoneInfo(site.zone)
    today = site.now().astimezone(zone).date()
    try:
        day = asked_day(request.values.get("day", "")) or today
    except RequestError:
        day, refused = today, refused or "break_time"
    return render_template(
        "breaks.html",
        breaks=site.breaks.of_day(day),
        names=site.breaks.roster.names(),
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        clock=lambda at: f"{at.astimezone(zone):%H:%M}",
        reasons=reason_words(),
        minutes=USUAL_MINUTES,
        form=request.form,
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
