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

from ivr.workflows.send_outgoing import NotSent

WITHIN_S = 20.0
PERMANENT = 500


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
        """The answer in a few words. Raises `NotSent`."""
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
        context = ssl.create_default_context()
        try:
            if self.tls == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=WITHIN_S, context=context)
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=WITHIN_S)
            with server:
                if self.tls == "starttls":
                    server.starttls(context=context)
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as err:
            code = next(iter(err.recipients.values()), (PERMANENT, b""))[0]
            raise NotSent(f"SMTP {code}", final=code >= PERMANENT) from err
        except smtplib.SMTPResponseException as err:
            raise NotSent(f"SMTP {err.smtp_code}", final=err.smtp_code >= PERMANENT) from err
        except (OSError, smtplib.SMTPException) as err:
            raise NotSent(type(err).__name__) from err
        return "taken by the mail server"
