"""The API of the supervisor's room. Each action answers what came of it (`done`, `answer`), also when it came too late.

Who moves or ends a call, or sets an agent's state, is a supervisor; an administrator looks after accounts and settings
(`RELIABILITY.md` 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify

from ivr.core.callback_rules import attempt_of
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, CallId
from ivr.core.people import Account, Role
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow, signed_in
from ivr.workflows.room_unseen import without_words

LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def room_api_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("room_api", __name__, url_prefix="/api/v1/room")
    _look(blueprint, site)
    _calls(blueprint, site)
    _agents(blueprint, site)
    _promises(blueprint, site)
    _visits(blueprint, site)
    return blueprint


def answer(outcome: Any, **more: object) -> Response:
    return jsonify({**jsonable(outcome), **more})


def _look(blueprint: Blueprint, site: Site) -> None:
    @blueprint.get("")
    @allow("supervisor", "admin")
    def room() -> Response:
        view = site.room.room.view(page_language())
        return jsonify(jsonable(view if signed_in(site).may(Role.SUPERVISOR) else without_words(view)))

    @blueprint.get("/calls/<call>/why")
    @allow("supervisor", "admin")
    def why(call: str) -> Response:
        return jsonify({"reasons": jsonable(site.room.room.why(CallId(call), page_language()))})

    @blueprint.get("/day")
    @allow("supervisor", "admin")
    def day() -> Response:
        return jsonify({"hotlines": jsonable(site.room.day())})


def _calls(blueprint: Blueprint, site: Site) -> None:
    calls = site.room.calls

    @blueprint.post("/calls/<call>/raise")
    @allow("supervisor")
    def raise_up(call: str) -> Response:
        critical = json_body(critical=bool).get("critical", False)
        return answer(calls.raise_up(CallId(call), who=signed_in(site).login, critical=critical))

    @blueprint.post("/calls/<call>/move")
    @allow("supervisor")
    def move(call: str) -> Response:
        """A try to call somebody back stands for its promise, which is what moves."""
        body, tried = json_body(topic=str, seen=str), attempt_of(call)
        told: dict[str, str] = {"who": signed_in(site).login, "seen": body.get("seen", "")}
        if tried:
            return answer(site.room.promises.move(tried[0], body.get("topic", ""), **told))
        return answer(calls.move(CallId(call), body.get("topic", ""), **told))

    @blueprint.post("/calls/<call>/offer")
    @allow("supervisor")
    def offer(call: str) -> Response:
        agent = json_body(agent=str).get("agent", "")
        return answer(calls.offer(CallId(call), agent, who=signed_in(site).login))

    @blueprint.post("/calls/<call>/call-back")
    @allow("supervisor")
    def call_back(call: str) -> Response:
        json_body()
        return answer(calls.call_back(CallId(call), who=signed_in(site).login))

    @blueprint.post("/calls/<call>/end")
    @allow("supervisor")
    def end(call: str) -> Response:
        talk = json_body(talk=bool).get("talk")
        return answer(calls.end(CallId(call), who=signed_in(site).login, talk=talk))


def _agents(blueprint: Blueprint, site: Site) -> None:
    agents = site.room.agents

    @blueprint.post("/agents/<agent>/state")
    @allow("supervisor")
    def state(agent: str) -> Response:
        body = json_body(state=str, reason=str)
        who, wanted = signed_in(site).login, body.get("state", "")
        return answer(agents.set_state(AgentId(agent), wanted, who=who, reason=body.get("reason", "")))

    @blueprint.post("/agents/<agent>/note")
    @allow("supervisor")
    def note(agent: str) -> Response:
        person, text = signed_in(site), json_body(text=str).get("text", "")
        return answer(agents.note(AgentId(agent), text, who=person.login, name=_name(site, person)))

    @blueprint.post("/agents/<agent>/wrapped-up")
    @allow("supervisor")
    def wrapped_up(agent: str) -> Response:
        seen = json_body(seen=str).get("seen", "")
        return answer(agents.finish_wrap_up(AgentId(agent), who=signed_in(site).login, seen=seen))

    @blueprint.post("/notes/<note>/read")
    @allow("agent", "admin")
    def read(note: str) -> Response:
        """The agent puts a supervisor's note away."""
        json_body()
        own = signed_in(site).desk
        if own is None:
            raise RequestError("this account is on no roster", status=404, error_id="not_on_roster")
        site.room.put_away(own, note)
        return jsonify(jsonable(site.desk.view(own, page_language())))


