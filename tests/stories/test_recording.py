"""Recording of talks: off until a topic says otherwise, told first, and never against the caller's word."""

from __future__ import annotations

from ivr.core import facts
from ivr.core.ids import AgentId, Language
from ivr.simulator import Call
from ivr.storage.files.menus import check_menu
from ivr.workflows.app_ticket import Wanted
from tests.stories.callbacks import ANY
from tests.stories.taping import talks, tapes
from tests.stories.town import ROOT, Town


def kept(town: Town, call: Call) -> list[facts.RecordingKept]:
    return [fact for fact in town.facts_of(call) if isinstance(fact, facts.RecordingKept)]


def shown(town: Town) -> str:
    talk = town.switchboard.desk.view(AgentId("ana"), Language("en")).call
    return talk.recording if talk else ""


def test_a_topic_that_records_nothing_does_not_whatever_is_pressed(recording):
    town = recording("'off'")
    _, ana = talks(town)
    assert shown(town) == "off"
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(5)
    ana.ends()
    town.settle()
    assert tapes(town) == []


def test_the_wallet_says_that_it_records_and_does_so_from_when_both_are_in(town):
    call, ana = talks(town)
    call.hears("本次通话可能录音或由主管旁听，不希望录音请按7。人工客服绝不会索要您的密码、助记词、私钥或验证码。")
    assert shown(town) == "on"
    town.passes(10)
    ana.ends()
    town.settle()
    assert [tape.call_sid for tape in tapes(town)] == [call.sid]


def test_opt_out_records_the_talk_alone_and_the_call_knows_it(recording):
    town = recording("opt_out")
    call, ana = talks(town)
    call.hears("本次通话可能录音或由主管旁听，不希望录音请按7")
    assert shown(town) == "on"
    town.passes(30)
    ana.ends()
    town.passes(10)
    [tape] = tapes(town)
    assert tape.status == "completed"
    assert 29 <= tape.duration_s <= 32, "from both in the room to the end of the talk"
    assert [(fact.recording, fact.duration_s) for fact in kept(town, call)] == [(tape.sid, tape.duration_s)]


def test_with_opt_out_pressed_no_recording_exists_and_the_agents_button_changes_nothing(recording):
    town = recording("opt_out")
    call, ana = talks(town, "7")
    call.hears("好的，本次通话不会录音。")
    assert shown(town) == "refused"
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(30)
    ana.ends()
    town.passes(5)
    assert tapes(town) == []
    assert kept(town, call) == []
    chosen = [fact.wanted for fact in town.facts_of(call) if isinstance(fact, facts.RecordingChosen)]
    assert chosen == [False]


def test_the_choice_holds_when_the_agent_is_lost_and_the_next_one_answers(recording):
    town = recording("opt_out")
    call, ana = talks(town, "7")
    ana.vanishes()
    bob = town.agent("bob", skills=ANY).available()
    call.meets(bob.accepts())
    town.passes(10)
    bob.ends()
    town.passes(5)
    assert tapes(town) == []


def test_who_pressed_ahead_past_the_notice_is_not_recorded(recording):
    town = recording("opt_out")
    call = town.caller()
    town.presses(call, "40")  # no key of the greeting: passed on, and the notice with it
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    town.passes(5)
    assert tapes(town) == [], "the key that was passed on left no time to say no"


def test_whom_the_app_announced_hears_the_notice_without_a_key_to_say_no_and_is_not_recorded(recording):
    town = recording("opt_out")
    wanted = Wanted(number="+8613800138000", topic="refunds")
    town.switchboard.tickets(wanted, by="app")
    call = town.caller()
    call.hears("本次通话可能录音")
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    town.passes(5)
    assert tapes(town) == []


def test_on_request_the_agent_starts_and_stops_it(recording):
    town = recording("on_request")
    call, ana = talks(town)
    assert shown(town) == "can"
    town.passes(10)
    assert tapes(town) == []
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.settle()
    assert shown(town) == "on"
    town.passes(20)
    town.switchboard.desk.record(ana.id, ana.offer, on=False)
    town.passes(10)
    ana.ends()
    town.passes(5)
    [tape] = tapes(town)
    assert 19 <= tape.duration_s <= 22
    assert len(kept(town, call)) == 1


def test_opt_in_records_only_who_said_yes(recording):
    town = recording("opt_in")
    call, ana = talks(town)
    town.passes(10)
    ana.ends()
    town.passes(5)
    call.hangs_up()
    town.settle()
    assert tapes(town) == []
    ana.finishes()
    again = town.caller("+8613800138001")
    town.presses(again, "180")
    again.meets(ana.accepts())
    town.passes(10)
    again.hangs_up()
    town.passes(5)
    assert len(kept(town, again)) == 1, "a caller who hangs up ends the recording too"


def test_a_session_that_was_lost_is_not_recorded(recording, redis):
    town = recording("opt_out")
    call = town.caller()
    town.presses(call, "1")
    town.passes(4)
    town.presses(call, "0")
    redis.flushall()
    town.passes(20)
    ana = town.agent("ana", skills=ANY).available()
    town.until(lambda: ana.offer is not None, what="the offer")
    call.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    town.passes(5)
    assert tapes(town) == []


def test_a_menu_that_records_without_telling_is_refused(tmp_path):
    text = (ROOT / "menus" / "wallet.yaml").read_text()
    text = text.replace("recording_notice: notice\n", "").replace(", recording: false}}", "}}")
    file = tmp_path / "wallet.yaml"
    file.write_text(text)
    problems = "\n".join(str(problem) for problem in check_menu(file, recordings=ROOT / "recordings").problems)
    assert "who is not told is not recorded" in problems
    assert "needs a key with `recording: false`" in problems
