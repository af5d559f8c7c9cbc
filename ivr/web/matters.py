"""A case or a number that the agent opens on the desk without a call (`docs/embedding.md`)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from ivr.core.ids import AgentId
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow, signed_in

WITH_BODY = frozenset({"api.open_matter"})


def add_matter_routes(blueprint: Blueprint, site: Site, own_agent: Callable[[Site], AgentId]) -> None:
    @blueprint.post("/v1/desk/matter")
    @allow("agent", "admin")
    def open_matter() -> Response:
        """What is asked for stands in the body: a number in an address would stand in logs."""
        asked = json_body(number=str, case=str)
        found = site.open_matter(own_agent(site), page_language(), who=signed_in(site).login, **asked)
        return jsonify(jsonable(found))
