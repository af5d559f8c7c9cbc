"""Whether answered callers had to call again (`DOMAIN.md` 3.6), as counts that add up.

A repeat is a further call of the same number on the same topic within seven days of the answered one. A later call that was given
up at once (a short abandon) is none, one that was given up after a wait is: that caller had to call again. Our own calls out, a kept
callback among them, are no calls of the caller. Withheld numbers leave the base, and so do shared ones (a switchboard): the records know
no names, so a number counts as shared from five different matters (cases) on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from ivr.core.metrics import Share

WITHIN = timedelta(days=7)
"""Field: 1 to 30 days; commonly 7."""
SHARED_FROM = 5
"""Different cases of one number within `SHARED_WITHIN` that make it a shared one."""
SHARED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Returns:
    """Answered stays, and what came after them."""

    answered: int = 0
    withheld: int = 0
    """Left out: nobody can tell who called."""
    shared: int = 0
    """Left out: many people behind one number."""
    again: int = 0
    """Of the others: called again on the menu's topic."""
    again_by_agent: int = 0
    """Likewise, on what the agent said it was about."""
    provisional: int = 0
    """Of the base: their seven days are not over."""

    def __add__(self, other: Returns) -> Returns:
        return Returns(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Returns)})

    @property
    def base(self) -> int:
        return self.answered - self.withheld - self.shared

    @property
    def repeat_rate(self) -> Share:
        return Share(part=self.again, whole=self.base)

    @property
    def repeat_rate_by_agent(self) -> Share:
        return Share(part=self.again_by_agent, whole=self.base)

    @property
    def resolved(self) -> Share:
        """Answered, and no further call."""
        return Share(part=self.base - self.again, whole=self.base)


NOTHING = Returns()
