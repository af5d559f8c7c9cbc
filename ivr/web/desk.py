"""The agent's desk. The page is a shell; its state comes from the API and the stream."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ivr.web.api import own_agent
from ivr.web.doors import Site
from ivr.web.security import allow, signed_in
from ivr.workflows.agent_presence import BREAK_REASONS


def desk_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("desk", __name__)

    @blueprint.get("/agent")
    @allow("agent", "admin")
    def agent() -> ResponseReturnValue:
        own_agent(site)
        reasons = [reason for reason in BREAK_REASONS if reason]
        return render_template(
            "agent.html", reasons=reasons, choices=signed_in(site).choices, embed_origins=site.embed_origins
        )

    return blueprint
