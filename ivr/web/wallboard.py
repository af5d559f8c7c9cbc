"""The supervisor's board. The page is a shell; its figures come from the stream."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ivr.web.doors import Site
from ivr.web.security import allow


def wallboard_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("wallboard", __name__, url_prefix="/supervisor")

    @blueprint.get("")
    @allow("supervisor", "admin")
    def board() -> ResponseReturnValue:
        return render_template("supervisor.html")

    return blueprint
