"""The whole API by its own description, with made-up requests, good and bad, for every role and for programs.

The dose of the suite is small; `IVR_TEST_API_EXAMPLES=50 pytest tests/web/test_api_schema.py` is the one of
`RELIABILITY.md` G14.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ivr.core.people import SCOPES
from tests.web.house import House

EXAMPLES = int(os.environ.get("IVR_TEST_API_EXAMPLES", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
VISITORS = ("stranger", "a1001", "lead", "root", "program", "program without scopes")
SHUT_OUT = ("stranger", "program without scopes")
"""Who is turned away at the door, whatever the request looks like: good ones, empty ones and broken ones of each operation."""
TURNED_AWAY = {401, 403, 429}
"""Who knocks too often is told to wait."""
AT_THE_DOOR = max(EXAMPLES, 3)


def headers_of(house: House, who: str) -> dict[str, str]:
    if who.startswith("program"):
        scopes = sorted(SCOPES) if who == "program" else []
        made = house.switchboard.tokens.add(
            "p", scopes, at=house.now, who="root", expires_at=house.now + timedelta(days=1)
        )
        return {"Authorization": f"Bearer {made}"}
    browser = house.client("" if who == "stranger" else who)
    token = browser.token()
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.cookies(house.origin))
    return {"Cookie": cookies, "X-CSRF-Token": token}


@pytest.mark.parametrize("who", VISITORS)
def test_whatever_is_asked_the_answer_is_one_that_the_description_knows(staffed, who):
    headers = headers_of(staffed, who)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", staffed.app)
    examples = AT_THE_DOOR if who in SHUT_OUT else EXAMPLES
    asked, let_in = 0, set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call_and_validate(headers=headers, checks=CHECKS)
            if who in SHUT_OUT and answer.status_code not in TURNED_AWAY:
                let_in.add((case.method, case.path, answer.status_code))

        ask()
    assert asked >= examples * 40
    assert let_in == set()
