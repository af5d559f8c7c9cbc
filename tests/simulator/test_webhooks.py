from __future__ import annotations

import socket
import threading

from flask import Response, redirect
from twilio.request_validator import RequestValidator

from ivr.simulator.http import policy_of

HELLO = "<Response><Say>hello there</Say><Pause length='100'/></Response>"


def test_every_webhook_carries_twilios_signature_and_parameters(network, service):
    network.phone("+8613800138000").calls()
    network.settle()
    [asked] = service.asked[:1]
    validator = RequestValidator(network.account.auth_token)
    assert validator.validate(asked.url, asked.form, asked.headers["X-Twilio-Signature"])
    assert asked.form["From"] == "+8613800138000"
    assert asked.form["To"] == network.number
    assert asked.form["CallStatus"] == "ringing"
    assert asked.form["Direction"] == "inbound"
    assert asked.form["AccountSid"] == network.account.sid
    assert asked.form["FromCountry"] == "CN"
    assert asked.headers["I-Twilio-Idempotency-Token"]


def test_connection_overrides_are_obeyed_and_not_signed(network, service):
    tries = []

    def second_time_right(_form):
        tries.append(1)
        return Response(status=500) if len(tries) == 1 else HELLO

    service.answers["/voice/incoming"] = second_time_right
    network.point_to(voice_url=f"{service.origin}/voice/incoming?x=1#rc=2&rp=5xx,ct,rt&rt=4000")
    network.phone("+8613800138000").calls().hears("hello there")
    assert [one.url for one in service.asked] == [f"{service.origin}/voice/incoming?x=1"] * 2
    tokens = {one.headers["I-Twilio-Idempotency-Token"] for one in service.asked}
    assert len(tokens) == 1
    last = service.asked[-1]
    assert RequestValidator(network.account.auth_token).validate(
        last.url, last.form, last.headers["X-Twilio-Signature"]
    )


def test_overrides_are_read_as_twilio_writes_them():
    bare, policy = policy_of("http://h/p#rc=2&rp=5xx,ct,rt&rt=4000&ct=2000&tt=14000")
    assert bare == "http://h/p"
    assert (policy.retries, policy.read_s, policy.connect_s, policy.total_s) == (2, 4.0, 2.0, 14.0)
    assert policy.retries_status(503)
    assert not policy.retries_status(404)


def test_a_failed_connection_is_tried_once_more(network, service):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    network.point_to(voice_url=f"http://127.0.0.1:{port}/voice/incoming")
    service.answers["/voice/fallback"] = HELLO
    network.phone("+8613800138000").calls().hears("hello there")
    [entry] = [one for one in network.ledger.entries("webhook") if one["code"]]
    assert entry["code"] == 11205
    assert entry["attempts"] == 2


def test_a_server_error_goes_straight_to_the_fallback_with_its_reason(network, service):
    service.answers["/voice/incoming"] = Response(status=500)
    service.answers["/voice/fallback"] = HELLO
    network.phone("+8613800138000").calls().hears("hello there")
    assert len(service.forms("/voice/incoming")) == 1
    [form] = service.forms("/voice/fallback")
    assert form["ErrorCode"] == "11200"
    assert form["ErrorUrl"] == f"{service.origin}/voice/incoming"
    assert network.violations()


def test_a_caller_whom_nobody_can_help_hears_the_apology_and_the_call_ends(network, service):
    service.answers["/voice/incoming"] = "<Response><Say>cut"
    service.answers["/voice/fallback"] = Response(status=404)
    call = network.phone("+8613800138000").calls()
    call.hears("application error has occurred")
    network.clock.advance(10)
    call.ends()
    codes = [entry["code"] for entry in network.ledger.entries("error", leg=call.sid)]
    assert codes == [12100, 11200]


