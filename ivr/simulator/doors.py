"""Who may drive the network from a browser: its own pages and the origins it was told of. A page elsewhere may not.

Requests without an `Origin` come from programs on this machine and may. The `Host` must be an address or a known name,
so a foreign name that is made to point here (DNS rebinding) opens nothing.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Request, Response


class Doors:
    def __init__(self, *, host: str, allowed_origins: tuple[str, ...]) -> None:
        self.allowed = {origin.rstrip("/") for origin in allowed_origins if origin}
        self._host = host

    def may(self, request: Request) -> bool:
        if not self._known_host(urlsplit(f"//{request.host}").hostname or ""):
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            return request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
        return origin == f"{request.scheme}://{request.host}" or origin in self.allowed

    def _known_host(self, host: str) -> bool:
        names = {"localhost", self._host, *(urlsplit(origin).hostname for origin in self.allowed)}
        if host in names:
            return True
        try:
            ip_address(host)
        except ValueError:
            return False
        return True

    def allow(self, request: Request, answer: Response) -> Response:
        """The CORS headers for an allowed origin."""
        origin = request.headers.get("Origin", "")
        if origin in self.allowed:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            answer.headers["Access-Control-Max-Age"] = "600"
            answer.headers.add("Vary", "Origin")
        return answer
