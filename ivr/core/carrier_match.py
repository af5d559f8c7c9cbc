"""Our calls of a day against the carrier's list of them: what agrees, and every difference by name.

Both sides write down the same calls independently, so a webhook that was lost, a record that was not written and a call
that nobody ended here all show. Calls to the hotline's numbers must be on both lists and agree in beginning and end;
calls that we made to customers must be on both. Legs to agents and houses are the carrier's business with us, and not
calls of customers. Two clocks tell the times, and the end reaches us with a webhook: they agree within `TOLERANCE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(seconds=10)
"""Of beginnings and ends: the carrier's clock, ours, and a webhook that came at the second try."""
MARGIN = timedelta(minutes=10)
"""How far around a day both lists are read, so that a call at midnight is found on both."""


class Differs(StrEnum):
    MISSING_HERE = "missing_here"
    """The carrier had a call of which nothing is recorded."""
    MISSING_THERE = "missing_there"
    """We recorded a call that the carrier does not know."""
    BEGINNING = "beginning"
    END = "end"
    OPEN_HERE = "open_here"
    """Over at the carrier, and without an end in our records."""
    OPEN_THERE = "open_there"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One call as one side has it."""

    id: str
    """The carrier's id of the leg; of a call to us it is the id of the call."""
    began_at: datetime
    ended_at: datetime | None
    ours: bool = False
    """We made it: to call a customer back, or because an agent called."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    id: str
    kind: Differs
    at: datetime
    """When the call began, by our records where they have it."""
    here: datetime | None = None
    """The times that differ: of the beginning, or of the end."""
    there: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CarrierMatch:
    """Of one hotline and one day of its clock."""

    hotline: str
    day: str
    """ISO date."""
    matched_at: datetime
    here: int
    there: int
    agreed: int
    differences: tuple[Difference, ...] = ()
    trouble: str = ""
    """Why the carrier's list could not be read; the counts are then 0."""

    @property
    def calls(self) -> int:
        """All calls that either side knows."""
        return self.agreed + len({one.id for one in self.differences})

    @property
    def agrees(self) -> bool:
        return not self.trouble and not self.differences


def compare(
    here: Sequence[Listed], there: Sequence[Listed], *, start: datetime, end: datetime
) -> tuple[int, int, int, tuple[Difference, ...]]:
    """Calls here, calls there, how many agree, and the differences, oldest first.

    Both lists reach beyond [start, end) by `MARGIN`. A call belongs to the time in which it began by our records, or by the
    carrier's where we have none.
    """
    known, listed = {one.id: one for one in here}, {one.id: one for one in there}
    began = {call: one.began_at for call, one in {**listed, **known}.items() if start <= one.began_at < end}
    found = {call: _differences(call, known.get(call), listed.get(call)) for call in began}
    differences = sorted((one for each in found.values() for one in each), key=lambda one: (one.at, one.id))
    agreed = sum(not each for each in found.values())
    return len(began.keys() & known.keys()), len(began.keys() & listed.keys()), agreed, tuple(differences)


def _differences(call: str, mine: Listed | None, theirs: Listed | None) -> list[Difference]:
    if mine and theirs:
        return _times(call, mine, theirs)
    if mine:
        return [Difference(id=call, kind=Differs.MISSING_THERE, at=mine.began_at, here=mine.began_at)]
    if theirs:
        return [Difference(id=call, kind=Differs.MISSING_HERE, at=theirs.began_at, there=theirs.began_at)]
    return []


def _times(call: str, mine: Listed, theirs: Listed) -> list[Difference]:
    """Of a call that we made we note the try and not the talk: being on both lists is all that can be held against it."""
    if mine.ours:
        return []
    at, found = mine.began_at, []
    if abs(mine.began_at - theirs.began_at) > TOLERANCE:
        found.append(Difference(id=call, kind=Differs.BEGINNING, at=at, here=mine.began_at, there=theirs.began_at))
    if mine.ended_at is None and theirs.ended_at is not None:
        found.append(Difference(id=call, kind=Differs.OPEN_HERE, at=at, there=theirs.ended_at))
    if mine.ended_at is not None and theirs.ended_at is None:
        found.append(Difference(id=call, kind=Differs.OPEN_THERE, at=at, here=mine.ended_at))
    if mine.ended_at and theirs.ended_at and abs(mine.ended_at - theirs.ended_at) > TOLERANCE:
        found.append(Difference(id=call, kind=Differs.END, at=at, here=mine.ended_at, there=theirs.ended_at))
    return found