def test_documents_of_the_wrong_type_or_size_are_refused(network, service):
    for answer, code in (
        (Response("{}", content_type="application/json"), 12300),
        (Response("", content_type="text/xml"), 11770),
        ("<Response><Say>" + "x" * 70_000 + "</Say></Response>", 11750),
        ("<Answer/>", 12102),
        ("<Response><Sya>typo</Sya></Response>", 12200),
        ("<Response><Gather numdigits='1'/></Response>", 12200),
        ("<Response><Gather><Dial>+8613800138000</Dial></Gather></Response>", 12200),
        ("<Response><Say voice='Polly.Zhiyu' language='en-US'>hi</Say></Response>", 13511),
        ("<Response><Say language='zh-CN'>" + "长" * 600 + "</Say></Response>", 13521),
    ):
        service.answers["/voice/incoming"] = answer
        call = network.phone("+8613800138000").calls()
        network.settle()
        assert network.ledger.entries("error", leg=call.sid)[0]["code"] == code
        call.hangs_up()


def test_a_redirected_post_becomes_a_get_without_the_form(network, service):
    service.answers["/voice/incoming"] = lambda _form: redirect("/elsewhere", 302)
    service.answers["/elsewhere"] = HELLO
    network.phone("+8613800138000").calls().hears("hello there")
    [asked] = [one for one in service.asked if one.path == "/elsewhere"]
    assert asked.method == "GET"
    assert asked.form == {}


def test_a_slow_answer_is_a_violation(network, service):
    waited = threading.Event()

    def slow(_form):
        waited.wait(3.2)
        return HELLO

    service.answers["/voice/incoming"] = slow
    network.phone("+8613800138000").calls().hears("hello there", within_s=8)
    assert [one["rule"] for one in network.violations()] == ["voice webhook within 3 s"]


def test_the_numbers_callback_comes_at_the_end_alone(network, service):
    service.answers["/voice/incoming"] = HELLO
    call = network.phone("+8613800138000").calls().hears("hello there")
    network.clock.advance(7)
    call.hangs_up()
    network.settle()
    [form] = service.forms("/voice/status")
    assert form["CallStatus"] == "completed"
    assert form["CallDuration"] == "7"
    assert form["SequenceNumber"] == "0"


# --- trouble on order ---------------------------------------------------------------------------------------------


def test_webhooks_can_come_twice_also_at_once(network, service):
    service.answers["/voice/incoming"] = HELLO
    for parallel in (False, True):
        service.asked.clear()
        network.faults.clear()
        network.faults.add("duplicate", of="voice", parallel=parallel)
        network.phone("+8613800138000").calls().hears("hello there").hangs_up()
        network.settle()
        twins = [one for one in service.asked if one.path == "/voice/incoming"]
        assert len(twins) == 2
        assert twins[0].headers["I-Twilio-Idempotency-Token"] == twins[1].headers["I-Twilio-Idempotency-Token"]


def test_forged_webhooks_must_be_refused(network, service):
    service.answers["/voice/incoming"] = HELLO
    for how in ("wrong", "unsigned"):
        network.faults.add("forge", of="voice", how=how, times=1)
        network.phone("+8613800138000").calls().hears("hello there").hangs_up()
    network.settle()
    forged = [one.headers.get("X-Twilio-Signature") for one in service.asked if one.path == "/voice/incoming"]
    assert "bm90IHRoZSBzaWduYXR1cmU=" in forged
    assert None in forged
    assert {one["rule"] for one in network.violations()} == {"forged webhook refused"}


def test_callbacks_can_be_dropped_delayed_and_reordered(network, service):
    service.answers["/voice/incoming"] = HELLO

    def one_call():
        network.phone("+8613800138000").calls().hears("hello there").hangs_up()
        network.settle()
        return len(service.forms("/voice/status"))

    network.faults.add("drop", of="status", times=1)
    assert one_call() == 0
    network.faults.add("delay", of="status", times=1, seconds=60)
    assert one_call() == 0
    network.clock.advance(61)
    assert len(service.forms("/voice/status")) == 1
    network.faults.add("reorder", of="status", times=1)
    assert one_call() == 1
    first = service.forms("/voice/status")[-1]["CallSid"]
    assert one_call() == 3
    assert service.forms("/voice/status")[-2]["CallSid"] != first
