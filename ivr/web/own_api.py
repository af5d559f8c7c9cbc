"""The API of what is an agent's own: follow-ups (the list, done, another day) and breaks that were set."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from ivr.core.ids import AgentId
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow

WITH_BODY = frozenset({"api.move_follow_up"})
"""Actions that take fields, which they name themselves."""


def add_own_routes(blueprint: Blueprint, site: Site, own_agent: Callable[[Site], AgentId]) -> None:
    def shown() -> Response:
        return jsonify(jsonable(site.own_follow_ups(own_agent(site), page_language())))

    @blueprint.get("/v1/follow-ups")
    @allow("agent", "admin")
    def follow_ups() -> ResponseReturnValue:
        return shown()

    @blueprint.post("/v1/follow-ups/<number>/done")
    @allow("agent", "admin")
    def follow_up_done(number: str) -> ResponseReturnValue:
        site.own_follow_ups.done(own_agent(site), number)
        return shown()

    @blueprint.post("/v1/follow-ups/<number>/move")
    @allow("agent", "admin")
    def move_follow_up(number: str) -> ResponseReturnValue:
        day = json_body(day=str).get("day", "")
        site.own_follow_ups.move(own_agent(site), number, day)
        return shown()

    @blueprint.get("/v1/breaks")
    @allow("agent", "admin")
    def breaks() -> ResponseReturnValue:
        return jsonify({"breaks": jsonable(site.breaks.own(own_agent(site)))})
