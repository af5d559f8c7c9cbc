"""What the dispatcher does about the line of a house outside. No order carries a number: the menu file has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.ids import CallId, OfferId


@dataclass(frozen=True, kw_only=True)
class DialHouse:
    """Call the house, once; who answers asks for the room of the talk."""

    call: CallId
    line: OfferId
    """Fence of the leg."""
    destination: str
    ring_s: int


@dataclass(frozen=True, kw_only=True)
class PutDownHouse:
    """End a leg that the carrier may have made, and of which nothing was heard."""

    call: CallId
    destination: str
    since: datetime
    """When it was asked for."""
