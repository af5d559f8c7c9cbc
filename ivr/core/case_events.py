"""What happens at a `progress` node: the caller wants to know how a case stands."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.cases import Case
from ivr.core.events import Event


@dataclass(frozen=True, kw_only=True)
class KnownCase:
    """What SQL says to the number that the caller named."""

    case: Case | None = None
    locked: bool = False
    """Too many numbers that do not exist were asked for: nothing more is told."""


@dataclass(frozen=True, kw_only=True)
class CaseAsked(Event):
    """The caller's leg is at a `progress` node. `known` None: it could not be looked up."""

    keys: str = ""
    known: KnownCase | None = None
