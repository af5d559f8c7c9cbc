"""One page of an agent has the desk: who gets it, who keeps it, and who is asked first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core.agents import ConsoleClosed, HeardFrom, LostSight, Presence, SignedIn, SignedOut
from ivr.core.consoles import SILENT, may_act
from tests.core.test_agents import FREE, TALKING, accepted, after, at, offered, ready

FIRST, SECOND = "b1.p1", "b2.p1"


def opened(console: str, seconds: float = 0, *, take_over: bool = False) -> SignedIn:
    return SignedIn(at=at(seconds), skills={"billing": 3}, languages={"en": 5}, console=console, take_over=take_over)


def beat(console: str, seconds: float) -> HeardFrom:
    return HeardFrom(at=at(seconds), console=console)


def test_the_first_page_has_the_desk_and_a_second_one_gets_it_only_by_asking():
    agent = after(opened(FIRST), ready(), opened(SECOND, 5))
    assert agent.console == FIRST
    assert not may_act(agent, SECOND)
    taken = after(opened(SECOND, 6, take_over=True), agent=agent)
    assert taken.console == SECOND
    assert taken.presence is Presence.AVAILABLE
    assert not may_act(taken, FIRST)


@pytest.mark.parametrize("talk", [(), (offered(),), (offered(), accepted())])
def test_a_take_over_changes_neither_presence_nor_call(talk):
    before = after(opened(FIRST), ready(), *talk)
    taken = after(opened(SECOND, 20, take_over=True), agent=before)
    assert (taken.presence, taken.offer, taken.call) == (before.presence, before.offer, before.call)


def test_a_page_that_does_not_have_the_desk_keeps_nobody_present():
    agent = after(opened(FIRST), ready(), beat(FIRST, 5), opened(SECOND, 8), beat(SECOND, 9))
    assert (agent.console, agent.seen) == (FIRST, at(5))


def test_a_page_that_is_gone_holds_no_other_one_up():
    silent = SILENT.total_seconds()
    here = after(opened(FIRST), ready(), beat(FIRST, 5))
    assert after(opened(SECOND, 5 + silent), agent=here).console == FIRST
    assert after(opened(SECOND, 6 + silent), agent=here).console == SECOND
    assert after(LostSight(at=at(6)), opened(SECOND, 7), agent=here).console == SECOND
    assert after(SignedOut(at=at(6)), opened(SECOND, 7), agent=here).console == SECOND


def test_a_page_that_was_closed_holds_no_other_one_up_and_one_that_had_no_desk_gives_none_up():
    here = after(opened(FIRST), ready())
    closed = ConsoleClosed(at=at(2), console=FIRST)
    assert after(closed, opened(SECOND, 3), agent=here).console == SECOND
    assert after(opened(SECOND, 3, take_over=True), closed, agent=here).console == SECOND
    assert after(closed, agent=here).presence is Presence.AVAILABLE


def test_a_desk_that_nobody_has_is_kept_by_whoever_is_heard():
    forgotten = after(*FREE)
    assert after(beat(FIRST, 3), agent=forgotten).console == FIRST
    assert after(beat(FIRST, 3), beat(SECOND, 4), agent=forgotten).console == FIRST


def test_programs_name_no_page_and_act_as_ever_but_keep_no_page_present():
    agent = after(opened(FIRST), ready(), beat("", 8))
    assert may_act(agent, "")
    assert (agent.console, agent.seen) == (FIRST, at(0))
    assert after(*TALKING, beat("", 18)).seen == at(18)


def test_a_lost_page_that_is_heard_again_does_not_take_back_what_was_taken_over():
    agent = after(opened(FIRST), ready(), LostSight(at=at(20)), opened(SECOND, 21), beat(FIRST, 22))
    assert (agent.console, agent.seen) == (SECOND, at(21))
    assert agent.presence is Presence.AVAILABLE
    assert after(LostSight(at=at(20) + timedelta(hours=1)), beat(FIRST, 3700), agent=agent).console == FIRST
