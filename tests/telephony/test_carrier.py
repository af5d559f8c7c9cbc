"""Every REST request that we make, against the carrier's own description."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.rest import Client

from ivr.core.errors import CarrierError
from ivr.core.ids import E164, CallId, LegId, OfferId
from ivr.core.instructions import Link
from ivr.telephony.twilio.account import TwilioAccount
from ivr.telephony.twilio.carrier import TwilioCarrier
from tests.telephony.spec import Judge, description, refusal

CALL = CallId("CA" + "1" * 32)
LEG = LegId("CA" + "2" * 32)
SENDER = E164("+861058765432")


@pytest.fixture
def judge() -> Judge:
    path = description()
    if path is None:
        pytest.skip("the official API description is not here: set IVR_TEST_TWILIO_OPENAPI to its JSON file")
    return Judge(path)


@pytest.fixture
def carrier(judge: Judge) -> TwilioCarrier:
    client = Client("AC" + "0" * 32, "x" * 32, http_client=judge)
    return TwilioCarrier(client=client, public_url="https://hotline.example.org")


def ring(carrier: TwilioCarrier) -> LegId:
    return carrier.ring_phone(
        address="+442079460107",
        offer=OfferId("000001"),
        call=CALL,
        ring=timedelta(seconds=15),
        sender=SENDER,
    )


def test_ringing_an_agent_names_the_offer_in_its_addresses_and_nothing_personal(carrier, judge):
    ring(carrier)
    ((method, path, data),) = judge.sent
    assert (method, path.rsplit("/", 1)[1]) == ("POST", "Calls.json")
    assert data["Url"] == f"https://hotline.example.org/voice/offer/{CALL}/000001"
    assert data["StatusCallbackEvent"] == ["answered", "completed"]
    assert data["From"] == SENDER


def test_a_house_that_is_asked_reports_itself_from_the_first_moment_and_is_found_by_number_and_time(carrier, judge):
    house, now = E164("+862158880000"), datetime.now(UTC)
    carrier.ring_house(number=house, line=OfferId("h01"), call=CALL, ring=timedelta(seconds=30), sender=SENDER)
    carrier.legs_made(number=house, since=now, until=now)
    (_, _, data), (method, path, _) = judge.sent
    assert data["Url"] == f"https://hotline.example.org/voice/house/{CALL}/h01"
    assert data["StatusCallback"] == f"https://hotline.example.org/voice/house-leg/{CALL}/h01"
    assert data["StatusCallbackEvent"] == ["initiated", "answered", "completed"]
    assert (method, path.rsplit("/", 1)[1]) == ("GET", "Calls.json")


def test_moving_ending_looking_up_and_texting_are_requests_the_carrier_knows(carrier, judge):
    link = Link(door="room", call=CALL, step="000001", language="zh", topic="other", queued_ms=1)
    assert carrier.move(leg=CALL, link=link)
    assert carrier.end(LEG)
    carrier.alive(LEG)
    carrier.find_offer_leg(address="+442079460107", offer=OfferId("000001"), since=datetime.now(UTC))
    carrier.send_text(to=E164("+8613800138000"), body="冻结步骤", sender=SENDER)
    assert len(judge.sent) == 5


def test_account_setup_is_made_of_requests_the_carrier_knows(judge):
    client = Client("AC" + "0" * 32, "x" * 32, http_client=judge)
    account = TwilioAccount(client=client, public_url="https://hotline.example.org")
    changes, missing = account.changes(["+861058765432"], "AP" + "0" * 32)
    assert any("does not belong" in line for line in missing)
    account.apply(changes)
    account.make_app()
    account.status()


@pytest.mark.parametrize(("status", "code"), [(400, 21220), (404, 20404)])
def test_leg_that_is_over_is_an_answer_and_not_an_error(carrier, judge, status, code):
    judge.answers = [refusal(status, code), refusal(status, code)]
    assert carrier.end(LEG) is False
    assert carrier.alive(LEG) is False


def test_too_many_requests_may_be_repeated(carrier, judge):
    judge.answers = [refusal(429, 20429)]
    with pytest.raises(CarrierError) as caught:
        ring(carrier)
    assert caught.value.retry
    assert not caught.value.unknown


def test_server_error_on_a_create_is_unknown_and_not_repeated_blindly(carrier, judge):
    judge.answers = [refusal(500, 20500)]
    with pytest.raises(CarrierError) as caught:
        ring(carrier)
    assert caught.value.unknown
    assert not caught.value.retry


def test_silent_line_on_a_create_is_unknown(carrier, judge, monkeypatch):
    def silent(*_, **__):
        raise requests.ReadTimeout("no answer")

    monkeypatch.setattr(judge, "request", silent)
    with pytest.raises(CarrierError) as caught:
        ring(carrier)
    assert caught.value.unknown
