"""Every figure of a report, as a formula over counts and raw times, with its source.

Counts come first (`tally`), rates on reading, both from the questions of `figures`. A rate is a `Share`, numerator and
denominator: shares of parts are added before they are divided, never averaged, and a small one can be shown as a fraction
("2 of 3"). Where there is nothing to divide by there is no value (None, shown as a dash), neither 0 nor 100 per cent.
Percentiles are always computed from single waits. Definitions: `DOMAIN.md` 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from ivr.core.facts import Outcome
from ivr.core.figures import COUNTS, FIGURES
from ivr.core.kinds import ANSWER_WITHIN, SHORT_ABANDON, Kind, Share, Stay, count

__all__ = ["ANSWER_WITHIN", "SHORT_ABANDON", "Share", "Stay"]

HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many stays of which kind. Tallies of disjoint sets add up; every count and share follows from them."""

    kinds: Mapping[Kind, int] = field(default_factory=dict)
    joined: int | None = None
    """Counted by event: how many joined in that time. None: counted by arrival, everybody here did."""

    def __add__(self, other: Tally) -> Tally:
        joined = None if self.joined is other.joined is None else self.offered + other.offered
        return Tally(kinds=Counter(self.kinds) + Counter(other.kinds), joined=joined)

    def of(self, figure: str) -> Share:
        """Of one figure of `figures.FIGURES` or `figures.COUNTS`."""
        return (FIGURES.get(figure) or COUNTS[figure]).share(self.kinds)

    def _count(self, name: str) -> int:
        return count(COUNTS[name].in_part, self.kinds)

    @property
    def offered(self) -> int:
        return sum(self.kinds.values()) if self.joined is None else self.joined

    @property
    def answered(self) -> int:
        return self._count("answered")

    @property
    def answered_within(self) -> int:
        return self._count("answered_within")

    @property
    def handled(self) -> int:
        """Answered ones whose wrap-up ended (Cisco)."""
        return self._count("handled")

    @property
    def abandoned(self) -> int:
        """By the caller, short ones included, dropped ones not."""
        return self._count("abandoned")

    @property
    def short_abandoned(self) -> int:
        return self._count("short_abandoned")

    @property
    def abandoned_within(self) -> int:
        return self._count("abandoned_within")

    @property
    def lost(self) -> int:
        """B: abandoned and dropped."""
        return self._count("lost")

    @property
    def dropped(self) -> int:
        return self._count("dropped")

    @property
    def flow_out(self) -> int:
        return self._count("flow_out")

    @property
    def waiting(self) -> int:
        return self._count("waiting")


def tally(stays: Iterable[Stay]) -> Tally:
    """Count. Offered = answered + abandoned + flow-out + dropped + still waiting, always."""
    return Tally(kinds=Counter(stay.kind for stay in stays))


# ---- service level ---------------------------------------------------------------------------------------------


class ServiceLevel(StrEnum):
    """The variants by their numbers in `DOMAIN.md` 3.3. The same hour can read between 54 and 82 per cent."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"
    V4 = "v4"
    V5 = "v5"
    V6 = "v6"
    V7 = "v7"
    V8 = "v8"
    V9 = "v9"

    @property
    def figure(self) -> str:
        """Its name in `figures.FIGURES`."""
        return f"service_level_{self}"

    @property
    def letters(self) -> str:
        return FIGURES[self.figure].letters


HEADLINE = ServiceLevel.V4
STRICT = ServiceLevel.V8


def service_level(counts: Tally, variant: ServiceLevel = HEADLINE) -> Share:
    """Share of callers answered within T, in one of nine meanings: show the variant's name beside the figure."""
    return counts.of(variant.figure)


# ---- abandonment -----------------------------------------------------------------------------------------------


def abandon_rate_all(counts: Tally) -> Share:
    """(a) All abandons of all offered (Amazon, Genesys)."""
    return counts.of("abandon_rate_all")


def abandon_rate(counts: Tally) -> Share:
    """(b) The headline: abandons without short ones, of offered without short abandons."""
    return counts.of("abandon_rate")


def abandon_rate_of_ended(counts: Tally) -> Share:
    """(c) Abandons without short ones, of answered and those (Google)."""
    return counts.of("abandon_rate_of_ended")


# ---- times -----------------------------------------------------------------------------------------------------


def mean(times: Sequence[timedelta]) -> timedelta | None:
    """Sum over number; None of nothing."""
    return sum(times, timedelta()) / len(times) if times else None


def percentile(times: Sequence[timedelta], percent: int) -> timedelta | None:
    """Nearest rank: the smallest time that at least `percent` (1–100) of all do not exceed.

    A wait somebody really had. Linear interpolation can be seconds away on small sets. Never averaged.
    """
    if not 1 <= percent <= HUNDRED:
        raise ValueError(f"a percentile is from 1 to 100, not {percent}")
    if not times:
        return None
    return sorted(times)[-(-percent * len(times) // HUNDRED) - 1]


def waits_of(stays: Iterable[Stay], *outcomes: Outcome) -> list[timedelta]:
    """The raw waits of segments that ended so; of all that left the queue when none is named."""
    return [s.wait for s in stays if (s.outcome in outcomes if outcomes else s.outcome is not None)]


def average_speed_of_answer(stays: Iterable[Stay]) -> timedelta | None:
    """ASA: waits of the answered over their number, ringing included (Cisco); abandons are not in it."""
    return mean(waits_of(stays, Outcome.ANSWERED))


def average_time_to_abandon(stays: Iterable[Stay], *, with_short: bool = True) -> timedelta | None:
    """Waits of the abandoned over their number."""
    gone = [s for s in stays if s.outcome is Outcome.ABANDONED and (with_short or s.wait >= s.short)]
    return mean([s.wait for s in gone])


def average_handle_time(stays: Iterable[Stay]) -> timedelta | None:
    """AHT: (talk + hold + wrap) over the handled. Ring and wait are not in it; a wrap-up of no length counts,
    one that still lasts leaves its call out. Hold is not inside talk here.
    """
    handled = [s for s in stays if s.outcome is Outcome.ANSWERED and s.wrap is not None]
    return mean([(s.talk or timedelta()) + (s.hold or timedelta()) + (s.wrap or timedelta()) for s in handled])


# ---- agents ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AgentTime:
    """How an agent's time was spent, clipped to the window."""

    available: timedelta = timedelta()
    ringing: timedelta = timedelta()
    on_call: timedelta = timedelta()
    """Talk and hold."""
    wrap_up: timedelta = timedelta()
    other: timedelta = timedelta()
    """Missed, break, away."""

    @property
    def with_callers(self) -> timedelta:
        return self.on_call + self.wrap_up

    @property
    def on_the_line(self) -> timedelta:
        return self.with_callers + self.ringing + self.available


def occupancy(time: AgentTime) -> float | None:
    """Handle time over handle, ringing and available time. High for long means burn-out: an outcome, not a goal."""
    return time.with_callers / time.on_the_line if time.on_the_line else None


def time_with_callers(time: AgentTime, *, paid: timedelta) -> float | None:
    """One of the two meanings of utilisation: handle time over paid time."""
    return time.with_callers / paid if paid else None


def time_on_the_line(time: AgentTime, *, paid: timedelta) -> float | None:
    """The other meaning: handle, ringing and available time over paid time."""
    return time.on_the_line / paid if paid else None
