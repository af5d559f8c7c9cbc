"""New outbound calls per second, as the carrier's account allows (`FACTS.md` 4.12)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(kw_only=True)
class Pace:
    """One place every 1 / `per_second` seconds. Safe between threads; each dispatcher paces itself."""

    per_second: float
    _next: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, now: datetime) -> timedelta:
        """Zero takes the place that is free now; else how long to wait before asking again."""
        with self._lock:
            if self._next is not None and now < self._next:
                return self._next - now
            self._next = now + timedelta(seconds=1 / self.per_second)
            return timedelta(0)
