"""The API of calls out: whom the desk may call, and the call itself."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from ivr.core.ids import AgentId
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow, signed_in

WITH_BODY = frozenset({"api.call_out"})
"""Actions that take fields, which they name themselves."""


def add_call_out_routes(blueprint: Blueprint, site: Site, own_agent: Callable[[Site], AgentId]) -> None:
    @blueprint.get("/v1/desk/calls-out")
    @allow("agent", "admin")
    def calls_out() -> Response:
        return jsonify(jsonable(site.call_somebody.offered(own_agent(site), page_language())))

    @blueprint.post("/v1/desk/call-out")
    @allow("agent", "admin")
    def call_out() -> Response:
        """Call the number behind `ref`: a case's number, a call's id, or the name of a destination, as `why` says."""
        body = json_body(why=str, ref=str)
        agent = own_agent(site)
        site.call_somebody(agent, body.get("why", ""), body.get("ref", ""), who=signed_in(site).login)
        return jsonify(jsonable(site.desk.view(agent, page_language())))
