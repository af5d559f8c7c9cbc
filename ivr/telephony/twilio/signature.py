"""Is this request the carrier's? Checked against the raw request target and a configured origin.

The address is never rebuilt from `Host` or forwarding headers, and never re-spelled by a URL library: the bytes that
were asked for are the bytes that were signed (`FACTS.md` 2.3). During a rotation both tokens count.

Nearly every genuine request is signed in one way: SHA-1, our address as configured. That one is computed here, in one
pass; the carrier's own library, which tries the address with and without a port and knows the newer algorithm, has the
last word on everything else (`FACTS.md` 2.1 to 2.2).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence

from twilio.request_validator import RequestValidator, get_signature_algorithm

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
Fields = Mapping[str, Sequence[str]]
"""A form: every name with all its values, in the order in which they came."""


class SignatureCheck:
    """Knows our origin and tokens; says whether a request was signed with one of them."""

    def __init__(self, *, origin: str, tokens: tuple[str, ...]) -> None:
        self._origin = origin.rstrip("/")
        self._keys = tuple(token.encode() for token in tokens if token)
        self._validators = tuple(RequestValidator(token) for token in tokens if token)

    def genuine(self, *, target: str, form: Fields, headers: Mapping[str, str]) -> bool:
        """`target` is the raw path and query; `form` the fields with all their values."""
        given = headers.get(SIGNATURE, "")
        if not given or not self._validators:
            return False
        url = self._origin + target
        settings = headers.get(SETTINGS)
        if settings is None and self._signed_as_usual(url, form, given):
            return True
        algorithm = get_signature_algorithm(settings)
        return any(validator.validate(url, _Repeated(form), given, algorithm) for validator in self._validators)

    def _signed_as_usual(self, url: str, form: Fields, given: str) -> bool:
        """The rule of `FACTS.md` 2.1: names in order, each with its values, nothing between."""
        words = [url]
        for name in sorted(form):
            values = form[name]
            words += (name, values[0]) if len(values) == 1 else (name + value for value in sorted(set(values)))
        signed, claimed = "".join(words).encode(), given.encode()
        return any(
            hmac.compare_digest(base64.b64encode(hmac.digest(key, signed, "sha1")), claimed) for key in self._keys
        )


class _Repeated(dict[str, Sequence[str]]):
    """Fields as the library wants to see repeats."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]
