"""People and carriers who do things at the worst moment: nobody is lost, nobody is left alone in a room."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.ids import CallId
from ivr.core.instructions import Speak
from ivr.core.session import State
from tests.stories.town import WALLET

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}


def dials_in(town, agent, offer):
    leg = town.network.client(agent.id).connects({"offer": offer})
    town.settle()
    return leg


# ---- the agent ----------------------------------------------------------------------------------------------------


def test_agent_who_signs_out_while_it_rings_passes_the_call_on_at_once(town):
    ana = town.agent("ana", skills=ANY).available()
    town.passes(1)
    bob = town.agent("bob", skills=ANY).available()
    call = town.queues()
    assert ana.presence is Presence.RESERVED
    ana.signs_out()
    assert town.switchboard.presences.find(ana.id).presence is Presence.SIGNED_OUT
    call.meets(bob.accepts())


def test_break_asked_for_while_it_rings_begins_after_the_call(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    ana.takes_a_break()
    call.meets(ana.accepts())
    ana.ends()
    ana.finishes()
    assert ana.presence is Presence.BREAK


def test_sign_out_in_the_talk_waits_for_its_end(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    call.meets(ana.accepts())
    ana.signs_out()
    assert ana.presence is Presence.ON_CALL
    ana.ends()
    ana.finishes()
    assert ana.presence is Presence.SIGNED_OUT


def test_a_second_line_of_the_same_agent_takes_the_talk_over_and_the_first_is_ended(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    offer = ana.offer
    leg = ana.accepts()
    call.meets(leg)
    ana.town.switchboard.desk.accept(ana.id, offer)  # pressed again: the offer is theirs, nothing happens
    second = dials_in(town, ana, offer)
    call.meets(second)
    leg.ends()
    town.passes(12)
    assert town.session(call).state is State.CONNECTED
    assert len(town.ended(call).segments) == 1


def test_accept_after_the_caller_went_is_answered_with_over_and_the_agent_stays_free(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    offer = ana.offer
    call.hangs_up()
    town.settle()
    with pytest.raises(RequestError, match="over"):
        town.switchboard.desk.accept(ana.id, offer)
    dials_in(town, ana, offer).ends()
    assert ana.presence is Presence.AVAILABLE


def test_caller_who_hangs_up_between_accept_and_join_leaves_the_agent_free(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    offer = ana.offer
    town.switchboard.desk.accept(ana.id, offer)
    call.hangs_up()
    town.settle()
    assert ana.presence is Presence.AVAILABLE
    dials_in(town, ana, offer).ends()
    assert ana.presence is Presence.AVAILABLE


@pytest.mark.parametrize("late_s", [-0.001, 0.0, 0.001])
def test_accept_at_the_very_end_of_the_ring_time_is_one_or_the_other(town, late_s):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    offered, offer = town.session(call).offered_at, ana.offer
    ring = town.switchboard.menus.trees[0].topics[town.session(call).topic].ring_time
    while town.now + timedelta(seconds=1) < offered + ring:
        town.passes(0.5)
        ana.breathes()
    town.dispatching = False
    town.passes((offered + ring - town.now).total_seconds() + late_s)
    with contextlib.suppress(RequestError):
        town.switchboard.desk.accept(ana.id, offer)
    town.dispatching = True
    town.settle()
    state = town.session(call).state
    assert (state, ana.presence) in {
        (State.CONNECTING, Presence.ON_CALL),
        (State.QUEUED, Presence.MISSED),
    }
    offers = [fact for fact in town.facts_of(call) if isinstance(fact, facts.OfferEnded)]
    assert len(offers) == 1


@pytest.mark.parametrize("named", ["0000000000000001", "nonsense", "../../etc", "9" * 40])
def test_browser_that_dials_in_with_an_offer_that_is_not_its_own_joins_nobody(town, named):
    ana = town.agent("ana", skills=ANY).available()
    town.passes(1)
    bob = town.agent("bob", skills=ANY).available()
    call = town.queues()
    leg = ana.accepts()
    call.meets(leg)
    dials_in(town, bob, named).ends()
    foreign = dials_in(town, bob, ana.offer)
    foreign.ends()
    assert town.session(call).agent == ana.id
    call.meets(leg)


def test_telephone_agent_who_presses_one_too_late_hears_that_it_is_over(town):
    town.agent("tom", skills=ANY, phone="+442079460107").available()
    phone = town.network.phone("+442079460107")
    call = town.queues()
    leg = phone.rings().answers()
    town.settle()
    leg.hears("按1")
    call.hangs_up()
    town.network.settle()
    leg.presses("1")
    town.settle()
    leg.ends()


def test_agent_who_presses_end_while_connecting_is_not_marked_as_missed(town):
    ana = town.agent("ana", skills=ANY).available()
    town.passes(1)
    bob = town.agent("bob", skills=ANY).available()
    call = town.queues()
    offer = ana.offer
    town.switchboard.desk.accept(ana.id, offer)
    town.switchboard.desk.end(ana.id, offer)
    town.settle()
    assert ana.presence is Presence.WRAP_UP
    assert ana.state.reason == "declined"
    call.meets(bob.accepts())


# ---- time ---------------------------------------------------------------------------------------------------------


def test_wait_limit_that_is_due_while_an_agent_rings_is_kept_afterwards(town):
    call = town.queues()
    town.passes(30 * 60 - 5)
    ana = town.agent("ana", skills=ANY).available()
    assert ana.presence is Presence.RESERVED
    town.until(lambda: town.session(call).state is State.MENU, within_s=45, what="the end of the wait")
    assert ana.presence is Presence.MISSED
    call.hears("按2")


# ---- both sides ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["caller", "agent"])
def test_both_hang_up_at_once_and_the_record_says_answered(town, first):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues()
    leg = ana.accepts()
    call.meets(leg)
    town.passes(20)
    for one in (call, leg) if first == "caller" else (leg, call):
        one.hangs_up()
    town.settle()
    town.passes(3)
    record = town.ended(call)
    assert record.end == facts.CallEnd.ANSWERED
    assert ana.presence is Presence.WRAP_UP


# ---- the carrier could not use our answer ---------------------------------------------------------------------------


def test_waiting_caller_hears_after_a_fault_that_it_was_ours_and_one_in_the_menu_does_not(town):
    waiting = town.queues()
    browsing = town.caller("+8613800138009")
    ask_again = town.switchboard.take_call.ask_again
    first = ask_again(CallId(waiting.sid), dialled=WALLET, sorry=True).instructions[0]
    assert isinstance(first, Speak)
    assert first.sounds[0].text.startswith("系统暂时繁忙")
    assert not isinstance(ask_again(CallId(browsing.sid), dialled=WALLET, sorry=True).instructions[0], Speak)
    assert not isinstance(ask_again(CallId(waiting.sid), dialled=WALLET).instructions[0], Speak)
