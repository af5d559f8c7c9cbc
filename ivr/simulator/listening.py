"""`Gather` and `Record`: what the caller enters or says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from ivr.simulator.legs import Key, Leg, Spoken, Voiced
from ivr.simulator.recordings import Recording, Told
from ivr.simulator.tasks import Interrupted, Story, Wait
from ivr.simulator.twiml import Document

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange
    from ivr.simulator.stories import Ask, Stories

CONFIDENCE = "0.92"


class Listening:
    def __init__(self, exchange: Exchange, stories: Stories) -> None:
        self._exchange = exchange
        self._stories = stories

    # --- Gather -----------------------------------------------------------------------------------------------

    def gather(self, leg: Leg, verb: ET.Element, document: Document) -> Story[Ask | None]:
        """Keys count from the first nested prompt on and stop it; earlier ones are lost. The time-out runs from the end
        of the prompts, and anew from each key.
        """
        inputs = verb.get("input", "dtmf").split()
        takes = tuple(kind for word, kind in (("dtmf", Key), ("speech", Spoken)) if word in inputs)
        self._exchange.hear(
            leg, "gather", text=f"{verb.get('numDigits', 'any')} keys, ends on '{verb.get('finishOnKey', '#')}'"
        )
        signal = yield from self._prompts(leg, verb, document, takes)
        digits = ""
        finish = verb.get("finishOnKey", "#")
        most = int(verb.get("numDigits", "1000"))
        while True:
            if signal is None:
                signal = yield Wait(seconds=float(verb.get("timeout", "5")), takes=takes)
            if isinstance(signal, Spoken):
                return self._answer(verb, document, {"SpeechResult": signal.text, "Confidence": CONFIDENCE})
            if not isinstance(signal, Key):
                break
            if finish and signal.key == finish:
                return self._answer(verb, document, {"Digits": digits, "FinishedOnKey": finish})
            digits += signal.key
            if len(digits) >= most:
                break
            takes, signal = (Key,), None
        if digits or verb.get("actionOnEmptyResult") == "true":
            return self._answer(verb, document, {"Digits": digits})
        return None

    def _prompts(self, leg: Leg, verb: ET.Element, document: Document, takes: tuple[type, ...]) -> Story[object]:
        if verb.get("bargeIn") == "false":
            takes = ()
        for prompt in verb:
            signal = yield from self._stories.sounding.perform(leg, prompt, document, takes)
            if signal is not None:
                return signal
        return None

    def _answer(self, verb: ET.Element, document: Document, extra: dict[str, str]) -> Ask:
        return self._stories.next_document(document, verb.get("action", ""), verb.get("method", "POST"), extra)

    # --- Record -----------------------------------------------------------------------------------------------

    def record(self, leg: Leg, verb: ET.Element, document: Document) -> Story[Ask | None]:
        """Ends by key, by silence, at its longest, or with the call; then `action` is asked, after a hang-up too."""
        if verb.get("playBeep", "true") == "true":
            self._exchange.hear(leg, "beep")
        to = verb.get("recordingStatusCallback", "")
        told = Told.of(verb.attrib, self._stories.next_document(document, to, "POST").url if to else "")
        recording = self._exchange.recordings.start(call_sid=leg.sid, source="RecordVerb", told=told)
        try:
            key = yield from self._until_done(leg, verb, recording)
        except Interrupted:
            self._finish(leg, verb, recording)
            asked = self._stories.next_document(document, verb.get("action", ""), verb.get("method", "POST"))
            self._stories.ask_aside(leg, asked.url, asked.method, self._result(recording, "hangup"))
            raise
        self._finish(leg, verb, recording)
        if recording.status == "absent" and not key:
            return None
        return self._answer(verb, document, self._result(recording, key))

    def _until_done(self, leg: Leg, verb: ET.Element, recording: Recording) -> Story[str]:
        now = self._exchange.clock.now
        ends = recording.start_s + float(verb.get("maxLength", "3600"))
        silence = float(verb.get("timeout", "5"))
        keys = verb.get("finishOnKey", "1234567890*#")
        while True:
            quiet_from = leg.voice_until_s
            stop = (
                ends if quiet_from is None or not silence else min(ends, max(quiet_from, recording.start_s) + silence)
            )
            if now() >= stop:
                return ""
            signal = yield Wait(seconds=stop - now(), takes=(Key, Spoken, Voiced))
            if isinstance(signal, Key) and signal.key in keys:
                return signal.key

    def _finish(self, leg: Leg, verb: ET.Element, recording: Recording) -> None:
        lasted = self._exchange.clock.now() - recording.start_s
        voiced = lasted if leg.voice_until_s is None else min(lasted, leg.voice_until_s - recording.start_s)
        trimmed = voiced if verb.get("trim", "trim-silence") == "trim-silence" else lasted
        self._exchange.recordings.finish(recording, seconds=max(0.0, trimmed), silent=voiced <= 0)

    def _result(self, recording: Recording, key: str) -> dict[str, str]:
        return {
            "RecordingUrl": self._exchange.recordings.url(recording),
            "RecordingSid": recording.sid,
            "RecordingDuration": str(max(0, recording.duration_s)),
            "Digits": key,
        }