def _promises(blueprint: Blueprint, site: Site) -> None:
    promises = site.room.promises

    @blueprint.post("/callbacks/<callback>/dial-now")
    @allow("supervisor", "admin")
    def dial_now(callback: str) -> Response:
        seen = json_body(seen=str).get("seen", "")
        return answer(promises.dial_now(callback, who=signed_in(site).login, seen=seen))

    @blueprint.post("/callbacks/<callback>/reschedule")
    @allow("supervisor", "admin")
    def reschedule(callback: str) -> Response:
        body = json_body(at=str, seen=str)
        at = _local(site, body.get("at", ""))
        return answer(promises.reschedule(callback, at, who=signed_in(site).login, seen=body.get("seen", "")))

    @blueprint.post("/callbacks/<callback>/assign")
    @allow("supervisor", "admin")
    def assign(callback: str) -> Response:
        body = json_body(owner=str, seen=str)
        who, seen = signed_in(site).login, body.get("seen")
        return answer(promises.assign(callback, body.get("owner", ""), who=who, seen=seen))

    @blueprint.post("/callbacks/<callback>/move")
    @allow("supervisor", "admin")
    def move_callback(callback: str) -> Response:
        body = json_body(topic=str, seen=str)
        who, seen = signed_in(site).login, body.get("seen", "")
        return answer(promises.move(callback, body.get("topic", ""), who=who, seen=seen))

    @blueprint.post("/messages/<message>/assign")
    @allow("supervisor", "admin")
    def assign_message(message: str) -> Response:
        body = json_body(owner=str, seen=str)
        who, seen = signed_in(site).login, body.get("seen")
        return answer(promises.assign_message(message, body.get("owner", ""), who=who, seen=seen))


def _visits(blueprint: Blueprint, site: Site) -> None:
    """Who hears calls is a supervisor: an administrator reads no call's content (`RELIABILITY.md` 3.2)."""
    visit = site.room.visit

    @blueprint.post("/calls/<call>/visit")
    @allow("supervisor")
    def ask(call: str) -> Response:
        person, mode = signed_in(site), json_body(mode=str).get("mode", "listen")
        outcome, line = visit.ask(CallId(call), mode, who=person.login, name=_name(site, person))
        return answer(outcome, line=line)

    @blueprint.post("/calls/<call>/visit-mode")
    @allow("supervisor")
    def change(call: str) -> Response:
        mode = json_body(mode=str).get("mode", "")
        return answer(visit.change(CallId(call), mode, who=signed_in(site).login))

    @blueprint.post("/calls/<call>/visit-leave")
    @allow("supervisor")
    def leave(call: str) -> Response:
        json_body()
        return answer(visit.leave(CallId(call), who=signed_in(site).login))

    @blueprint.get("/softphone")
    @allow("supervisor")
    def softphone() -> Response:
        return jsonify(jsonable(site.room.softphone(signed_in(site).login)))


def _name(site: Site, person: Account) -> str:
    names: Callable[..., Any] = site.desk.roster.names
    return str(names().get(person.agent, person.login)) if person.agent else person.login


def _local(site: Site, text: str) -> datetime:
    """A minute of the site's clock: `2026-11-02T09:00`."""
    if LOCAL.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site.zone))
        except ValueError:
            pass
    raise RequestError("name a day and a time", status=422, error_id="bad_time")
