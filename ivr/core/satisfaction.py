"""What callers said when they were asked (`DOMAIN.md` 3.8): counts that add up, and the shares made of them.

CSAT is answers of 4 or 5 over valid answers, with the mean beside it. Hanging up, silence and wrong keys lower the response
rate, not the CSAT. It is a sample that chose itself: very bad calls hang up before the question.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ivr.core.metrics import Share

GOOD = 4
"""From this score on."""
BEST = 5
LEAST_FOR_AN_AGENT = 20
"""Valid answers below which nothing is said of one agent."""


@dataclass(frozen=True, kw_only=True)
class Ratings:
    asked: int = 0
    valid: int = 0
    good: int = 0
    total: int = 0
    """Sum of the valid scores."""
    solved: int = 0
    not_solved: int = 0

    def __add__(self, other: Ratings) -> Ratings:
        return Ratings(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Ratings)})

    @property
    def csat(self) -> Share:
        return Share(part=self.good, whole=self.valid)

    @property
    def mean(self) -> float | None:
        return round(self.total / self.valid, 2) if self.valid else None

    @property
    def response_rate(self) -> Share:
        return Share(part=self.valid, whole=self.asked)

    @property
    def said_solved(self) -> Share:
        """Of those who answered that question."""
        return Share(part=self.solved, whole=self.solved + self.not_solved)


NO_RATINGS = Ratings()


@dataclass(frozen=True, kw_only=True)
class Comments:
    """Low ratings, comments and wishes for a contact of one topic, and what became of them."""

    topic: str
    entries: int
    with_comment: int
    wished: int
    open: int
    looked_at: int
    changed: int
    overdue: int
    """Open, and the time named to the caller is over."""

    @property
    def handled(self) -> Share:
        return Share(part=self.looked_at + self.changed, whole=self.entries)


@dataclass(frozen=True, kw_only=True)
class SaidByAgents:
    """Answered stays of one topic by what their agents gave as result."""

    topic: str
    answered: int = 0
    by_agent: int = 0
    """With a result that the agent gave; the end of wrap-up gives none here."""
    solved: int = 0

    @property
    def share_solved(self) -> Share:
        return Share(part=self.solved, whole=self.by_agent)
