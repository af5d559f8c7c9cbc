"""A system of the house that does what real servers do: answers, is slow, breaks, sends elsewhere, never ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class House:
    """A system of the house. `paths` says what it does at each."""

    server: ThreadingHTTPServer
    asked: list[dict[str, Any]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return self.server.server_port

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/{path}"

    @property
    def entry(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def open_house() -> Iterator[House]:
    """One, on a port of its own."""
    holder: dict[str, House] = {}

    class Desk(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """The list of what was asked is the log."""

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            place = holder["house"]
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size).decode()
            path = self.path.partition("?")[0].strip("/")
            place.asked.append({"path": self.path, "headers": dict(self.headers), "body": body, "way": self.command})
            status, kind, told = 200, "application/json; charset=utf-8", b'{"account": {"level": "gold"}, "ok": true}'
            match path:
                case "silent":
                    place.gate.wait(10)
                    return
                case "drips":
                    self.drip(place)
                    return
                case "drips-head":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                    self.drops(place)
                    return
                case "once" if len(place.asked) == 1:
                    status = 503
                case "broken":
                    status = 500
                case "missing":
                    status = 404
                case "elsewhere":
                    self.send_response(302)
                    self.send_header("Location", place.url("good"))
                    self.end_headers()
                    return
                case "big":
                    told = json.dumps({"level": "x" * 20_000}).encode()
                case "html":
                    kind = "text/html"
                case "garbage":
                    told = b"{"
                case "deep":
                    told = b"[" * 8000
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def drip(self, place: House) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.drops(place)

        def drops(self, place: House) -> None:
            for _ in range(100):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return
                if place.gate.wait(0.1):
                    return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    holder["house"] = House(server)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield holder["house"]
    holder["house"].gate.set()
    server.shutdown()
    server.server_close()
