"""The sound of a caller's own message, for their leg: an address that works for a few minutes.

A leg that is given no sound hears the carrier's own apology and may lose its call, so that trouble sounds like silence here;
the words that follow ask again what to do with the message.
"""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from functools import cache

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from ivr.web.security import allow_anyone

TOKEN = re.compile(r"[A-Za-z0-9_.-]{40,400}")
RATE, SILENT_S = 8000, 0.5
NAME = "heard"


def add_sound_route(blueprint: Blueprint, heard: Callable[[str], bytes | None]) -> None:
    """`heard`: the sound behind a token, None when there is none."""

    @blueprint.get("/heard/<token>", endpoint=NAME)
    @allow_anyone
    def sound(token: str) -> Response:
        if not TOKEN.fullmatch(token):
            raise NotFound
        return Response(heard(token) or silence(), mimetype="audio/wav")


@cache
def silence() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(bytes(int(RATE * SILENT_S) * 2))
    return made.getvalue()
