"""Post an event to somebody's webhook, signed after the convention Standard Webhooks.

    webhook-id         the message; the same in every try
    webhook-timestamp  of this try, in seconds
    webhook-signature  v1,<base64 of HMAC-SHA256 over "id.timestamp.body" under the endpoint's secret>; for a day after the
                       secret was changed a second one under that of before, parted by a blank

The address is guarded as that of a lookup is: https only (plain http where the operator lists the origin), public addresses
or listed networks only, and the checked address itself is connected to; no redirect is followed, and of the answer only the
status counts: its body is not read. After 15 s the connection ends, also where the answer comes byte by byte. 410 (gone) ends
all tries, as the convention says.
"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from ivr.outside.allowed import AllowList, Origin, origin_of
from ivr.outside.ask import Resolve, resolved
from ivr.outside.deadline import Deadline
from ivr.outside.pinned import Pinned
from ivr.workflows.send_outgoing import NotSent

WITHIN_S = 15.0
GONE = 410
PREFIX = "whsec_"


def signature(secret: str, *, message: str, at: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class PostWebhook:
    allowed: AllowList = field(default_factory=AllowList)
    """Origins of the house's own network, and networks, that may be reached besides public https."""
    resolve: Resolve = resolved
    within_s: float = WITHIN_S
    """For the whole of a try, once the name is resolved."""

    def problem(self, url: str) -> str:
        """A word for what is wrong with an address; empty when it may be posted to as far as one can tell."""
        origin = origin_of(url)
        if origin is None:
            return "webhook_url"
        if origin.scheme != "https" and not self.allowed.admits(url):
            return "webhook_https"
        return ""

    def post(self, url: str, *secrets: str, message: str, at: int, body: bytes) -> str:
        """The answer in a few words. `secrets`: each signs. Raises `NotSent`."""
        origin = origin_of(url)
        if origin is None or self.problem(url):
            raise NotSent("the address is not permitted", final=True)
        headers = {
            "Host": origin.host if origin.port in (80, 443) else f"{origin.host}:{origin.port}",
            "Content-Type": "application/json",
            "User-Agent": "ivr-webhooks/1",
            "Connection": "close",
            "webhook-id": message,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(signature(one, message=message, at=at, body=body) for one in secrets),
        }
        began = time.monotonic()
        with Deadline(self.within_s) as deadline:
            try:
                status = self._status(url, origin, headers, body, deadline)
            except (HTTPError, OSError, UnicodeError) as err:
                raise NotSent(self._late if deadline.over else type(err).__name__) from err
            if deadline.over:
                raise NotSent(self._late)
        took = round((time.monotonic() - began) * 1000)
        if 200 <= status < 300:
            return f"HTTP {status}, {took} ms"
        raise NotSent(f"HTTP {status}, {took} ms", final=status == GONE)

    @property
    def _late(self) -> str:
        return f"no whole answer within {self.within_s:g} s"

    def _status(self, url: str, origin: Origin, headers: dict[str, str], body: bytes, deadline: Deadline) -> int:
        addresses = self.resolve(origin.host, origin.port)
        if not self.allowed.leads_well(addresses):
            raise NotSent(f"{origin.host} leads to an address that is not public and not listed")
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        way = Pinned(origin=origin, address=addresses[0], within_s=self.within_s, deadline=deadline)
        response = way.send("POST", target, headers=headers, body=body)
        try:
            return response.status
        finally:
            response.close()
