"""Figures of cells that are put together: means, percentiles and the longest, each of every stay that they cover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from ivr.core.rollups import ABANDONED, ANSWERED, OUTCOME_MASK, SECOND, WRAPPED, Cell, Limits, class_limit

MILLISECOND = timedelta(milliseconds=1)
HUNDRED = 100


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
