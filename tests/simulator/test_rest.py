from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.simulator.service import rest_client

CALLER, DESK = "+8613800138000", "+861088880001"
STAY = "<Response><Say>hello</Say><Pause length='600'/></Response>"


@pytest.fixture
def refused():
    def code_of(act):
        with pytest.raises(TwilioRestException) as caught:
            act()
        return caught.value.status, caught.value.code

    return code_of


def test_a_call_made_by_rest_rings_answers_and_tells(network, service, client):
    service.answers["/agent"] = STAY
    made = client.calls.create(
        to=DESK,
        from_=network.number,
        url=f"{service.origin}/agent",
        status_callback=f"{service.origin}/told",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        timeout=20,
    )
    assert made.status == "queued"
    desk = network.phone(DESK).rings().answers().hears("hello")
    assert service.forms("/agent")[0]["CallStatus"] == "in-progress"
    assert client.calls(made.sid).fetch().status == "in-progress"
    client.calls(made.sid).update(status="completed")
    desk.ends()
    network.settle()
    told = sorted(service.forms("/told"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert told[-1]["CallDuration"] == "0"


def test_inline_twiml_is_run(network, client):
    client.calls.create(to=DESK, from_=network.number, twiml="<Response><Say>inline</Say></Response>")
    network.phone(DESK).rings().answers().hears("inline")


def test_calls_by_rest_leave_one_per_second(network, client):
    for phone in (DESK, "+861088880002", "+861088880003"):
        network.phone(phone)
        client.calls.create(to=phone, from_=network.number, twiml="<Response/>")
    network.settle()
    assert [network.phone(f"+86108888000{n}").is_ringing for n in (1, 2, 3)] == [True, False, False]
    network.clock.advance(1.1)
    assert [network.phone(f"+86108888000{n}").is_ringing for n in (1, 2, 3)] == [True, True, False]


def test_nobody_answers_in_time(network, service, client):
    made = client.calls.create(to=DESK, from_=network.number, url=f"{service.origin}/agent", timeout=15)
    network.phone(DESK).rings()
    network.clock.advance(16)
    assert client.calls(made.sid).fetch().status == "no-answer"
    assert service.forms("/agent") == []


def test_a_call_that_is_over_cannot_be_steered(network, service, client, refused):
    service.answers["/voice/incoming"] = STAY
    call = network.phone(CALLER).calls().hears("hello")
    call.hangs_up()
    assert refused(lambda: client.calls(call.sid).update(url=f"{service.origin}/x")) == (400, 21220)
    assert refused(lambda: client.calls("CA" + "0" * 32).update(status="completed")) == (404, 20404)
    assert refused(lambda: client.conferences("CF" + "0" * 32).participants(call.sid).update(hold=True)) == (404, 20404)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "12345"}, 21211),
        ({"to": "number"}, 21217),
        ({"from_": "+15005550006"}, 21210),
        ({"from_": "abc"}, 21212),
        ({"url": "/relative"}, 21205),
        ({"timeout": "soon"}, 21208),
        ({"url": None, "twiml": "<Response>" + " " * 4000 + "</Response>"}, 32018),
        ({"url": None, "application_sid": "AP" + "0" * 32}, 21218),
    ],
)
def test_wrong_creates_are_refused_in_twilios_words(network, client, refused, changes, code):
    given = {"to": DESK, "from_": network.number, "url": "http://127.0.0.1/x", **changes}
    assert (
        refused(lambda: client.calls.create(**{name: value for name, value in given.items() if value is not None}))[1]
        == code
    )


def test_wrong_credentials_are_refused(network, refused):
    assert refused(lambda: rest_client(network, secret="wrong").messages("SM" + "0" * 32).fetch()) == (401, 20003)


def test_lists_filter_and_page(network, service, client):
    service.answers["/voice/incoming"] = STAY
    for n in range(5):
        network.phone(f"+86138001380{n:02}").calls().hears("hello")
    assert len(client.calls.list(page_size=2)) == 5
    assert [call.from_formatted for call in client.calls.list(from_="+8613800138003")] == ["+8613800138003"]
    assert client.calls.list(to=network.number, status="completed") == []
    now = network.clock.date()
    assert (
        len(client.calls.list(start_time_after=now - timedelta(hours=1), start_time_before=now + timedelta(hours=1)))
        == 5
    )
    assert client.calls.list(start_time_after=network.clock.date().replace(year=2999)) == []


def test_numbers_and_applications_can_be_set_up(network, service, client, refused):
    number = client.incoming_phone_numbers.list(phone_number=network.number)[0]
    app = client.applications.create(friendly_name="softphones", voice_url="https://example.com/voice/client")
    assert client.applications(app.sid).fetch().voice_url == "https://example.com/voice/client"
    changed = number.update(
        voice_url="https://example.com/voice/incoming", status_callback="https://example.com/status"
    )
    assert changed.voice_url == "https://example.com/voice/incoming"
    assert refused(lambda: number.update(voice_url="", voice_fallback_url="https://example.com/f"))[1] == 21405
    assert client.api.v2010.accounts(network.account.sid).fetch().status == "active"
    assert client.balance.fetch().currency == "USD"


