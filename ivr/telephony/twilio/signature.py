"""Is this request the carrier's? Checked against the raw request target and a configured origin.

The address is never rebuilt from `Host` or forwarding headers, and never re-spelled by a URL library: the bytes that
were asked for are the bytes that were signed (`FACTS.md` 2.3). During a rotation both tokens count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator, get_signature_algorithm

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


class SignatureCheck:
    """Knows our origin and tokens; says whether a request was signed with one of them."""

    def __init__(self, *, origin: str, tokens: tuple[str, ...]) -> None:
        self._origin = origin.rstrip("/")
        self._validators = tuple(RequestValidator(token) for token in tokens if token)

    def genuine(self, *, target: str, form: Any, headers: Mapping[str, str]) -> bool:
        """`target` is the raw path and query; `form` the parsed fields with repeats (a MultiDict)."""
        given = headers.get(SIGNATURE, "")
        if not given or not self._validators:
            return False
        url = self._origin + target
        algorithm = get_signature_algorithm(headers.get(SETTINGS))
        return any(validator.validate(url, form, given, algorithm) for validator in self._validators)
