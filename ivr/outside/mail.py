"""Send a mail through the house's own server. One message, one recipient; nothing is kept here."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any

from ivr.workflows.send_outgoing import NotSent

WITHIN_S = 20.0
TAKEN_WITHIN_S = 60.0
"""For the answer to a whole mail: servers look into what is attached before they answer."""
TAKEN, PERMANENT = 250, 500


@dataclass(frozen=True, kw_only=True)
class Attachment:
    name: str
    kind: str
    """`text/csv`."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SendMail:
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"
    """`starttls`, `tls` or `none`."""

    def send(self, to: str, *, subject: str, text: str, at: datetime, attachments: Sequence[Attachment] = ()) -> str:
        """The answer in a few words. Raises `NotSent`, `unknown` when all was handed over and no answer came."""
        if not self.host:
            raise NotSent("no mail server: set IVR_SMTP_HOST", final=True)
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"], mail["To"] = self.sender, to
            mail["Subject"] = " ".join(subject.split())
            mail["Date"] = format_datetime(at)
            mail["Message-ID"] = make_msgid(domain=self.sender.partition("@")[2].strip("> ") or None)
        except ValueError as err:
            raise NotSent("the address is no address", final=True) from err
        mail.set_content(text)
        for one in attachments:
            main, _, sub = one.kind.partition("/")
            mail.add_attachment(one.body, maintype=main, subtype=sub or "octet-stream", filename=one.name)
        return self._deliver(mail)

    def _deliver(self, mail: EmailMessage) -> str:
        talk: Talk | None = None
        try:
            with self._opened() as talk:
                if self.tls == "starttls":
                    talk.starttls(context=ssl.create_default_context())
                if self.user:
                    talk.login(self.user, self.password)
                talk.send_message(mail)
        except (OSError, ValueError, smtplib.SMTPException) as err:
            if talk is None or not talk.taken:  # what comes after that is no news
                raise _refusal(err, unknown=talk is not None and talk.handed_over) from err
        return "taken by the mail server"

    def _opened(self) -> Talk:
        if self.tls == "tls":
            return SafeTalk(self.host, self.port, timeout=WITHIN_S, context=ssl.create_default_context())
        return Talk(self.host, self.port, timeout=WITHIN_S)


class Talk(smtplib.SMTP):
    """Knows how far it came."""

    handed_over = False
    """The mail is on its way, and the server has not said yet whether it takes it."""
    taken = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handed_over = True
        if self.sock is not None:
            self.sock.settimeout(TAKEN_WITHIN_S)
        code, words = super().data(msg)
        self.handed_over, self.taken = False, code == TAKEN
        return code, words


class SafeTalk(Talk, smtplib.SMTP_SSL):
    """Over TLS from the first byte."""


def _refusal(err: Exception, *, unknown: bool) -> NotSent:
    code = getattr(err, "smtp_code", None)
    if isinstance(err, smtplib.SMTPRecipientsRefused):
        code = next(iter(err.recipients.values()), (PERMANENT, b""))[0]
    if code is not None:
        return NotSent(f"SMTP {code}", final=code >= PERMANENT)
    return NotSent(type(err).__name__, unknown=unknown)
