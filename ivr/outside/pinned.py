"""One request to the very address that was checked, whatever the name means a moment later.

No redirect is followed and nothing is tried again; the body of the answer is left to be read, as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from ivr.outside.allowed import Origin
from ivr.outside.deadline import Deadline


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """The way to one address of an origin; the certificate is that of the origin's name."""

    origin: Origin
    address: str
    within_s: float
    """For connecting, and for each reading; `deadline` is for all of it."""
    deadline: Deadline

    def send(self, method: str, target: str, *, headers: Mapping[str, str], body: Any) -> BaseHTTPResponse:
        """Raises what urllib3 raises."""
        timeout, host = Timeout(total=self.within_s), self.origin.host
        pool: Any
        if self.origin.scheme == "https":
            names = {"server_hostname": host, "assert_hostname": host}
            pool = urllib3.HTTPSConnectionPool(self.address, self.origin.port, timeout=timeout, **names)  # type: ignore[arg-type]
        else:
            pool = urllib3.HTTPConnectionPool(self.address, self.origin.port, timeout=timeout)
        self.deadline.watch(pool)
        response: BaseHTTPResponse = pool.urlopen(
            method,
            target,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        return response
