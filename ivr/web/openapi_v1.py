"""What `/api/openapi.json` says of the routes that programs and people share, of events sent out, and by example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ivr.core.outgoing import EventKind

TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}
TIME = {"type": "string", "format": "date-time"}
MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
COUNT = {"type": "integer", "minimum": 0}
MAYBE_COUNT = {"type": ["integer", "null"], "minimum": 0}
NUMBER = {"type": "number"}

AT = "2026-11-02T01:15:00.000Z"


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _query(name: str, words: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema or TEXT}


AFTER = _query("after", "`next` of the answer before", type="string", maxLength=160)
LIMIT = _query("limit", "How many at most", type="integer", minimum=1, maximum=200, default=50)
STATES = ["requested", "due", "reserving", "dialling", "confirmed", "connected", "closed"]

QUEUE = _object(
    id=TEXT, name=TEXT, waiting=COUNT, oldest_at=MAYBE_TIME, longest_s=MAYBE_COUNT, estimate_s=MAYBE_COUNT, free=COUNT,
    on_line=COUNT, signed_in=COUNT, offered=MAYBE_COUNT, answered=MAYBE_COUNT, abandoned=MAYBE_COUNT,
    callbacks_due=MAYBE_COUNT, callbacks_late=MAYBE_COUNT, late_since=MAYBE_TIME, service_level_s=COUNT,
)  # fmt: skip
AGENT = _object(
    id=TEXT, name=TEXT, team=TEXT, skills={"type": "object"}, languages={"type": "object"}, presence=TEXT,
    since=MAYBE_TIME, reason=TEXT, topic=TEXT,
)  # fmt: skip
CALLBACK = _object(
    id=TEXT, hotline=TEXT, topic=TEXT, call=MAYBE, number={"type": "string", "description": "Masked"}, state=TEXT,
    result=MAYBE, requested_at=TIME, due_at=MAYBE_TIME, expires_at=MAYBE_TIME, promised_from=MAYBE_TIME,
    promised_to=MAYBE_TIME, attempts=COUNT, closed_at=MAYBE_TIME,
)  # fmt: skip
CASE = _object(
    id=TEXT, hotline=TEXT, number=TEXT, caller={"type": "string", "description": "Masked"}, topic=TEXT, status=TEXT,
    language=TEXT, opened_at=TIME, due_at=MAYBE_TIME,
)  # fmt: skip
ALERT = _object(
    id=TEXT, rule=TEXT, figure=TEXT, level=TEXT, subject=TEXT, threshold=NUMBER, value=NUMBER, raised_at=TIME,
    cleared_at=MAYBE_TIME, told_at=MAYBE_TIME, acknowledged_at=MAYBE_TIME, acknowledged_by=TEXT, note=TEXT,
    useful={"type": ["boolean", "null"]}, judged_by=TEXT,
)  # fmt: skip
RULE = _object(
    id=TEXT,
    figure=TEXT,
    level=TEXT,
    threshold=NUMBER,
    lasts=NUMBER,
    clears=NUMBER,
    subject=TEXT,
    on={"type": "boolean"},
)

SCHEMAS: Mapping[str, dict[str, Any]] = {
    "Queues": _object(queues=_list(QUEUE), as_of=TIME, zone=TEXT),
    "Agents": _object(agents=_list(AGENT)),
    "Agent": AGENT,
    "Callbacks": _object(callbacks=_list(CALLBACK), next=MAYBE),
    "CallbackClosed": _object(callback=TEXT, state=TEXT, result=TEXT),
    "Cases": _object(cases=_list(CASE), next=MAYBE),
    "Alerts": _object(alerts=_list(ALERT), next=MAYBE),
    "AlertTaken": _object(alert=TEXT, acknowledged_by=TEXT),
    "AlertRules": _object(rules=_list(RULE)),
    "Reports": _object(reports=_list(_object(name=TEXT, href=TEXT))),
    "Report": {"type": "object", "description": "The sheet of the page with the same name and filter"},
}

QUEUE_NOW = {
    "id": "refunds", "name": "Refunds", "waiting": 3, "oldest_at": AT, "longest_s": 74, "estimate_s": 240, "free": 0,
    "on_line": 2, "signed_in": 3, "offered": 41, "answered": 36, "abandoned": 2, "callbacks_due": 1,
    "callbacks_late": 0, "late_since": None, "service_level_s": 20,
}  # fmt: skip
AGENT_NOW = {
    "id": "a1001", "name": "Agent 1001", "team": "day", "skills": {"refunds": 4}, "languages": {"zh": 5},
    "presence": "break", "since": AT, "reason": "lunch", "topic": "",
}  # fmt: skip
A_CALLBACK = {
    "id": "cb-5f2a", "hotline": "wallet", "topic": "transfers", "call": "CA0123", "number": "+86 *** 8000",
    "state": "requested", "result": None, "requested_at": AT, "due_at": AT, "expires_at": AT, "promised_from": None,
    "promised_to": None, "attempts": 0, "closed_at": None,
}  # fmt: skip
A_CASE = {
    "id": "case-9c1", "hotline": "wallet", "number": "12345674", "caller": "+86 *** 8000", "topic": "refunds",
    "status": "open", "language": "zh", "opened_at": AT, "due_at": None,
}  # fmt: skip
AN_ALERT = {
    "id": "4f0a", "rule": "waiting-red", "figure": "waiting", "level": "red", "subject": "refunds", "threshold": 6,
    "value": 7, "raised_at": AT, "cleared_at": None, "told_at": AT, "acknowledged_at": None, "acknowledged_by": "",
    "note": "", "useful": None, "judged_by": "",
}  # fmt: skip
A_RULE = {
    "id": "waiting-red", "figure": "waiting", "level": "red", "threshold": 6, "lasts": 60, "clears": 30, "subject": "",
    "on": True,
}  # fmt: skip
A_DESK: Mapping[str, Any] = {
    "agent": "a1001", "console": "", "presence": "available", "since": AT, "wanted": "available", "offer": None,
    "call": None, "wrap_up": None, "topics": [], "line": {}, "server_now": AT,
}  # fmt: skip

EXAMPLES: Mapping[str, Any] = {
    "Queues": {"queues": [QUEUE_NOW], "as_of": AT, "zone": "Asia/Shanghai"},
    "Agents": {"agents": [AGENT_NOW]},
    "Agent": AGENT_NOW,
    "Callbacks": {"callbacks": [A_CALLBACK], "next": "cb-5f2a"},
    "CallbackClosed": {"callback": "cb-5f2a", "state": "closed", "result": "cancelled"},
    "Cases": {"cases": [A_CASE], "next": None},
    "Alerts": {"alerts": [AN_ALERT], "next": None},
    "AlertTaken": {"alert": "4f0a", "acknowledged_by": "program:pager"},
    "AlertRules": {"rules": [A_RULE]},
    "Reports": {"reports": [{"name": "waits", "href": "/api/v1/reports/waits"}]},
    "Report": {"title": "Waiting times", "rows": []},
    "Me": {"id": "9f2c", "name": "lead", "roles": ["supervisor"], "agent": None},
    "Board": {
        "hotline": "Wallet", "incidents": [], "alerts": [], "topics": [QUEUE_NOW], "agents": [], "presences": {},
        "waiting": 3, "as_of": AT,
    },
    "Calls": {"calls": [], "count": 0, "more_than_counted": False, "next": None},
    "Call": {"call": "CA0123", "number": "+86 138****00", "live": False, "stays": [], "lanes": [], "items": []},
    "Room": {"board": {}, "waiting": [], "talks": [], "desks": [], "teams": [], "promises": [], "messages": []},
    "Outcome": {"done": True, "answer": "raised"},
    "Visit": {"done": True, "answer": "visiting", "line": "browser"},
    "Reasons": {"reasons": []},
    "Day": {"hotlines": []},
    "Number": {"number": "+8613800138000"},
    "Targets": {"desks": [], "people": []},
    "CallsOut": {"destinations": [], "latest": []},
    "Desk": A_DESK,
    "Choices": {"keys": {"mute": {"key": "m"}}},
    "Matter": {"number": "", "case": "", "asked_case": None, "open_cases": [], "earlier": []},
    "Notes": {
        "notes": "asked for the form", "disposition": "", "disposition_reason": "", "topic": "refunds",
        "account_changed": False, "follow_up": "", "standing": "",
    },
    "Breaks": {"breaks": []},
    "FollowUps": {"follow_ups": [], "late": 0, "today": 0, "changes_at": AT},
    "Ticket": {"ticket": "a1b2", "hotline": "wallet", "call": "+861058765432", "expires_at": AT},
    "Softphone": {"kind": "twilio", "token": "eyJ…", "base": "", "expires_s": 3600},
    "Error": {"error": "bad_field", "message": "field 'x' is not expected here"},
}  # fmt: skip
"""An answer of each kind."""


def _operation(  # noqa: PLR0913 - what a description says
    summary: str,
    schema: str,
    scope: str,
    *,
    query: tuple[dict[str, Any], ...] = (),
    path: tuple[str, ...] = (),
    body: dict[str, Any] | None = None,
    example: Mapping[str, Any] | None = None,
    required: tuple[str, ...] = (),
) -> dict[str, Any]:
    error = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    found: dict[str, Any] = {
        "summary": summary,
        "description": f"A program's token needs the scope `{scope}`.",
        "security": [{"session": []}, {"token": []}],
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
                for name in path
            ),
            *query,
        ],
        "responses": {"200": {"description": "Done", "content": content}, "default": error},
    }
    if body is not None:
        whole = {"type": "object", "properties": body, "additionalProperties": False, "required": list(required)}
        found["requestBody"] = {
            "required": bool(required),
            "content": {"application/json": {"schema": whole, "example": dict(example or {})}},
        }
    return found


DAYS = (
    _query("from", "First day", type="string", format="date"),
    _query("to", "Last day, included", type="string", format="date"),
    _query("zone", "Time zone of both; default: the hotline's"),
    _query("interval", "Length of a row, where the report has some"),
    _query("topic", "A topic of the menu"),
)

PATHS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "/api/v1/queues": {"get": _operation("The queues as they are now", "Queues", "queues:read")},
    "/api/v1/agents": {"get": _operation("The roster, with what everybody does now", "Agents", "agents:read")},
    "/api/v1/agents/{agent}/presence": {
        "post": _operation(
            "Make an agent ready, send them on a break or sign them out, after the present call; written down",
            "Agent",
            "agents:write",
            path=("agent",),
            body={"presence": {"type": "string", "enum": ["available", "break", "signed_out"]}, "reason": TEXT},
            example={"presence": "break", "reason": "meeting"},
            required=("presence",),
        )
    },
    "/api/v1/callbacks": {
        "get": _operation(
            "Promised callbacks, newest first; numbers masked, the look written down",
            "Callbacks",
            "callbacks:read",
            query=(AFTER, LIMIT, _query("state", "Only in this state", type="string", enum=["", *STATES])),
        )
    },
    "/api/v1/callbacks/{callback}/close": {
        "post": _operation(
            "Take a promise back that nobody is dialled for; written down",
            "CallbackClosed",
            "callbacks:write",
            path=("callback",),
            body={"reason": {"type": "string", "minLength": 1, "maxLength": 200}},
            example={"reason": "reached by mail"},
            required=("reason",),
        )
    },
    "/api/v1/cases": {
        "get": _operation(
            "Cases, newest first; numbers masked, the look written down",
            "Cases",
            "cases:read",
            query=(AFTER, LIMIT, _query("status", "Only with this standing", type="string", enum=["", "open", "pending", "solved", "closed"])),
        )
    },
    "/api/v1/alerts": {
        "get": _operation("Alerts, newest first", "Alerts", "alerts:read", query=(AFTER, LIMIT)),
    },
    "/api/v1/alerts/{alert}/acknowledge": {
        "post": _operation(
            "Take an alert; 409 when somebody has",
            "AlertTaken",
            "alerts:write",
            path=("alert",),
            body={"note": {"type": "string", "maxLength": 500}},
            example={"note": "two more agents are coming"},
        )
    },
    "/api/v1/alert-rules": {"get": _operation("The rules of alerts, and what they were worth", "AlertRules", "alerts:read")},
    "/api/v1/reports": {"get": _operation("Names of the reports", "Reports", "reports:read")},
    "/api/v1/reports/{name}": {
        "get": _operation(
            "A report, with the filter of its page", "Report", "reports:read", path=("name",), query=DAYS
        )
    },
}  # fmt: skip

WEBHOOKS: Mapping[str, Any] = {
    kind.value: {
        "post": {
            "summary": f"Sent to endpoints that asked for `{kind.value}`",
            "description": "Signed after Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`. At least once.",
            "security": [],
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": _object(type=TEXT, timestamp=TIME, data={"type": "object"}),
                        "example": {"type": kind.value, "timestamp": AT, "data": {"hotline": "wallet"}},
                    }
                }
            },
            "responses": {"200": {"description": "Taken; any other status is tried again, 410 ends all tries"}},
        }
    }
    for kind in EventKind
}

SHARED = {"/api/v1/calls": "calls:read", "/api/v1/calls/{call}": "calls:read"}
"""Described elsewhere; open to programs too."""


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The description with the shared routes, the events, and an example of every answer."""
    paths: dict[str, dict[str, Any]] = {
        **document["paths"],
        **{path: {method: dict(one) for method, one in methods.items()} for path, methods in PATHS.items()},
    }
    for path, methods in paths.items():
        for method, operation in methods.items():
            if path in SHARED:
                operation["security"] = [{"session": []}, {"token": []}]
                operation["description"] = f"A program's token needs the scope `{SHARED[path]}`."
            known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
            missing = [name for name in re.findall(r"\{(\w+)\}", path) if name not in known]
            if missing:
                operation["parameters"] = [*operation.get("parameters", ()), *map(_in_path, missing)]
            operation.setdefault("operationId", _name(method, path))
            for answer in operation["responses"].values():
                media = answer.get("content", {}).get("application/json")
                if media is not None:
                    schema = media["schema"].get("$ref", "").rpartition("/")[2]
                    media["example"] = EXAMPLES.get(schema, {})
    document["paths"] = dict(sorted(paths.items()))
    document["webhooks"] = WEBHOOKS
    document["components"]["schemas"] = {**document["components"]["schemas"], **SCHEMAS}
    return document


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _name(method: str, path: str) -> str:
    words = [word.strip("{}").replace("-", "_") for word in path.removeprefix("/api/").split("/")]
    return "_".join([method, *words]).replace(".", "_")
