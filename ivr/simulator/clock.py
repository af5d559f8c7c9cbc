"""Time of the network: real, faster than life, or moved by hand.

Everything that takes time here (speech, ringing, a silent Gather) is a point on this clock. Only the HTTP time-outs are
real seconds, because the service's answers are.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class Clock:
    """Seconds since the network started. `factor` is network seconds per real second; 0 stands still."""

    def __init__(self, factor: float = 1.0, *, start: datetime | None = None) -> None:
        self.factor = factor
        self._start = start or datetime.now(UTC)
        self._base_s = 0.0
        self._real = time.monotonic()

    @property
    def manual(self) -> bool:
        return self.factor == 0

    def now(self) -> float:
        return self._base_s + (time.monotonic() - self._real) * self.factor

    def date(self, at_s: float | None = None) -> datetime:
        return self._start + timedelta(seconds=self.now() if at_s is None else at_s)

    def rfc2822(self, at_s: float | None = None) -> str:
        """The network writes every time in UTC."""
        return format_datetime(self.date(at_s).astimezone(UTC))

    def real_seconds_until(self, at_s: float) -> float | None:
        """None: never by itself (the clock stands still)."""
        if self.manual:
            return None
        return max(0.0, (at_s - self.now()) / self.factor)

    def set_factor(self, factor: float) -> None:
        self._base_s, self._real = self.now(), time.monotonic()
        self.factor = factor

    def move_to(self, at_s: float) -> None:
        """Never backwards."""
        self._base_s, self._real = max(self.now(), at_s), time.monotonic()


def factor_of(word: str) -> float:
    """`real` → 1, `manual` → 0, `x20` → 20. Raises ValueError."""
    fixed = {"real": 1.0, "manual": 0.0}
    if word in fixed:
        return fixed[word]
    factor = float(word.removeprefix("x"))
    if factor <= 0:
        raise ValueError(word)
    return factor
