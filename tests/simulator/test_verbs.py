from __future__ import annotations

import pytest

PHONE = "+8613800138000"


def gather(inner="<Say>press a key</Say>", **attributes):
    words = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<Response><Gather action="/keys" {words}>{inner}</Gather><Say>nothing came</Say></Response>'


@pytest.fixture
def call(network, service):
    """Somebody who called; the test has laid out the answers before it asks for this."""

    def dial(document):
        service.answers["/voice/incoming"] = document
        service.answers["/keys"] = lambda form: f"<Response><Say>got [{form['Digits']}]</Say></Response>"
        made = network.phone(PHONE).calls()
        network.settle()
        return made

    return dial


def test_a_key_stops_the_prompt_and_counts(network, call):
    caller = call(gather(numDigits=1)).hears("press a key").presses("5")
    caller.hears("got [5]")
    said = next(heard for heard in caller.transcript if heard.text == "press a key")
    assert said.interrupted


def test_keys_pressed_outside_a_gather_are_lost(network, service, call):
    caller = call("<Response><Say>listen first</Say><Redirect>/menu</Redirect></Response>")
    service.answers["/menu"] = gather(numDigits=1)
    caller.presses("7")
    network.clock.advance(2)
    caller.hears("press a key")
    network.clock.advance(30)
    caller.hears("nothing came")


def test_silence_falls_through_to_the_next_verb(network, service, call):
    caller = call(gather(timeout=5))
    network.clock.advance(20)
    caller.hears("nothing came")
    assert service.forms("/keys") == []


def test_silence_asks_the_action_when_told_to(network, call):
    caller = call(gather(timeout=5, actionOnEmptyResult="true"))
    network.clock.advance(20)
    caller.hears("got []")


def test_the_time_out_runs_from_the_end_of_the_prompt(network, service, call):
    caller = call(
        gather("<Say>one two three four five six seven eight nine ten eleven twelve thirteen fourteen</Say>", timeout=5)
    )
    network.clock.advance(9.5)
    assert not caller.heard("nothing came")
    network.clock.advance(0.6)
    caller.hears("nothing came")


def test_the_end_key_ends_the_entry_and_is_not_part_of_it(call):
    call(gather()).hears("press a key").presses("12#").hears("got [12]")


def test_the_end_key_alone_gives_no_digits(call):
    call(gather()).hears("press a key").presses("#").hears("got []")


def test_without_an_end_key_it_is_a_key_like_others(call):
    call(gather(finishOnKey="", numDigits=1)).hears("press a key").presses("#").hears("got [#]")


def test_a_pause_between_keys_ends_the_entry(network, call):
    caller = call(gather(timeout=3)).hears("press a key").presses("4")
    network.clock.advance(2)
    caller.presses("2")
    network.clock.advance(3.1)
    caller.hears("got [42]")


def test_a_hang_up_in_a_gather_asks_no_action(network, service, call):
    call(gather()).hears("press a key").hangs_up()
    network.settle()
    assert [one.path for one in service.asked] == ["/voice/incoming", "/voice/status"]


def test_recognised_speech_goes_to_the_action(network, service, call):
    service.answers["/said"] = lambda form: f"<Response><Say>you said {form['SpeechResult']}</Say></Response>"
    caller = call('<Response><Gather input="dtmf speech" action="/said"><Say>speak</Say></Gather></Response>')
    caller.hears("speak").says("refund").hears("you said refund")


def test_audio_is_fetched_and_lasts_as_long_as_it_is(network, call):
    caller = call("<Response><Play>/sound.wav</Play><Say>after it</Say></Response>")
    network.clock.advance(1.9)
    assert not caller.heard("after it")
    network.clock.advance(0.2)
    caller.hears("after it")


def test_what_is_no_sound_goes_to_the_fallback(network, service, call):
    call("<Response><Play>/page.wav</Play></Response>")
    assert service.forms("/voice/fallback")[0]["ErrorCode"] == "13420"


def test_a_recording_ends_with_a_key_and_can_be_fetched(network, service, client, call):
    service.answers["/recorded"] = lambda form: (
        f"<Response><Say>{form['RecordingDuration']} s, {form['Digits']}</Say></Response>"
    )
    caller = call('<Response><Record action="/recorded" recordingStatusCallback="/made"/></Response>')
    network.clock.advance(4)
    caller.presses("#").hears("4 s, #")
    network.settle()
    [form] = service.forms("/made")
    assert form["RecordingStatus"] == "completed"
    assert client.recordings(form["RecordingSid"]).fetch().duration == "4"


def test_a_hang_up_in_a_recording_asks_the_action(network, service, call):
    caller = call('<Response><Record action="/recorded"/></Response>')
    network.clock.advance(3)
    caller.hangs_up()
    network.settle()
    [form] = service.forms("/recorded")
    assert (form["Digits"], form["CallStatus"], form["RecordingDuration"]) == ("hangup", "completed", "3")


def test_silence_ends_a_recording(network, service, call):
    caller = call('<Response><Record action="/recorded" timeout="4"/></Response>')
    caller.speaks(5)
    network.clock.advance(8.9)
    assert service.forms("/recorded") == []
    network.clock.advance(0.2)
    assert service.forms("/recorded")[0]["RecordingDuration"] == "5"


def test_a_rejected_call_is_never_answered(network, service, call):
    caller = call('<Response><Reject reason="busy"/></Response>').ends()
    assert caller.state == "busy"
    assert service.forms("/voice/status")[0]["CallStatus"] == "busy"


def test_a_document_that_runs_out_ends_the_call(network, call):
    caller = call("<Response><Say>bye</Say></Response>")
    network.clock.advance(2)
    assert caller.ends().state == "completed"


def test_any_caller_id_is_carried(network, service, call):
    for address in ("anonymous", "sip:ann@example.org", "266696687", "garbage <>"):
        service.asked.clear()
        network.phone(address).calls().hangs_up()
        network.settle()
        assert service.asked[0].form["From"] == address


def test_time_runs_faster_than_life_when_told_to(network, call):
    caller = call(gather("", timeout=30))
    network.clock.set_factor(100)
    caller.hears("nothing came", within_s=3)
