"""Cells: what a report needs of many stays, in a form that adds up.

A cell counts stays by group (how they ended, wrapped up or not, transferred in or out) and by class of wait, and holds sums
and maxima in milliseconds. Classes are half seconds: class 2n is a wait of exactly n seconds, class 2n + 1 one between n
and n + 1. So `wait <= T` and `wait < short` can be asked of a cell for any limit of whole seconds, as menus have them, and
a limit that is changed today changes the past too. Percentiles are in whole seconds, rounded up, by nearest rank: they are
the same whether a cell was made from its calls just now or kept since last year.

Two cells of different calls are put together by adding; nothing in them is an average.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.core.facts import Outcome
from ivr.core.kinds import LEGAL_WITHIN, TRANSFER, Kind

BIG = sys.byteorder == "big"
MANY = 8
"""From so many on, the library's own count is quicker than a loop."""
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
HUNDRED = 100

OUTCOMES: tuple[Outcome | None, ...] = (
    None,
    Outcome.ANSWERED,
    Outcome.ABANDONED,
    Outcome.OVERFLOW,
    Outcome.MESSAGE,
    Outcome.CALLBACK,
    Outcome.CLOSED,
    Outcome.DROPPED,
)
"""Their places are stored: never change the order."""
CODES: Mapping[Outcome | None, int] = {outcome: code for code, outcome in enumerate(OUTCOMES)}
ANSWERED, ABANDONED = CODES[Outcome.ANSWERED], CODES[Outcome.ABANDONED]
LEFT = tuple(code for code, outcome in enumerate(OUTCOMES) if outcome is not None)
"""All who left the queue, however."""

