"""A link that shows one call to somebody without an account: until a day, masked, and gone when it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.ids import CallId

MOST_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class CallLink:
    id: str
    call: CallId
    made_at: datetime
    made_by: str
    """Sign-in name."""
    expires_at: datetime
    notes: bool
    """What agents wrote is shown too."""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    opened: tuple[datetime, ...] = ()
    """When, oldest first."""

    def live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at
