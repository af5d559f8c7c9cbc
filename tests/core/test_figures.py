"""One truth about shares: the questions about a stay, the counts, and the lists behind them say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.facts import Outcome
from ivr.core.figures import COUNTS, FIGURES, named
from ivr.core.kinds import LEGAL_WITHIN, TRANSFER, Share, Stay
from ivr.core.metrics import tally


def secs(value: float) -> timedelta:
    return timedelta(seconds=value)


EDGES = [0, 4, 5, 6, 19, 20, 21, 179, 180, 181, 600]
STAYS = st.lists(
    st.builds(
        Stay,
        wait=st.sampled_from(EDGES).map(secs),
        outcome=st.sampled_from([None, *Outcome]),
        within=st.sampled_from([secs(10), secs(20)]),
        short=st.sampled_from([secs(5), secs(6)]),
        wrap=st.sampled_from([None, secs(0), secs(30)]),
        cause=st.sampled_from(["", TRANSFER]),
        ended_by=st.sampled_from(["", "caller", TRANSFER]),
    ),
    max_size=40,
)


@given(STAYS)
def test_every_share_is_as_long_as_the_two_lists_behind_it(stays: list[Stay]) -> None:
    counts = tally(stays)
    for name, figure in {**FIGURES, **COUNTS}.items():
        numerator = [stay for stay in stays if figure.part(stay)]
        denominator = [stay for stay in stays if figure.whole(stay)]
        assert counts.of(name) == Share(part=len(numerator), whole=len(denominator)), name
        assert all(figure.whole(stay) for stay in numerator), f"{name}: no share is above one"


@given(STAYS, st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_shares_of_parts_add_up_however_the_calls_are_parted(stays: list[Stay], places: list[int]) -> None:
    parts = [tally([s for s, place in zip(stays, places, strict=False) if place == which]) for which in range(4)]
    for name in (*FIGURES, *COUNTS):
        whole = tally(stays).of(name)
        shares = [part.of(name) for part in parts]
        assert (whole.part, whole.whole) == (sum(s.part for s in shares), sum(s.whole for s in shares)), name


def test_the_legal_answer_time_counts_180_seconds_as_kept_and_a_caller_still_within_it_not_at_all() -> None:
    in_time, late = Stay(wait=LEGAL_WITHIN, outcome=Outcome.ANSWERED), Stay(wait=secs(180.5), outcome=Outcome.ANSWERED)
    waits, waits_long = Stay(wait=secs(180), outcome=None), Stay(wait=secs(181), outcome=None)
    gone = Stay(wait=secs(1), outcome=Outcome.ABANDONED)
    assert tally([in_time, late, waits, waits_long, gone]).of("legal_answer") == Share(part=1, whole=4)
    assert FIGURES["legal_answer"].target == 0.95


def test_a_transfer_is_counted_where_it_came_from_and_where_it_went_and_a_consult_nowhere() -> None:
    sent = Stay(wait=secs(3), outcome=Outcome.ANSWERED, ended_by=TRANSFER)
    received = Stay(wait=secs(0), outcome=Outcome.ANSWERED, cause=TRANSFER)
    consulted = Stay(wait=secs(9), outcome=Outcome.ANSWERED, ended_by="agent")
    counts = tally([sent, received, consulted])
    assert counts.of("transferred_out") == counts.of("transferred_in") == Share(part=1, whole=3)


SHORT: dict[str, Callable[[Stay], Stay]] = {
    "one second later": lambda stay: replace(stay, wait=stay.wait + secs(1)),
    "another end": lambda stay: replace(stay, outcome=Outcome.CALLBACK),
}


@pytest.mark.parametrize("change", SHORT.values(), ids=SHORT)
def test_a_call_that_was_otherwise_changes_its_figure(change: Callable[[Stay], Stay]) -> None:
    stay = Stay(wait=secs(20), outcome=Outcome.ANSWERED)
    assert tally([stay]).of("service_level_v4") != tally([change(stay)]).of("service_level_v4")


def test_a_name_of_nothing_is_no_figure() -> None:
    assert named("service_level_v10") is None
    assert named("abandoned") is COUNTS["abandoned"]
