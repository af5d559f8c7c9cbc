"""The description of the API. Written by hand, short; a test compares it with the routes."""

from __future__ import annotations

from typing import Any

from ivr.web import room_openapi
from ivr.web.openapi_v1 import completed

ERROR = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "A stable word for programs."},
        "message": {"type": "string", "description": "A sentence for people."},
    },
}

ROUTES: tuple[tuple[str, str, str, str], ...] = (
    ("get", "/api/openapi.json", "This description", ""),
    ("get", "/api/v1/me", "The signed-in person", "Me"),
    (
        "get",
        "/api/v1/calls",
        "Stays of calls, newest first; numbers masked. `next` goes into `after` for the next page",
        "Calls",
    ),
    ("get", "/api/v1/calls/{call}", "One call: what each party did, and when; the number masked", "Call"),
    ("get", "/api/v1/board", "The supervisor's board as it is now", "Board"),
    ("get", "/api/v1/desk", "The agent's own desk as it is now", "Desk"),
    (
        "post",
        "/api/v1/desk/open",
        "The page was opened: sign in to the line (never ready). `console` of the answer says which page has the desk",
        "Desk",
    ),
    ("post", "/api/v1/desk/close", "The page goes: the next one that is opened has the desk", "Desk"),
    ("post", "/api/v1/desk/heartbeat", "The page is there; to be sent every 5 s", "Desk"),
    ("post", "/api/v1/desk/ready", "Ready, or ready after the present call", "Desk"),
    ("post", "/api/v1/desk/break", "Break, or break after the present call", "Desk"),
    ("post", "/api/v1/desk/sign-out", "Sign out of the line, after the present call", "Desk"),
    ("post", "/api/v1/desk/more-time", "60 s more of wrap-up", "Desk"),
    ("get", "/api/v1/desk/calls-out", "Whom the agent may call, and their last calls out", "CallsOut"),
    ("post", "/api/v1/desk/call-out", "Call a customer of the agent's, or a house of the menu file", "Desk"),
    ("post", "/api/v1/desk/choices", "Keep the agent's own keys and ring with the account", "Choices"),
    ("post", "/api/v1/desk/matter", "What is known of a case, or of a number (counted and written down)", "Matter"),
    ("get", "/api/v1/softphone", "Token for the page's own telephone", "Softphone"),
    ("post", "/api/v1/tickets", "Announce a call: who rings from this number skips the menu, once", "Ticket"),
    ("post", "/api/v1/offers/{offer}/accept", "Accept an offer; 409 when it is over", "Desk"),
    ("post", "/api/v1/offers/{offer}/decline", "Decline an offer", "Desk"),
    ("post", "/api/v1/offers/{offer}/end", "End the talk", "Desk"),
    ("post", "/api/v1/offers/{offer}/send-text", "Text the caller what the menu file prepared, once a call", "Desk"),
    ("post", "/api/v1/offers/{offer}/record", "Start or stop recording the talk, where topic and caller allow", "Desk"),
    ("get", "/api/v1/offers/{offer}/targets", "Queues and colleagues that the caller may be given to", "Targets"),
    ("post", "/api/v1/offers/{offer}/hold", "The caller on hold, or back in the talk", "Desk"),
    ("post", "/api/v1/offers/{offer}/pause-recording", "The recording pauses, at most 2 min, or goes on", "Desk"),
    ("post", "/api/v1/offers/{offer}/reveal", "The caller's full number, with a reason; written down", "Number"),
    ("post", "/api/v1/offers/{offer}/transfer", "Transfer the caller to a queue or a colleague, and leave", "Desk"),
    ("post", "/api/v1/offers/{offer}/pass-on", "Give the caller to a house of the menu file, and leave", "Desk"),
    (
        "post",
        "/api/v1/offers/{offer}/consult",
        "Hold the caller and ask a colleague, or a house of the menu file",
        "Desk",
    ),
    ("post", "/api/v1/offers/{offer}/alone", "Let the colleague go and take the caller back", "Desk"),
    ("post", "/api/v1/offers/{offer}/hand-over", "Leave the caller to the colleague in the talk", "Desk"),
    ("get", "/api/v1/offers/{offer}/notes", "What the agent has written so far about this call", "Notes"),
    ("post", "/api/v1/offers/{offer}/notes", "Keep what is written so far; it counts when wrap-up runs out", "Notes"),
    ("get", "/api/v1/breaks", "Breaks that were set for the agent today", "Breaks"),
    ("get", "/api/v1/follow-ups", "The agent's own follow-ups: open cases whose day this agent named", "FollowUps"),
    (
        "post",
        "/api/v1/follow-ups/{number}/done",
        "The follow-up is made, the case solved; 404 when not own",
        "FollowUps",
    ),
    ("post", "/api/v1/follow-ups/{number}/move", "Another day for the follow-up", "FollowUps"),
    ("post", "/api/v1/offers/{offer}/finish", "Finish wrap-up with a result and notes", "Desk"),
)

