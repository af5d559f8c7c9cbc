"""The network's HTTP server: carrier REST, control, the browser device and the phone page.

Browsers of strange origins are refused: control has no password, so a page from elsewhere must not reach it.
"""

from __future__ import annotations

import ipaddress
import logging
import mimetypes
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from ivr.simulator import control, device, rest, signalling
from ivr.simulator.exchange import Exchange
from ivr.simulator.routes import Door, Refused, as_json, route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src *; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - how to reach what listens everywhere


@cache
def _routes() -> Map:
    """The same for every network; werkzeug compiles each rule, which takes longer than all else a network is made of."""
    pages = [
        route("/", lambda _exchange, _request: redirect("/phone")),
        route("/healthz", lambda _exchange, _request: as_json({"status": "ok"})),
        route("/phone", lambda _exchange, _request: _file("phone.html")),
        route("/device.js", lambda _exchange, _request: _file("device.js")),
        route("/device/hearing.js", lambda _exchange, _request: _file("hearing.js")),
        route("/device/quality.js", lambda _exchange, _request: _file("quality.js")),
        route("/static/<name>", lambda _exchange, _request, name: _file(name)),
    ]
    return Map([rule.empty() for rule in (*pages, *control.ROUTES, *device.ROUTES, *signalling.ROUTES, *rest.ROUTES)])


class Site:
    """The WSGI application."""

    def __init__(self, exchange: Exchange, allowed_origins: Sequence[str] = ()) -> None:
        self._exchange = exchange
        self._allowed: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()
        for origin in allowed_origins:
            self.allow(origin)
        self._map = _routes()

    def allow(self, origin: str) -> None:
        """Pages of this origin may use the softphone."""
        plain = origin.rstrip("/").lower()
        self._allowed |= {plain}
        self._names |= {urlsplit(plain).hostname or ""}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Door(environ)
        origin = request.headers.get("Origin", "").rstrip("/").lower()
        answer = self._answer(request, origin)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        if answer.mimetype == "text/html":
            answer.headers["Content-Security-Policy"] = CSP
        if request.path.startswith("/device"):
            answer.vary.add("Origin")
            if origin in self._allowed:
                answer.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        return answer(environ, start_response)

    def _answer(self, request: Request, origin: str) -> Response:
        if not self._may_come(request, origin):
            return as_json({"code": 403, "message": "this page's origin is not allowed here"}, 403)
        if request.method == "OPTIONS":
            return _preflight()
        try:
            handler, found = self._map.bind_to_environ(request.environ).match()
            answer: Response = handler(self._exchange, request, **found)
        except Refused as err:
            return err.answer()
        except HTTPException as err:
            return (
                rest.unknown(err)
                if request.path.startswith("/2010-04-01/")
                else as_json({"code": err.code, "message": err.name}, err.code or 500)
            )
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return as_json({"code": 20500, "message": "Internal server error", "status": 500}, 500)
        return answer

    def _may_come(self, request: Request, origin: str) -> bool:
        if not self._named_well(request):
            return False
        return not origin or origin in self._allowed or origin == request.host_url.rstrip("/").lower()

    def _named_well(self, request: Request) -> bool:
        """A page can point a domain of its own at this address; it cannot own a bare name or an IP address."""
        if request.path.startswith("/2010-04-01/"):
            return True
        name = (urlsplit(f"//{request.host}").hostname or "").lower()
        if "." not in name or name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def create_app(exchange: Exchange, allowed_origins: Sequence[str] = ()) -> Site:
    return Site(exchange, allowed_origins)


def _preflight() -> Response:
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
    }
    return Response(status=204, headers=headers)


def _file(name: str) -> Response:
    path = STATIC / name
    if path.parent != STATIC or not path.is_file():
        raise Refused(404, "there is no such page")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), mimetype=kind, headers={"Cache-Control": "no-cache"})


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its name there
        log.debug("%s " + message, type, *args)  # noqa: G003 - the format comes from the library


class Server:
    """Has its port from the beginning and serves from `start` to `stop`; port 0 takes a free one."""

    def __init__(
        self, exchange: Exchange, *, host: str = "127.0.0.1", port: int = 0, allowed_origins: Sequence[str] = ()
    ) -> None:
        """Raises OSError when the port is taken."""
        self._host = host
        self.app = create_app(exchange, allowed_origins)
        self._server = _listening(host, port, self.app)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            serve: Callable[[], None] = lambda: self._server.serve_forever(poll_interval=0.05)  # noqa: E731
            self._thread = threading.Thread(target=serve, name="simulator-http", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._server.shutdown()
            thread.join(timeout=5)
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def base_url(self) -> str:
        host = ANYWHERE.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _listening(host: str, port: int, app: Site) -> BaseWSGIServer:
    try:
        server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    except SystemExit as err:  # how the library says that a port is taken
        raise OSError(f"cannot listen on {host}:{port}") from err
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server
