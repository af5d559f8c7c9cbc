"""What stands around a call in other books than its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A callback that was promised in this call."""

    at: datetime
    start: datetime | None
    end: datetime | None
    state: str
    result: str


@dataclass(frozen=True, kw_only=True)
class Around:
    """What other books know of a call."""

    case: str = ""
    """Number of its case."""
    number: str | None = ""
    """In full; empty: withheld; None: its seal does not open."""
    caller: str = ""
    """Blind index of the number."""
    promises: tuple[Promise, ...] = ()