SCOPED = {"/api/v1/tickets": "tickets:write"}
"""Routes of programs, and the scope that their token needs."""
REQUIRED = {"/api/v1/tickets": ["number"]}
KEYED = frozenset({"/api/v1/tickets"})
"""Routes that take the header `Idempotency-Key`: the same key and body give the first answer again."""

QUERIES: dict[str, tuple[tuple[str, str], ...]] = {
    "/api/v1/calls": (
        ("from", "First day, or local time (2026-11-02T09:00); default: today"),
        ("to", "Last day, included, or local time, not included; default: the day of `from`"),
        ("zone", "Time zone of both; default: the hotline's"),
        (
            "by",
            "`arrival` (joined the queue in this time) or `event` (left it), `answer` (was answered) or `call` (calls, not stays, by their beginning)",
        ),
        ("topic", "A topic of the menu; may be repeated"),
        ("language", "A language of the menu"),
        ("agent", "Who answered"),
        ("outcome", "answered, abandoned, overflow, message, callback, closed, dropped or waiting"),
        ("end", "answered, abandoned, voicemail, transferred, self_served, left_menu, callback or failed"),
        ("menu", "A node of the menu that the caller came to"),
        ("left", "Where the call was when it ended"),
        ("figure", "A figure of the reports: exactly the stays that it counts"),
        ("side", "`part` (numerator of the figure) or `whole` (denominator)"),
        ("caller", "Calls of one number, by the value that the search of the page leads to"),
        ("case", "Calls of a case, by its number"),
        ("made", "1: also calls that we made"),
        ("tests", "`too`: also calls of test numbers; `only`: none but these"),
        ("hotline", "Name of a hotline"),
        ("result", "An agent's result; `*` any, `-` none"),
        ("reason", "A reason beneath it; `*` any, `-` none"),
        ("said", "What the agent said it was about; `*` anything, `-` nothing"),
        (
            "repeat",
            "Answered, and the number called again within 7 days: `again`, `once` (did not), `base` (can be told)",
        ),
        ("once", "1: of each call the first of its stays that fits"),
        ("hung_up", "Who ended the call: caller, service, agent or unknown"),
        ("limit", "Lines of an answer, 1 to 500; default 50"),
        ("after", "`next` of the answer before"),
    ),
}

WHERE: dict[str, Any] = {
    "topic": {"type": "string", "description": "A topic of the menu; default: the call's own"},
    "to": {"type": "string", "description": "An agent who is free; empty: whoever the queue gives"},
    "note": {"type": "string", "maxLength": 2000, "description": "What the next agent is told"},
}

AT_CONSOLE = {
    "name": "X-Console",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9.-]{0,64}$"},
    "description": "Name that a page gave itself: one page of an agent has the desk, and what another one asks for is "
    "refused with 409 `not_this_console`. Programs leave it out.",
}

