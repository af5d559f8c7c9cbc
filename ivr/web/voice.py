"""The carrier's webhooks: verify, parse, one workflow, draw.

A request that is not the carrier's gets 403 and changes nothing. A signed one that steers a call always gets 200 and a
document, whatever breaks behind it: `steering` catches everything and falls back to words that need nothing.
Status callbacks get 204; what they report is also found by the sweep, so a lost one is no loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from time import perf_counter
from typing import Any

import structlog
from flask import Blueprint, Response, request

from ivr.core.callback_rules import attempt_call, attempt_of
from ivr.core.errors import Unavailable
from ivr.core.events import RecordingMade
from ivr.core.ids import AgentId, CallId, LegId, OfferId
from ivr.web.caller_events import event_of
from ivr.web.heard import add_sound_route
from ivr.web.house_voice import add_house_routes, house_out
from ivr.web.incoming_text import add_text_route
from ivr.web.meters import VOICE_SECONDS, VOICE_TROUBLE
from ivr.web.room_doors import visitor_of
from ivr.web.security import signed_by_carrier
from ivr.web.webhooks import Said, Wire, alert, raw_target, verified
from ivr.workflows.ports import Clock, Presences
from ivr.workflows.take_call import Answer, TakeCall
from ivr.workflows.take_house import TakeHouse
from ivr.workflows.take_offer import TakeOffer
from ivr.workflows.take_text import TakeText
from ivr.workflows.visit_talk import LABEL, VisitTalk

CALLER_DOORS = (
    "step",
    "wait",
    "enter",
    "back",
    "moment",
    "room",
    "left",
    "bye",
    "message",
    "review",
    "dialled",
    "callback",
    "link",
    "case",
    "verify",
    "lookup",
    "out",
)
CLIENT = "client:"
ROOM_LABEL = "agent-"
COUNTED = re.compile("[0-9]{1,18}")
"""A step number, or an offer, that we gave out."""
CALLEE_RESULTS = {"busy": "busy", "no-answer": "no_answer", "completed": "gone"}
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Everything behind the webhooks."""

    wire: Wire
    take_call: TakeCall
    take_offer: TakeOffer
    take_house: TakeHouse
    presences: Presences
    clock: Clock
    take_text: TakeText
    visit: VisitTalk
    heard: Callable[[str], bytes | None]
    """The sound behind an address that a leg was given."""


def voice_blueprint(line: Line) -> Blueprint:
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")
    _caller_routes(blueprint, line)
    add_text_route(blueprint, line.wire, line.take_text)
    add_sound_route(blueprint, line.heard)
    _agent_routes(blueprint, line)
    again = steering(line, lambda: line.wire.one_moment(raw_target()))
    add_house_routes(blueprint, line.wire, line.take_house, steers=again, reports=reporting(line))
    _report_routes(blueprint, line)
    return blueprint


def steering(line: Line, safe: Callable[[], bytes]) -> Callable[[Any], Any]:
    """A request that steers a leg: 403 when unsigned, else 200 and a document, always."""

    def decorate(view: Callable[..., bytes]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**parts: str) -> Response:
            started = perf_counter()
            said = verified(line.wire)
            if isinstance(said, Response):
                return said
            try:
                body = view(said, **parts) if said.call else _nameless(line)
            except Unavailable as err:
                # An agent's line cannot be led without Redis; a caller's can (`TakeCall`).
                log.warning("voice_without_store", path=request.path, reason=str(err))
                body = safe()
            except Exception:
                VOICE_TROUBLE.inc()
                log.exception("voice_trouble", path=request.path)
                body = safe()
            VOICE_SECONDS.observe(perf_counter() - started)
            return Response(body, mimetype="text/xml")

        return signed_by_carrier(answered)

    return decorate


def _nameless(line: Line) -> bytes:
    """Without a call id nothing can be kept apart: words, and no effect."""
    alert("request_without_call")
    return line.wire.fixed("goodbye")


