"""A wire between browser and service that can be made to carry nothing, as a lost radio link does: nobody is told."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes connections on to `port` of this machine. Those that were open when silence fell, or were made in it, stay
    open and never carry a byte again; the ones made after it work.
    """

    def __init__(self, port: int) -> None:
        self._silent = False
        self._dead: set[socket.socket] = set()
        self._port = port
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        self._silent = True
        self._dead.update(self._open)

    def carry(self) -> None:
        self._silent = False

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._open += [near, far]
                if self._silent:
                    self._dead.update((near, far))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                if source not in self._dead:
                    sink.sendall(part)
        if source not in self._dead:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