NOTES: dict[str, Any] = {
    "notes": {"type": "string", "maxLength": 2000},
    "disposition": {"type": "string"},
    "disposition_reason": {"type": "string", "description": "One of the reasons beneath the result, if it has some"},
    "topic": {"type": "string", "description": "What it was about: a topic or a reason of the menu"},
    "account_changed": {"type": "boolean"},
    "follow_up": {"type": "string", "description": "Day of the follow-up when the case is pending"},
    "standing": {"type": "string", "enum": ["", "open", "pending", "solved", "closed"]},
}

BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/offers/{offer}/notes": NOTES,
    "/api/v1/tickets": {
        "number": {"type": "string", "description": "E.164, as the caller's telephone will show it."},
        "topic": {"type": "string", "description": "A topic of the menu; or `node`."},
        "node": {"type": "string", "description": "A node of the menu, instead of a topic."},
        "language": {"type": "string", "description": "A language of the menu; default: the caller's usual one."},
        "verified": {"type": "boolean", "default": False, "description": "The app has proved who asks."},
        "case_number": {"type": "string", "pattern": "^[0-9]{8}$"},
        "expires_in_s": {"type": "integer", "minimum": 60, "maximum": 3600, "default": 900},
        "hotline": {"type": "string", "description": "Name of the hotline; default: the first."},
    },
    "/api/v1/desk/open": {
        "take_over": {"type": "boolean", "default": False, "description": "Also when another console has the desk"},
    },
    "/api/v1/desk/choices": {
        "keys": {"type": "object", "description": "By action: `key`, and `chord` such as `Ctrl+Alt+m`"},
        "ring": {"type": "string", "enum": ["", "silent"]},
    },
    "/api/v1/desk/matter": {
        "number": {"type": "string", "description": "E.164"},
        "case": {"type": "string", "pattern": "^[0-9 ]{0,16}$"},
    },
    "/api/v1/follow-ups/{number}/move": {"day": {"type": "string", "format": "date", "description": "Within a year"}},
    "/api/v1/desk/break": {"reason": {"type": "string"}},
    "/api/v1/desk/call-out": {
        "why": {"type": "string", "enum": ["case", "call", "destination"]},
        "ref": {"type": "string", "description": "Number of the case, id of the call, or name of the destination"},
    },
    "/api/v1/offers/{offer}/record": {"on": {"type": "boolean", "default": True}},
    "/api/v1/offers/{offer}/hold": {"on": {"type": "boolean", "default": True}},
    "/api/v1/offers/{offer}/pause-recording": {"on": {"type": "boolean", "default": True}},
    "/api/v1/offers/{offer}/reveal": {"reason": {"type": "string", "enum": ["line_bad", "compare", "authority"]}},
    "/api/v1/offers/{offer}/transfer": WHERE,
    "/api/v1/offers/{offer}/pass-on": {"destination": {"type": "string"}, "note": WHERE["note"]},
    "/api/v1/offers/{offer}/consult": {
        **WHERE,
        "destination": {"type": "string", "description": "A house that the menu file allows, instead of a colleague"},
    },
    "/api/v1/offers/{offer}/finish": {
        "disposition": {"type": "string"},
        "disposition_reason": {
            "type": "string",
            "description": "One of the reasons beneath the result; 422 `reason_needed` when it has some and none is named",
        },
        "notes": {"type": "string", "maxLength": 2000},
        "topic": {"type": "string", "description": "What it was about: a topic or a reason of the menu"},
        "account_changed": {"type": "boolean", "description": "Only for a verified caller, else 422 not_verified"},
        "follow_up": {"type": "string", "description": "Day of the follow-up when the case is pending"},
        "standing": {
            "type": "string",
            "enum": ["", "open", "pending", "solved", "closed"],
            "description": "What callers who ask are told of the case; empty: what follows from the result",
        },
    },
}

