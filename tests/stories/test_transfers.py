"""Hold, transfer and a colleague's help, as the caller, the two agents and the record see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.session import State
from ivr.core.transfer_facts import Consulted, Transferred
from ivr.simulator import Call
from tests.stories.town import Desk, Town

ANY = {"other": 5, "transfers": 5}
CALLER = "+8613800138000"


def in_talk(town: Town) -> tuple[Desk, Call]:
    """Ana talks with a caller about other matters; nobody else is there."""
    ana = town.agent("ana", skills={"other": 5}).available()
    call = town.queues()
    call.meets(ana.accepts())
    return ana, call


def colleague(town: Town, name: str = "bo", *, phone: str = "browser", skills: dict[str, int] | None = None) -> Desk:
    return town.agent(name, skills=skills or {"transfers": 5}, phone=phone).available()


def holds(town: Town, desk: Desk, *, on: bool = True) -> None:
    assert desk.offer is not None
    town.switchboard.transfer.hold(desk.id, desk.offer, on=on)
    town.settle()


def consults(town: Town, desk: Desk, *, topic: str = "", to: Desk | None = None, note: str = "") -> None:
    assert desk.offer is not None
    town.switchboard.transfer.consult(desk.id, desk.offer, topic=topic, to=to.id if to else "", note=note)
    town.settle()


def transfers(town: Town, desk: Desk, *, topic: str = "", to: Desk | None = None, note: str = "") -> None:
    assert desk.offer is not None
    town.switchboard.transfer.transfer(desk.id, desk.offer, topic=topic, to=to.id if to else "", note=note)
    town.settle()


def alone(town: Town, desk: Desk) -> None:
    assert desk.offer is not None
    town.switchboard.transfer.alone(desk.id, desk.offer)
    town.settle()


def hands_over(town: Town, desk: Desk) -> None:
    assert desk.offer is not None
    town.switchboard.transfer.hand_over(desk.id, desk.offer)
    town.settle()


def view(town: Town, desk: Desk):
    return town.switchboard.desk.view(desk.id, "en")


def leg_of(desk: Desk) -> Call:
    assert desk.leg is not None
    return desk.leg


# ---- hold ------------------------------------------------------------------------------------------------------------


def test_caller_on_hold_hears_words_and_music_and_not_the_agent(town):
    ana, call = in_talk(town)
    assert len(call.in_room_with) == 1

    holds(town, ana)

    call.hears("请稍候，不要挂机")
    assert call.in_room_with == []
    assert view(town, ana).call.held_at == town.session(call).held_at is not None

    holds(town, ana, on=False)
    call.meets(leg_of(ana))
    assert view(town, ana).call.held_at is None


def test_hold_goes_on_for_minutes_and_counts_apart_from_the_talk(town):
    ana, call = in_talk(town)
    town.passes(30)
    holds(town, ana)
    town.passes(150)
    assert call.text.count("请稍候，不要挂机") >= 2
    holds(town, ana, on=False)
    town.passes(20)
    ana.ends()
    town.passes(60)

    segment = town.ended(call).segments[0]
    assert (segment.talk, segment.hold) == (timedelta(seconds=50), timedelta(seconds=150))


def test_caller_who_hangs_up_on_hold_frees_the_agent(town):
    ana, call = in_talk(town)
    holds(town, ana)
    town.passes(40)
    call.hangs_up()
    town.settle()

    assert ana.presence is Presence.WRAP_UP
    assert town.ended(call).segments[0].hold == timedelta(seconds=40)


def test_a_request_to_hold_that_was_lost_is_made_again(town):
    ana, call = in_talk(town)
    holds(town, ana)
    with town.network.loop.change():
        town.network.rest.rooms.change(call.leg.seat, hold=False)  # the room does not do as the call says
    assert len(call.in_room_with) == 1
    town.passes(61)

    assert call.in_room_with == []


# ---- cold ------------------------------------------------------------------------------------------------------------


def test_c32_the_second_agent_sees_path_notes_and_time_and_the_caller_need_not_tell_it_again(town):
    ana = town.agent("ana", skills={"other": 5}).available()
    call = town.queues()
    began = town.session(call).started_at
    call.meets(ana.accepts())
    town.passes(90)

    transfers(town, ana, topic="transfers", note="TXID 4711 looked up, sent to the wrong network")

    assert ana.presence is Presence.WRAP_UP
    call.hears("正在为您转接同事")
    call.hears("转账与交易")
    town.passes(20)
    bo = colleague(town)
    card = view(town, bo).offer.card
    assert card.path == view(town, bo).offer.card.path
    assert [(told.name, told.topic_name, told.note) for told in card.handovers] == [
        ("ana", "other questions", "TXID 4711 looked up, sent to the wrong network")
    ]
    assert card.started_at == began
    call.meets(bo.accepts())

    record = town.facts_of(call)
    assert [fact.how for fact in record if isinstance(fact, Transferred)] == ["cold"]
    first, second = town.ended(call).segments
    assert (first.ended_by, first.topic, second.topic, second.cause) == (
        "transfer",
        "other",
        "transfers",
        "transfer",
    )
    assert second.queued_at == first.queued_at


def test_a_transferred_caller_keeps_the_first_queue_time_and_comes_before_those_who_came_later(town):
    ana, call = in_talk(town)
    town.passes(60)
    later = town.caller("+8613800138001")
    town.presses(later, "1211#2")
    assert town.session(later).state is State.QUEUED
    town.passes(30)

    transfers(town, ana, topic="transfers")
    bo = colleague(town)

    assert bo.state.call == call.sid


def test_transfer_to_a_person_rings_that_person_first_and_the_queue_after(town):
    ana, call = in_talk(town)
    cui = colleague(town, "cui", skills={"other": 5})
    bo = colleague(town)
    transfers(town, ana, to=bo)
    assert (bo.presence, cui.presence) == (Presence.RESERVED, Presence.AVAILABLE)

    bo.declines()

    assert cui.state.call == call.sid


def test_a_closed_desk_and_a_busy_colleague_are_refused_and_the_caller_stays(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    bo.takes_a_break()
    with pytest.raises(RequestError, match="not free"):
        transfers(town, ana, to=bo)
    with pytest.raises(RequestError, match="not known"):
        transfers(town, ana, topic="nowhere")

    call.meets(leg_of(ana))
    assert town.session(call).state is State.CONNECTED


def test_nobody_but_the_agent_of_the_talk_may_move_the_caller(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    offer = ana.offer
    for act in (
        lambda: town.switchboard.transfer.hold(bo.id, offer, on=True),
        lambda: town.switchboard.transfer.transfer(bo.id, offer, topic="transfers"),
        lambda: town.switchboard.transfer.consult(bo.id, offer, topic="transfers"),
        lambda: town.switchboard.transfer.targets(bo.id, offer, "en"),
    ):
        with pytest.raises(RequestError, match="over"):
            act()
    call.meets(leg_of(ana))


# ---- a colleague's help ----------------------------------------------------------------------------------------------


def test_a_colleague_is_asked_while_the_caller_hears_music_and_takes_the_call_over(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    town.passes(45)

    consults(town, ana, topic="transfers", note="wrong network")
    call.hears("请稍候，不要挂机")
    assert view(town, bo).offer.card.asked_by == "ana"
    assert view(town, bo).offer.card.handovers[0].note == "wrong network"
    assert view(town, ana).call.consult.phase == "ringing"

    helper = bo.accepts()
    helper.meets(leg_of(ana))
    assert call.in_room_with == []
    assert (view(town, ana).call.consult.phase, view(town, ana).call.consult.name) == ("here", "bo")
    town.passes(20)

    hands_over(town, ana)
    call.meets(helper)
    assert leg_of(ana).over
    assert (ana.presence, bo.presence) == (Presence.WRAP_UP, Presence.ON_CALL)
    town.passes(30)
    bo.ends()
    call.hears("评分")
    bo.finishes("solved")
    town.passes(60)

    record = town.ended(call)
    first, second = record.segments
    assert [(one.agent, one.outcome) for one in record.segments] == [
        (AgentId("ana"), facts.Outcome.ANSWERED),
        (AgentId("bo"), facts.Outcome.ANSWERED),
    ]
    assert (first.ended_by, first.hold, second.cause) == ("transfer", timedelta(seconds=20), "transfer")
    assert (first.offers, second.offers) == (1, 0)
    assert (second.disposition, second.wait) == ("solved", timedelta(0))
    assert [fact.result for fact in town.facts_of(call) if isinstance(fact, Consulted)] == ["joined", "handed_over"]


def test_the_agent_takes_the_caller_back_and_the_colleague_is_free_at_once(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()
    helper.meets(leg_of(ana))

    alone(town, ana)

    call.meets(leg_of(ana))
    assert helper.over
    assert bo.presence is Presence.AVAILABLE
    assert len(town.ended(call).segments) == 1


def test_all_three_talk_and_the_colleague_goes_on_when_the_agent_ends(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()
    holds(town, ana, on=False)
    call.meets(helper)
    call.meets(leg_of(ana))
    assert len(call.in_room_with) == 2

    ana.ends()

    call.meets(helper)
    assert (ana.presence, bo.presence) == (Presence.WRAP_UP, Presence.ON_CALL)


def test_the_agents_line_is_lost_with_a_colleague_there_and_the_caller_has_somebody_to_talk_to(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()

    ana.vanishes()
    town.passes(15)

    call.meets(helper)
    assert town.session(call).agent == "bo"


def test_the_colleague_leaves_and_the_agent_goes_on(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    bo.accepts()

    bo.ends()

    assert bo.presence is Presence.AVAILABLE
    shown = view(town, ana).call
    assert (shown.consult, shown.consult_result) == (None, "left")
    holds(town, ana, on=False)
    call.meets(leg_of(ana))


def test_nobody_of_the_desk_is_free_and_the_agent_waits_in_line_with_the_callers_own_time(town):
    ana, call = in_talk(town)
    town.passes(60)
    consults(town, ana, topic="transfers")
    assert view(town, ana).call.consult.phase == "seeking"
    later = town.caller("+8613800138001")
    town.presses(later, "1211#2")
    town.passes(20)

    bo = colleague(town)

    assert bo.state.call == call.sid
    assert view(town, ana).call.consult.phase == "ringing"
    alone(town, ana)
    call.meets(leg_of(ana))
    assert bo.state.call == later.sid


def test_a_person_who_does_not_answer_is_told_to_the_agent_and_misses_the_call(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, to=bo)
    assert view(town, ana).call.consult.name == "bo"

    town.passes(40)

    assert bo.presence is Presence.MISSED
    assert view(town, ana).call.consult_result == "no_answer"
    assert call.in_room_with == []  # still on hold: the agent takes the caller back
    alone_or_unhold(town, ana)
    call.meets(leg_of(ana))


def alone_or_unhold(town: Town, desk: Desk) -> None:
    holds(town, desk, on=False)


def test_one_of_the_desk_who_declines_is_followed_by_the_next(town):
    ana, _ = in_talk(town)
    bo, cui = colleague(town), colleague(town, "cui")
    consults(town, ana, topic="transfers")
    first, second = (bo, cui) if bo.presence is Presence.RESERVED else (cui, bo)

    first.declines()

    assert second.presence is Presence.RESERVED
    assert view(town, ana).call.consult.phase == "ringing"


def test_caller_who_hangs_up_during_the_consultation_frees_both(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()

    call.hangs_up()
    town.settle()

    assert (ana.presence, bo.presence) == (Presence.WRAP_UP, Presence.AVAILABLE)
    helper.ends()


def test_agent_ends_while_a_colleague_still_rings(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    assert bo.presence is Presence.RESERVED

    ana.ends()

    assert bo.presence is Presence.AVAILABLE
    call.hears("评分")


def test_a_colleague_on_a_telephone_hears_what_it_is_about_and_presses_one(town):
    ana, call = in_talk(town)
    phone = town.network.phone("+8613900139000")
    bo = colleague(town, phone="+8613900139000")
    consults(town, ana, topic="transfers")
    town.settle()
    leg = phone.answers()
    town.settle()
    leg.hears("按1")
    town.presses(leg, "1")
    leg.meets(leg_of(ana))

    hands_over(town, ana)

    call.meets(leg)
    assert bo.presence is Presence.ON_CALL


def test_where_to_shows_waits_and_people(town):
    ana, _ = in_talk(town)
    bo = colleague(town)
    waiting = town.caller("+8613800138001")
    town.presses(waiting, "1411")
    assert ana.offer is not None

    targets = town.switchboard.transfer.targets(ana.id, ana.offer, "en")

    desks = {desk.topic: desk for desk in targets.desks}
    assert (desks["transfers"].name, desks["transfers"].free, desks["transfers"].open) == ("transfers", 1, True)
    assert [(person.name, person.free) for person in targets.people] == [("bo", True)]
    assert bo.presence is Presence.AVAILABLE


def test_what_both_do_survives_a_restart_of_the_service(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()

    town.restarts()
    hands_over(town, ana)

    call.meets(helper)
    assert (ana.presence, bo.presence) == (Presence.WRAP_UP, Presence.ON_CALL)
