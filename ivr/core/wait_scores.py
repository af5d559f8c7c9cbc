"""How good announced waits were, from sums that the database makes; the same figures as `estimates.score` has from pairs.

Error = told less what the caller still waited. Callers who left before the answer are censored: they are listed, not scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.estimates import Score
from ivr.core.metrics import Share

CLOSE_SHARE = 0.25
CLOSE_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Announcements of one topic by one estimator; tallies add up."""

    topic: str
    estimator: str
    spoken: bool
    """True: what callers heard (rounded up); False: what this estimator would have said, to the second."""
    count: int = 0
    absolute_s: float = 0.0
    error_s: float = 0.0
    close: int = 0
    under: int = 0
    censored: int = 0
    """Left before the answer."""
    waiting: int = 0
    """Still in line."""

    @property
    def score(self) -> Score:
        if not self.count:
            return Score(count=0, mean_absolute=None, bias=None, close=None, under_promised=None)
        return Score(
            count=self.count,
            mean_absolute=timedelta(seconds=round(self.absolute_s / self.count, 6)),
            bias=timedelta(seconds=round(self.error_s / self.count, 6)),
            close=self.close / self.count,
            under_promised=self.under / self.count,
        )

    @property
    def close_share(self) -> Share:
        return Share(part=self.close, whole=self.count)

    @property
    def under_share(self) -> Share:
        return Share(part=self.under, whole=self.count)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One announcement, and what came of it."""

    call: str
    topic: str
    estimator: str
    at: datetime
    told: timedelta
    actual: timedelta | None
    """Until the answer; None: the caller left first, or still waits."""
    left_after: timedelta | None = None
    """How long the caller stayed after it, who left first."""
    outcome: str = ""
