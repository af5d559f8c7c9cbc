"""Text messages that the service sends, and those that people send it.

A message to one of our numbers asks its SMS URL; `<Message>` in the answer goes back to the sender. Whoever writes STOP
gets nothing more from that number (21610) until START: the carrier sees to that itself, whatever the service does.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # the service is under test here: its documents are small and its own
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ivr.simulator.account import Account, new_sid
from ivr.simulator.ledger import Ledger
from ivr.simulator.loop import Loop
from ivr.simulator.webhooks import Hook, Reply, Webhooks

STEPS = (("queued", 0.0), ("sent", 0.5), ("delivered", 1.5))
"""States of a message that arrives, and when (seconds)."""


@dataclass(kw_only=True, eq=False)
class Message:
    from_: str
    to: str
    body: str
    created_s: float
    status_callback: str = ""
    sid: str = field(default_factory=lambda: new_sid("SM"))
    status: str = "queued"
    sent_s: float | None = None
    updated_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Text:
    """A message as a telephone keeps it."""

    sid: str
    from_: str
    to: str
    body: str
    at_s: float


STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "UNSTOP"})


class Messages:
    def __init__(self, *, account: Account, loop: Loop, ledger: Ledger, webhooks: Webhooks) -> None:
        self._account = account
        self._loop = loop
        self._ledger = ledger
        self._webhooks = webhooks
        self.made: dict[str, Message] = {}
        self.stopped: set[tuple[str, str]] = set()
        """Our number, and who wants nothing more from it."""
        self.texts: list[Text] = []
        """What was written in both directions, in order."""
        self.on_text: Callable[[Text], None] = lambda _text: None

    def send(self, *, from_: str, to: str, body: str, status_callback: str = "") -> Message:
        now = self._loop.clock.now()
        message = Message(from_=from_, to=to, body=body, status_callback=status_callback, created_s=now, updated_s=now)
        self.made[message.sid] = message
        self._ledger.write("message", sid=message.sid, from_=from_, to=to, body=body)
        self._keep(message.sid, from_, to, body)
        for status, after_s in STEPS[1:]:
            self._loop.later(after_s, lambda status=status: self._turn(message, status))  # type: ignore[misc]
        return message

    def receive(self, *, from_: str, to: str, body: str, sid: str = "") -> str:
        """Somebody writes to one of our numbers. The id of the message; given again, it is a repetition."""
        sid = sid or new_sid("SM")
        number = self._account.numbers.get(to)
        word = body.strip().upper()
        if word in STOPS:
            self.stopped.add((to, from_))
        elif word in STARTS:
            self.stopped.discard((to, from_))
        self._ledger.write("text", sid=sid, from_=from_, to=to, body=body)
        self._keep(sid, from_, to, body)
        if number is not None and number.sms_url:
            form = {
                "AccountSid": self._account.sid,
                "ApiVersion": "2010-04-01",
                "MessageSid": sid,
                "SmsSid": sid,
                "SmsMessageSid": sid,
                "SmsStatus": "received",
                "From": from_,
                "To": to,
                "Body": body,
                "NumMedia": "0",
                "NumSegments": "1",
            }
            hook = Hook(of="text", url=number.sms_url, form=form)
            self._webhooks.ask(hook, lambda reply: self._answered(reply, from_=from_, to=to))
        return sid

    def of(self, address: str) -> Sequence[Text]:
        """What a telephone has received and written, in order."""
        return [text for text in self.texts if address in (text.from_, text.to)]

    def _keep(self, sid: str, from_: str, to: str, body: str) -> None:
        text = Text(sid=sid, from_=from_, to=to, body=body, at_s=self._loop.clock.now())
        self.texts.append(text)
        self.on_text(text)

    def _answered(self, reply: Reply, *, from_: str, to: str) -> None:
        if reply.code:
            self._ledger.violate("text webhook answered 200", from_=from_, to=to, message=reply.message)
            return
        try:
            words = [found.text or "" for found in ET.fromstring(reply.answer.body).iter("Message")]  # noqa: S314
        except ET.ParseError as err:
            self._ledger.violate("text webhook answered with TwiML", from_=from_, to=to, message=str(err))
            return
        for body in words:
            if (to, from_) not in self.stopped:
                self.send(from_=to, to=from_, body=body)

    def _turn(self, message: Message, status: str) -> None:
        message.status, message.updated_s = status, self._loop.clock.now()
        message.sent_s = message.sent_s or message.updated_s
        if message.status_callback:
            form = {
                "AccountSid": self._account.sid,
                "ApiVersion": "2010-04-01",
                "From": message.from_,
                "To": message.to,
                "MessageSid": message.sid,
                "MessageStatus": status,
                "SmsSid": message.sid,
                "SmsStatus": status,
            }
            self._webhooks.tell(Hook(of="message", url=message.status_callback, form=form))
