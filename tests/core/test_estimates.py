"""How long a caller is told to wait, and when nothing is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.estimates import (
    CAP,
    Announceable,
    Estimator,
    QueueView,
    announce,
    best_estimator,
    estimates,
    queue_length,
    rounded_up,
    score,
    shares,
)

MINUTE = timedelta(minutes=1)


def secs(value: float) -> timedelta:
    return timedelta(seconds=value)


BUSY = QueueView(ahead=5, agents=3, handle_time=secs(180), handled=40, last_wait=secs(200), head_wait=secs(250))


def test_queue_length_takes_everybody_ahead_and_the_caller_at_the_pace_of_the_agents() -> None:
    assert queue_length(BUSY) == secs(180 * 6 / 3)


def test_agents_shared_by_several_topics_count_by_their_share() -> None:
    assert shares([1, 2, 2, 4]) == 2.25
    assert queue_length(replace(BUSY, agents=4, share=2.0)) == secs(180 * 6 / 2)


def test_the_three_estimators_are_always_computed() -> None:
    assert estimates(BUSY) == {Estimator.QL: secs(360), Estimator.LES: secs(200), Estimator.HOL: secs(250)}


def test_an_estimator_that_knows_nothing_says_nothing() -> None:
    assert estimates(QueueView(ahead=0, agents=2)) == {Estimator.HOL: timedelta()}
    assert estimates(QueueView(ahead=3, agents=2)) == {}


@pytest.mark.parametrize(("best", "minutes"), [(Estimator.QL, 6), (Estimator.LES, 4), (Estimator.HOL, 5)])
def test_the_best_estimator_of_the_topic_speaks_rounded_up(best: Estimator, minutes: int) -> None:
    every = {"ql": 360, "les": 200, "hol": 250}
    assert announce(BUSY, best=best) == Announceable(wait=minutes * MINUTE, estimator=best, estimates=every)


def test_queue_length_speaks_where_the_best_one_cannot() -> None:
    assert announce(replace(BUSY, last_wait=None), best=Estimator.LES) == Announceable(
        wait=6 * MINUTE, estimator=Estimator.QL, estimates={"ql": 360, "hol": 250}
    )


@pytest.mark.parametrize("thin", [{"agents": 0}, {"agents": 1}, {"handled": 9}, {"handle_time": None}])
def test_nothing_is_said_when_the_promise_could_not_be_kept(thin: dict[str, object]) -> None:
    assert announce(replace(BUSY, **thin)) is None


def test_no_one_is_told_more_than_half_an_hour() -> None:
    said = announce(replace(BUSY, ahead=500))
    assert said is not None
    assert said.wait == CAP


@given(st.integers(0, 4000))
def test_what_is_said_is_whole_minutes_never_less_than_estimated_up_to_the_cap(seconds: int) -> None:
    said = rounded_up(secs(seconds))
    assert said % MINUTE == timedelta()
    assert MINUTE <= said <= CAP
    assert said >= min(secs(seconds), CAP)
    assert said - secs(seconds) < MINUTE or said == MINUTE


def test_scores_tell_error_bias_and_who_waited_longer_than_said() -> None:
    found = score([(secs(60), secs(30)), (secs(60), secs(90)), (secs(120), secs(220)), (secs(60), secs(60))])
    assert (found.count, found.mean_absolute, found.bias) == (4, secs(40), secs(-25))
    assert (found.close, found.under_promised) == (0.75, 0.5)
    assert score([]).mean_absolute is None


def test_the_estimator_with_the_smallest_error_speaks_once_enough_is_known() -> None:
    off = {Estimator.QL: 60, Estimator.LES: 20, Estimator.HOL: 40}
    known = {name: score([(secs(100 + error), secs(100))] * 30) for name, error in off.items()}
    few = {name: score([(secs(100 + error), secs(100))] * 29) for name, error in off.items()}
    assert best_estimator(known) is Estimator.LES
    assert best_estimator(few) is Estimator.QL
    assert best_estimator({}) is Estimator.QL
