"""Formulas, against an hour worked out by hand and against a second way of counting."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.facts import Outcome
from ivr.core.metrics import (
    AgentTime,
    ServiceLevel,
    Share,
    Stay,
    Tally,
    abandon_rate,
    abandon_rate_all,
    abandon_rate_of_ended,
    average_handle_time,
    average_speed_of_answer,
    average_time_to_abandon,
    mean,
    occupancy,
    percentile,
    service_level,
    tally,
    time_on_the_line,
    time_with_callers,
    waits_of,
)


def secs(value: float) -> timedelta:
    return timedelta(seconds=value)


def stay(
    wait: float, outcome: Outcome | None = Outcome.ANSWERED, *, wrap: float | None = 30, talk: float = 120
) -> Stay:
    answered = outcome is Outcome.ANSWERED
    return Stay(
        wait=secs(wait),
        outcome=outcome,
        talk=secs(talk) if answered else None,
        wrap=secs(wrap) if answered and wrap is not None else None,
    )


# One hour at a desk, T = 20 s, short below 5 s. Written on paper as a list and counted with a pencil:
#
#   answered    2  4  5  8  11  15  19  20 | 21  34  47  90        12, of them 8 by 20 s (20 is in time)
#   abandoned   1  4.9 | 5  12 | 26  60                            6: 2 short (5 is not), 4 by 20 s
#   flow-out    callback at 15, message at 70, overflow at 300     3
#   dropped     by us at 10                                        1
#   waiting     none                                               offered 22
#
# B = 6 + 1 dropped = 7, B_s = 2, B_T = 4. Beyond 20 s: 4 answered, 2 abandoned, 2 flow-outs = 8.
#
#   v1 8/12    v2 8/22    v3 8/19    v4 8/(12+7-2) = 8/17    v5 8/(12+7-4) = 8/15
#   v6 (8+4)/19 = 12/19   v7 (8+2)/19 = 10/19                v8 8/(22-2) = 8/20
#   v9 8/(8 answered in time + 1 dropped in time + 8 beyond) = 8/17
#   abandon (a) 7/22      (b) (7-2)/(22-2) = 5/20            (c) 5/(12+5) = 5/17
#   ASA (2+4+5+8+11+15+19+20+21+34+47+90)/12 = 276/12 = 23 s
#   nearest rank of 12: P50 = 6th = 15, P80 = 10th (9.6 up) = 34, P90 = 11th (10.8) = 47, P95 = 12th (11.4) = 90
HOUR = [
    *(stay(wait) for wait in (2, 4, 5, 8, 11, 15, 19, 20, 21, 34, 47)),
    stay(90, wrap=None),
    *(stay(wait, Outcome.ABANDONED) for wait in (1, 4.9, 5, 12, 26, 60)),
    stay(15, Outcome.CALLBACK),
    stay(70, Outcome.MESSAGE),
    stay(300, Outcome.OVERFLOW),
    stay(10, Outcome.DROPPED),
]


def test_the_worked_hour_is_counted_as_on_paper() -> None:
    counts = tally(HOUR)
    assert (counts.offered, counts.answered, counts.answered_within, counts.handled) == (22, 12, 8, 11)
    assert (counts.abandoned, counts.short_abandoned, counts.abandoned_within, counts.lost) == (6, 2, 4, 7)
    assert (counts.flow_out, counts.dropped, counts.waiting) == (3, 1, 0)


@pytest.mark.parametrize(
    ("variant", "part", "whole"),
    [
        ("v1", 8, 12), ("v2", 8, 22), ("v3", 8, 19), ("v4", 8, 17), ("v5", 8, 15),
        ("v6", 12, 19), ("v7", 10, 19), ("v8", 8, 20), ("v9", 8, 17),
    ],
)  # fmt: skip
def test_each_service_level_of_the_worked_hour_is_the_one_on_paper(variant: str, part: int, whole: int) -> None:
    assert service_level(tally(HOUR), ServiceLevel(variant)) == Share(part=part, whole=whole)


def test_the_abandon_rates_of_the_worked_hour_are_those_on_paper() -> None:
    counts = tally(HOUR)
    assert abandon_rate_all(counts) == Share(part=7, whole=22)
    assert abandon_rate(counts) == Share(part=5, whole=20)
    assert abandon_rate_of_ended(counts) == Share(part=5, whole=17)


def test_the_times_of_the_worked_hour_are_those_on_paper() -> None:
    answered = waits_of(HOUR, Outcome.ANSWERED)
    assert average_speed_of_answer(HOUR) == secs(23)
    assert [percentile(answered, percent) for percent in (50, 80, 90, 95, 100)] == [
        secs(15), secs(34), secs(47), secs(90), secs(90),
    ]  # fmt: skip
    assert max(waits_of(HOUR)) == secs(300)
    assert average_time_to_abandon(HOUR) == secs(108.9) / 6
    assert average_time_to_abandon(HOUR, with_short=False) == secs(103) / 4
    assert average_handle_time(HOUR) == secs(150)


def test_an_empty_hour_has_no_rates_at_all() -> None:
    counts = tally([])
    shares = [service_level(counts, variant) for variant in ServiceLevel]
    shares += [abandon_rate_all(counts), abandon_rate(counts), abandon_rate_of_ended(counts)]
    assert [share.value for share in shares] == [None] * 12
    assert average_speed_of_answer([]) is average_handle_time([]) is average_time_to_abandon([]) is None
    assert percentile([], 50) is mean([]) is None
    assert occupancy(AgentTime()) is time_with_callers(AgentTime(), paid=secs(0)) is None


def test_none_answered_in_time_is_nought_and_not_nothing() -> None:
    assert service_level(tally([stay(21)])).value == 0.0


def test_an_hour_of_short_abandons_alone_has_no_service_level_and_no_abandon_rate() -> None:
    counts = tally([stay(1, Outcome.ABANDONED)] * 3)
    assert service_level(counts).value is None
    assert abandon_rate(counts).value is None
    assert abandon_rate_all(counts).value == 1.0


def test_pushing_callers_into_callback_lifts_the_headline_and_not_the_strict_figure() -> None:
    before = [stay(5)] * 6 + [stay(60)] * 4
    after = [stay(5)] * 6 + [stay(19, Outcome.CALLBACK)] * 4
    assert service_level(tally(before), ServiceLevel.V4).value == 0.6
    assert service_level(tally(after), ServiceLevel.V4).value == 1.0
    assert service_level(tally(after), ServiceLevel.V8).value == 0.6


def test_a_caller_waiting_beyond_t_is_a_miss_in_v2_v8_v9_only_and_one_within_t_in_none() -> None:
    settled = tally([stay(5), stay(5)])
    late = tally([stay(5), stay(5), stay(21, None)])
    early = tally([stay(5), stay(5), stay(20, None)])
    for variant in ServiceLevel:
        missed = variant in (ServiceLevel.V2, ServiceLevel.V8, ServiceLevel.V9)
        assert service_level(late, variant).whole == service_level(settled, variant).whole + missed
        assert service_level(early, variant) == service_level(settled, variant)
    assert late.waiting == early.waiting == 1


def test_a_call_dropped_by_us_makes_no_rate_better() -> None:
    for variant in ServiceLevel:
        for wait in (1, 10, 60):
            without = service_level(tally([stay(5), stay(30)]), variant)
            with_it = service_level(tally([stay(5), stay(30), stay(wait, Outcome.DROPPED)]), variant)
            assert (with_it.value or 0) <= (without.value or 0)


def test_small_shares_say_so() -> None:
    assert Share(part=2, whole=3).small
    assert not Share(part=2, whole=10).small


def test_a_percentile_is_from_1_to_100() -> None:
    for percent in (0, 101, -5):
        with pytest.raises(ValueError, match="percentile"):
            percentile([secs(1)], percent)


def test_occupancy_counts_ringing_and_waiting_as_time_without_callers() -> None:
    time = AgentTime(
        available=timedelta(minutes=10), ringing=timedelta(minutes=2), on_call=timedelta(minutes=30),
        wrap_up=timedelta(minutes=6), other=timedelta(minutes=12),
    )  # fmt: skip
    assert occupancy(time) == 36 / 48
    assert time_with_callers(time, paid=timedelta(hours=1)) == 0.6
    assert time_on_the_line(time, paid=timedelta(hours=1)) == 0.8


# ---- a second way of counting ----------------------------------------------------------------------------------

STAYS = st.lists(
    st.builds(
        Stay,
        wait=st.integers(0, 60).map(secs),
        outcome=st.sampled_from([None, *Outcome]),
        within=st.sampled_from([secs(10), secs(20)]),
        short=st.sampled_from([secs(5), secs(6)]),
        wrap=st.sampled_from([None, secs(0), secs(30)]),
    ),
    max_size=60,
)


def by_filters(stays: list[Stay], variant: ServiceLevel) -> tuple[int, int]:
    """Each variant as a numerator and a denominator of plain filters over the list."""
    answered = [s for s in stays if s.outcome is Outcome.ANSWERED]
    gone = [s for s in stays if s.outcome is Outcome.ABANDONED]
    lost = [s for s in stays if s.outcome in (Outcome.ABANDONED, Outcome.DROPPED)]
    timely = [s for s in answered if s.wait <= s.within]
    short = [s for s in gone if s.wait < s.short]
    gone_timely = [s for s in gone if s.wait <= s.within]
    known = [s for s in stays if s.outcome is not None or s.wait > s.within]
    reached = [s for s in stays if s.wait > s.within]
    dropped_timely = [s for s in lost if s.outcome is Outcome.DROPPED and s.wait <= s.within]
    ended = len(answered) + len(lost)
    return {
        ServiceLevel.V1: (len(timely), len(answered)),
        ServiceLevel.V2: (len(timely), len(known)),
        ServiceLevel.V3: (len(timely), ended),
        ServiceLevel.V4: (len(timely), ended - len(short)),
        ServiceLevel.V5: (len(timely), ended - len(gone_timely)),
        ServiceLevel.V6: (len(timely) + len(gone_timely), ended),
        ServiceLevel.V7: (len(timely) + len(short), ended),
        ServiceLevel.V8: (len(timely), len(known) - len(short)),
        ServiceLevel.V9: (len(timely), len(timely) + len(dropped_timely) + len(reached)),
    }[variant]


@given(STAYS)
def test_every_service_level_equals_a_second_way_of_counting_and_is_a_share(stays: list[Stay]) -> None:
    for variant in ServiceLevel:
        share = service_level(tally(stays), variant)
        assert (share.part, share.whole) == by_filters(stays, variant)
        assert share.value is None or 0 <= share.value <= 1


@given(STAYS)
def test_every_offered_caller_has_exactly_one_outcome_or_still_waits(stays: list[Stay]) -> None:
    counts = tally(stays)
    parts = counts.answered + counts.abandoned + counts.flow_out + counts.dropped + counts.waiting
    assert counts.offered == len(stays) == parts


@given(STAYS, STAYS)
def test_counts_of_two_sets_add_up(left: list[Stay], right: list[Stay]) -> None:
    assert tally(left) + tally(right) == tally(left + right)
    assert tally(left) + Tally() == tally(left)


@given(st.lists(st.integers(0, 600), min_size=1, max_size=80), st.integers(1, 100))
def test_nearest_rank_is_the_smallest_wait_that_so_many_do_not_exceed(waits: list[int], percent: int) -> None:
    found = percentile([secs(wait) for wait in waits], percent)
    reaching = [w for w in waits if Fraction(sum(other <= w for other in waits), len(waits)) >= Fraction(percent, 100)]
    assert found == secs(min(reaching))
