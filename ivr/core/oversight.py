"""What supervision asks of the records themselves: who looked, what was complained of, what the records lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Look(StrEnum):
    """Kinds of access to personal data, by what the audit calls them."""

    LISTENED = "listened"
    REVEALED = "revealed"
    EXPORTED = "exported"
    OPENED = "opened"
    OTHER = "other"
    """A change, or something about the service itself."""


SIGNS: tuple[tuple[Look, tuple[str, ...]], ...] = (
    (Look.EXPORTED, ("export", "download", "mail")),
    (Look.LISTENED, ("hear", "listen", "whisper", "join", "play", "recording", "talk:")),
    (Look.REVEALED, ("reveal", "look_up", "number")),
    (Look.OPENED, ("open", "view", "read", "look", "listed", "search", "share")),
)
"""Words in the name of an act that tell its kind; the first that fits."""


def kind_of_look(what: str) -> Look:
    return next((kind for kind, words in SIGNS if any(word in what for word in words)), Look.OTHER)


@dataclass(frozen=True, kw_only=True)
class Access:
    """Acts of one person of one name."""

    who: str
    what: str
    count: int
    first: datetime
    last: datetime

    @property
    def kind(self) -> Look:
        return kind_of_look(self.what)


# ---- complaints ------------------------------------------------------------------------------------------------

ONE_DAY, THREE_DAYS = timedelta(days=1), timedelta(days=3)
COMPLAINT = "complaint"
"""A topic, an agent's topic, a result or a reason is a complaint's when its name begins with this."""


class Speed(StrEnum):
    """The customary classes of a yearly notice (UnionPay Merchant Services; `DOMAIN.md` 6)."""

    WITHIN_A_DAY = "within_a_day"
    ONE_TO_THREE = "one_to_three"
    LONGER = "longer"


def speed(took: timedelta) -> Speed:
    """Exactly a day is within it; exactly three are within those."""
    if took <= ONE_DAY:
        return Speed.WITHIN_A_DAY
    return Speed.ONE_TO_THREE if took <= THREE_DAYS else Speed.LONGER


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A case that is a complaint."""

    case: str
    number: str
    kind: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def speed(self) -> Speed | None:
        return None if self.closed_at is None else speed(max(timedelta(0), self.closed_at - self.opened_at))


# ---- data quality ----------------------------------------------------------------------------------------------

OPEN_TOO_LONG = timedelta(hours=6)
"""A call that began longer ago and has no end: its end was lost."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that should not be: how often it is, and of how many."""

    name: str
    found: int
    of: int
    calls: tuple[str, ...] = ()
    """The newest of them."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    checks: tuple[Check, ...]
    repairs: Mapping[str, int]
    """What was put right, by what it was."""
