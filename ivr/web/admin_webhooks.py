"""The page of webhooks: where events go, which, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.outgoing import EventKind
from ivr.web.doors import Site
from ivr.web.i18n import gettext, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

REFUSALS: Mapping[str, str] = {
    "webhook_events": N_("Choose at least one event."),
    "webhook_url": N_("Write a whole address, such as https://crm.example.org/hooks."),
    "webhook_https": N_("The address must begin with https://, or stand in IVR_WEBHOOK_HOSTS."),
    "webhook_most": N_("There are 20 endpoints already. Remove one first."),
    "webhook_unknown": N_("There is no such endpoint any more."),
    "message_unknown": N_("This message has left the log."),
}
EVENTS: Mapping[str, str] = {
    EventKind.CALL_ENDED: N_("A call ended"),
    EventKind.QUEUE_JOINED: N_("A caller joined a queue"),
    EventKind.QUEUE_LEFT: N_("A caller left a queue"),
    EventKind.CALL_ANSWERED: N_("An agent answered"),
    EventKind.CALLBACK_CLOSED: N_("A callback was closed"),
    EventKind.CASE_OPENED: N_("A case was opened"),
    EventKind.MESSAGE_LEFT: N_("A message was left"),
    EventKind.SURVEY_ANSWERED: N_("A caller gave a rating"),
    EventKind.ALERT_RAISED: N_("An alert was raised and told"),
    EventKind.ALERT_CLEARED: N_("A told alert is over"),
}


def webhooks_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_webhooks", __name__, url_prefix="/admin/webhooks")
    room = site.rules.hooks

    @blueprint.get("")
    @allow("admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/add")
    @allow("admin")
    def add() -> ResponseReturnValue:
        form = request.form
        try:
            one, secret = room.add(form.get("url", ""), form.getlist("events"), who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return _page(site, fresh=(one.url, secret))

    @blueprint.post("/<endpoint>/<what>")
    @allow("admin")
    def act(endpoint: str, what: str) -> ResponseReturnValue:
        who = signed_in(site).login
        try:
            match what:
                case "remove":
                    room.remove(endpoint, who=who)
                case "on" | "off":
                    room.switch(endpoint, on=what == "on", who=who)
                case "secret":
                    one, secret = room.renew(endpoint, who=who)
                    return _page(site, fresh=(one.url, secret))
                case "test":
                    room.test(endpoint)
                case "again":
                    room.again(request.form.get("message", ""), who=who)
                case _:
                    return _page(site, refused="webhook_unknown"), 404
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect("/admin/webhooks", 303)

    return blueprint


def _page(site: Site, *, refused: str = "", fresh: tuple[str, str] | None = None) -> str:
    zone, room = ZoneInfo(site.zone), site.rules.hooks
    endpoints = room.hooks.all()
    return render_template(
        "admin_webhooks.html",
        endpoints=endpoints,
        log=[row for row in room.sent.newest(limit=100) if row.way.value == "webhook"],
        urls={one.id: one.url for one in endpoints},
        events={kind: gettext(words) for kind, words in EVENTS.items()},
        fresh=fresh,
        now=site.now(),
        time=lambda at: site_time(at.astimezone(zone)),
        form=request.form,
        chosen=request.form.getlist("events"),
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
