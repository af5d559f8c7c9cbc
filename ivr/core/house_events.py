"""What happens to the line of a house that an agent asks. Every event names the line as its offer: the fence."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.events import OfferEvent
from ivr.core.ids import LegId, OfferId


@dataclass(frozen=True, kw_only=True)
class HouseAsked(OfferEvent):
    """The agent whose offer this is wants a house in the room while the caller is on hold."""

    destination: str
    line: OfferId
    """Fence of the one leg that is made for it, drawn by whoever asks."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class HouseDialled(OfferEvent):
    """The one call is about to be given to the carrier. `undone`: it refused before it did anything, for now."""

    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class HouseRung(OfferEvent):
    """The carrier calls the house on this leg."""

    leg: LegId
    sure: bool = True
    """False: looked for, by number and time."""


@dataclass(frozen=True, kw_only=True)
class HouseJoined(OfferEvent):
    """The house answered: this leg asks for the room."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class HouseGone(OfferEvent):
    """The leg is over, or never was: `busy`, `no_answer`, `failed`, `refused` (by the carrier)."""

    result: str
    leg: LegId | None = None
    """None: none was made."""
    room_closed: bool = False
    """It came out of the room alive: whoever left it closed it."""
