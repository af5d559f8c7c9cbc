"""The JSON API under `/api/v1`: what the pages call, and programs may too.

Requests and answers are JSON; every action answers with the agent's view as it now is, so that a page needs no second
question. Errors carry a sentence and a stable `error` word.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.notes import Notes
from ivr.web import call_out_api, desk_choices, matters, own_api, talk_api
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.openapi import document
from ivr.web.security import allow, allow_anyone, signed_in

WITH_BODY = (
    talk_api.WITH_BODY
    | call_out_api.WITH_BODY
    | desk_choices.WITH_BODY
    | matters.WITH_BODY
    | own_api.WITH_BODY
    | {"api.desk_open", "api.desk_break", "api.finish", "api.record", "api.keep_notes"}
)
"""Actions that take fields, which they name themselves."""
AT_ANY_CONSOLE = frozenset({"api.desk_open", "api.keep_choices", "api.open_matter"})
"""What pages may ask for that do not have the desk."""
RESULT = {
    **dict.fromkeys(("disposition", "disposition_reason", "notes", "topic", "follow_up", "standing"), str),
    "account_changed": bool,
}
"""What an agent says of a call: kept while it is typed, and at the end."""
CONSOLE = "X-Console"
"""Header with the name that a page of the desk gave itself."""
A_CONSOLE = re.compile(r"[A-Za-z0-9.-]{0,64}")


def own_agent(site: Site) -> AgentId:
    """The agent who asks; always from the session, never from the request."""
    agent = signed_in(site).desk
    if agent is None:
        raise RequestError("this account is on no roster", status=404, error_id="not_on_roster")
    return agent


def console() -> str:
    """The page that asks, by the name that it gave itself; empty: a program, or a page that is no desk."""
    name = request.headers.get(CONSOLE, "")
    if not A_CONSOLE.fullmatch(name):
        raise RequestError(f"{CONSOLE} is no name of a console", status=400, error_id="bad_console")
    return name


def api_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("api", __name__, url_prefix="/api")

    @blueprint.before_request
    def nothing_unexpected() -> None:
        """An action that takes no fields refuses them; nobody becomes somebody else by asking for it."""
        if request.method == "POST" and request.endpoint not in WITH_BODY:
            json_body()

    @blueprint.before_request
    def at_this_console() -> None:
        """One console of an agent acts; what is asked for at another one is refused. Opening it is how that changes."""
        if request.method == "POST" and request.endpoint not in AT_ANY_CONSOLE and console():
            site.desk.admit(own_agent(site), console())

    @blueprint.get("/openapi.json")
    @allow_anyone
    def openapi() -> Response:
        return jsonify(document())

    @blueprint.get("/v1/me")
    @allow("agent", "supervisor", "admin")
    def me() -> Response:
        person = signed_in(site)
        return jsonify({"id": person.id, "name": person.login, "roles": sorted(person.roles), "agent": person.agent})

    @blueprint.get("/v1/board")
    @allow("supervisor", "admin")
    def board() -> Response:
        return jsonify(jsonable(site.board.view(page_language())))

    _desk_routes(blueprint, site)
    _offer_routes(blueprint, site)
    desk_choices.add_choice_routes(blueprint, site, own_agent)
    matters.add_matter_routes(blueprint, site, own_agent)
    talk_api.add_talk_routes(blueprint, site, own_agent)
    call_out_api.add_call_out_routes(blueprint, site, own_agent)
    own_api.add_own_routes(blueprint, site, own_agent)
    return blueprint


def _desk_routes(blueprint: Blueprint, site: Site) -> None:
    desk = site.desk

    def view() -> Response:
        return jsonify(jsonable(desk.view(own_agent(site), page_language())))

    @blueprint.get("/v1/desk")
    @allow("agent", "admin")
    def desk_view() -> Response:
        return view()

    @blueprint.post("/v1/desk/open")
    @allow("agent", "admin")
    def desk_open() -> Response:
        take_over = json_body(take_over=bool).get("take_over", False)
        desk.open(own_agent(site), console(), take_over=take_over)
        return view()

    @blueprint.post("/v1/desk/close")
    @allow("agent", "admin")
    def desk_close() -> Response:
        desk.close(own_agent(site), console())
        return view()

    @blueprint.post("/v1/desk/heartbeat")
    @allow("agent", "admin")
    def desk_heartbeat() -> Response:
        desk.heard(own_agent(site), console())
        return view()

    @blueprint.post("/v1/desk/ready")
    @allow("agent", "admin")
    def desk_ready() -> Response:
        desk.ready(own_agent(site))
        return view()

    @blueprint.post("/v1/desk/break")
    @allow("agent", "admin")
    def desk_break() -> Response:
        desk.take_break(own_agent(site), json_body(reason=str).get("reason", ""))
        return view()

    @blueprint.post("/v1/desk/sign-out")
    @allow("agent", "admin")
    def desk_sign_out() -> Response:
        desk.sign_out(own_agent(site))
        return view()

    @blueprint.post("/v1/desk/more-time")
    @allow("agent", "admin")
    def desk_more_time() -> Response:
        desk.more_time(own_agent(site))
        return view()

    @blueprint.get("/v1/softphone")
    @allow("agent", "admin")
    def softphone() -> Response:
        return jsonify(jsonable(site.softphone(own_agent(site))))


def _offer_routes(blueprint: Blueprint, site: Site) -> None:
    desk = site.desk

    def view() -> ResponseReturnValue:
        return jsonify(jsonable(desk.view(own_agent(site), page_language())))

    @blueprint.post("/v1/offers/<offer>/accept")
    @allow("agent", "admin")
    def accept(offer: str) -> ResponseReturnValue:
        desk.accept(own_agent(site), OfferId(offer))
        return view()

    @blueprint.post("/v1/offers/<offer>/decline")
    @allow("agent", "admin")
    def decline(offer: str) -> ResponseReturnValue:
        desk.decline(own_agent(site), OfferId(offer))
        return view()

    @blueprint.post("/v1/offers/<offer>/end")
    @allow("agent", "admin")
    def end(offer: str) -> ResponseReturnValue:
        desk.end(own_agent(site), OfferId(offer))
        return view()

    @blueprint.post("/v1/offers/<offer>/record")
    @allow("agent", "admin")
    def record(offer: str) -> ResponseReturnValue:
        desk.record(own_agent(site), OfferId(offer), on=json_body(on=bool).get("on", True))
        return view()

    @blueprint.get("/v1/offers/<offer>/notes")
    @allow("agent", "admin")
    def notes(offer: str) -> ResponseReturnValue:
        """What was written so far: a page loaded anew goes on with it."""
        return jsonify(jsonable(desk.notes.so_far(own_agent(site), OfferId(offer))))

    @blueprint.post("/v1/offers/<offer>/notes")
    @allow("agent", "admin")
    def keep_notes(offer: str) -> ResponseReturnValue:
        fields = json_body(**RESULT)
        return jsonify(jsonable(desk.notes.keep(own_agent(site), OfferId(offer), Notes(**fields))))

    @blueprint.post("/v1/offers/<offer>/finish")
    @allow("agent", "admin")
    def finish(offer: str) -> ResponseReturnValue:
        body = json_body(**RESULT)
        desk.finish(own_agent(site), OfferId(offer), **{"disposition": "", **body})
        return view()
