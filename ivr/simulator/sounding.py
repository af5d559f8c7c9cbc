"""`Say`, `Play`, `Pause`: what is heard, and for how long. A signal that is taken cuts it short."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from ivr.simulator.grammar import language_of_voice
from ivr.simulator.legs import Leg
from ivr.simulator.media import Sound, speech_s
from ivr.simulator.tasks import Story, Wait, Work
from ivr.simulator.twiml import Document, TwimlError, said

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange

FOREVER = 1000
"""Repetitions that `loop="0"` means."""
KEY_S = 0.25
INSTANT_LOOPS = 2
"""Speech that takes no time is not repeated a thousand times in a row."""
Takes = tuple[type, ...]


class Sounding:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def perform(self, leg: Leg, verb: ET.Element, document: Document, takes: Takes = ()) -> Story[object]:
        """The signal that cut it short, or None."""
        if verb.tag == "Say":
            return (yield from self.say(leg, verb, takes))
        if verb.tag == "Pause":
            return (yield Wait(seconds=float(verb.get("length", "1")), takes=takes))
        if verb.get("digits"):
            return (yield from self._tones(leg, verb.get("digits", ""), takes))
        url = (verb.text or "").strip()
        if not url:
            raise TwimlError(13420, "<Play> without an address")
        whole = urljoin(document.url, url) if document.url else url
        return (yield from self.play_url(leg, whole, loops=_loops(verb), takes=takes))

    def say(self, leg: Leg, verb: ET.Element, takes: Takes = ()) -> Story[object]:
        text = said(verb)
        if not text:
            self._exchange.ledger.write("error", leg=leg.sid, code=13520, message="Say: empty text", url="")
            return None
        voice = verb.get("voice", "")
        language = verb.get("language") or language_of_voice(voice) or "en-US"
        instant = self._exchange.instant_speech
        seconds = 0.0 if instant else speech_s(text)
        for _ in range(min(_loops(verb), INSTANT_LOOPS) if instant else _loops(verb)):
            heard = self._exchange.hear(
                leg, "say", text=text, language=language, voice=voice, seconds=round(seconds, 2)
            )
            signal = yield Wait(seconds=seconds, takes=takes)
            if signal is not None:
                self._exchange.stop_hearing(leg, heard)
                return signal
        return None

    def play_url(
        self, leg: Leg, url: str, *, loops: int = 1, takes: Takes = (), forever: bool = False
    ) -> Story[object]:
        """Raises TwimlError when there is no sound at `url`."""
        fetched = yield Work(lambda: self._fetch(url))
        if isinstance(fetched, TwimlError):
            raise fetched
        assert isinstance(fetched, Sound)
        for _ in range(FOREVER if forever else loops):
            heard = self._exchange.hear(leg, "play", url=url, seconds=round(fetched.seconds, 2))
            signal = yield Wait(seconds=fetched.seconds, takes=takes)
            if signal is not None:
                self._exchange.stop_hearing(leg, heard)
                return signal
        return None

    def _fetch(self, url: str) -> Sound | TwimlError:
        try:
            return self._exchange.media.fetch(url)
        except TwimlError as err:
            return err

    def _tones(self, leg: Leg, digits: str, takes: Takes) -> Story[object]:
        self._exchange.hear(leg, "event", text=f"tones {digits}")
        seconds = sum({"w": 0.5, "W": 1.0}.get(digit, KEY_S) for digit in digits)
        return (yield Wait(seconds=seconds, takes=takes))


def _loops(verb: ET.Element) -> int:
    return int(verb.get("loop", "1")) or FOREVER
