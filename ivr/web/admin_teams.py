"""The page of teams: what they are called and who is in which."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

REFUSALS: Mapping[str, str] = {
    "agent_team": N_("A team has letters a–z, digits and . _ -"),
    "agent_name": N_("Give a name, at most 100 characters."),
    "agent_unknown": N_("There is no such agent."),
    "team_taken": N_("There is a team with this id already."),
    "team_unknown": N_("There is no such team."),
    "team_members": N_("Somebody is in this team: put them into another one first."),
}


def teams_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_teams", __name__, url_prefix="/admin/teams")
    keep = site.rules.teams

    def done(act: Callable[[], None], team: str) -> ResponseReturnValue:
        try:
            act()
        except RequestError as err:
            return _page(site, refused=err.error_id, opened=(request.view_args or {}).get("team", "")), err.status
        return redirect(f"/admin/teams#team-{team}", 303)

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/add")
    @allow("supervisor", "admin")
    def add() -> ResponseReturnValue:
        form, who = request.form, signed_in(site).login
        team = form.get("id", "").strip()
        return done(lambda: keep.add(team, form.get("name", ""), who=who), team)

    @blueprint.post("/<team>/rename")
    @allow("supervisor", "admin")
    def rename(team: str) -> ResponseReturnValue:
        name, who = request.form.get("name", ""), signed_in(site).login
        return done(lambda: keep.rename(team, name, who=who), team)

    @blueprint.post("/<team>/members")
    @allow("supervisor", "admin")
    def members(team: str) -> ResponseReturnValue:
        chosen, who = request.form.getlist("members"), signed_in(site).login
        return done(lambda: keep.set_members(team, chosen, who=who), team)

    @blueprint.post("/<team>/remove")
    @allow("supervisor", "admin")
    def remove(team: str) -> ResponseReturnValue:
        who = signed_in(site).login
        return done(lambda: keep.remove(team, who=who), "")

    return blueprint


def _page(site: Site, *, refused: str = "", opened: str = "") -> str:
    keep = site.rules.teams
    teams = keep.members()
    return render_template(
        "admin_teams.html",
        teams=teams,
        names={team.id: team.name for team, _ in teams},
        opened=opened,
        everybody=keep.staff.all(),
        form=request.form if refused else {},
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