SCHEMAS: dict[str, Any] = {
    "Error": ERROR,
    "Me": {"type": "object", "required": ["id", "name", "roles", "agent"]},
    "Board": {
        "type": "object",
        "required": ["hotline", "incidents", "topics", "agents", "presences", "waiting", "as_of"],
    },
    "Calls": {"type": "object", "required": ["calls", "count", "more_than_counted", "next"]},
    "Call": {"type": "object", "required": ["call", "number", "live", "stays", "lanes", "items"]},
    "Number": {"type": "object", "required": ["number"]},
    "Targets": {"type": "object", "required": ["desks", "people"]},
    "CallsOut": {"type": "object", "required": ["destinations", "latest"]},
    "Desk": {
        "type": "object",
        "required": [
            "agent",
            "console",
            "presence",
            "since",
            "wanted",
            "offer",
            "call",
            "wrap_up",
            "topics",
            "line",
            "server_now",
        ],
    },
    "Choices": {"type": "object", "properties": {"keys": {"type": "object"}}},
    "Matter": {"type": "object", "required": ["number", "case", "asked_case", "open_cases", "earlier"]},
    "Notes": {"type": "object", "required": list(NOTES), "properties": NOTES},
    "Breaks": {"type": "object", "required": ["breaks"]},
    "FollowUps": {"type": "object", "required": ["follow_ups", "late", "today", "changes_at"]},
    "Ticket": {"type": "object", "required": ["ticket", "hotline", "call", "expires_at"]},
    "Softphone": {"type": "object", "required": ["kind", "token", "base", "expires_s"]},
}


def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, schema in (*ROUTES, *room_openapi.ROUTES):
        paths.setdefault(path, {})[method] = _operation(method, path, summary, schema)
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Hotline",
            "version": "1",
            "description": "Sign in at `/login`; the session cookie opens the API. Requests that change something carry "
            "the header `X-CSRF-Token` with the value of the page's `csrf` meta element. Programs carry a token instead "
            "(`Authorization: Bearer …`, made under `/admin/tokens`), follow events live at `/events/feed` "
            "(server-sent events, `Last-Event-ID`), and are sent the webhooks below.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS | room_openapi.SCHEMAS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "ivr"},
                "token": {"type": "http", "scheme": "bearer", "description": "From `ivr tokens add NAME --scope …`."},
            },
        },
        "security": [{"session": []}],
    }
    return completed(made)


def _operation(method: str, path: str, summary: str, schema: str) -> dict[str, Any]:
    body = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    error = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {"schema": body}}},
            "default": error,
        },
    }
    if "{offer}" in path:
        operation["parameters"] = [{"name": "offer", "in": "path", "required": True, "schema": {"type": "string"}}]
    if "{call}" in path:
        operation["parameters"] = [{"name": "call", "in": "path", "required": True, "schema": {"type": "string"}}]
    if path in QUERIES:
        operation["parameters"] = [
            {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
            for name, words in QUERIES[path]
        ]
    if "{number}" in path:
        operation["parameters"] = [{"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}]
    for name in ("number", *room_openapi.NAMES):
        if f"{{{name}}}" in path:
            operation["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
    if path.startswith(("/api/v1/desk/", "/api/v1/offers/")):
        operation.setdefault("parameters", []).append(AT_CONSOLE)
    bodies = BODIES | room_openapi.BODIES
    if path in bodies and method != "get":
        content = {"type": "object", "properties": bodies[path], "additionalProperties": False}
        content |= {"required": REQUIRED[path]} if path in REQUIRED else {}
        operation["requestBody"] = {"content": {"application/json": {"schema": content}}}
    if path in SCOPED:
        operation["security"] = [{"token": []}]
        operation["description"] = f"The token needs the scope `{SCOPED[path]}`."
        operation["responses"]["201"] = operation["responses"]["200"]
    if path in KEYED:
        operation["parameters"] = [
            {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 80}}
        ]
    if not schema:
        operation["security"] = []
    return operation
