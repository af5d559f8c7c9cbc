"""The last moment of a conversation with somebody else's server, whatever that server does.

The library's time-outs are for each reading, so an answer that comes byte by byte may take for ever. Here a timer shuts the
connection down; whoever reads then gets an end or an error, and asks `over` whether the answer was whole.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import urllib3


class Deadline:
    """`with Deadline(15.0) as deadline`: the connections of a watched pool end after so many seconds."""

    def __init__(self, within_s: float) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._over = False
        self._timer = threading.Timer(within_s, self._end)
        self._timer.daemon = True

    @property
    def over(self) -> bool:
        """What was read meanwhile may be cut off."""
        return self._over

    def watch(self, pool: urllib3.HTTPConnectionPool) -> None:
        deadline = self
        usual: Any = pool.ConnectionCls

        class Watched(usual):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                deadline._connected(self.sock)

        pool.ConnectionCls = Watched

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def _connected(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            if self._over:
                _shut(sock)

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for sock in self._sockets:
                _shut(sock)


def _shut(sock: socket.socket) -> None:
    """Below TLS: the other thread's reading ends as if the line were cut."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
