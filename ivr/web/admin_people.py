"""The pages of agents and accounts, and the page on which a person sets a password by a link."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.people import Role
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.limits import limit, network_of
from ivr.web.security import allow, allow_anyone, signed_in
from ivr.web.texts import N_, TEXTS

REFUSALS: Mapping[str, str] = {
    "agent_taken": N_("There is an agent with this id already."),
    "agent_id": N_("An id has letters a–z, digits and . _ - , at most 64."),
    "agent_unknown": N_("There is no such agent."),
    "agent_name": N_("Give a name, at most 100 characters."),
    "agent_team": N_("A team has letters a–z, digits and . _ -"),
    "agent_level": N_("Levels are 1 to 5; leave empty what the agent cannot do."),
    "agent_phone": N_("Write browser, a number with its country code, or a sip: address."),
    "agent_phone_admin": N_("Only administrators change the telephone that rings."),
    "account_login": N_("A sign-in name has 2 to 64 letters, digits and . _ - @"),
    "login_taken": N_("This sign-in name is taken."),
    "account_agent": N_("Choose which agent this person is."),
    "account_no_agent": N_("This account belongs to no agent, so it would have no desk: add an account for the agent."),
    "account_roles": N_("Choose at least one role."),
    "account_own": N_("Nobody changes their own account here: ask another administrator."),
    "account_no_admin": N_("Another administrator took your role away just now: nothing was changed."),
    "account_unknown": N_("There is no such account."),
    "account_invalid": N_("A password has 12 to 128 characters, and is not one that anybody would try first."),
    "link_over": N_("This link is over or was used. Ask for a new one."),
}
ROLE_WORDS: Mapping[Role, str] = {
    Role.AGENT: N_("Agent"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.ADMIN: N_("Administrator"),
}
TRIES = 60


def people_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_people", __name__)
    keep = site.rules.people
    tried = limit(site, "password_links", TRIES)

    @blueprint.get("/admin/agents")
    @allow("supervisor", "admin")
    def agents() -> ResponseReturnValue:
        return _agents(site)

    @blueprint.post("/admin/agents/save")
    @allow("supervisor", "admin")
    def save() -> ResponseReturnValue:
        form, person = request.form, signed_in(site)
        new = form.get("new") == "1"
        try:
            agent = keep.save_agent(form, new=new, who=person.login, may_ring=person.may(Role.ADMIN))
        except RequestError as err:
            return _agents(site, refused=err.error_id, opened="" if new else form.get("id", "")), err.status
        return redirect(f"/admin/agents?saved={agent.id}#agent-{agent.id}", 303)

    @blueprint.post("/admin/agents/<agent>/<what>")
    @allow("supervisor", "admin")
    def switch(agent: str, what: str) -> ResponseReturnValue:
        if what not in ("disable", "enable"):
            return _agents(site, refused="agent_unknown"), 404
        try:
            keep.disable_agent(agent, off=what == "disable", who=signed_in(site).login)
        except RequestError as err:
            return _agents(site, refused=err.error_id), err.status
        return redirect(f"/admin/agents#agent-{agent}", 303)

    @blueprint.get("/admin/accounts")
    @allow("admin")
    def accounts() -> ResponseReturnValue:
        return _accounts(site)

    @blueprint.post("/admin/accounts/add")
    @allow("admin")
    def add() -> ResponseReturnValue:
        form, who = request.form, signed_in(site).login
        try:
            token = keep.add_account(form.get("login", ""), form.getlist("roles"), form.get("agent", ""), who=who)
        except RequestError as err:
            return _accounts(site, refused=err.error_id), err.status
        return _accounts(site, fresh=(form.get("login", "").strip().casefold(), token))

    @blueprint.post("/admin/accounts/<account>/<what>")
    @allow("admin")
    def change(account: str, what: str) -> ResponseReturnValue:
        person = signed_in(site)
        try:
            match what:
                case "roles":
                    keep.set_roles(account, request.form.getlist("roles"), who=person)
                case "disable" | "enable":
                    keep.disable_account(account, off=what == "disable", who=person)
                case "reset":
                    token = keep.reset(account, who=person)
                    login = next((one.login for one in keep.accounts() if one.id == account), "")
                    return _accounts(site, fresh=(login, token))
                case _:
                    return _accounts(site, refused="account_unknown"), 404
        except RequestError as err:
            return _accounts(site, refused=err.error_id), err.status
        return redirect("/admin/accounts", 303)

    @blueprint.get("/password/<token>")
    @allow_anyone
    def link(token: str) -> ResponseReturnValue:
        good = tried.admits(network_of(request.remote_addr)) and keep.link_is_good(token)
        return _password(token, "" if good else "link_over"), 200 if good else 404

    @blueprint.post("/password/<token>")
    @allow_anyone
    def use(token: str) -> ResponseReturnValue:
        if not tried.admits(network_of(request.remote_addr)):
            return _password(token, "link_over"), 429
        try:
            keep.use_link(token, request.form.get("password", ""))
        except RequestError as err:
            return _password(token, err.error_id), err.status
        return redirect("/login", 303)

    return blueprint


def _password(token: str, refused: str) -> str:
    return render_template(
        "password.html",
        token=token,
        over=refused == "link_over",
        refused=gettext(REFUSALS[refused]) if refused else "",
    )


def _agents(site: Site, *, refused: str = "", opened: str | None = None) -> str:
    keep, here = site.rules.people, {agent.id: agent for agent in site.rules.people.presences.all()}
    topics = site.topics(page_language())
    return render_template(
        "admin_agents.html",
        agents=keep.staff.all(),
        here=here,
        state=lambda presence: gettext(TEXTS[f"presence_{presence.value}"]),
        skill_names={skill: topics.get(skill, skill.replace("_", " ")) for skill in keep.skills()},
        languages=keep.languages(),
        teams=keep.teams(),
        logins={one.agent: one.login for one in keep.accounts() if one.agent},
        mask=keep.mask,
        admin=signed_in(site).may(Role.ADMIN),
        opened=opened,
        saved=request.args.get("saved", ""),
        form=request.form,
        refused=gettext(REFUSALS[refused]) if refused else "",
    )


def _accounts(site: Site, *, refused: str = "", fresh: tuple[str, str] | None = None) -> str:
    keep = site.rules.people
    return render_template(
        "admin_accounts.html",
        accounts=keep.accounts(),
        agents=[agent for agent in keep.staff.all() if not agent.disabled],
        roles={role: gettext(words) for role, words in ROLE_WORDS.items()},
        own=signed_in(site).id,
        fresh=(fresh[0], f"{site.public_url}/password/{fresh[1]}") if fresh else None,
        form=request.form if refused else {},
        chosen=request.form.getlist("roles") if refused else [],
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
