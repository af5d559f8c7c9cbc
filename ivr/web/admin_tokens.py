"""The page of tokens: what programs carry instead of a password."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

REFUSALS: Mapping[str, str] = {
    "token_name": N_("A name has 2 to 40 letters a–z, digits and . _ -"),
    "token_scopes": N_("Choose what the program may do."),
    "token_supervisor": N_(
        "Calls, cases and callbacks, and what agents do, are for supervisors: somebody who is a supervisor too gives them to a program, or the command line."
    ),
    "token_days": N_("A token is good for 1 to 730 days."),
    "token_taken": N_("There is a token of this name already."),
    "token_most": N_("There are 100 tokens already. Take one back first."),
}
SCOPE_WORDS: Mapping[str, str] = {
    "agents:read": N_("see agents and what they do now"),
    "agents:write": N_("sign agents out and send them on a break"),
    "alerts:read": N_("see alerts"),
    "alerts:write": N_("take alerts"),
    "calls:read": N_("see calls, numbers masked"),
    "callbacks:read": N_("see callbacks"),
    "callbacks:write": N_("close callbacks"),
    "cases:read": N_("see cases"),
    "events:read": N_("follow events live"),
    "queues:read": N_("see the queues now"),
    "reports:read": N_("read reports"),
    "tickets:write": N_("announce calls of the app"),
}


def tokens_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_tokens", __name__, url_prefix="/admin/tokens")
    room = site.rules.tokens

    @blueprint.get("")
    @allow("admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/add")
    @allow("admin")
    def add() -> ResponseReturnValue:
        form, days = request.form, request.form.get("days", "")
        try:
            made = room.add(
                form.get("name", ""),
                form.getlist("scopes"),
                days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
                who=signed_in(site),
            )
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return _page(site, fresh=(form.get("name", "").strip(), made))

    @blueprint.post("/revoke")
    @allow("admin")
    def revoke() -> ResponseReturnValue:
        room.revoke(request.form.get("name", ""), who=signed_in(site).login)
        return redirect("/admin/tokens", 303)

    return blueprint


def _page(site: Site, *, refused: str = "", fresh: tuple[str, str] | None = None) -> str:
    zone = ZoneInfo(site.zone)
    return render_template(
        "admin_tokens.html",
        tokens=site.rules.tokens.all(),
        scopes={scope: gettext(words) for scope, words in SCOPE_WORDS.items()},
        may=site.rules.tokens.may_give(signed_in(site)),
        fresh=fresh,
        now=site.now(),
        time=lambda at: site_time(at.astimezone(zone)),
        form=request.form if refused else {},
        chosen=request.form.getlist("scopes") if refused else [],
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
