"""The network's own HTTP server: REST for the service, the device API, control, pages. One port."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ivr.simulator.control import control
from ivr.simulator.device import devices
from ivr.simulator.doors import Doors
from ivr.simulator.exchange import Exchange
from ivr.simulator.rest import answers
from ivr.simulator.rest.answers import VERSION, Refused, refusal
from ivr.simulator.rest.calls import calls
from ivr.simulator.rest.recordings import recordings
from ivr.simulator.rest.rooms import rooms
from ivr.simulator.rest.settings import settings

STATIC = Path(__file__).parent / "static"
BASE = f"/{VERSION}/Accounts/<account>"
View = Callable[..., Any]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src *; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Quiet(WSGIRequestHandler):
    """Connections stay open between requests, and nothing is logged: the ledger has it all."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        return


class Server:
    def __init__(self, exchange: Exchange, *, host: str = "127.0.0.1", port: int = 0, allowed_origins: tuple[str, ...] = ()) -> None:
        self.doors = Doors(host=host, allowed_origins=allowed_origins)
        self.app = make_app(exchange, self.doors)
        self._http: BaseWSGIServer = make_server(host, port, self.app, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, name="simulator-web", daemon=True)
        shown = f"[{host}]" if ":" in host else host
        self.base_url = f"http://{'127.0.0.1' if host in {'0.0.0.0', ''} else shown}:{self._http.server_port}"  # noqa: S104
        self.port = self._http.server_port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join(timeout=5)
        self._http.server_close()


def make_app(exchange: Exchange, doors: Doors) -> Flask:
    app = Flask("ivr.simulator", static_folder=None)
    app.url_map.strict_slashes = False
    for resource in (calls, rooms, recordings, settings):
        app.register_blueprint(resource(exchange), url_prefix=BASE)
    for endpoint, view in list(app.view_functions.items()):
        app.view_functions[endpoint] = _guarded(app, exchange, endpoint, view)
    app.register_blueprint(control(exchange, doors), url_prefix="/control")
    app.register_blueprint(devices(exchange, doors), url_prefix="/device")
    _add_pages(app)

    @app.errorhandler(Refused)
    def refused(err: Refused) -> Response:
        return refusal(err)

    @app.errorhandler(404)
    @app.errorhandler(405)
    def lost(_err: Exception) -> Response:
        return refusal(Refused(20404, f"The requested resource {request.path} was not found"))

    return app


def _guarded(app: Flask, exchange: Exchange, endpoint: str, view: View) -> View:
    """Every REST view: who asks, ordered trouble, the lock, the ledger."""

    @functools.wraps(view)
    def answer(**path: str) -> Any:
        began = time.monotonic()
        what = f"{request.method} {_resource(path['account'])}"
        with exchange.loop.change():
            fault = exchange.faults.draw("refuse", "no_reply", "late", match=what)
        try:
            _authorise(exchange, path["account"], open_media=endpoint == "recordings.media")
            if fault is not None and fault.kind == "refuse":
                raise Refused({429: 20429, 503: 20503}.get(fault.status, 20500), status=fault.status)
            if fault is not None and fault.kind == "late" and request.method == "POST":
                _later(app, exchange, view, path, fault.seconds)
                raise Refused(20503, "Gateway Timeout", status=504)
            with exchange.loop.change():
                given = view(**path)
            if fault is not None and fault.kind == "no_reply":
                time.sleep(fault.seconds)
                raise Refused(20503, "Gateway Timeout", status=504)
        except Refused as err:
            given = refusal(err)
        with exchange.loop.change():
            exchange.ledger.write("rest", request=what, form=request.form.to_dict(flat=False), status=given.status_code,
                                  answer=_short(given), latency_s=round(time.monotonic() - began, 4), fault=fault.kind if fault else "")
        return given

    return answer


def _resource(account: str) -> str:
    """`Calls`, `Calls/CA…`, "" for the account itself."""
    return request.path.partition(f"/Accounts/{account}")[2].removesuffix(".json").lstrip("/")


def _short(given: Response) -> str:
    return given.get_data(as_text=True)[:1500] if given.content_type.startswith("application/json") else ""


def _authorise(exchange: Exchange, account: str, *, open_media: bool) -> None:
    if open_media and request.method == "GET":
        return
    given = request.authorization
    if given is None or given.type != "basic" or not exchange.account.knows(given.username or "", given.password or ""):
        raise Refused(20003)
    if account != exchange.account.sid and account != f"{exchange.account.sid}.json":
        raise Refused(20404 if account.startswith("AC") else 20003)


def _later(app: Flask, exchange: Exchange, view: View, path: dict[str, str], seconds: float) -> None:
    target, form = request.full_path, request.form.to_dict(flat=False)

    def act() -> None:
        with app.test_request_context(target, method="POST", data=form):
            try:
                view(**path)
            except Refused:
                return

    exchange.loop.later(seconds, act)


def _add_pages(app: Flask) -> None:
    @app.get("/")
    @app.get("/phone")
    def phone_page() -> Response:
        return _static("phone.html")

    @app.get("/device.js")
    def softphone() -> Response:
        given = _static("device.js")
        given.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return given

    @app.get("/static/<path:name>")
    def static_file(name: str) -> Response:
        return _static(name)

    @app.get("/healthz")
    def healthy() -> Response:
        return answers.as_json({"status": "ok"})


def _static(name: str) -> Response:
    given = send_from_directory(STATIC, name, max_age=0)
    given.headers["Content-Security-Policy"] = CSP
    given.headers["X-Content-Type-Options"] = "nosniff"
    given.headers["Referrer-Policy"] = "no-referrer"
    return given


