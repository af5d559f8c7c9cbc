"""What a caller was told of the wait stands on the card of the agent who is offered the call."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ivr.core.ids import Language
from ivr.simulator import Call
from ivr.workflows.told_wait import ToldWait
from tests.stories.callbacks import ANA_CALLS, ANY
from tests.stories.past import handled
from tests.stories.test_promised_times import PEAK, busy, keeps_place, waits
from tests.stories.town import Desk, Town


@pytest.fixture
def peak(towns) -> Town:
    """Yesterday's calls took six minutes each."""
    town: Town = towns(start=PEAK)
    handled(town, "transfers")
    return town


def next_in_line(town: Town, others: list[Call]) -> Desk:
    """Whoever waits is gone but for the caller in question, and an agent is ready."""
    for call in others[2:]:
        call.hangs_up()
    town.settle()
    return town.agent("cem", skills={"transfers": 5}).available()


def told(town: Town, desk: Desk) -> ToldWait | None:
    offer = town.switchboard.desk.view(desk.id, Language("en")).offer
    assert offer is not None, "nothing rings"
    return offer.card.told


def test_the_wait_that_was_named_and_when_it_is_over(peak):
    others = busy(peak)
    call = waits(peak, ANA_CALLS)
    call.hears("预计等待约9分钟")
    named = peak.now
    peak.passes(20)  # the music goes on, nothing more is named
    found = told(peak, next_in_line(peak, others))
    assert found is not None
    assert found.words == "about 9 minutes"
    assert abs(found.until - (named + timedelta(seconds=540))) < timedelta(seconds=10)


def test_of_a_callback_the_end_of_the_time_that_was_named(peak):
    others = busy(peak)
    keeps_place(peak).ends()
    found = told(peak, next_in_line(peak, others))
    assert found == ToldWait(words="", until=datetime.fromisoformat("2026-03-02T11:30:00+08:00"))


def test_nothing_where_no_time_was_named(town):
    town.queues()
    assert told(town, town.agent("ana", skills=ANY).available()) is None
