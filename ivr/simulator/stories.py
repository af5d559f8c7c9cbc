"""What a leg does with the documents it is given, verb by verb. Each story is a generator (`tasks.py`).

One document steers a leg at a time. When its verbs run out, the call ends; when it cannot be fetched or run, the
fallback address is asked once with `ErrorCode` and `ErrorUrl`, and without one the caller hears the carrier's own
apology.
"""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ivr.simulator.legs import Direction, Leg, SeatGone, Status, parameters
from ivr.simulator.listening import Listening
from ivr.simulator.rooms import Seat
from ivr.simulator.sounding import Sounding
from ivr.simulator.tasks import Story, Task, Wait, Work
from ivr.simulator.twiml import Document, TwimlError, parse, read
from ivr.simulator.webhooks import Hook, Reply

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
AT_ONCE = 20
"""Documents a leg may run through without any time passing; then the carrier slows it down."""


class HangUp(Exception):
    """The document says: end this leg."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The next document: where, and what goes along."""

    url: str
    method: str = "POST"
    extra: Mapping[str, str] = field(default_factory=dict)
    fallback: bool = False
    inline: str | None = None


class Stories:
    def __init__(self, exchange: Exchange) -> None:
        from ivr.simulator.dialling import Dialling

        self.exchange = exchange
        self.sounding = Sounding(exchange)
        self.listening = Listening(exchange, self)
        self.dialling = Dialling(exchange, self)

    # --- whole stories ----------------------------------------------------------------------------------------

    def first(self, leg: Leg) -> Ask:
        return Ask(url=leg.voice.url, method=leg.voice.method, inline=leg.voice.twiml if not leg.voice.url else None)

    def call(self, leg: Leg, ask: Ask) -> Story[None]:
        if leg.send_digits:
            self.exchange.hear(leg, "event", text=f"sends {leg.send_digits}")
            leg.send_digits = ""
        with contextlib.suppress(HangUp):
            yield from self.walk(leg, ask, context="call")
        self.exchange.end(leg)

    def participant(self, leg: Leg, attributes: Mapping[str, str]) -> Story[None]:
        """A leg REST put into a room: it has no document, so it ends with the room."""
        urls = {
            name: attributes[name]
            for name in ("waitUrl", "statusCallback", "recordingStatusCallback")
            if attributes.get(name)
        }
        urls.setdefault("waitUrl", attributes.get("waitUrl", ""))
        try:
            self.exchange.rooms.join(leg, attributes["room"], attributes, urls=urls)
            yield Wait(takes=(SeatGone,))
        except TwimlError as err:
            self.report(leg, err, "")
        self.exchange.end(leg)

    def whisper(self, leg: Leg, ask: Ask) -> Story[bool]:
        """Whether the called party may be joined."""
        try:
            yield from self.walk(leg, ask, context="whisper")
        except HangUp:
            return False
        return True

    def play_wait(self, seat: Seat) -> None:
        """The wait document, or on hold the hold document, beside the leg's own story. Run once."""
        rooms = self.exchange.rooms
        rooms.stop_music(seat)
        if seat.wait_url is None:
            self.exchange.hear(seat.leg, "play", text="music", url="carrier:music")
        elif seat.wait_url:
            seat.music = Task(self.exchange.loop, self._music(seat, Ask(url=seat.wait_url, method=seat.wait_method)))
            seat.music.start()

    def _music(self, seat: Seat, ask: Ask) -> Story[None]:
        try:
            yield from self.walk(
                seat.leg, ask, context="room", room={"ConferenceSid": seat.room.sid, "FriendlyName": seat.room.name}
            )
        except HangUp:
            return

    def announce(self, legs: list[Leg], ask: Ask) -> Story[None]:
        """Every leg hears the document; the first carries it."""
        for leg in legs[1:]:
            self.exchange.hear(leg, "event", text=f"announcement {ask.url}")
        try:
            yield from self.walk(legs[0], ask, context="room")
        except HangUp:
            return

    # --- documents --------------------------------------------------------------------------------------------

    def walk(self, leg: Leg, ask: Ask | None, *, context: str, room: Mapping[str, str] | None = None) -> Story[None]:
        """Documents one after another until one runs out. Raises HangUp."""
        at_once, since_s = 0, self.exchange.clock.now()
        while ask is not None:
            at_once += 1
            if self.exchange.clock.now() - since_s >= 1:
                at_once, since_s = 0, self.exchange.clock.now()
            elif at_once > AT_ONCE:
                yield Wait(seconds=1)
            asked = ask
            try:
                document = yield from self.fetch(leg, asked, context=context, extra=room or {})
                ask = yield from self._perform(leg, document, context)
            except TwimlError as err:
                self.report(leg, err, asked.url)
                if context == "room":
                    return
                ask = yield from self._rescue(leg, err, asked)

    def _rescue(self, leg: Leg, err: TwimlError, failed: Ask) -> Story[Ask]:
        url = leg.voice.fallback_url
        if url and not failed.fallback:
            return Ask(
                url=url,
                method=leg.voice.fallback_method,
                fallback=True,
                extra={"ErrorCode": str(err.code), "ErrorUrl": failed.url.partition("#")[0]},
            )
        self.exchange.pick_up(leg)
        self.exchange.ledger.violate(
            "no caller hears the carrier's apology", leg=leg.sid, code=err.code, url=failed.url
        )
        said = ET.Element("Say")
        said.text = APOLOGY
        yield from self.sounding.say(leg, said)
        raise HangUp

    def fetch(self, leg: Leg, ask: Ask, *, context: str, extra: Mapping[str, str]) -> Story[Document]:
        """Raises TwimlError."""
        if ask.inline is not None:
            return Document(url="", verbs=parse(ask.inline.encode(), context=context))
        if not ask.url:
            raise TwimlError(11100, "No URL to ask")
        hook = self.hook(leg, ask.url, ask.method, {**extra, **ask.extra})
        reply: Reply = yield Work(lambda: self.exchange.webhooks.send(hook))
        return self._document(leg, reply, context)

    def _document(self, leg: Leg, reply: Reply, context: str) -> Document:
        if reply.code:
            raise TwimlError(reply.code, reply.message)
        answer = reply.answer
        try:
            return read(answer.body, answer.content_type, url=answer.url, method=answer.method, context=context)
        except TwimlError as err:
            self.exchange.ledger.violate(
                "voice webhook answered valid TwiML",
                entry=reply.entry,
                leg=leg.sid,
                url=answer.url,
                code=err.code,
                message=err.message,
            )
            raise

    def hook(self, leg: Leg, url: str, method: str, extra: Mapping[str, str]) -> Hook:
        form = parameters(leg, self.exchange.account.sid) | dict(extra)
        return Hook(of="voice", url=url, method=method, form=form, leg=leg.sid)

    def ask_aside(self, leg: Leg, url: str, method: str, extra: Mapping[str, str]) -> None:
        """An `action` whose document nobody runs any more; it must be valid all the same."""

        def check(reply: Reply) -> None:
            try:
                self._document(leg, reply, "call")
            except TwimlError as err:
                self.report(leg, err, url)

        self.exchange.webhooks.ask(self.hook(leg, url, method, extra), check)

    def report(self, leg: Leg, err: TwimlError, url: str) -> None:
        self.exchange.ledger.write("error", leg=leg.sid, code=err.code, message=err.message, url=url)
        self.exchange.hear(leg, "event", text=f"error {err.code}")

    # --- verbs ------------------------------------------------------------------------------------------------

    def _perform(self, leg: Leg, document: Document, context: str) -> Story[Ask | None]:
        """The document that comes next; None: this one ran out. Raises HangUp, TwimlError."""
        if document.audio is not None:
            self.exchange.pick_up(leg)
            yield from self.sounding.play_url(leg, document.audio, forever=context == "room")
            raise HangUp
        for place, verb in enumerate(document.verbs):
            if verb.tag == "Reject":
                self._reject(leg, verb, first=place == 0)
            ask = yield from self._verb(leg, verb, document, context)
            if ask is not None:
                return ask
        return None

    def _verb(self, leg: Leg, verb: ET.Element, document: Document, context: str) -> Story[Ask | None]:
        if verb.tag == "Hangup":
            raise HangUp
        if verb.tag not in {"Pause", "Redirect"} and context == "call" and verb.get("answerOnBridge") != "true":
            self.exchange.pick_up(leg)
        if verb.tag in {"Say", "Play", "Pause"}:
            yield from self.sounding.perform(leg, verb, document)
            return None
        if verb.tag == "Redirect":
            return self.next_document(document, (verb.text or "").strip(), verb.get("method", "POST"))
        if verb.tag == "Gather":
            return (yield from self.listening.gather(leg, verb, document))
        if verb.tag == "Record":
            return (yield from self.listening.record(leg, verb, document))
        return (yield from self.dialling.dial(leg, verb, document))

    def _reject(self, leg: Leg, verb: ET.Element, *, first: bool) -> None:
        if first and leg.status is Status.RINGING and leg.direction is Direction.INBOUND:
            self.exchange.end(leg, Status.BUSY if verb.get("reason") == "busy" else Status.NO_ANSWER)
        raise HangUp

    def next_document(self, document: Document, url: str, method: str, extra: Mapping[str, str] | None = None) -> Ask:
        """`url` as a verb wrote it: relative to the document, "" for the document itself. Raises TwimlError."""
        return Ask(url=absolute(document, url), method=method, extra=extra or {})


def absolute(document: Document, url: str) -> str:
    """Raises TwimlError 15004 where inline TwiML has no base."""
    if not document.url:
        if not urlsplit(url).scheme:
            raise TwimlError(15004, f"'{url}' must be absolute in inline TwiML")
        return url
    if not url:
        return document.url
    try:
        return urljoin(document.url, url)
    except ValueError as err:
        raise TwimlError(11100, f"Invalid URL: {url}") from err


def optional(document: Document, verb: ET.Element, name: str) -> str:
    """An address a verb may leave out; "" then, and where it is empty."""
    value = verb.get(name, "")
    return absolute(document, value) if value else ""
