"""Home, the way to the demo telephone, error pages, and what every template may use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from ivr.core.errors import RequestError, Unavailable
from ivr.core.ids import AgentId
from ivr.core.people import Role
from ivr.web.auth import home_of
from ivr.web.doors import Site
from ivr.web.i18n import HTML_LANGUAGES, gettext, page_language, page_theme
from ivr.web.key_texts import key_texts
from ivr.web.room_texts import room_texts
from ivr.web.security import allow_anyone, csrf_token, current_person, wants_json
from ivr.web.sound_texts import sound_texts
from ivr.web.texts import page_texts

BAD_REQUEST, FORBIDDEN = 400, 403


def pages_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    @allow_anyone
    def home() -> ResponseReturnValue:
        person = current_person(site)
        if person is None:
            return redirect("/login", 303)
        if not person.may(Role.ADMIN):
            return redirect(home_of(person), 303)
        return render_template("home.html", has_phone=bool(site.simulator))

    @blueprint.get("/phone")
    @allow_anyone
    def phone() -> ResponseReturnValue:
        """The telephone in the browser lives with the simulator, on its own origin."""
        if not site.simulator:
            raise NotFound
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"{site.simulator}/phone" + (f"?{query}" if query else ""), 303)

    return blueprint


def add_template_words(app: Flask, site: Site) -> None:
    @app.context_processor
    def words() -> dict[str, Any]:
        person = current_person(site)
        return {
            "person": person,
            "person_name": display_name(site, person.login, person.agent) if person else "",
            "supervises": bool(person and person.may(Role.SUPERVISOR, Role.ADMIN)),
            "has_desk": bool(person and person.desk),
            "reads_calls": bool(person and person.may(Role.SUPERVISOR)),
            "csrf": csrf_token(site),
            "language": page_language(),
            "html_language": HTML_LANGUAGES[page_language()],
            "theme": page_theme(site),
            "page_texts": lambda: page_texts() | sound_texts() | key_texts() | room_texts(),
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
            "simulator": site.simulator,
        }


def display_name(site: Site, login: str, agent: AgentId | None) -> str:
    return site.desk.roster.names().get(agent, login) if agent else login


def add_error_pages(app: Flask) -> None:
    """Errors as pages for people and as JSON for programs: a sentence and a stable word."""

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> ResponseReturnValue:
        return _answer(error.status, error.error_id, str(error))

    @app.errorhandler(Unavailable)
    def away(_: Unavailable) -> ResponseReturnValue:
        answer = make_response(_answer(503, "unavailable", "a store of the service is away; try again in a moment"))
        answer.headers["Retry-After"] = "5"
        return answer

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < BAD_REQUEST:
            return error
        if request.path.startswith("/voice/"):
            bare = error.get_response()
            bare.set_data(b"")  # whoever knocks at the carrier's doors is shown nothing
            return bare
        answer = make_response(_answer(error.code, error.name.lower().replace(" ", "_"), error.description or ""))
        if isinstance(error, TooManyRequests) and error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer


def _answer(status: int, error_id: str, sentence: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify({"error": error_id, "message": sentence}), status
    try:
        return render_template("error.html", status=status, title=_title(status)), status
    except Unavailable:
        return f"<!doctype html><title>{status}</title><p>{_title(status)}</p>", status


def _title(status: int) -> str:
    titles = {
        401: gettext("Please sign in."),
        403: gettext("This page is not for your role."),
        404: gettext("There is nothing here."),
        429: gettext("That was too often. Please wait a while."),
        503: gettext("The service cannot reach one of its stores. Try again in a moment."),
    }
    if status == FORBIDDEN and request.method == "POST":  # the forms of pages are refused for an old token only
        return gettext("This page was open for too long. Go back, load it anew, and repeat what you did.")
    return titles.get(status, gettext("That did not work."))
