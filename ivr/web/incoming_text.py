"""The carrier's webhook for text messages that come in: verify, parse, one workflow, one answer."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from ivr.web.meters import VOICE_TROUBLE
from ivr.web.security import signed_by_carrier
from ivr.web.webhooks import Wire, verified
from ivr.workflows.take_text import TakeText

log = structlog.get_logger(__name__)


def add_text_route(blueprint: Blueprint, wire: Wire, take_text: TakeText) -> None:
    @blueprint.post("/text")
    @signed_by_carrier
    def text() -> Response:
        """The number's SMS URL. Nobody waits on a line: what goes wrong is answered with nothing."""
        said = verified(wire)
        if isinstance(said, Response):
            return said
        words = ""
        try:
            if said.message:
                words = take_text(said.message, wire.caller(said.claimed), said.dialled, said.text)
        except Exception:
            VOICE_TROUBLE.inc()
            log.exception("text_trouble")
        return Response(wire.answer_text(words), mimetype="text/xml")
