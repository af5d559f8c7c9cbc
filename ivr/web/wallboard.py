"""The supervisor's pages: the desk, the wallboard with its layout, and the thresholds. Figures come from the streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.room import LIMITS
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

PARTS = ("figures", "agents", "day")
FIELDS: Mapping[str, str] = {
    "waiting": N_("Callers waiting"),
    "longest_factor": N_("Longest wait, in times"),
    "level_points": N_("Points below the target"),
    "abandon_percent": N_("Abandoned, per cent"),
    "late_min": N_("Callback late, minutes"),
    "wrap_min": N_("Wrap-up, minutes"),
    "talk_min": N_("Call, minutes"),
}
REFUSALS: Mapping[str, str] = {
    "bad_limits": N_("Amber comes before red, and both are above 0."),
    "bad_target": N_("The target is 1 to 100 per cent."),
    "bad_limit": N_("Write a number."),
}


def wallboard_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("wallboard", __name__, url_prefix="/supervisor")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def board() -> ResponseReturnValue:
        return render_template("supervisor.html")

    @blueprint.get("/wall")
    @allow("supervisor", "admin")
    def wall() -> ResponseReturnValue:
        return render_template("wall.html", layout=layout_of(signed_in(site).choices), topics=_topics(site))

    @blueprint.post("/wall/layout")
    @allow("supervisor", "admin")
    def layout() -> ResponseReturnValue:
        """Kept with the account, so that it is there on every screen."""
        person, form = signed_in(site), request.form
        shown, parts = form.getlist("queue"), form.getlist("part")
        chosen = {
            "hidden": [topic for topic in _topics(site) if topic not in shown],
            "without": [part for part in PARTS if part not in parts],
            "chime": bool(form.get("chime")),
        }
        site.people.set_choices(person.id, {**person.choices, "wall": chosen})
        return redirect("/supervisor/wall", 303)

    @blueprint.get("/thresholds")
    @allow("supervisor", "admin")
    def thresholds() -> ResponseReturnValue:
        return _thresholds(site)

    @blueprint.post("/thresholds/<topic>")
    @allow("supervisor", "admin")
    def keep(topic: str) -> ResponseReturnValue:
        try:
            given = {name: (_number(f"{name}_amber"), _number(f"{name}_red")) for name in LIMITS}
            site.room.limits(topic, given, target=_number("target"), who=signed_in(site).login)
        except RequestError as err:
            return _thresholds(site, refused=err.error_id), err.status
        return redirect("/supervisor/thresholds?kept=1", 303)

    return blueprint


def layout_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    kept = choices.get("wall")
    found = kept if isinstance(kept, dict) else {}
    return {"hidden": found.get("hidden", []), "without": found.get("without", []), "chime": bool(found.get("chime"))}


def _topics(site: Site) -> dict[str, str]:
    return {topic: name[:1].upper() + name[1:] for topic, name in site.topics(page_language()).items()}


def _number(field: str) -> float:
    try:
        return float(request.form.get(field, ""))
    except ValueError:
        raise RequestError(f"{field} is no number", status=422, error_id="bad_limit") from None


def _thresholds(site: Site, *, refused: str = "") -> str:
    return render_template(
        "limits.html",
        topics=_topics(site),
        limits={topic: asdict(one) for topic, one in site.room.limits.every().items()},
        fields=[(name, gettext(label)) for name, label in FIELDS.items()],
        refused=gettext(REFUSALS[refused])
        if refused in REFUSALS
        else gettext(N_("That could not be kept."))
        if refused
        else "",
        kept="kept" in request.args,
    )
