"""The supervisor's page of the incident banner: what is on, switch it on, switch it off, what it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.menus import MenuTree
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_
from ivr.workflows.menu_labels import named

REFUSALS: Mapping[str, str] = {
    "banner_no_place": N_("The menu has no place for a banner."),
    "banner_network": N_("Name the network, in at most 40 characters."),
    "banner_minutes": N_("Give the delay in minutes, 1 to 1440."),
    "banner_language": N_("Own words are needed in every language of the hotline."),
    "banner_long": N_("Own words may have at most 300 characters in each language."),
    "banner_phrase": N_("The words blame the caller, promise nothing or ask for a secret:"),
    "banner_topic_unknown": N_("This topic has no place for a banner in the menu."),
    "banner_end": N_("The end must lie ahead, within 30 days."),
    "hotline_unknown": N_("There is no such hotline."),
}
WITH_REASON = frozenset({"banner_phrase"})


def incident_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("incident", __name__, url_prefix="/supervisor/incident")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/on")
    @allow("supervisor", "admin")
    def switch_on() -> ResponseReturnValue:
        try:
            tree = site.incident.tree(request.form.get("hotline", ""))
            site.incident.on(who=signed_in(site).login, hotline=tree.hotline, **_wanted(tree))
        except RequestError as err:
            reason = f" {err}" if err.error_id in WITH_REASON else ""
            return _page(site, refused=gettext(REFUSALS[err.error_id]) + reason), err.status
        return redirect(f"/supervisor/incident?hotline={tree.hotline}", 303)

    @blueprint.post("/off")
    @allow("supervisor", "admin")
    def switch_off() -> ResponseReturnValue:
        hotline = request.form.get("hotline", "")
        site.incident.off(who=signed_in(site).login, hotline=hotline)
        return redirect(f"/supervisor/incident?hotline={site.incident.tree(hotline).hotline}", 303)

    return blueprint


def _wanted(tree: MenuTree) -> dict[str, Any]:
    """What the form says. Raises RequestError."""
    form = request.form
    minutes, until = form.get("minutes", "").strip(), form.get("until", "")
    wanted: dict[str, Any] = {"topics": form.getlist("topic")}
    if form.get("kind") == "own":
        # With a blank in an empty place, so that a language without words is missed.
        wanted["words"] = {language: form.get(f"words-{language}", "") for language in tree.voices}
        if not any(text.strip() for text in wanted["words"].values()):
            raise RequestError("own words are needed", status=422, error_id="banner_language")
    else:
        number = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else None
        wanted |= {"network": form.get("network", ""), "minutes": number}
    if until:
        try:
            wanted["until"] = datetime.fromisoformat(until).replace(tzinfo=ZoneInfo(tree.zone))
        except ValueError:
            raise RequestError("the end is no time", status=422, error_id="banner_end") from None
    return wanted


def _page(site: Site, *, refused: str = "") -> str:
    tree = site.incident.tree(request.values.get("hotline", ""))
    zone = ZoneInfo(tree.zone)
    return render_template(
        "incident.html",
        tree=tree,
        trees=[(one.hotline, named(one.title, page_language())) for one in site.incident.trees()],
        voices=[(voice.language, voice.name) for voice in tree.voices.values()],
        topics=[
            (topic, named(tree.topic(topic).names, page_language())) for topic in site.incident.topics(tree.hotline)
        ],
        names={topic.id: named(topic.names, page_language()) for topic in tree.topics.values()},
        now=site.incident.show(tree.hotline),
        past=site.incident.past(tree.hotline),
        time=lambda at: site_time(at.astimezone(zone)),
        form=request.form,
        chosen=request.form.getlist("topic"),
        refused=refused,
    )
