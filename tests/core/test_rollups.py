"""Cells add up over any partition, percentiles come from single waits, and nothing depends on how calls were parted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.cell_figures import longest, mean_time_to_abandon, mean_wait, percentiles
from ivr.core.facts import Outcome
from ivr.core.kinds import Stay
from ivr.core.metrics import mean, percentile, tally, waits_of
from ivr.core.rollups import ABANDONED, ANSWERED, LEFT, Cell, Limits

LIMITS = Limits(within=timedelta(seconds=20), short=timedelta(seconds=5))
STAYS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 4_999, 5_000, 19_999, 20_000, 20_001, 180_000, 180_001]) | st.integers(0, 400_000),
        st.sampled_from(list(Outcome)),
        st.integers(0, 4),
    ),
    max_size=60,
)


def parted(stays: list[tuple[int, Outcome, int]]) -> list[Cell]:
    """In five cells, whatever they are: queues, intervals, both."""
    cells = [Cell() for _ in range(5)]
    for wait, outcome, place in stays:
        cells[place].add(outcome, wait)
    return cells


def plain(stays: list[tuple[int, Outcome, int]]) -> list[Stay]:
    return [
        Stay(wait=timedelta(milliseconds=wait), outcome=outcome, within=LIMITS.within, short=LIMITS.short)
        for wait, outcome, _ in stays
    ]


@given(STAYS)
def test_any_partition_adds_up_to_the_counts_of_the_single_stays(stays: list[tuple[int, Outcome, int]]) -> None:
    kinds = sum((cell.kinds(LIMITS) for cell in parted(stays)), Counter())
    assert kinds == tally(plain(stays)).kinds


@given(STAYS, st.sampled_from([1, 50, 80, 90, 95, 100]))
def test_times_of_parts_are_those_of_the_single_waits_and_never_a_mean_of_means(
    stays: list[tuple[int, Outcome, int]], percent: int
) -> None:
    cells, single = parted(stays), plain(stays)
    answered, gone = waits_of(single, Outcome.ANSWERED), waits_of(single, Outcome.ABANDONED)
    assert mean_wait(cells, ANSWERED) == mean(answered)
    assert mean_time_to_abandon([(cell, LIMITS) for cell in cells]) == mean(gone)
    long = [wait for wait in gone if wait >= LIMITS.short]
    assert mean_time_to_abandon([(cell, LIMITS) for cell in cells], with_short=False) == mean(long)
    assert longest(cells, ABANDONED) == max(gone, default=None)
    for codes, waits in (((ANSWERED,), answered), (LEFT, waits_of(single))):
        exact = percentile(waits, percent)
        found = percentiles(cells, [percent], *codes)[percent]
        assert found == (None if exact is None else timedelta(seconds=ceil(exact.total_seconds())))


def test_a_limit_of_half_a_second_is_not_asked_of_cells() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        Cell().kinds(Limits(within=timedelta(seconds=1.5)))
