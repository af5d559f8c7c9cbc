"""Every figure of a report, as a formula over counts and raw times, with its source.

Counts come first (`tally`), rates on reading. A rate is a `Share`, numerator and denominator: shares of parts are
added before they are divided, never averaged, and a small one can be shown as a fraction ("2 of 3"). Where there is
nothing to divide by there is no value (None, shown as a dash), neither 0 nor 100 per cent. Percentiles are always
computed from raw waits. Definitions: `DOMAIN.md` 3; the letters in the docstrings are those of its section 3.3:
A answered, A_T answered within T, B abandoned, B_s short abandons, B_T abandoned within T, O offered.

Calls dropped by us count as abandons in every rate (COPC), but never as short or timely ones: no rate gets better
by a fault of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum

from ivr.core.facts import Outcome

SHORT_ABANDON = timedelta(seconds=5)
"""An abandon below this wait is short; exactly at it is a normal one. Per topic."""
ANSWER_WITHIN = timedelta(seconds=20)
"""T of the service level; exactly at it is within. Per topic."""

SMALL = 10
"""A share of fewer than this is read as its fraction."""
HUNDRED = 100

FLOW_OUT = frozenset({Outcome.CALLBACK, Outcome.MESSAGE, Outcome.OVERFLOW, Outcome.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Stay:
    """What the formulas need of one segment."""

    wait: timedelta
    """Until answer or leaving; of a caller still waiting, until now."""
    outcome: Outcome | None
    """None: still waiting."""
    within: timedelta = ANSWER_WITHIN
    short: timedelta = SHORT_ABANDON
    talk: timedelta | None = None
    hold: timedelta | None = None
    wrap: timedelta | None = None
    """None while wrap-up lasts: answered, not yet handled."""

    @property
    def timely(self) -> bool:
        return self.wait <= self.within


@dataclass(frozen=True, kw_only=True)
class Share:
    """A rate that keeps what it was made of."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0.0 to 1.0; None when there is nothing to divide by."""
        return self.part / self.whole if self.whole else None

    @property
    def small(self) -> bool:
        """Too few to read as a rate (fewer than 10): show the fraction."""
        return self.whole < SMALL


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of segments. Tallies of disjoint sets add up."""

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    handled: int = 0
    """Answered ones whose wrap-up ended (Cisco)."""
    abandoned: int = 0
    """By the caller, short ones included, dropped ones not."""
    short_abandoned: int = 0
    abandoned_within: int = 0
    dropped: int = 0
    flow_out: int = 0
    waiting: int = 0
    waiting_within: int = 0
    """Still waiting and not yet beyond T: undecided."""
    beyond: int = 0
    """T was reached unanswered, whatever came then."""
    dropped_within: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)})

    @property
    def lost(self) -> int:
        """B: abandoned and dropped."""
        return self.abandoned + self.dropped

    @property
    def decided(self) -> int:
        """O, less the callers of whom nobody can say yet: still waiting, within T."""
        return self.offered - self.waiting_within


def tally(stays: Iterable[Stay]) -> Tally:
    """Count. Offered = answered + abandoned + flow-out + dropped + still waiting, always."""
    kinds = Counter((s.outcome, s.timely, s.wait < s.short, s.wrap is not None) for s in stays)
    total = Tally()
    for (outcome, timely, short, wrapped_up), count in kinds.items():
        total = total + _kind(outcome, count, timely=timely, short=short, wrapped_up=wrapped_up)
    return total


def _kind(outcome: Outcome | None, count: int, *, timely: bool, short: bool, wrapped_up: bool) -> Tally:
    answered = count * (outcome is Outcome.ANSWERED)
    abandoned = count * (outcome is Outcome.ABANDONED)
    dropped = count * (outcome is Outcome.DROPPED)
    waiting = count * (outcome is None)
    return Tally(
        offered=count,
        answered=answered,
        answered_within=answered * timely,
        handled=answered * wrapped_up,
        abandoned=abandoned,
        short_abandoned=abandoned * short,
        abandoned_within=abandoned * timely,
        dropped=dropped,
        dropped_within=dropped * timely,
        flow_out=count * (outcome in FLOW_OUT),
        waiting=waiting,
        waiting_within=waiting * timely,
        beyond=count * (not timely),
    )


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


HEADLINE = ServiceLevel.V4
STRICT = ServiceLevel.V8

FORMULAS: Mapping[ServiceLevel, tuple[str, Callable[[Tally], Share]]] = {
    # ICMI 2 (its author advises against it); Asterisk's first rate
    ServiceLevel.V1: ("A_T / A", lambda t: Share(part=t.answered_within, whole=t.answered)),
    # "all offered" (WFM Labs); COPC: what entered the queue
    ServiceLevel.V2: ("A_T / O", lambda t: Share(part=t.answered_within, whole=t.decided)),
    # ICMI 3; Genesys with short abandons switched on
    ServiceLevel.V3: ("A_T / (A + B)", lambda t: Share(part=t.answered_within, whole=t.answered + t.lost)),
    # Genesys with short abandons off, flow-outs off
    ServiceLevel.V4: (
        "A_T / (A + B - B_s)",
        lambda t: Share(part=t.answered_within, whole=t.answered + t.lost - t.short_abandoned),
    ),
    # ICMI 4; Bright Pattern
    ServiceLevel.V5: (
        "A_T / (A + B - B_T)",
        lambda t: Share(part=t.answered_within, whole=t.answered + t.lost - t.abandoned_within),
    ),
    # ICMI 1; Cisco WFO; Asterisk's second rate
    ServiceLevel.V6: (
        "(A_T + B_T) / (A + B)",
        lambda t: Share(part=t.answered_within + t.abandoned_within, whole=t.answered + t.lost),
    ),
    # ICMI 5
    ServiceLevel.V7: (
        "(A_T + B_s) / (A + B)",
        lambda t: Share(part=t.answered_within + t.short_abandoned, whole=t.answered + t.lost),
    ),
    # Genesys with flow-outs on, short abandons off
    ServiceLevel.V8: (
        "A_T / (O - B_s)",
        lambda t: Share(part=t.answered_within, whole=t.decided - t.short_abandoned),
    ),
    # Cisco ICM "ignore abandons"; an event is: answered or gone within T, or T reached unanswered
    ServiceLevel.V9: (
        "A_T / (events - B_T)",
        lambda t: Share(part=t.answered_within, whole=t.answered_within + t.dropped_within + t.beyond),
    ),
}


def service_level(counts: Tally, variant: ServiceLevel = HEADLINE) -> Share:
    """Share of callers answered within T, in one of nine meanings: show the variant's name beside the figure.

    A caller still waiting beyond T is a miss already in v2, v8 and v9, and not yet in the others; one still
    waiting within T is in none (`DOMAIN.md` 3.3, edge cases).
    """
    return FORMULAS[variant][1](counts)


# ---- abandonment -----------------------------------------------------------------------------------------------


def abandon_rate_all(counts: Tally) -> Share:
    """(a) All abandons of all offered (Amazon, Genesys)."""
    return Share(part=counts.lost, whole=counts.offered)


def abandon_rate(counts: Tally) -> Share:
    """(b) The headline: abandons without short ones, of offered without short abandons."""
    return Share(part=counts.lost - counts.short_abandoned, whole=counts.offered - counts.short_abandoned)


def abandon_rate_of_ended(counts: Tally) -> Share:
    """(c) Abandons without short ones, of answered and those (Google)."""
    lost = counts.lost - counts.short_abandoned
    return Share(part=lost, whole=counts.answered + lost)


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
