"""A house outside is asked first: as caller, agent, house and record see it, and whatever is lost on the way."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.intervals import Step
from ivr.core.session import State
from ivr.core.transfer_facts import Consulted, Transferred
from ivr.simulator import Call
from ivr.simulator.legs import Leg
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import every_text
from tests.stories.taping import talks, tapes
from tests.stories.test_call_out import calls
from tests.stories.test_repair import flush, sweep
from tests.stories.test_transfers import alone, colleague, consults, hands_over, holds, in_talk, leg_of, transfers, view
from tests.stories.town import WALLET, Desk, Town

NAME, HOUSE = "network_desk", "+862158880000"
CALLER = "+8613800138000"
LEFT_WITH = "支付网络值班台：坐席退出，来电者与该单位继续通话"


def asks(town: Town, desk: Desk, destination: str = NAME, note: str = "") -> None:
    """Ask first: the caller goes on hold, the house is dialled."""
    assert desk.offer is not None
    town.switchboard.transfer.consult_outside(desk.id, desk.offer, destination=destination, note=note)
    town.settle()


def picks_up(town: Town) -> Call:
    answered = town.network.phone(HOUSE).answers()
    town.settle()
    return answered


def asked(town: Town) -> tuple[Desk, Call]:
    """The house rings; the caller hears music."""
    ana, call = in_talk(town)
    asks(town, ana)
    return ana, call


def together(town: Town) -> tuple[Desk, Call, Call]:
    """The house is in the room with the agent, the caller on hold."""
    ana, call = asked(town)
    house = picks_up(town)
    house.meets(leg_of(ana))
    return ana, call, house


def handed_over(town: Town) -> tuple[Desk, Call, Call]:
    ana, call, house = together(town)
    town.passes(10)
    hands_over(town, ana)
    leg_of(ana).ends()
    call.meets(house)
    return ana, call, house


def results(town: Town, call: Call) -> list[str]:
    return [fact.result for fact in town.facts_of(call) if isinstance(fact, Consulted)]


def legs_to_the_house(town: Town) -> list[Leg]:
    return [leg for leg in town.network.live_legs() if leg.to == HOUSE]


def made(town: Town) -> int:
    """Legs that were ever made to the house."""
    return len([leg for leg in town.network.rest.legs.values() if leg.to == HOUSE])


# ---- as it should be -------------------------------------------------------------------------------------------------


def test_a_house_is_asked_all_three_talk_and_the_caller_is_left_with_it(town):
    ana, call = in_talk(town)
    phone = town.network.phone(HOUSE)
    town.passes(20)

    asks(town, ana, note="wrong network")
    call.hears("请稍候，不要挂机")
    assert call.in_room_with == []
    assert phone.is_ringing
    shown = view(town, ana).call.consult
    assert (shown.phase, shown.name, shown.outside) == ("ringing", "Payment network duty desk", True)
    town.passes(5)

    house = picks_up(town)
    house.meets(leg_of(ana))
    assert call.in_room_with == []
    assert house.leg.from_ == WALLET, "the hotline's number is shown"
    assert view(town, ana).call.consult.phase == "here"
    town.passes(10)

    holds(town, ana, on=False)
    assert len(call.in_room_with) == len(house.in_room_with) == 2
    town.passes(30)

    hands_over(town, ana)
    leg_of(ana).ends()
    call.meets(house)
    assert ana.presence is Presence.WRAP_UP
    town.passes(300)
    call.meets(house)
    assert made(town) == 1, "nobody is dialled again"

    house.hangs_up()
    town.settle()
    call.hears("再见")
    call.ends()
    town.settle()
    assert not call.heard("评分"), "a rating by key would be about the house"
    number = town.session(call).case.number
    assert any(number in text for text in every_text(town, CALLER))

    record = town.ended(call)
    [segment] = record.segments
    assert (record.end, segment.outcome, segment.ended_by) == (
        facts.CallEnd.ANSWERED,
        facts.Outcome.ANSWERED,
        "transfer",
    )
    assert (segment.hold.total_seconds(), segment.talk.total_seconds()) == (15, 50)
    assert results(town, call) == ["joined", "handed_over"]
    [fact] = [one for one in town.facts_of(call) if isinstance(one, Transferred)]
    assert (fact.how, fact.outside) == ("outside_warm", NAME)
    assert len([one for one in town.facts_of(call) if isinstance(one, facts.CallEnded)]) == 1
    told = [line.words for line in town.switchboard.tell_call(call.sid) if line.kind in ("asked", "given")]
    assert sorted(told) == [
        "Payment network duty desk: has the caller now · 支付网络值班台：已接手来电者",
        "Payment network duty desk: is in the talk · 支付网络值班台：已加入通话",
        f"Payment network duty desk: the agent leaves the caller with this house · {LEFT_WITH}",
    ]


def test_the_caller_is_handed_over_straight_from_hold(town):
    _, call, house = handed_over(town)
    assert len(call.in_room_with) == 1
    town.passes(130)
    call.meets(house)


def test_a_house_that_puts_down_as_soon_as_the_agent_has_gone_gives_the_caller_back_first_in_line(town):
    _, call, house = handed_over(town)
    late = town.queues("+8613800138001")
    house.hangs_up()
    town.settle()
    call.hears("您现在排在第一位")
    bo = town.agent("bo", skills={"other": 5}).available()
    call.meets(bo.accepts())
    assert town.session(late).state is State.QUEUED
    assert [fact.outside for fact in town.facts_of(call) if isinstance(fact, Transferred)] == [NAME]


def test_the_agent_takes_the_caller_back_and_the_house_is_let_go(town):
    ana, call, house = together(town)

    alone(town, ana)

    call.meets(leg_of(ana))
    assert house.over
    assert (view(town, ana).call.consult, results(town, call)) == (None, ["joined", "left"])
    town.passes(1)
    asks(town, ana)
    picks_up(town).meets(leg_of(ana))


def test_waits_and_service_level_know_nothing_of_it(town):
    _, _, house = handed_over(town)
    town.passes(60)
    house.hangs_up()
    town.passes(5)
    town.record()
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day - timedelta(days=1), end=day + timedelta(days=2), zone=UTC, step=Step.DAY)
    counts = town.switchboard.reports.waits(query).totals[-1].counts
    assert (counts.offered, counts.answered, counts.abandoned) == (1, 1, 0)


# ---- nobody there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "result"),
    [("busy", "busy"), ("declines", "busy"), ("silent", "no_answer"), ("hangs up at once", "failed")],
)
def test_a_house_that_is_not_reached_is_told_to_the_agent_and_the_caller_stays(town, how, result):
    ana, call = in_talk(town)
    phone = town.network.phone(HOUSE)
    if how == "busy":
        phone.behaves("busy")
    asks(town, ana)
    if how == "declines":
        phone.declines()
    elif how == "hangs up at once":
        phone.answers().hangs_up()
    town.passes(40)

    shown = view(town, ana).call
    assert (shown.consult, shown.consult_result) == (None, f"house_{result}")
    assert town.session(call).held_at is not None, "the agent takes the caller back"
    assert legs_to_the_house(town) == []
    holds(town, ana, on=False)
    call.meets(leg_of(ana))
    ana.ends()
    call.hears("评分")


@pytest.mark.parametrize(
    ("fault", "result"),
    [({"status": 400}, "refused"), ({"status": 429}, "refused"), ({"status": 503}, "failed")],
)
def test_a_call_that_the_carrier_refuses_is_told_to_the_agent(town, fault, result):
    ana, call = in_talk(town)
    town.network.faults.add("refuse", match="POST Calls", **fault)
    asks(town, ana)
    town.passes(30)

    town.network.faults.clear()
    assert view(town, ana).call.consult_result == f"house_{result}"
    assert made(town) == 0
    holds(town, ana, on=False)
    call.meets(leg_of(ana))


def test_the_carrier_that_is_busy_for_a_moment_is_asked_again(town):
    ana, _ = in_talk(town)
    town.network.faults.add("refuse", match="POST Calls", status=429, times=2)
    asks(town, ana)
    town.passes(5)
    picks_up(town).meets(leg_of(ana))
    assert made(town) == 1


def test_a_house_that_no_menu_names_and_a_second_question_are_refused(town):
    ana, call = in_talk(town)
    with pytest.raises(RequestError) as refused:
        asks(town, ana, HOUSE)
    assert refused.value.status == 422
    assert call.in_room_with != []
    colleague(town)
    asks(town, ana)
    for again in (lambda: asks(town, ana), lambda: consults(town, ana, topic="transfers")):
        with pytest.raises(RequestError) as refused:
            again()
        assert refused.value.status == 409
    with pytest.raises(RequestError) as refused:
        hands_over(town, ana)
    assert refused.value.error_id == "nobody_there", "it only rings"
    assert made(town) == 1


# ---- whoever puts down -----------------------------------------------------------------------------------------------


def test_the_house_hangs_up_and_the_agent_goes_on(town):
    ana, call, house = together(town)

    house.hangs_up()
    town.settle()

    assert view(town, ana).call.consult_result == "house_left"
    assert results(town, call) == ["joined", "left"]
    holds(town, ana, on=False)
    call.meets(leg_of(ana))


@pytest.mark.parametrize("how", ["alone", "end", "transfer", "line"])
@pytest.mark.parametrize("phase", ["rings", "here"])
def test_nothing_rings_on_and_nobody_stays_when_the_agent_wants_no_help_any_more(town, how, phase):
    ana, call = asked(town)
    if phase == "here":
        picks_up(town)
    match how:
        case "alone":
            alone(town, ana)
            call.meets(leg_of(ana))
        case "end":
            ana.ends()
            call.hears("评分")
        case "transfer":
            transfers(town, ana, topic="transfers")
            call.hears("正在为您转接同事")
        case "line":
            ana.vanishes()
            call.hears("您现在排在第一位")

    assert legs_to_the_house(town) == []
    assert not town.network.phone(HOUSE).is_ringing


@pytest.mark.parametrize("seconds", [0, 20])
@pytest.mark.parametrize("phase", ["rings", "here", "three", "handed over"])
def test_a_caller_who_hangs_up_ends_it_well_in_every_phase(town, phase, seconds):
    ana, call = asked(town)
    if phase != "rings":
        picks_up(town)
    if phase == "three":
        holds(town, ana, on=False)
    if phase == "handed over":
        hands_over(town, ana)

    town.passes(seconds)
    call.hangs_up()
    town.settle()

    assert ana.presence is Presence.WRAP_UP
    assert legs_to_the_house(town) == []
    assert town.session(call).state is State.ENDED
    record = town.ended(call)
    assert (record.end, len(record.segments)) == (facts.CallEnd.ANSWERED, 1)
    assert len([one for one in town.facts_of(call) if isinstance(one, facts.CallEnded)]) == 1


def test_an_agent_whose_line_is_lost_leaves_the_caller_to_a_house_that_all_three_talk_to(town):
    ana, call, house = together(town)
    holds(town, ana, on=False)

    ana.vanishes()

    call.meets(house)
    assert ana.presence is Presence.WRAP_UP
    house.hangs_up()
    town.settle()
    call.hears("再见")


def test_a_page_loaded_anew_while_the_caller_is_on_hold_lets_the_house_go_and_the_talk_goes_on(town):
    ana, call, house = together(town)
    ana.loses_the_line()
    call.hears("请稍候，正在为您恢复")
    back = ana.dials_in()

    call.meets(back)
    assert house.over
    ana.ends()


# ---- what is lost on the way -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("heard", [True, False])
def test_a_create_whose_answer_is_lost_rings_once_and_is_found(town, answers, heard):
    """By its own reports, and when these are lost too by a look at the carrier."""
    ana, call = in_talk(town)
    town.network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    if not heard:
        town.network.faults.add("drop", of="status")
    asks(town, ana)
    town.passes(3)
    assert [leg.sid for leg in legs_to_the_house(town)] == [town.session(call).consult.leg]
    if answers:
        picks_up(town).meets(leg_of(ana))
        alone(town, ana)
    else:
        alone(town, ana)
    town.passes(3)
    assert legs_to_the_house(town) == []
    assert made(town) == 1


@pytest.mark.parametrize("heard", [True, False])
def test_help_that_is_not_wanted_before_the_answer_of_the_create_came_leaves_nothing_ringing(town, heard):
    ana, call = in_talk(town)
    town.network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    if not heard:
        town.network.faults.add("drop", of="status")
    asks(town, ana)
    assert town.network.phone(HOUSE).is_ringing or not heard
    ana.ends()
    town.passes(5)
    assert legs_to_the_house(town) == []
    call.hears("评分")


def test_a_leg_that_the_carrier_makes_long_after_is_put_down(town):
    ana, _ = in_talk(town)
    town.network.faults.add("late", match="POST Calls", seconds=12, times=1)
    asks(town, ana)
    town.passes(10)
    assert view(town, ana).call.consult_result == "house_failed"
    town.passes(5)
    assert made(town) == 1
    assert legs_to_the_house(town) == []


def test_two_agents_ask_the_same_house_and_neither_ends_the_others_line(town):
    ana, _, first = together(town)
    bo = town.agent("bo", skills={"other": 5}).available()
    other = town.queues("+8613800138001")
    other.meets(bo.accepts())
    town.network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    town.network.faults.add("drop", of="status")
    town.network.phone(HOUSE).behaves("busy")
    asks(town, bo)
    town.passes(10)

    first.meets(leg_of(ana))
    assert view(town, bo).call.consult_result == "house_failed"


def test_a_call_out_to_the_same_house_that_came_to_nothing_ends_nobody_elses_line(town):
    bo = town.agent("bo", skills={"refunds": 5}).available()
    ana, _, house = together(town)
    town.network.faults.add("refuse", match="POST Calls", status=503, times=1)
    calls(town, bo, NAME, why="destination")
    bo.dials_in()
    town.passes(10)
    assert bo.presence is Presence.AVAILABLE

    house.meets(leg_of(ana))


@pytest.mark.parametrize("kind", ["duplicate", "reorder", "delay"])
def test_reports_that_come_twice_late_or_in_another_order_change_nothing(town, kind):
    town.network.faults.add(kind)
    _, call, house = handed_over(town)
    town.passes(20)
    call.meets(house)
    house.hangs_up()
    town.passes(20)

    call.hears("再见")
    call.ends()
    assert results(town, call) == ["joined", "handed_over"]
    assert len([one for one in town.facts_of(call) if isinstance(one, facts.CallEnded)]) == 1


@pytest.mark.parametrize("phase", ["here", "handed over"])
def test_a_house_whose_end_nobody_heard_of_is_found_out(town, phase):
    ana, call, house = together(town)
    if phase == "handed over":
        hands_over(town, ana)
    town.passes(10)
    town.network.faults.add("drop", of="callback")
    answered = town.switchboard.take_call.tell
    object.__setattr__(town.switchboard.take_call, "tell", lambda *_: None)  # nor does its own request come through
    house.hangs_up()
    town.network.settle()
    object.__setattr__(town.switchboard.take_call, "tell", answered)
    town.passes(61)

    town.network.faults.clear()
    if phase == "handed over":
        call.hears("再见")
    else:
        assert view(town, ana).call.consult_result == "house_left"
        alone_again(town, ana, call)


def alone_again(town: Town, ana: Desk, call: Call) -> None:
    holds(town, ana, on=False)
    call.meets(leg_of(ana))


def test_a_move_to_the_closing_words_that_the_carrier_lost_is_made_again(town):
    _, call, house = handed_over(town)
    town.passes(10)
    town.network.faults.add("refuse", match="POST Calls/", status=503)
    house.hangs_up()
    town.passes(30)
    town.network.faults.clear()
    assert not call.over
    town.passes(120)
    call.hears("再见")


# ---- Redis forgets ---------------------------------------------------------------------------------------------------


def test_a_house_that_rings_when_redis_is_lost_is_told_so_when_it_answers(town):
    _, call = asked(town)
    town.record()
    flush(town)
    house = picks_up(town)
    house.hears("谢谢")
    house.ends()
    sweep(town)
    assert town.session(call).state is State.CONNECTED


def test_a_house_in_a_room_that_redis_forgot_is_let_go_and_the_agent_goes_on(town):
    ana, call, house = together(town)
    town.record()
    flush(town)
    sweep(town)
    town.passes(5)

    call.meets(leg_of(ana))
    assert house.over


@pytest.mark.parametrize("recorded", [True, False])
def test_a_caller_left_with_a_house_goes_on_when_redis_forgets_and_hears_the_closing_words(town, recorded):
    if recorded:
        _, call, house = handed_over(town)
        town.record()
    else:
        ana, call, house = together(town)
        town.record()
        hands_over(town, ana)  # and nothing of that reached the records
        leg_of(ana).ends()
    flush(town)
    sweep(town)
    town.passes(70)
    call.meets(house)
    assert sweep(town) == 0

    house.hangs_up()
    town.settle()
    call.hears("再见")
    call.ends()
    record = town.ended(call)
    assert record.end is facts.CallEnd.ANSWERED
    assert [one.ended_by != "" for one in record.segments] == [True]


def test_a_caller_and_a_house_of_whom_nothing_is_known_are_left_alone(town):
    _, call, house = handed_over(town)
    flush(town)  # and nothing was ever written down
    sweep(town)
    town.passes(5)
    call.meets(house)


def test_what_they_do_survives_a_restart_of_the_service(town):
    ana, call = asked(town)
    town.restarts()
    house = picks_up(town)
    house.meets(leg_of(ana))
    town.restarts()
    hands_over(town, ana)
    call.meets(house)
    town.restarts()
    town.passes(30)
    house.hangs_up()
    town.settle()
    call.hears("再见")


# ---- recording -------------------------------------------------------------------------------------------------------


def test_a_house_that_was_told_of_no_recording_is_on_none(recording):
    town = recording("opt_out")
    call, ana = talks(town)
    town.passes(10)
    asks(town, ana)
    house = picks_up(town)
    [tape] = tapes(town)
    assert tape.status == "in-progress", "the caller's line is recorded, and on hold the house is not on it"
    assert view(town, ana).call.recording == "on"

    holds(town, ana, on=False)
    house.meets(leg_of(ana))
    assert tape.status == "completed"
    assert view(town, ana).call.recording == "off", "no button while a stranger hears"
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(5)
    assert len(tapes(town)) == 1

    alone(town, ana)
    call.meets(leg_of(ana))
    assert view(town, ana).call.recording == "can", "the agent may ask the caller again"
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.settle()
    assert [one.status for one in tapes(town)] == ["completed", "in-progress"]
    ana.ends()
    town.settle()


def test_a_house_that_answers_when_the_caller_is_back_in_the_talk_ends_the_recording(recording):
    town = recording("opt_out")
    _, ana = talks(town)
    asks(town, ana)
    holds(town, ana, on=False)
    [tape] = tapes(town)
    assert tape.status == "in-progress"
    town.passes(5)
    picks_up(town)
    assert tape.status == "completed"
    ana.ends()
    town.settle()