WRAPPED, CAME, WENT = 8, 16, 32
GROUP_BITS = 6
GROUPS = 1 << GROUP_BITS
OUTCOME_MASK = 7


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What counts as in time and as short, per topic; whole seconds."""

    within: timedelta = timedelta(seconds=20)
    short: timedelta = timedelta(seconds=5)


def class_of(wait_ms: int) -> int:
    seconds, rest = divmod(wait_ms, 1000)
    return 2 * seconds + (rest > 0)


@dataclass(kw_only=True)
class Cell:
    """Additive. `counts` by class of wait and group, in one key: class × 64 + group."""

    counts: Counter[int] = field(default_factory=Counter)
    waited: list[int] = field(default_factory=lambda: [0] * len(OUTCOMES))
    """Sum of waits per outcome."""
    longest: list[int] = field(default_factory=lambda: [-1] * len(OUTCOMES))
    """Longest wait per outcome; −1: none."""
    work: list[int] = field(default_factory=lambda: [0] * 4)
    """Of the handled: sum of talk, hold, wrap-up; and how many of them were on hold at all."""
    gone: Counter[int] = field(default_factory=Counter)
    """Sum of waits of the abandoned per class, so that short ones can be left out of a mean."""

    def add(
        self,
        outcome: Outcome | None,
        wait_ms: int,
        *,
        work_ms: tuple[int, int, int] | None = None,
        cause: str = "",
        ended_by: str = "",
    ) -> None:
        """One stay. `work_ms`: talk, hold and wrap-up, once the wrap-up is over."""
        code, kept = CODES[outcome], class_of(wait_ms)
        group = code | WRAPPED * (work_ms is not None) | CAME * (cause == TRANSFER) | WENT * (ended_by == TRANSFER)
        self.counts[kept << GROUP_BITS | group] += 1
        self.waited[code] += wait_ms
        self.longest[code] = max(self.longest[code], wait_ms)
        if code == ABANDONED:
            self.gone[kept] += wait_ms
        if code == ANSWERED and work_ms is not None:
            for place, spent in enumerate(work_ms):
                self.work[place] += spent
            self.work[3] += work_ms[1] > 0

    def merge(self, other: Cell) -> None:
        for key, number in other.counts.items():
            self.counts[key] += number
        for kept, spent in other.gone.items():
            self.gone[kept] += spent
        self._sums(other.waited, other.longest, other.work)

    def _sums(self, waited: Iterable[int], longest: Iterable[int], work: Iterable[int]) -> None:
        self.waited = [mine + theirs for mine, theirs in zip(self.waited, waited, strict=True)]
        self.longest = [max(mine, theirs) for mine, theirs in zip(self.longest, longest, strict=True)]
        self.work = [mine + theirs for mine, theirs in zip(self.work, work, strict=True)]

    # ---- kept -----------------------------------------------------------------------------------------------------

    def body(self) -> bytes:
        """To keep, as 64-bit numbers: how many of each part, sums of work, per outcome its sum and longest wait, keys that
        occur once, the others with their counts, waits of the abandoned per class.
        """
        ones = sorted(key for key, number in self.counts.items() if number == 1)
        more = sorted((key, number) for key, number in self.counts.items() if number > 1)
        gone = sorted(self.gone.items())
        ends = [(code, self.waited[code], most) for code, most in enumerate(self.longest) if most >= 0]
        kept = array("q", [len(ones), len(more), len(gone), len(ends), *self.work])
        for parts in (
            (value for end in ends for value in end),
            ones,
            (key for key, _ in more),
            (number for _, number in more),
            (key for key, _ in gone),
            (spent for _, spent in gone),
        ):
            kept.extend(parts)
        return _stored(kept)

    def merge_body(self, body: bytes) -> None:
        """Add a kept cell. It happens ten thousands of times for one page."""
        kept = array("q", body)
        if BIG:
            kept.byteswap()
        ones, more, gone, ends, *spent = kept[:8]
        if any(spent):
            self.work = [mine + theirs for mine, theirs in zip(self.work, spent, strict=True)]
        waited, longest, counts = self.waited, self.longest, self.counts
        at = 8
        for _ in range(ends):
            code, most = kept[at], kept[at + 2]
            waited[code] += kept[at + 1]
            longest[code] = max(longest[code], most)
            at += 3
        if ones < MANY:
            for key in kept[at : at + ones]:
                counts[key] += 1
        else:
            counts.update(kept[at : at + ones])
        at += ones
        for place in range(at, at + more):
            counts[kept[place]] += kept[place + more]
        at += 2 * more
        for place in range(at, at + gone):
            self.gone[kept[place]] += kept[place + gone]

    # ---- asked ----------------------------------------------------------------------------------------------------

    def kinds(self, limits: Limits) -> Counter[Kind]:
        """How many stays of each kind, under these limits. A limit that is no whole second is not to be asked."""
        within, short, lawful = (class_limit(span) for span in (limits.within, limits.short, LEGAL_WITHIN))
        found: Counter[tuple[int, bool, bool, bool]] = Counter()
        for key, number in self.counts.items():
            kept = key >> GROUP_BITS
            found[key & (GROUPS - 1), kept <= within, kept < short, kept <= lawful] += number
        return Counter({_kind(*which): number for which, number in found.items()})

    def count(self, *codes: int) -> int:
        return sum(number for key, number in self.counts.items() if key & OUTCOME_MASK in codes)

    def waits(self, *codes: int) -> Counter[int]:
        """Classes of wait of these outcomes."""
        found: Counter[int] = Counter()
        for key, number in self.counts.items():
            if key & OUTCOME_MASK in codes:
                found[key >> GROUP_BITS] += number
        return found


def _stored(kept: array[int]) -> bytes:
    """Little end first, whatever the machine."""
    if BIG:
        kept.byteswap()
    return kept.tobytes()


def stays_in(body: bytes) -> int:
    """How many stays a kept cell counts, without adding it to anything."""
    kept = array("q", body)
    if BIG:
        kept.byteswap()
    ones, more, _, ends = kept[:4]
    numbers = 8 + 3 * ends + ones + more
    return ones + sum(kept[numbers : numbers + more])


def class_limit(span: timedelta) -> int:
    """The class of a wait of exactly this long. Raises ValueError for parts of a second."""
    if span % SECOND:
        raise ValueError(f"limits are whole seconds, not {span}")
    return 2 * (span // SECOND)


def _kind(group: int, timely: bool, brief: bool, lawful: bool) -> Kind:  # noqa: FBT001 - one tuple, taken apart
    return Kind(
        outcome=OUTCOMES[group & OUTCOME_MASK],
        timely=timely,
        brief=brief,
        lawful=lawful,
        wrapped=bool(group & WRAPPED),
        came=bool(group & CAME),
        went=bool(group & WENT),
    )


# ---- figures of cells ------------------------------------------------------------------------------------------


def mean_wait(cells: Iterable[Cell], code: int) -> timedelta | None:
    """Waits of this outcome over their number: of the answered it is ASA."""
    cells = list(cells)
    number = sum(cell.count(code) for cell in cells)
    return sum(cell.waited[code] for cell in cells) * MILLISECOND / number if number else None


def mean_time_to_abandon(parts: Iterable[tuple[Cell, Limits]], *, with_short: bool = True) -> timedelta | None:
    """Waits of the abandoned over their number."""
    spent = number = 0
    for cell, limits in parts:
        least = 0 if with_short else class_limit(limits.short)
        number += sum(count for kept, count in cell.waits(ABANDONED).items() if kept >= least)
        spent += sum(ms for kept, ms in cell.gone.items() if kept >= least)
    return spent * MILLISECOND / number if number else None


def percentiles(cells: Iterable[Cell], percents: Iterable[int], *codes: int) -> dict[int, timedelta | None]:
    """Nearest rank, in whole seconds rounded up: a wait that so many per cent did not exceed. Never averaged."""
    classes: Counter[int] = Counter()
    for cell in cells:
        classes += cell.waits(*codes)
    number = classes.total()
    ordered = sorted(classes.items())
    return {percent: _ranked(ordered, -(-percent * number // HUNDRED)) for percent in percents}


def _ranked(ordered: Iterable[tuple[int, int]], rank: int) -> timedelta | None:
    seen = 0
    for kept, number in ordered:
        seen += number
        if seen >= rank:
            return (kept + 1) // 2 * SECOND
    return None


def longest(cells: Iterable[Cell], *codes: int) -> timedelta | None:
    """Over these outcomes, to the millisecond."""
    most = max((cell.longest[code] for cell in cells for code in codes), default=-1)
    return None if most < 0 else most * MILLISECOND


@dataclass(frozen=True, kw_only=True)
class Work:
    """Means over the handled; None: none was."""

    talk: timedelta | None
    hold: timedelta | None
    """Over all handled."""
    hold_of_held: timedelta | None
    """Over those that were on hold at all."""
    wrap: timedelta | None
    handle: timedelta | None
    """AHT: talk, hold and wrap-up."""


def work(cells: Iterable[Cell]) -> Work:
    spent, handled = [0, 0, 0, 0], 0
    for cell in cells:
        spent = [mine + theirs for mine, theirs in zip(spent, cell.work, strict=True)]
        handled += sum(n for key, n in cell.counts.items() if key & OUTCOME_MASK == ANSWERED and key & WRAPPED)
    talk, hold, wrap, held = spent

    def over(total: int, number: int) -> timedelta | None:
        return total * MILLISECOND / number if number else None

    return Work(
        talk=over(talk, handled),
        hold=over(hold, handled),
        hold_of_held=over(hold, held),
        wrap=over(wrap, handled),
        handle=over(talk + hold + wrap, handled),
    )