def reporting(line: Line) -> Callable[[Any], Any]:
    """A status callback: 403 when unsigned, else 204. A store that is away loses nothing: the sweep asks."""

    def decorate(view: Callable[..., None]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**parts: str) -> Response:
            said = verified(line.wire)
            if isinstance(said, Response):
                return said
            try:
                if said.call:
                    view(said, **parts)
            except Unavailable:
                log.warning("callback_not_kept", path=request.path)
            except Exception:
                VOICE_TROUBLE.inc()
                log.exception("callback_trouble", path=request.path)
            return Response(status=204)

        return signed_by_carrier(answered)

    return decorate


def _caller_routes(blueprint: Blueprint, line: Line) -> None:
    again = steering(line, lambda: line.wire.one_moment(raw_target()))

    def drawn(answer: Answer, dialled: str) -> bytes:
        return line.wire.draw(answer.instructions, answer.tree, dialled=dialled)

    def elsewhere_in(said: Said) -> bytes:
        return drawn(line.take_call.ask_again(CallId(said.call), dialled=said.dialled), said.dialled)

    @blueprint.post("/incoming")
    @again
    def incoming(said: Said) -> bytes:
        """The number's Voice URL: a call begins."""
        answer = line.take_call.arrive(CallId(said.call), line.wire.caller(said.claimed), said.dialled)
        if said.dialled not in answer.tree.numbers:
            alert("unknown_number")  # the first hotline answers: a number that was set up wrongly drops nobody
        return drawn(answer, said.dialled)

    @blueprint.post("/fallback")
    @again
    def fallback(said: Said) -> bytes:
        """The carrier could not use our last answer: say where the call is now; it has only its id."""
        log.warning("fallback_asked", error_code=said.error_code)
        if (tried := attempt_of(request.args.get("call", ""))) is not None:
            return drawn(line.take_call.ask_again(attempt_call(*tried), dialled=said.claimed), said.claimed)
        if said.claimed.startswith(CLIENT):
            return line.wire.fixed("agent")
        return drawn(line.take_call.ask_again(CallId(said.call), dialled=said.dialled, sorry=True), said.dialled)

    @blueprint.post("/sorry")
    @again
    def sorry(said: Said) -> bytes:
        return line.wire.fixed("goodbye")

    @blueprint.post(f"/<any({', '.join(CALLER_DOORS)}):door>/<call>/<step>")
    @again
    def step(said: Said, door: str, call: str, step: str) -> bytes:
        """One step of a caller's leg. A step of another call is nobody's business: it has no effect."""
        called_by_us = attempt_of(call) is not None
        if said.call != call and not called_by_us:
            alert("foreign_step", step_call=call)
            return line.wire.fixed("goodbye")
        if step.isdigit() and not COUNTED.fullmatch(step):
            return elsewhere_in(said)
        if said.over and door not in ("message", "dialled"):
            line.take_call.left(CallId(call))
            return line.wire.fixed("goodbye")
        link = line.wire.link(door, call, step, request.args)
        customer, hotline = (said.dialled, said.claimed) if called_by_us else (said.claimed, said.dialled)
        answer = line.take_call.carry(
            link,
            event_of(said, link, line.clock.now()),
            caller=line.wire.caller(customer),
            dialled=hotline,
            leg=LegId(said.call),
        )
        return drawn(answer, hotline)

    @blueprint.post("/held/<call>/<step>")
    @again
    def held(said: Said, call: str, step: str) -> bytes:
        """What a caller on hold hears, from the address alone."""
        answer = line.take_call.held(line.wire.link("held", call, step, request.args))
        return drawn(answer, said.dialled)

    @blueprint.post("/<path:rest>")
    @again
    def elsewhere(said: Said, rest: str) -> bytes:
        """A signed request for an address we no longer have: the call goes on where it is."""
        return elsewhere_in(said)


