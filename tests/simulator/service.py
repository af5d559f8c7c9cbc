"""A tiny customer application behind real HTTP: it answers what a test laid out, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from werkzeug.serving import WSGIRequestHandler, make_server

from ivr.simulator import Network
from ivr.simulator.media import tone

Answerer = Callable[[Mapping[str, str]], Any]
EMPTY = "<Response/>"


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """The tests keep what they need."""


@dataclass(frozen=True)
class Asked:
    path: str
    method: str
    form: dict[str, str]
    headers: Mapping[str, str]
    url: str


@dataclass
class Service:
    """`service.answers["/voice/incoming"] = "<Response>…"`, or a function of the form, or a whole Response."""

    answers: dict[str, str | Response | Answerer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = Flask("customer")
        app.add_url_rule("/sound.wav", "sound", view_func=lambda: Response(tone(2), content_type="audio/wav"))
        app.add_url_rule("/page.wav", "page", view_func=lambda: Response("<p>", content_type="text/html"))
        app.add_url_rule("/<path:path>", view_func=self._answer, methods=["GET", "POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _answer(self, path: str) -> Response:
        target = request.environ["REQUEST_URI"]
        form = request.form.to_dict() if request.method == "POST" else request.args.to_dict()
        self.asked.append(Asked("/" + path, request.method, form, dict(request.headers), self.origin + target))
        answer = self.answers.get("/" + path, EMPTY)
        given = answer(form) if callable(answer) and not isinstance(answer, Response) else answer
        if isinstance(given, Response):
            return given
        return Response(given, content_type="text/xml; charset=utf-8")

    def forms(self, path: str) -> list[dict[str, str]]:
        return [one.form for one in self.asked if one.path == path]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Towards(TwilioHttpClient):
    """Twilio's own package, sent to the network in the box."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._there = urlsplit(base)

    def request(self, method: str, uri: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        there = urlsplit(uri)._replace(scheme=self._there.scheme, netloc=self._there.netloc).geturl()
        return super().request(method, there, *args, **kwargs)


def rest_client(network: Network, *, secret: str = "") -> Client:
    account = network.account
    return Client(account.api_key, secret or account.api_secret, account.sid, http_client=Towards(network.base_url))
