"""The supervisor's pages: the desk, the wallboard with its layout, and the thresholds. Figures come from the streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.room import LIMITS
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

PARTS = ("figures", "agents", "day")
CARDS: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "longest": N_("Longest wait"),
    "share": N_("Service level 60 min"),
    "abandoned": N_("Abandoned 15 min"),
    "level_15": N_("Service level 15 min"),
    "level_day": N_("Service level today"),
    "free": N_("Agents free"),
    "talking": N_("On a call"),
    "asa": N_("ASA today"),
    "arrived": N_("Callers, last hour"),
    "answered": N_("Answered today"),
    "late": N_("Callbacks late"),
    "unheard": N_("Unheard messages"),
}
"""Figures that a wallboard may show, in this order."""
USUAL_CARDS = ("waiting", "longest", "share", "abandoned")
LONGEST_TEAM = 64
MOST_CARDS = 6
"""More are not grasped at once (`DOMAIN.md` 4.1)."""
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
        kept = signed_in(site).choices.get("board_team")
        if kept and "team" not in request.args:
            return redirect(f"/supervisor?{urlencode([*request.args.items(multi=True), ('team', kept)])}")
        teams = site.room.room.figures.teams()
        return render_template("supervisor.html", teams=teams, team=request.args.get("team", ""))

    @blueprint.post("/team")
    @allow("supervisor", "admin")
    def team() -> ResponseReturnValue:
        """Whose agents the board shows: kept with the account, and in the address that is gone on with."""
        person, chosen = signed_in(site), request.form.get("team", "")[:LONGEST_TEAM]
        site.people.set_choices(person.id, {**person.choices, "board_team": chosen})
        return redirect(f"/supervisor?{urlencode({'team': chosen})}#agents-card", 303)

    @blueprint.get("/wall")
    @allow("supervisor", "admin")
    def wall() -> ResponseReturnValue:
        cards = {name: gettext(label) for name, label in CARDS.items()}
        layout = layout_of(signed_in(site).choices)
        return render_template("wall.html", layout=layout, topics=_topics(site), cards=cards, most=MOST_CARDS)

    @blueprint.post("/wall/layout")
    @allow("supervisor", "admin")
    def layout() -> ResponseReturnValue:
        """Kept with the account, so that it is there on every screen."""
        person, form = signed_in(site), request.form
        shown, parts = form.getlist("queue"), form.getlist("part")
        chosen = {
            "hidden": [topic for topic in _topics(site) if topic not in shown],
            "without": [part for part in PARTS if part not in parts],
            "cards": [card for card in CARDS if card in form.getlist("card")][:MOST_CARDS],
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
    cards = [card for card in CARDS if card in found.get("cards", ())]
    return {
        "hidden": found.get("hidden", []),
        "without": found.get("without", []),
        "cards": cards[:MOST_CARDS] or list(USUAL_CARDS),
        "chime": bool(found.get("chime")),
    }


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