def _agent_routes(blueprint: Blueprint, line: Line) -> None:
    agent_leg = steering(line, lambda: line.wire.fixed("agent"))

    def drawn(answer: Answer) -> bytes:
        return line.wire.draw(answer.instructions, answer.tree, dialled="")

    @blueprint.post("/client")
    @agent_leg
    def client(said: Said) -> bytes:
        """A browser dials in. Who it is comes from its signed token; the offer it names must be its own."""
        if not said.claimed.startswith(CLIENT) or not said.offer:
            alert("browser_without_offer")
            return line.wire.fixed("not_permitted")
        if (visitor := visitor_of(said.claimed)) is not None:
            return drawn(line.visit.join(said.offer, LegId(said.call), who=visitor))
        agent = AgentId(said.claimed.removeprefix(CLIENT))
        return drawn(line.take_offer.join(agent, OfferId(said.offer), LegId(said.call), console=said.console))

    @blueprint.post("/visitor-left/<call>/<offer>")
    @agent_leg
    def visitor_left(said: Said, call: str, offer: str) -> bytes:
        line.visit.left(CallId(call), OfferId(offer), LegId(said.call))
        return line.wire.fixed("hang_up")

    def strayed(said: Said, call: str) -> bool:
        """The caller's own leg at an agent's door."""
        if said.call == call:
            alert("caller_at_agents_door")
        return said.call == call

    @blueprint.post("/offer/<call>/<offer>")
    @agent_leg
    def offer(said: Said, call: str, offer: str) -> bytes:
        if strayed(said, call):
            return line.wire.fixed("hang_up")
        return drawn(line.take_offer.whisper(CallId(call), OfferId(offer)))

    @blueprint.post("/answer/<call>/<offer>")
    @agent_leg
    def answer(said: Said, call: str, offer: str) -> bytes:
        if strayed(said, call):
            return line.wire.fixed("hang_up")
        return drawn(line.take_offer.answer(CallId(call), OfferId(offer), LegId(said.call), keys=said.keys))

    @blueprint.post("/agent-left/<call>/<offer>")
    @agent_leg
    def agent_left(said: Said, call: str, offer: str) -> bytes:
        if strayed(said, call):
            return line.wire.fixed("hang_up")
        line.take_offer.left_room(CallId(call), OfferId(offer), LegId(said.call), alive=not said.over)
        return line.wire.fixed("hang_up")


def _report_routes(blueprint: Blueprint, line: Line) -> None:
    report = reporting(line)

    @blueprint.post("/status")
    @report
    def status(said: Said) -> None:
        """The end of a leg: a caller's, or a browser agent's."""
        if not said.over:
            return
        if not said.claimed.startswith(CLIENT):
            line.take_call.left(CallId(said.call))
            return
        agent = line.presences.find(AgentId(said.claimed.removeprefix(CLIENT)))
        if agent is not None and agent.call is not None and agent.offer is not None:
            line.take_offer.lost(agent.call, agent.offer, LegId(said.call))

    @blueprint.post("/agent-leg/<call>/<offer>")
    @report
    def agent_leg(said: Said, call: str, offer: str) -> None:
        if said.over and said.call != call:
            line.take_offer.leg_ended(CallId(call), OfferId(offer), LegId(said.call), status=said.status)

    @blueprint.post("/recorded/<call>")
    @report
    def recorded(said: Said, call: str) -> None:
        """The recording of a talk is there."""
        if said.recording and said.recorded_s:
            made = RecordingMade(at=line.clock.now(), recording=said.recording, duration_s=said.recorded_s)
            line.take_call.tell(CallId(call), made)

    @blueprint.post("/callee-leg/<call>")
    @report
    def callee_leg(said: Said, call: str) -> None:
        """The leg of a customer whom we called is over."""
        if said.over:
            result = CALLEE_RESULTS.get(said.status, "failed")
            line.take_call.callee_left(CallId(call), LegId(said.call), result=result)

    @blueprint.post("/room-events/<call>")
    @report
    def room_events(said: Said, call: str) -> None:
        """Somebody left the room for good. One who was moved out is still on the line, and is no news."""
        if said.event != "participant-leave" or said.participant_status not in OVER:
            return
        if house_out(line.take_house, said, call):
            return
        if said.label.startswith(LABEL):
            line.visit.left(CallId(call), OfferId(said.label.removeprefix(LABEL)), LegId(said.call))
            return
        if said.label == "caller" and (said.call == call or attempt_of(call) is not None):
            line.take_call.left(CallId(call))
        elif said.label.startswith(ROOM_LABEL):
            offer = OfferId(said.label.removeprefix(ROOM_LABEL))
            line.take_offer.lost(CallId(call), offer, LegId(said.call))
