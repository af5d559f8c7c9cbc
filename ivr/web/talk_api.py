"""The API of a talk under way: hold, transfer, a colleague's or another house's help. Each action answers with the agent's view."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from ivr.core.ids import AgentId, OfferId
from ivr.web.api_json import json_body, jsonable
from ivr.web.doors import Site
from ivr.web.i18n import page_language
from ivr.web.security import allow, signed_in

WITH_BODY = frozenset(
    {"api.hold", "api.pause_recording", "api.transfer", "api.pass_on", "api.consult", "api.reveal", "api.send_text"}
)
"""Actions that take fields, which they name themselves."""


def add_talk_routes(blueprint: Blueprint, site: Site, own_agent: Callable[[Site], AgentId]) -> None:
    talk = site.transfer

    def view() -> Response:
        return jsonify(jsonable(site.desk.view(own_agent(site), page_language())))

    @blueprint.get("/v1/offers/<offer>/targets")
    @allow("agent", "admin")
    def targets(offer: str) -> ResponseReturnValue:
        return jsonify(jsonable(talk.targets(own_agent(site), OfferId(offer), page_language())))

    @blueprint.post("/v1/offers/<offer>/hold")
    @allow("agent", "admin")
    def hold(offer: str) -> ResponseReturnValue:
        talk.hold(own_agent(site), OfferId(offer), on=json_body(on=bool).get("on", True))
        return view()

    @blueprint.post("/v1/offers/<offer>/pause-recording")
    @allow("agent", "admin")
    def pause_recording(offer: str) -> ResponseReturnValue:
        talk.pause_recording(own_agent(site), OfferId(offer), on=json_body(on=bool).get("on", True))
        return view()

    @blueprint.post("/v1/offers/<offer>/reveal")
    @allow("agent", "admin")
    def reveal(offer: str) -> ResponseReturnValue:
        reason = json_body(reason=str).get("reason", "")
        number = site.reveal(own_agent(site), OfferId(offer), who=signed_in(site).login, reason=reason)
        return jsonify({"number": number})

    @blueprint.post("/v1/offers/<offer>/send-text")
    @allow("agent", "admin")
    def send_text(offer: str) -> ResponseReturnValue:
        site.text_caller(own_agent(site), OfferId(offer), json_body(text=str).get("text", ""))
        return view()

    @blueprint.post("/v1/offers/<offer>/transfer")
    @allow("agent", "admin")
    def transfer(offer: str) -> ResponseReturnValue:
        talk.transfer(own_agent(site), OfferId(offer), **json_body(topic=str, to=str, note=str))
        return view()

    @blueprint.post("/v1/offers/<offer>/pass-on")
    @allow("agent", "admin")
    def pass_on(offer: str) -> ResponseReturnValue:
        body = json_body(destination=str, note=str)
        destination, note = body.get("destination", ""), body.get("note", "")
        talk.pass_on(own_agent(site), OfferId(offer), destination=destination, note=note)
        return view()

    @blueprint.post("/v1/offers/<offer>/consult")
    @allow("agent", "admin")
    def consult(offer: str) -> ResponseReturnValue:
        body = json_body(topic=str, to=str, note=str, destination=str)
        destination, note = body.pop("destination", ""), body.get("note", "")
        if destination:
            talk.consult_outside(own_agent(site), OfferId(offer), destination=destination, note=note)
        else:
            talk.consult(own_agent(site), OfferId(offer), **body)
        return view()

    @blueprint.post("/v1/offers/<offer>/alone")
    @allow("agent", "admin")
    def alone(offer: str) -> ResponseReturnValue:
        talk.alone(own_agent(site), OfferId(offer))
        return view()

    @blueprint.post("/v1/offers/<offer>/hand-over")
    @allow("agent", "admin")
    def hand_over(offer: str) -> ResponseReturnValue:
        talk.hand_over(own_agent(site), OfferId(offer))
        return view()