def test_messages_are_kept_and_delivered(network, service, client):
    made = client.messages.create(to=CALLER, from_=network.number, body="您好", status_callback=f"{service.origin}/sms")
    network.clock.advance(3)
    assert client.messages(made.sid).fetch().status == "delivered"
    assert [form["MessageStatus"] for form in service.forms("/sms")] == ["sent", "delivered"]


def test_a_recording_can_be_fetched_heard_and_deleted(network, service, client, refused):
    service.answers["/voice/incoming"] = STAY
    call = network.phone(CALLER).calls().hears("hello")
    made = client.calls(call.sid).recordings.create(recording_status_callback=f"{service.origin}/made")
    network.clock.advance(5)
    client.calls(call.sid).recordings("Twilio.CURRENT").update(status="stopped")
    network.settle()
    url = service.forms("/made")[0]["RecordingUrl"]
    key = (network.account.api_key, network.account.api_secret)
    assert requests.get(url + ".wav", timeout=5).status_code == 401
    assert requests.get(url + ".wav", auth=key, timeout=5).content[:4] == b"RIFF"
    assert client.recordings(made.sid).delete()
    assert requests.get(url + ".wav", auth=key, timeout=5).status_code == 404


def test_rest_trouble_on_order(network, service, client, refused):
    make = lambda: client.calls.create(to=DESK, from_=network.number, twiml="<Response/>")  # noqa: E731
    network.faults.add("refuse", match="POST Calls", status=429, times=1)
    assert refused(make) == (429, 20429)
    network.faults.add("refuse", match="POST Calls", status=500, times=1)
    assert refused(make)[0] == 500
    assert client.calls.list() == []
    network.faults.add("late", match="POST Calls", seconds=10, times=1)
    assert refused(make)[0] == 504
    assert client.calls.list() == []
    network.clock.advance(11)
    assert len(client.calls.list()) == 1
    network.faults.add("no_reply", match="POST Calls", seconds=0.1, times=1)
    assert refused(make)[0] == 504
    assert len(client.calls.list()) == 2


# --- browser softphones ---------------------------------------------------------------------------------------------


def device(network, path, token, **body):
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{network.base_url}/device/{path}", json=body, headers=headers, timeout=5)


def test_a_browser_connects_with_the_identity_of_its_token(network, service):
    service.answers["/voice/client"] = STAY
    answer = device(
        network, "connect", network.token("agent_1"), params={"offer": "o1", "From": "+1999", "CallSid": "CAevil"}
    )
    network.settle()
    [form] = service.forms("/voice/client")
    assert (form["From"], form["offer"], form["CallSid"]) == ("client:agent_1", "o1", answer.json()["sid"])


def test_tokens_that_are_forged_foreign_or_expired_are_refused(network):
    account = network.account
    claims = {"iss": account.api_key, "sub": account.sid, "exp": 1, "grants": {"identity": "agent_1"}}
    late = jwt.encode(claims, account.api_secret, "HS256")
    forged = jwt.encode({**claims, "exp": 2**33}, "x" * 32, "HS256")
    foreign = jwt.encode({**claims, "exp": 2**33, "sub": "AC" + "0" * 32}, account.api_secret, "HS256")
    assert device(network, "register", late).json()["code"] == 20104
    assert device(network, "register", forged).json()["code"] == 20101
    assert device(network, "register", foreign).json()["code"] == 20101
    assert device(network, "connect", "").status_code == 401


# --- who may drive the network ---------------------------------------------------------------------------------------


def test_a_foreign_page_cannot_drive_the_network(network, service):
    url = f"{network.base_url}/control/phones"
    body = {"address": CALLER}
    assert requests.post(url, json=body, timeout=5).status_code == 200
    assert requests.post(url, json=body, headers={"Origin": "https://evil.example"}, timeout=5).status_code == 403
    assert requests.post(url, json=body, headers={"Host": "evil.example"}, timeout=5).status_code == 403
    answer = requests.options(f"{network.base_url}/device/register", headers={"Origin": service.origin}, timeout=5)
    assert answer.headers["Access-Control-Allow-Origin"] == service.origin


def test_phones_can_be_driven_over_http(network, service):
    service.answers["/voice/incoming"] = (
        "<Response><Gather action='/keys' numDigits='1'><Say>hello</Say></Gather></Response>"
    )
    base = f"{network.base_url}/control"
    phone = requests.post(f"{base}/phones", json={"address": CALLER}, timeout=5).json()
    call = requests.post(f"{base}/phones/{phone['id']}/call", json={"to": network.number}, timeout=5).json()
    requests.post(f"{base}/settle", json={}, timeout=5)
    requests.post(f"{base}/phones/{phone['id']}/press", json={"keys": "4"}, timeout=5)
    requests.post(f"{base}/clock", json={"advance_s": 1}, timeout=5)
    assert service.forms("/keys")[0]["Digits"] == "4"
    shown = requests.get(f"{base}/calls/{call['sid']}", timeout=5).json()
    assert "hello" in [heard["text"] for heard in shown["transcript"]]
    assert requests.get(f"{base}/violations", timeout=5).json() == {"violations": []}
    kinds = {entry["kind"] for entry in requests.get(f"{base}/ledger", timeout=5).json()["entries"]}
    assert {"leg", "leg_status", "webhook", "key"} <= kinds
