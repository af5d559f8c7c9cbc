"""`Dial`: ring telephones, browsers or SIP phones and join the first who answers; or take a seat in a conference."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ivr.simulator.account import E164
from ivr.simulator.legs import Callbacks, ChildAnswered, ChildGone, Key, Leg, SeatGone, Status, Whispered
from ivr.simulator.recordings import Recording, Told
from ivr.simulator.tasks import Interrupted, Story, Task, Wait
from ivr.simulator.twiml import Document, TwimlError

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange
    from ivr.simulator.stories import Ask, Stories

ROOM_URLS = ("waitUrl", "statusCallback", "recordingStatusCallback")
Result = dict[str, str]


class Dialling:
    def __init__(self, exchange: Exchange, stories: Stories) -> None:
        self._exchange = exchange
        self._stories = stories

    def dial(self, leg: Leg, verb: ET.Element, document: Document) -> Story[Ask | None]:
        room = verb.find("Conference")
        if room is not None:
            return (yield from self._room(leg, verb, room, document))
        return (yield from self._phones(leg, verb, document))

    # --- conference -------------------------------------------------------------------------------------------

    def _room(self, leg: Leg, verb: ET.Element, noun: ET.Element, document: Document) -> Story[Ask | None]:
        name = (noun.text or "").strip()
        if not name:
            raise TwimlError(13233, "<Conference> without a name")
        try:
            urls = {url: self._address(document, noun, url) for url in ROOM_URLS}
            self._exchange.rooms.join(leg, name, noun.attrib, urls=urls)
        except TwimlError as err:
            self._stories.report(leg, err, document.url)
            return None if err.code == 16025 else self._after(verb, document, {"DialCallStatus": "failed"})
        try:
            while True:
                signal = yield Wait(seconds=float(verb.get("timeLimit", "14400")), takes=(SeatGone, Key))
                if signal is None or (
                    isinstance(signal, Key) and signal.key == "*" and verb.get("hangupOnStar") == "true"
                ):
                    if leg.seat is not None:
                        self._exchange.rooms.leave(leg.seat, "participant_hung_up")
                    break
                if isinstance(signal, SeatGone):
                    break
        except Interrupted:
            self._aside(leg, verb, document, {"DialCallStatus": "answered"})
            raise
        return self._after(verb, document, {"DialCallStatus": "answered"})

    def _address(self, document: Document, noun: ET.Element, name: str) -> str:
        value = noun.get(name, "")
        return self._stories.next_document(document, value, "POST").url if value else ""

    # --- phones -----------------------------------------------------------------------------------------------

    def _phones(self, leg: Leg, verb: ET.Element, document: Document) -> Story[Ask | None]:
        nouns = [child for child in verb if child.tag in {"Number", "Client", "Sip"}]
        if not nouns:
            alone = ET.Element("Number")
            alone.text = verb.text
            nouns = [alone]
        wanted = [(noun, _target(noun)) for noun in nouns]
        caller_id = self._caller_id(leg, verb, [to for _, to in wanted])
        rounds = [[one] for one in wanted] if verb.get("sequential") == "true" else [wanted]
        result: Result = {"DialCallStatus": "no-answer", "DialBridged": "false"}
        for together in rounds:
            result = yield from self._try(leg, verb, document, together, caller_id)
            if result["DialBridged"] == "true":
                break
        return self._after(verb, document, result)

    def _caller_id(self, leg: Leg, verb: ET.Element, targets: list[str]) -> str:
        """Raises TwimlError 13214."""
        given = verb.get("callerId", "")
        to_number = any(E164.match(to) for to in targets)
        allowed = {leg.from_, leg.to, *self._exchange.account.numbers}
        if given and (given in allowed or (not to_number and given.startswith(("client:", "sip:")))):
            return given
        if given or (to_number and leg.from_.startswith(("client:", "sip:"))):
            raise TwimlError(13214, f"Dial: invalid callerId '{given}'")
        return leg.from_

    def _try(
        self, leg: Leg, verb: ET.Element, document: Document, nouns: list[tuple[ET.Element, str]], caller_id: str
    ) -> Story[Result]:
        children = {self._ring(leg, verb, document, noun, to, caller_id): noun for noun, to in nouns}
        try:
            result = yield from self._until_over(leg, verb, document, children)
        except Interrupted as cut:
            self._aside(leg, verb, document, self._cut(children, cut.why))
            raise
        except TwimlError:
            self._leave_nobody(children)
            raise
        self._leave_nobody(children)
        return result

    def _until_over(
        self, leg: Leg, verb: ET.Element, document: Document, children: Mapping[Leg, ET.Element]
    ) -> Story[Result]:
        child, last = yield from self._first_answer(leg, verb, children)
        if child is None:
            return {"DialCallStatus": _word(last), "DialCallSid": last.sid, "DialBridged": "false"}
        url = children[child].get("url", "")
        if url:
            self._whisper(leg, child, self._stories.next_document(document, url, children[child].get("method", "POST")))
            accepted = yield from self._heard_out(child)
            if not accepted:
                return self._result(child, bridged=False)
        return (yield from self._talk(leg, verb, document, child))

    def _leave_nobody(self, children: Mapping[Leg, Any]) -> None:
        """A child that REST gave a document of its own lives on."""
        for child in children:
            if child.bridged is None and not child.over and child.task is None:
                self._exchange.end(child, Status.COMPLETED if child.live else Status.CANCELED)

    def _ring(self, leg: Leg, verb: ET.Element, document: Document, noun: ET.Element, to: str, caller_id: str) -> Leg:
        callbacks = Callbacks(
            url=self._address(document, noun, "statusCallback"),
            method=noun.get("statusCallbackMethod", "POST"),
            events=frozenset(noun.get("statusCallbackEvent", "completed").split()),
        )
        parameters = {p.get("name", ""): p.get("value", "") for p in noun.findall("Parameter")}
        child = self._exchange.child(
            leg,
            from_=caller_id,
            to=to,
            callbacks=callbacks,
            own=parameters,
            timeout_s=float(verb.get("timeout", "30")),
            send_digits=noun.get("sendDigits", ""),
        )
        self._exchange.loop.soon(lambda: None if child.over else self._exchange.ringing.place(child))
        return child

    def _first_answer(
        self, leg: Leg, verb: ET.Element, children: Mapping[Leg, ET.Element]
    ) -> Story[tuple[Leg | None, Leg]]:
        """Who answered, or None with the one that ended last."""
        self._exchange.hear(leg, "ring")
        while True:
            signal = yield Wait(takes=(ChildAnswered, ChildGone, Key))
            if isinstance(signal, Key):
                if signal.key == "*" and verb.get("hangupOnStar") == "true":
                    return None, next(iter(children))
            elif isinstance(signal, ChildAnswered) and signal.leg in children:
                for other in children:
                    if other is not signal.leg and not other.over:
                        self._exchange.end(other, Status.CANCELED)
                return signal.leg, signal.leg
            elif isinstance(signal, ChildGone) and all(child.over for child in children):
                return None, signal.leg

    def _whisper(self, leg: Leg, child: Leg, ask: Ask) -> None:
        def run() -> Story[None]:
            accepted = yield from self._stories.whisper(child, ask)
            child.task = None
            if accepted:
                leg.signal(Whispered(child))
            else:
                self._exchange.end(child)

        child.task = Task(self._exchange.loop, run())
        child.task.start()

    def _heard_out(self, child: Leg) -> Story[bool]:
        while True:
            signal = yield Wait(takes=(Whispered, ChildGone))
            if signal.leg is child:
                return isinstance(signal, Whispered)

    def _talk(self, leg: Leg, verb: ET.Element, document: Document, child: Leg) -> Story[Result]:
        self._exchange.pick_up(leg)
        self._exchange.bridge(leg, child)
        recording = self._record(leg, verb, document)
        try:
            while True:
                signal = yield Wait(seconds=float(verb.get("timeLimit", "14400")), takes=(ChildGone, Key))
                if signal is None or (
                    isinstance(signal, Key) and signal.key == "*" and verb.get("hangupOnStar") == "true"
                ):
                    self._exchange.unbridge(leg)
                    break
                if isinstance(signal, ChildGone) and signal.leg is child:
                    break
        finally:
            if recording is not None:
                self._exchange.recordings.finish(recording)
        result = self._result(child, bridged=True)
        if child.over:
            result["DialCallDuration"] = str(child.duration_s)
        if recording is not None:
            result["RecordingUrl"] = self._exchange.recordings.url(recording)
        return result

    def _record(self, leg: Leg, verb: ET.Element, document: Document) -> Recording | None:
        word = verb.get("record", "do-not-record")
        if word in {"do-not-record", "false"}:
            return None
        told = Told.of(verb.attrib, self._address(document, verb, "recordingStatusCallback"))
        channels = 2 if word.endswith("-dual") else 1
        return self._exchange.recordings.start(call_sid=leg.sid, source="DialVerb", told=told, channels=channels)

    def _cut(self, children: Mapping[Leg, Any], why: str) -> Result:
        """The caller hung up, or REST took the call away: the other side ends."""
        answered = next((child for child in children if child.answered_s is not None), None)
        for child in children:
            if not child.over:
                self._exchange.end(child, Status.COMPLETED if child.live else Status.CANCELED)
        if answered is None:
            word = "canceled" if why == "hangup" else "completed"
            return {"DialCallStatus": word, "DialCallSid": next(iter(children)).sid, "DialBridged": "false"}
        return self._result(answered, bridged=True) | {"DialCallDuration": str(answered.duration_s)}

    def _result(self, child: Leg, *, bridged: bool) -> Result:
        return {"DialCallStatus": "completed", "DialCallSid": child.sid, "DialBridged": "true" if bridged else "false"}

    # --- afterwards -------------------------------------------------------------------------------------------

    def _after(self, verb: ET.Element, document: Document, result: Result) -> Ask | None:
        if "action" not in verb.attrib:
            return None
        return self._stories.next_document(document, verb.get("action", ""), verb.get("method", "POST"), result)

    def _aside(self, leg: Leg, verb: ET.Element, document: Document, result: Result) -> None:
        after = self._after(verb, document, result)
        if after is not None:
            self._stories.ask_aside(leg, after.url, after.method, after.extra)


def _word(leg: Leg) -> str:
    return leg.status.value if leg.over else "canceled"


def _target(noun: ET.Element) -> str:
    """Raises TwimlError 13223 / 13224."""
    identity = noun.find("Identity")
    text = ((identity.text if identity is not None else noun.text) or "").strip()
    if noun.tag == "Client":
        if not text:
            raise TwimlError(13212, "<Client> without an identity")
        return f"client:{text}"
    if noun.tag == "Sip":
        if not text.startswith(("sip:", "sips:")):
            raise TwimlError(13241, f"Invalid SIP address '{text}'")
        return text
    number = text.replace(" ", "").replace("-", "")
    if not E164.match(number):
        raise TwimlError(13224, f"Dial: invalid phone number '{text}'")
    return number
