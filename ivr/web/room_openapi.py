"""The supervisor's room in the description of the API (`openapi`)."""

from __future__ import annotations

from typing import Any

CALL, AGENT, PROMISE = "/api/v1/room/calls/{call}", "/api/v1/room/agents/{agent}", "/api/v1/room/callbacks/{callback}"

ROUTES: tuple[tuple[str, str, str, str], ...] = (
    (
        "get",
        "/api/v1/room",
        "The supervisor's room as it is now: board, waiting callers, talks, agents, promises",
        "Room",
    ),
    ("get", "/api/v1/room/day", "Today's arrivals beside the usual ones, and the staff, per quarter of an hour", "Day"),
    (
        "get",
        f"{CALL}/why",
        "Why it is none of the agents with the skill; 409 for a caller who does not wait",
        "Reasons",
    ),
    ("post", f"{CALL}/raise", "Five minutes up the line, or into the critical lane", "Outcome"),
    ("post", f"{CALL}/move", "To another queue, at the first queue time; of a callback its promise too", "Outcome"),
    ("post", f"{CALL}/offer", "To this agent first, whatever the terms", "Outcome"),
    ("post", f"{CALL}/call-back", "Ask the caller whether to be called back; the place is held", "Outcome"),
    ("post", f"{CALL}/end", "End the call, with words to the caller", "Outcome"),
    ("post", f"{CALL}/visit", "Sit in on the talk; `line` of the answer is what the page's line names", "Visit"),
    ("post", f"{CALL}/visit-mode", "Listen, whisper or join from now on", "Outcome"),
    ("post", f"{CALL}/visit-leave", "Leave the talk", "Outcome"),
    ("get", "/api/v1/room/softphone", "Token for the supervisor's own line", "Softphone"),
    ("post", f"{AGENT}/state", "Ready, break or signed out; during a call: after it", "Outcome"),
    ("post", f"{AGENT}/note", "A note on the agent's desk", "Outcome"),
    ("post", f"{AGENT}/wrapped-up", "End the agent's wrap-up as if its time had run out", "Outcome"),
    ("post", "/api/v1/room/notes/{note}/read", "The agent puts a supervisor's note away", "Desk"),
    ("post", f"{PROMISE}/dial-now", "Into line at once, at the place that was kept", "Outcome"),
    (
        "post",
        f"{PROMISE}/move",
        "To another queue, this try and all that follow, at the place that was kept",
        "Outcome",
    ),
    (
        "post",
        f"{PROMISE}/reschedule",
        "Not before this minute of the site's clock; the customer is told by text where one arrives",
        "Outcome",
    ),
    (
        "post",
        f"{PROMISE}/assign",
        "Whose it is, an agent who is offered the try first; empty: nobody in particular",
        "Outcome",
    ),
    ("post", "/api/v1/room/messages/{message}/assign", "Whose message it is", "Outcome"),
)
MODE = {"mode": {"type": "string", "enum": ["listen", "whisper", "join"]}}
OWNER = {"owner": {"type": "string", "maxLength": 200, "description": "A sign-in name, or an agent"}}


def seen(what: str) -> dict[str, Any]:
    """What goes with a press."""
    return {
        "seen": {
            "type": "string",
            "description": f"{what} as it was shown; where it has changed, the answer is `changed`",
        }
    }


BODIES: dict[str, dict[str, Any]] = {
    f"{CALL}/raise": {"critical": {"type": "boolean", "default": False}},
    f"{CALL}/move": {"topic": {"type": "string"}, **seen("Queue")},
    f"{CALL}/offer": {"agent": {"type": "string"}},
    f"{CALL}/end": {
        "talk": {
            "type": "boolean",
            "description": "As it was shown: a talk, or a caller who waits; what is the other by now goes on",
        }
    },
    f"{CALL}/visit": MODE,
    f"{CALL}/visit-mode": MODE,
    f"{AGENT}/state": {
        "state": {"type": "string", "enum": ["available", "break", "signed_out"]},
        "reason": {"type": "string", "description": "Of a break"},
    },
    f"{AGENT}/note": {"text": {"type": "string", "minLength": 1, "maxLength": 300}},
    f"{PROMISE}/move": {"topic": {"type": "string"}, **seen("Queue")},
    f"{AGENT}/wrapped-up": seen("`since`"),
    f"{PROMISE}/dial-now": seen("`due_at`"),
    f"{PROMISE}/reschedule": {"at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d$"}, **seen("`due_at`")},
    f"{PROMISE}/assign": {**OWNER, **seen("Owner")},
    "/api/v1/room/messages/{message}/assign": {**OWNER, **seen("Owner")},
}
OUTCOME = {
    "done": {"type": "boolean"},
    "answer": {"type": "string", "description": "A stable word: what came of it, or why nothing did"},
}
SCHEMAS: dict[str, Any] = {
    "Room": {"type": "object", "required": ["board", "waiting", "talks", "desks", "teams", "promises", "messages"]},
    "Day": {"type": "object", "required": ["hotlines"]},
    "Reasons": {"type": "object", "required": ["reasons"]},
    "Outcome": {"type": "object", "required": ["done", "answer"], "properties": OUTCOME},
    "Visit": {
        "type": "object",
        "required": ["done", "answer", "line"],
        "properties": {**OUTCOME, "line": {"type": "string"}},
    },
}
NAMES = ("call", "agent", "callback", "message", "note")
"""Parts of a path."""
