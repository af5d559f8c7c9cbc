"""The part of `/api/v1` for programs and people alike: queues, agents, callbacks, cases, reports, alerts.

A program's token must have the scope of the route; a person needs the role, and for changes the page's token. Lists come a
piece at a time: `limit` (1 to 200), and `next` of an answer goes into `after`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict

from ivr.core.alert_rules import IN_SECONDS
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.web.api_json import json_body, jsonable, storable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.report_frame import show
from ivr.web.reports import reports
from ivr.web.security import actor, allow

MOST = 200
REFUSED = 422
OVER = {
    "gone": "there is no such callback, or it is over",
    "on_the_line": "the customer is on the line right now",
}


def api_v1_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("api_v1", __name__, url_prefix="/api/v1")
    programs, alerts, known = site.rules.programs, site.rules.alerts, reports(site)

    @blueprint.get("/queues")
    @allow("supervisor", "admin", scope="queues:read")
    def queues() -> Response:
        view = site.board.view(page_language())
        return jsonify({"queues": jsonable(view.topics), "as_of": jsonable(view.as_of), "zone": view.zone})

    @blueprint.get("/agents")
    @allow("supervisor", "admin", scope="agents:read")
    def agents() -> Response:
        return jsonify({"agents": jsonable(programs.agents())})

    @blueprint.post("/agents/<agent>/presence")
    @allow("supervisor", scope="agents:write")
    def set_presence(agent: str) -> Response:
        body = json_body(presence=str, reason=str)
        wanted, reason = body.get("presence", ""), body.get("reason", "")
        outcome = site.room.agents.set_state(AgentId(agent), wanted, who=actor(site), reason=reason)
        if not outcome.done:
            raise RequestError("this agent is not signed in, or the page is lost", status=409, error_id="agent_away")
        return jsonify(jsonable(programs.agent(agent)))

    @blueprint.get("/callbacks")
    @allow("supervisor", scope="callbacks:read")
    def callbacks() -> Response:
        rows = programs.callbacks(after=_word("after"), limit=_limit() + 1, state=_word("state"), who=actor(site))
        return _piece("callbacks", rows)

    @blueprint.post("/callbacks/<callback>/close")
    @allow("supervisor", "admin", scope="callbacks:write")
    def close_callback(callback: str) -> ResponseReturnValue:
        body = json_body(reason=str)
        outcome = site.room.promises.close(callback, body.get("reason", ""), who=actor(site))
        if not outcome.done:
            raise RequestError(OVER[outcome.answer], status=409, error_id=f"callback_{outcome.answer}")
        return jsonify({"callback": callback, "state": "closed", "result": "cancelled"})

    @blueprint.get("/cases")
    @allow("supervisor", scope="cases:read")
    def cases() -> Response:
        rows = programs.cases(after=_word("after"), limit=_limit() + 1, status=_word("status"), who=actor(site))
        return _piece("cases", rows)

    @blueprint.get("/alerts")
    @allow("supervisor", "admin", scope="alerts:read")
    def all_alerts() -> Response:
        return _piece("alerts", alerts.log.page(after=_word("after"), limit=_limit() + 1))

    @blueprint.post("/alerts/<alert>/acknowledge")
    @allow("supervisor", "admin", scope="alerts:write")
    def acknowledge(alert: str) -> Response:
        body = json_body(note=str)
        alerts.acknowledge(alert, who=actor(site), note=body.get("note", ""))
        return jsonify({"alert": alert, "acknowledged_by": actor(site)})

    @blueprint.get("/alert-rules")
    @allow("supervisor", "admin", scope="alerts:read")
    def rules() -> Response:
        worth = alerts.log.worth()
        found = [
            {
                **jsonable(rule),
                "unit": "seconds" if rule.figure in IN_SECONDS else "points below the target" if rule.below else "",
                "worth": jsonable(worth.get(rule.id)),
            }
            for rule in alerts.rules()
        ]
        return jsonify({"rules": found})

    @blueprint.get("/reports")
    @allow("supervisor", "admin", scope="reports:read")
    def all_reports() -> Response:
        return jsonify({"reports": [{"name": name, "href": f"/api/v1/reports/{name}"} for name in known]})

    @blueprint.get("/reports/<name>")
    @allow("supervisor", "admin", scope="reports:read")
    def report(name: str) -> ResponseReturnValue:
        """The same figures as the page of that name, with the same filter."""
        if name not in known:
            raise RequestError("there is no such report", status=404, error_id="report_unknown")
        request.args = ImmutableMultiDict([*_pairs(), ("format", "json")])
        answer = show(site, name, known[name])
        if isinstance(answer, tuple):
            raise RequestError(
                "the filter cannot be read: from and to are days, zone a time zone, interval and topic as on the page",
                status=REFUSED,
                error_id="report_filter",
            )
        return answer

    return blueprint


def _pairs() -> Sequence[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name not in ("format", "page")]


def _limit() -> int:
    text = request.args.get("limit", "50")
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= MOST:
        raise RequestError(f"limit is a number from 1 to {MOST}", status=REFUSED, error_id="bad_limit")
    return int(text)


def _word(name: str) -> str:
    text = request.args.get(name, "")
    if len(text) > 160 or not storable(text):
        raise RequestError(f"{name} is no such value", status=REFUSED, error_id=f"bad_{name}")
    return text


def _piece(name: str, rows: Sequence[Any]) -> Response:
    """At most as many as were asked for, and where the next piece begins."""
    limit = _limit()
    more = rows[limit - 1].id if len(rows) > limit else None
    return jsonify({name: jsonable(rows[:limit]), "next": more})
