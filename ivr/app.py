"""The web application: pages, webhooks, health. `wsgi.py` serves it; `create_events_app` serves the streams alone."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, jsonify, request, send_from_directory
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.core.errors import IvrError, Unavailable
from ivr.web.meters import REQUESTS, counted, menus_told
from ivr.web.security import allow_anyone, check_policies, machine
from ivr.web.site import add_site, new_app
from ivr.web.voice import voice_blueprint
from ivr.wiring import Switchboard
from ivr.workflows.watch_menus import versions

LOOPBACK = frozenset({"127.0.0.1", "::1"})
RECORDINGS_KEPT_S = 3600
RECORDING = re.compile(r"[a-z0-9_-]{1,64}\.(wav|mp3)")
"""Names that menus may use; whatever else lies in the folder is nobody's business (`RELIABILITY.md` S-54)."""
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
log = structlog.get_logger(__name__)


def create_app(switchboard: Switchboard, *, parts: tuple[str, ...] = ("pages", "streams", "voice")) -> Flask:
    """The whole application, or the parts named. Every route has a policy, or this raises."""
    app = new_app()
    _trust_proxies(app, switchboard.settings.trusted_proxies)
    _add_request_log(app)
    if "voice" in parts:
        app.register_blueprint(voice_blueprint(switchboard.line))
        _add_recordings(app, switchboard)
    add_site(app, switchboard.site, parts=parts)
    _add_health(app, switchboard)
    check_policies(app)
    return app


def create_events_app() -> Flask:
    """Only the live streams, for a pool of their own."""
    from ivr import logs
    from ivr.settings import load_settings
    from ivr.wiring import connect

    settings = load_settings()
    logs.set_up(level=settings.log_level, form=settings.log_format, process="events")
    switchboard = connect(settings.for_events())
    switchboard.watch_menus.start(switchboard.closing)
    return create_app(switchboard, parts=("streams",))


def _trust_proxies(app: Flask, hops: int) -> None:
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]


def _add_request_log(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()

    @app.after_request
    def end(response: Response) -> Response:
        REQUESTS.labels(route=request.endpoint or "none", status=str(response.status_code)).inc()
        if response.status_code >= 400:
            log.info("refused", route=request.endpoint, status=response.status_code, method=request.method)
        return response


def _add_recordings(app: Flask, switchboard: Switchboard) -> None:
    """Prompts and music for the carrier: public, by checked name, from one folder."""

    @app.get("/recordings/<name>")
    @allow_anyone
    def recordings(name: str) -> Response:
        if not RECORDING.fullmatch(name):
            raise NotFound
        answer = send_from_directory(switchboard.settings.recordings_dir, name)
        if name.endswith(".wav"):
            answer.mimetype = "audio/wav"
        answer.headers["Cache-Control"] = f"public, max-age={RECORDINGS_KEPT_S}"
        return answer


def _add_health(app: Flask, switchboard: Switchboard) -> None:
    @app.get("/healthz")
    @machine
    def healthz() -> ResponseReturnValue:
        """The process is up; says nothing about anything else."""
        return jsonify(ok=True)

    @app.get("/readyz")
    @machine
    def readyz() -> ResponseReturnValue:
        """200 when a call can be made, else 503 with what is missing. `refused`: files that were not taken up."""
        missing = missing_for_calls(switchboard)
        menus = switchboard.menus
        told = {"menus": versions(menus.trees), "refused": [str(problem) for problem in menus.refused]}
        return jsonify(ready=not missing, missing=missing, **told), 503 if missing else 200

    @app.get("/metrics")
    @machine
    def metrics() -> ResponseReturnValue:
        """Prometheus text, for this machine only: put a scraper beside the service."""
        hidden = not switchboard.settings.trusted_proxies and any(name in request.headers for name in FORWARDED)
        if request.remote_addr not in LOOPBACK or hidden:
            return Response(status=403)  # through a proxy of this machine everybody seems to be this machine
        told = repairs_text(switchboard) + menus_told(versions(switchboard.menus.trees), len(switchboard.menus.refused))
        return Response(generate_latest() + told, mimetype=CONTENT_TYPE_LATEST.split(";")[0])


def repairs_text(switchboard: Switchboard) -> bytes:
    """What was put right and what is to be looked at, by all processes together; nothing while Redis is away."""
    try:
        repairs, alerts = switchboard.repair_counts.all(), switchboard.alert_counts.all()
    except Unavailable:
        return b""
    return counted(repairs, alerts)


def missing_for_calls(switchboard: Switchboard) -> list[str]:
    """What keeps a call from being made, one sentence each."""
    missing: list[str] = []
    try:
        switchboard.link.run(lambda connection: connection.ping())
        if not switchboard.signs.seen("dispatch"):
            missing.append("no dispatcher is at work: start `ivr dispatch`")
    except Unavailable as err:
        missing.append(str(err))
    try:
        if not switchboard.schema_is_current():
            missing.append("the database is not up to date: run `ivr db upgrade`")
    except IvrError as err:
        missing.append(f"the database cannot be used: {err}")
    if not switchboard.menus.trees:
        missing.append("there is no menu")
    if switchboard.simulator_origin and not _listens(switchboard.simulator_origin):
        missing.append("the telephone network in the box does not answer")
    return missing


def _listens(origin: str) -> bool:
    parts = urlsplit(origin)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1):
            return True
    except OSError:
        return False
