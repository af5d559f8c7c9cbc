"""The carrier's official API description as a judge of our REST requests.

The description stands beside the repository (`shared/twilio/openapi`), or where `IVR_TEST_TWILIO_OPENAPI` says. It knows
paths, required fields, types and patterns; it does not know relative addresses, unknown fields and event words, so a few
rules of our own are added (`FACTS.md` 9).
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from requests import Request, Session
from twilio.http import HttpClient
from twilio.http.response import Response

HERE = Path(__file__).resolve()
FORM = "application/x-www-form-urlencoded"
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def description() -> Path | None:
    """The file, or None where it is absent."""
    named = os.environ.get("IVR_TEST_TWILIO_OPENAPI")
    places = (
        [Path(named)]
        if named
        else [parent.parent / "shared" / "twilio" / "openapi" / "twilio_api_v2010.json" for parent in HERE.parents[2:4]]
    )
    return next((place for place in places if place.is_file()), None)


@cache
def _loaded(path: Path) -> tuple[Any, OpenAPI]:
    spec = json.loads(path.read_text(encoding="utf-8"))
    return spec, OpenAPI.from_dict(spec, config=Config(spec_validator_cls=None))


class Judge(HttpClient):
    """An HTTP client that lets through what the description allows, and answers with the description's own example."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.getLogger(__name__), False, 5)
        self._spec, self._api = _loaded(path)
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.answers: list[Response] = []
        """Answers scripted by the test, used first."""

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        **_: Any,
    ) -> Response:
        wire = Session().prepare_request(Request(method, url, params=params, data=data, headers=headers, auth=auth))
        self._api.validate_request(RequestsOpenAPIRequest(wire))
        path = wire.path_url.split("?")[0]
        operation = self._operation(method.lower(), path)
        _own_rules(operation, dict(data or {}))
        self.sent.append((method, path, dict(data or {})))
        return self.answers.pop(0) if self.answers else _example(operation)

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        for route, item in self._spec["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+?", re.escape(route))
            if method in item and re.fullmatch(pattern, path):
                found: Mapping[str, Any] = item[method]
                return found
        raise AssertionError(f"no such operation: {method} {path}")


def _own_rules(operation: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    schema = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    known = schema.get("properties", {})
    for name, value in data.items():
        assert name in known, f"the carrier knows no {name}"
        if known[name].get("format") == "uri":
            assert str(value).startswith(("https://", "http://127.0.0.1")), f"{name} must be absolute: {value}"
        if name == "StatusCallbackEvent":
            assert set(value) <= CALL_EVENTS, value
        if name == "Timeout":
            assert 5 <= int(value) <= 600, value


def _example(operation: Mapping[str, Any]) -> Response:
    status, answer = next(iter(operation["responses"].items()))
    examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
    body = dict(next((example["value"] for example in examples.values()), {}))
    if "next_page_uri" in body:
        body["next_page_uri"] = None
    return Response(int(status), "" if status == "204" else json.dumps(body))


def refusal(status: int, code: int) -> Response:
    """The carrier's refusal, as it words one."""
    return Response(status, json.dumps({"code": code, "message": "refused", "status": status, "more_info": ""}))
