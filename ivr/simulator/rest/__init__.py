"""The carrier's REST interface, `/2010-04-01/Accounts/<sid>/….json`, as far as a service uses it.

A handler takes a `Question`, changes the network (the lock is held) and returns what is shown. Everything asked is in
the ledger, also what was refused. Trouble on order (`faults.py`): `refuse`, `no_reply`, `late`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import Fault
from ivr.simulator.rest import account, calls, conferences
from ivr.simulator.rest.question import Handler, Question
from ivr.simulator.rest.shapes import VERSION, RestError, not_found
from ivr.simulator.routes import as_json, route

ROOT = f"/{VERSION}/Accounts/<account>"
TROUBLE = {
    429: (20429, "Too many requests"),
    500: (20500, "Internal server error"),
    503: (20503, "Service unavailable"),
    504: (20504, "Gateway timeout"),
}


def unknown(err: HTTPException) -> Response:
    """No such path or method."""
    status = err.code or 500
    code = {404: 20404, 405: 20004}.get(status, 20001)
    return as_json(RestError(status, code, err.name).shape(), status)


def _serve(exchange: Exchange, request: Request, handler: Handler, found: Mapping[str, str]) -> Response:
    question = Question(exchange, request, found)
    with exchange.loop.change():
        fault: Fault | None = None
        answer: Any = None
        try:
            _admit(question)
            fault = _draw(question)
            if fault is not None and fault.kind == "refuse":
                raise _trouble(fault.status)
            if fault is not None and fault.kind == "late":
                exchange.loop.later(fault.seconds, lambda: _try(question, handler))
                raise _trouble(504)
            answer, status = _done(handler(question))
            if fault is not None:
                raise _trouble(504)
        except RestError as err:
            answer, status = err.shape(), err.status
        _note(question, answer, status, fault)
    if fault is not None and fault.kind == "no_reply":
        time.sleep(fault.seconds)
    return Response(status=204) if status == 204 else as_json(answer, status)


def _done(what: Any) -> tuple[Any, int]:
    """A handler returns what is shown, or that with a status; None: gone."""
    if what is None:
        return None, 204
    return what if isinstance(what, tuple) else (what, 200)


def _admit(question: Question) -> None:
    given, known = question.request.authorization, question.exchange.account
    if given is None or given.type != "basic" or not known.knows(given.username or "", given.password or ""):
        raise RestError(401, 20003, "Authenticate")
    if question.found["account"] != known.sid:
        raise not_found(f"Accounts/{question.found['account']}")


def _draw(question: Question) -> Fault | None:
    kinds = ("refuse", "no_reply", "late") if question.creates else ("refuse", "no_reply")
    return question.exchange.faults.draw(*kinds, match=question.what)


def _trouble(status: int) -> RestError:
    code, message = TROUBLE.get(status, (20000 + status % 1000, "Trouble on order"))
    return RestError(status, code, message)


def _try(question: Question, handler: Handler) -> None:
    """What was asked is done after all; nobody hears of it."""
    try:
        answer, status = _done(handler(question))
    except RestError as err:
        answer, status = err.shape(), err.status
    _note(question, answer, status, None, late=True)


def _note(question: Question, answer: Any, status: int, fault: Fault | None, *, late: bool = False) -> None:
    shown = answer if isinstance(answer, dict) else {}
    form = {name: " ".join(question.form.getlist(name)) for name in question.form}
    question.exchange.ledger.write(
        "rest",
        method=question.method,
        path=question.path,
        form=form,
        query=question.request.args.to_dict(),
        status=status,
        code=shown.get("code", 0) if status >= 400 else 0,
        message=shown.get("message", "") if status >= 400 else "",
        sid=question.found.get("call") or shown.get("call_sid") or shown.get("sid", ""),
        fault=fault.kind if fault else "",
        late=late,
    )


def _bound(handler: Handler) -> Any:
    def serve(exchange: Exchange, request: Request, **found: str) -> Response:
        return _serve(exchange, request, handler, found)

    return serve


def recording_sound(exchange: Exchange, request: Request, *, account: str, recording: str) -> Response:
    """The sound itself, made without the lock. As with "HTTP auth for media" switched on."""
    question = Question(exchange, request, {"account": account, "recording": recording})
    try:
        with exchange.loop.lock:
            _admit(question)
            found = exchange.recordings.made.get(recording)
            if found is None or found.status != "completed":
                raise not_found(f"Accounts/{account}/Recordings/{recording}")
            exchange.ledger.write("rest", method="GET", path=question.path, form={}, status=200, code=0, sid=recording)
        return Response(found.media(), mimetype="audio/x-wav")
    except RestError as err:
        answer = as_json(err.shape(), err.status)
        if err.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return answer


ROUTES = [
    *(
        route(f"{ROOT}{path}.json", _bound(handler), method)
        for path, method, handler in (*account.HANDLERS, *calls.HANDLERS, *conferences.HANDLERS)
    ),
    route(f"{ROOT}/Recordings/<recording>.wav", recording_sound),
    route(f"{ROOT}/Recordings/<recording>", recording_sound),
]
