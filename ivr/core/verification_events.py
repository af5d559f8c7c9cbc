"""What reaches the rules of a verification."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.core.events import Event
from ivr.core.verification import Known


@dataclass(frozen=True, kw_only=True)
class VerifyAsked(Event):
    """The caller's leg is at a `verify` node. `known` None: what it needs could not be read."""

    keys: str = field(default="", repr=False)
    """As they came from the line; taken out (but for one single key, which is no code) before a rule sees the event."""
    keyed: int = 0
    """How many digits there were."""
    finished: bool = False
    known: Known | None = None
