"""`POST /api/v1/tickets`: the app announces a call, so that its customer skips the menu."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.security import for_programs, program
from ivr.workflows.app_ticket import Wanted

SCOPE = "tickets:write"


def tickets_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("tickets", __name__, url_prefix="/api/v1")

    @blueprint.post("/tickets")
    @for_programs(SCOPE)
    def make() -> ResponseReturnValue:
        body = json_body(
            number=str,
            topic=str,
            node=str,
            language=str,
            verified=bool,
            case_number=str,
            expires_in_s=int,
            hotline=str,
        )
        if "number" not in body:
            raise RequestError("the number is missing", status=422, error_id="ticket_number")
        made, is_new = site.tickets(Wanted(**body), by=program().name, key=request.headers.get("Idempotency-Key", ""))
        answer: Response = jsonify(jsonable(made))
        answer.status_code = 201 if is_new else 200
        return answer

    return blueprint
