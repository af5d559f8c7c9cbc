"""Sign-in, sign-out, and the two choices every page offers: language and theme.

Sign-in goes by people's store (Argon2id, throttled, sessions kept in SQL under a hash of the token). The page says the
same whether the name, the password or the account was the trouble.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from math import ceil

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.people import Account, Role
from ivr.web.doors import Site
from ivr.web.i18n import LOCALES, THEMES, gettext
from ivr.web.security import (
    allow_anyone,
    current_person,
    drop_cookie,
    safe_next,
    session_token,
    set_cookie,
)

CHOICE_KEPT_S = round(timedelta(days=365).total_seconds())


def home_of(person: Account) -> str:
    """The page a person works on."""
    return "/agent" if person.may(Role.AGENT) and not person.may(Role.SUPERVISOR, Role.ADMIN) else "/supervisor"


def auth_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("auth", __name__)

    @blueprint.get("/login")
    @allow_anyone
    def login() -> ResponseReturnValue:
        person = current_person(site)
        if person is not None:
            return redirect(_onward(person, request.args.get("next", "")), 303)
        return render_template("login.html", next=request.args.get("next", ""), name="", refused="")

    @blueprint.post("/login")
    @allow_anyone
    def sign_in() -> ResponseReturnValue:
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        onward = request.form.get("next", "")
        now = site.now()
        answer = site.people.check_password(name, password, at=now, address=request.remote_addr or "")
        if not isinstance(answer, Account):
            return _turned_away(answer.until - now if answer else timedelta(), name=name, onward=onward)
        site.people.close_session(session_token(site))  # a new session takes the place of the old one
        response = redirect(_onward(answer, onward), 303)
        set_cookie(response, site, "ivr", site.people.open_session(answer, at=now))
        drop_cookie(response, site, "ivr-visitor")
        return response

    _leaving(blueprint, site)
    _preferences(blueprint, site)
    return blueprint


def _leaving(blueprint: Blueprint, site: Site) -> None:
    @blueprint.post("/logout")
    @allow_anyone
    def sign_out() -> ResponseReturnValue:
        person = current_person(site)
        if person is not None:
            if person.desk is not None:
                site.desk.sign_out(person.desk)
            site.people.close_session(session_token(site))
        response = redirect("/login", 303)
        drop_cookie(response, site)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _preferences(blueprint: Blueprint, site: Site) -> None:
    @blueprint.post("/preferences")
    @allow_anyone
    def preferences() -> ResponseReturnValue:
        """Language and theme; works as a plain form. `next` is where the page was."""
        language = _one_of(LOCALES, request.form.get("language", ""))
        theme = _one_of(THEMES, request.form.get("theme", ""))
        response = make_response(redirect(safe_next(request.form.get("next", "/")), 303))
        person = current_person(site)
        if language:
            set_cookie(response, site, "ivr-language", language, max_age=CHOICE_KEPT_S)
        if theme:
            set_cookie(response, site, "ivr-theme", theme, max_age=CHOICE_KEPT_S)
        if person is not None:
            site.people.set_preferences(
                person.id,
                language=language or person.language,
                theme=theme or person.theme,
            )
        return response


def _one_of(known: Collection[str], value: str) -> str:
    """The value, or nothing when it is not among the known ones."""
    return value if value in known else ""


def _onward(person: Account, target: str) -> str:
    onward = safe_next(target)
    return home_of(person) if onward == "/" else onward


def _turned_away(delay: timedelta, *, name: str, onward: str) -> ResponseReturnValue:
    wait_s = ceil(delay.total_seconds())
    if wait_s > 0:
        said = gettext("Too many tries. Please wait %(seconds)s seconds.") % {"seconds": wait_s}
    else:
        said = gettext("Name and password do not match.")
    page = make_response(render_template("login.html", next=onward, name=name, refused=said))
    page.status_code = 429 if wait_s > 0 else 401
    if wait_s > 0:
        page.headers["Retry-After"] = str(wait_s)
    return page
