"""What an agent chose for the desk, kept with the account: the same at every computer.

Which action has which key is decided by the page's own table; here only the shape is checked, and what a page does
not know it leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.web.api_json import json_body
from ivr.web.doors import Site
from ivr.web.security import allow, signed_in

WITH_BODY = frozenset({"api.keep_choices"})
ACTION = re.compile(r"[a-z][a-z-]{0,31}")
KEY = re.compile(r"((Ctrl|Alt|Shift)\+){0,3}([!-~]|Space|Escape|Enter|F[0-9]{1,2})|")
RINGS = ("", "silent")
KINDS = frozenset({"key", "chord"})
MOST = 64


def add_choice_routes(blueprint: Blueprint, site: Site, own_agent: Callable[[Site], AgentId]) -> None:
    @blueprint.post("/v1/desk/choices")
    @allow("agent", "admin")
    def keep_choices() -> Response:
        """Only what is named is changed."""
        own_agent(site)
        person = signed_in(site)
        chosen: dict[str, Any] = {**person.choices, **json_body(keys=dict, ring=str)}
        check_keys(chosen.get("keys", {}))
        if chosen.get("ring", "") not in RINGS:
            raise RequestError("the ring is silent, or empty for the usual one", status=422, error_id="bad_ring")
        site.people.set_choices(person.id, chosen)
        return jsonify(chosen)


def check_keys(keys: Mapping[str, Any]) -> None:
    """Raises RequestError for what is no list of keys by action."""
    right = len(keys) <= MOST and all(
        ACTION.fullmatch(action)
        and isinstance(kinds, dict)
        and KINDS.issuperset(kinds)
        and all(isinstance(key, str) and KEY.fullmatch(key) for key in kinds.values())
        for action, kinds in keys.items()
    )
    if not right:
        raise RequestError("keys are to be named by action: key and chord", status=422, error_id="bad_keys")
