"""The page of the cases to look after: what is due, search by number, change of standing. For agents and supervisors:
whoever runs the service reads neither notes nor whom a case is about (`RELIABILITY.md` 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.cases import CaseStatus
from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

STANDINGS: Mapping[str, str] = {
    "open": N_("being worked on"),
    "pending": N_("follow-up"),
    "solved": N_("solved"),
    "closed": N_("closed"),
}
DUE: Mapping[str, str] = {"late": N_("late"), "today": N_("today"), "later": N_("later"), "": ""}
UNKNOWN = N_("There is no case under that number.")
REFUSALS: Mapping[str, str] = {
    "bad_day": N_("The follow-up must lie within a year from today."),
    "unknown_status": N_("There is no such standing."),
    "unknown_case": UNKNOWN,
}


def cases_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("cases", __name__, url_prefix="/supervisor/cases")

    @blueprint.get("")
    @allow("agent", "supervisor")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/change")
    @allow("agent", "supervisor")
    def change() -> ResponseReturnValue:
        form, number = request.form, request.form.get("number", "")
        try:
            site.cases.change(number, status=form.get("status", ""), day=form.get("day", ""), who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=gettext(REFUSALS[err.error_id])), err.status
        return redirect("/supervisor/cases", 303)

    return blueprint


def _page(site: Site, *, refused: str = "") -> str:
    number = request.args.get("number", "").strip()
    found = site.cases.find(number) if number else None
    if number and found is None:
        refused = gettext(UNKNOWN)
    zone = ZoneInfo(site.zone)

    def local(at: datetime) -> str:
        return site_time(at.astimezone(zone))

    return render_template(
        "cases.html",
        cases=[found] if found else site.cases.due(),
        number=number,
        found=found,
        names=site.topics(page_language()),
        standings={status: gettext(STANDINGS[status]) for status in CaseStatus},
        due_words={key: gettext(words) if words else "" for key, words in DUE.items()},
        time=local,
        refused=refused,
    )
