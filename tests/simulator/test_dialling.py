from __future__ import annotations

import pytest

CALLER, DESK, OTHER = "+8613800138000", "+861088880001", "+861088880002"
AGENT_DOCUMENT = "<Response><Gather numDigits='1' action='/accept'><Say>press one</Say></Gather></Response>"


def room(name="talk", action="/after", **attributes):
    words = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<Response><Dial action='{action}'><Conference {words}>{name}</Conference></Dial></Response>"


def dial(inner, **attributes):
    words = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<Response><Dial action='/after' {words}>{inner}</Dial></Response>"


@pytest.fixture
def caller(network, service):
    def ring(document, number=CALLER):
        service.answers["/voice/incoming"] = document
        made = network.phone(number).calls()
        network.settle()
        return made

    return ring


# --- phones ---------------------------------------------------------------------------------------------------------


def test_the_dialled_party_answers_and_both_are_joined(network, service, caller):
    call = caller(
        dial(
            f"<Number statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>{DESK}</Number>"
        )
    )
    desk = network.phone(DESK).rings().answers()
    call.meets(desk)
    network.clock.advance(30)
    desk.hangs_up()
    network.settle()
    [after] = service.forms("/after")
    assert (after["DialCallStatus"], after["DialCallDuration"], after["DialBridged"]) == ("completed", "30", "true")
    told = sorted(service.forms("/leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert told[0]["ParentCallSid"] == call.sid
    assert desk.leg.from_ == CALLER


@pytest.mark.parametrize(("habit", "status"), [("busy", "busy"), ("no-answer", "no-answer"), ("decline", "busy")])
def test_a_party_that_does_not_answer(network, service, caller, habit, status):
    network.phone(DESK).behaves(habit)
    caller(dial(DESK, timeout=20))
    network.clock.advance(21)
    assert service.forms("/after")[0]["DialCallStatus"] == status


def test_the_first_of_several_to_answer_wins(network, service, caller):
    call = caller(dial(f"<Number>{DESK}</Number><Number>{OTHER}</Number>"))
    network.phone(OTHER).rings()
    desk = network.phone(DESK).rings().answers()
    call.meets(desk)
    assert not network.phone(OTHER).is_ringing


def test_a_whisper_must_be_accepted_before_the_two_are_joined(network, service, caller):
    service.answers["/whisper"] = (
        "<Response><Gather numDigits='1' action='/accept'><Say>press one</Say></Gather><Hangup/></Response>"
    )
    call = caller(dial(f"<Number url='/whisper'>{DESK}</Number>"))
    desk = network.phone(DESK).rings().answers()
    desk.hears("press one")
    assert call.in_room_with == []
    desk.presses("1")
    call.meets(desk)


def test_a_refused_whisper_leaves_the_caller_alone(network, service, caller):
    service.answers["/whisper"] = "<Response><Say>goodbye</Say><Hangup/></Response>"
    caller(dial(f"<Number url='/whisper'>{DESK}</Number>"))
    network.phone(DESK).rings().answers()
    network.clock.advance(3)
    assert service.forms("/after")[0]["DialBridged"] == "false"


def test_a_caller_who_leaves_while_it_rings_stops_the_ringing(network, service, caller):
    call = caller(dial(DESK))
    network.phone(DESK).rings()
    call.hangs_up()
    network.settle()
    assert not network.phone(DESK).is_ringing
    assert service.forms("/after")[0]["DialCallStatus"] == "canceled"


def test_redirecting_a_caller_in_a_dial_asks_action_and_target_and_the_target_wins(network, service, client, caller):
    service.answers["/after"] = "<Response><Say>the loser</Say></Response>"
    service.answers["/new"] = "<Response><Say>the winner</Say><Pause length='60'/></Response>"
    call = caller(dial(DESK))
    desk = network.phone(DESK).rings().answers()
    call.meets(desk)
    client.calls(call.sid).update(url=f"{service.origin}/new", method="POST")
    call.hears("the winner")
    desk.ends()
    network.settle()
    assert service.forms("/after")[0]["DialCallStatus"] == "completed"
    assert not call.heard("the loser")


def test_redirecting_the_child_lets_the_parent_go_on(network, service, client, caller):
    service.answers["/new"] = "<Response><Say>moved</Say><Pause length='60'/></Response>"
    call = caller(dial(DESK))
    desk = network.phone(DESK).rings().answers()
    call.meets(desk)
    client.calls(desk.sid).update(url=f"{service.origin}/new")
    desk.hears("moved")
    network.settle()
    assert service.forms("/after")[0]["DialCallStatus"] == "completed"
    assert desk.state == "in-progress"


def test_a_browser_that_dials_a_number_needs_a_caller_id_of_ours(network, service):
    service.answers["/voice/client"] = dial(DESK)
    network.client("agent_1").connects()
    network.settle()
    assert service.forms("/voice/fallback")[0]["ErrorCode"] == "13214"


def test_a_browser_rings_only_when_it_is_registered(network, service, caller):
    agent = network.client("agent_1")
    caller(dial("<Client>agent_1</Client>"))
    assert service.forms("/after")[0]["DialCallStatus"] == "no-answer"
    agent.registers()
    call = caller(dial("<Client>agent_1</Client>"))
    call.meets(agent.rings().answers())


# --- conferences ----------------------------------------------------------------------------------------------------


def test_a_room_starts_when_two_are_in_it_and_one_may_start_it(network, service, caller):
    service.answers["/wait"] = "<Response><Say>please wait</Say></Response>"
    waiting = room(startConferenceOnEnter="false", waitUrl="/wait")
    one = caller(waiting).hears("please wait")
    two = caller(waiting, OTHER)
    assert one.in_room_with == two.in_room_with == []
    three = caller(room(), DESK)
    three.meets(one).meets(two)


def test_the_room_tells_the_first_participants_address_in_order(network, service, caller):
    events = {"statusCallback": "/room", "statusCallbackEvent": "start end join leave"}
    one = caller(room(participantLabel="caller", endConferenceOnExit="true", **events))
    two = caller(room(statusCallback="/other-room", statusCallbackEvent="join"), DESK)
    one.meets(two).hangs_up()
    network.settle()
    told = sorted(service.forms("/room"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["StatusCallbackEvent"] for form in told] == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    assert [int(form["SequenceNumber"]) for form in told] == list(range(6))
    assert told[3]["ReasonParticipantLeft"] == "participant_hung_up"
    assert told[3]["ParticipantCallStatus"] == "completed"
    assert told[4]["ReasonParticipantLeft"] == "moderator_ended_conference"
    assert told[5]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert told[5]["CallSidEndingConference"] == one.sid
    assert service.forms("/other-room") == []


def test_when_the_room_ends_the_others_go_on_with_their_own_document(network, service, caller):
    service.answers["/after"] = lambda _form: "<Response><Say>survey</Say><Pause length='60'/></Response>"
    one = caller(room())
    two = caller(room(endConferenceOnExit="true", action="/other"), DESK)
    one.meets(two)
    two.hangs_up()
    one.hears("survey")
    assert service.forms("/after")[0]["DialCallStatus"] == "answered"


def test_a_label_in_use_keeps_the_second_out(network, service, caller):
    document = room(participantLabel="agent").replace("</Dial>", "</Dial><Say>not in</Say>")
    one = caller(document)
    two = caller(document, OTHER)
    two.hears("not in")
    assert one.room == "talk"
    assert two.room is None
    assert network.ledger.entries("error", leg=two.sid)[0]["code"] == 16025


def test_a_caller_moved_out_of_a_room_lives_on(network, service, client, caller):
    service.answers["/next"] = "<Response><Say>moved</Say><Pause length='60'/></Response>"
    one = caller(room(statusCallback="/room", statusCallbackEvent="leave"))
    client.calls(one.sid).update(url=f"{service.origin}/next", method="POST")
    one.hears("moved")
    network.settle()
    [left] = service.forms("/room")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_updated_via_api",
        "in-progress",
    )


def test_the_wait_document_runs_once_and_repeats_by_redirect(network, service, caller):
    service.answers["/wait"] = "<Response><Play>/sound.wav</Play></Response>"
    caller(room(waitUrl="/wait"))
    network.clock.advance(30)
    assert len(service.forms("/wait")) == 1
    service.answers["/again"] = "<Response><Play>/sound.wav</Play><Redirect/></Response>"
    caller(room(name="other", waitUrl="/again"), OTHER)
    network.clock.advance(11)
    assert len(service.forms("/again")) >= 5


def test_a_gather_in_a_wait_document_is_refused(network, service, caller):
    service.answers["/wait"] = "<Response><Gather/></Response>"
    call = caller(room(waitUrl="/wait"))
    assert network.ledger.entries("error", leg=call.sid)[0]["code"] == 13238


def test_hold_listen_and_whisper_decide_who_hears_whom(network, service, client, caller):
    service.answers["/hold"] = "<Response><Say>on hold</Say></Response>"
    one, two, boss = caller(room()), caller(room(), DESK), caller(room(muted="true"), OTHER)
    one.meets(two)
    here = client.conferences(client.conferences.list(friendly_name="talk", status="in-progress")[0].sid)
    here.participants(one.sid).update(hold=True, hold_url=f"{service.origin}/hold")
    one.hears("on hold")
    assert one.in_room_with == []
    here.participants(one.sid).update(hold=False)
    one.meets(two)
    here.participants(boss.sid).update(coaching=True, call_sid_to_coach=two.sid)
    assert here.participants(boss.sid).fetch().coaching
    here.participants(two.sid).delete()
    two.ends()


def test_a_participant_made_by_rest_rings_and_joins_without_a_document(network, service, client, caller):
    one = caller(room())
    client.conferences("talk").participants.create(
        to=DESK, from_=network.number, label="expert", end_conference_on_exit=True
    )
    network.clock.advance(1)
    expert = network.phone(DESK).rings().answers()
    expert.meets(one)
    expert.hangs_up()
    network.settle()
    assert service.forms("/after")[0]["DialCallStatus"] == "answered"
