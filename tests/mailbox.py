"""A mail server of this machine, for tests: it takes mails over real SMTP and keeps them."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default


@dataclass
class Mailbox:
    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    """Recipient, as the envelope has it, and mail."""
    answers: list[str] = field(default_factory=list)
    """What the next recipients are answered instead of being taken."""
    hangs_up: bool = False
    """Takes a mail, and the line breaks before it can say so."""


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            recipient = ""
            while line := self.rfile.readline().decode("ascii", "replace").rstrip():
                word = line[:4].upper()
                if word == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    self._say(box.answers.pop(0) if box.answers else "250 taken")
                elif word == "DATA":
                    self._say("354 go on")
                    body = b""
                    while not body.endswith(b"\r\n.\r\n"):
                        body += self.rfile.readline()
                    mail = email.message_from_bytes(body[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
                    assert isinstance(mail, EmailMessage)
                    box.taken.append((recipient, mail))
                    if box.hangs_up:
                        return
                    self._say("250 kept")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 fine")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join(5)
