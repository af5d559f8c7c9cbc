"""Everything that went over the wire, in order, never changed afterwards.

An entry is a dict: `n` (running number), `at` (ISO date of the network's clock), `kind`, and what the kind brings:
leg, leg_status, bridge, webhook, forged, callback, rest, room, error, key, recording, message, device, fault.
The auditors of the tests read this and nothing of the service.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from ivr.simulator.clock import Clock

Entry = dict[str, Any]


class Ledger:
    """Keeps the newest `keep` entries in memory, all of them in `path` when one is given. Violations stay."""

    def __init__(self, clock: Clock, *, keep: int = 200_000, path: Path | None = None) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._violations: list[Entry] = []
        self._n = 0
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self.listeners: list[Callable[[Entry], None]] = []

    def write(self, kind: str, **what: Any) -> Entry:
        """Called with the network's lock held."""
        self._n += 1
        entry = {"n": self._n, "at": self._clock.date().isoformat(timespec="milliseconds"), "kind": kind, **what}
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        for listener in self.listeners:
            listener(entry)
        return entry

    def violate(self, rule: str, **what: Any) -> None:
        self._violations.append(self.write("violation", rule=rule, **what))

    def entries(self, kind: str | None = None, *, after: int = 0, **like: Any) -> list[Entry]:
        return [
            entry
            for entry in list(self._entries)
            if entry["n"] > after
            and (kind is None or entry["kind"] == kind)
            and all(entry.get(name) == value for name, value in like.items())
        ]

    @property
    def violations(self) -> list[Entry]:
        return list(self._violations)

    def forget_violations(self) -> None:
        self._violations.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
