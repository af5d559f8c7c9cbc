"""Text messages that the service sends. Nobody reads them but scripts and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.simulator.account import Account, new_sid
from ivr.simulator.ledger import Ledger
from ivr.simulator.loop import Loop
from ivr.simulator.webhooks import Hook, Webhooks

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


class Messages:
    def __init__(self, *, account: Account, loop: Loop, ledger: Ledger, webhooks: Webhooks) -> None:
        self._account = account
        self._loop = loop
        self._ledger = ledger
        self._webhooks = webhooks
        self.made: dict[str, Message] = {}

    def send(self, *, from_: str, to: str, body: str, status_callback: str = "") -> Message:
        now = self._loop.clock.now()
        message = Message(from_=from_, to=to, body=body, status_callback=status_callback, created_s=now, updated_s=now)
        self.made[message.sid] = message
        self._ledger.write("message", sid=message.sid, from_=from_, to=to, body=body)
        for status, after_s in STEPS[1:]:
            self._loop.later(after_s, lambda status=status: self._turn(message, status))  # type: ignore[misc]
        return message

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
