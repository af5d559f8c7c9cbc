"""The page of shifts: who is to be here when, by the week."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

REFUSALS: Mapping[str, str] = {
    "shift_agent": N_("Choose an agent of the roster."),
    "shift_day": N_("Choose at least one day of the week."),
    "shift_time": N_("Write a beginning and an end, such as 09:00 and 18:00."),
    "shift_overlaps": N_("The agent has a shift at that time already. Nothing was set."),
}
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def shifts_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_shifts", __name__, url_prefix="/admin/shifts")
    keep = site.rules.shifts

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/add")
    @allow("supervisor", "admin")
    def add() -> ResponseReturnValue:
        form = request.form
        try:
            keep.add(
                form.get("agent", ""),
                form.getlist("days"),
                form.get("start", ""),
                form.get("until", ""),
                who=signed_in(site).login,
            )
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect("/admin/shifts", 303)

    @blueprint.post("/remove")
    @allow("supervisor", "admin")
    def remove() -> ResponseReturnValue:
        keep.remove(request.form.get("id", ""), who=signed_in(site).login)
        return redirect("/admin/shifts", 303)

    return blueprint


def _page(site: Site, *, refused: str = "") -> str:
    keep, form = site.rules.shifts, request.form if refused else {}
    shifts = keep.by_agent()
    return render_template(
        "admin_shifts.html",
        rows=[(agent, shifts.get(agent.id, ())) for agent in keep.staff.all() if not agent.disabled],
        any=any(shifts.values()),
        days=[gettext(day) for day in DAYS],
        zone=site.zone,
        form=form,
        chosen=request.form.getlist("days") if refused else ["0", "1", "2", "3", "4"],
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
