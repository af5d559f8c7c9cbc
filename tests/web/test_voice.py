"""The carrier's webhooks: what is not the carrier's changes nothing, what is always gets an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from twilio.request_validator import RequestValidator

from ivr.app import create_app
from ivr.core.ids import CallId
from ivr.settings import Settings
from ivr.wiring import Switchboard
from tests.schemas import brought_up

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNT, TOKEN, OTHER_TOKEN = "AC" + "1" * 32, "t" * 32, "s" * 32
ORIGIN = "https://hotline.example.org"
CALL = "CA" + "1" * 32
HOTLINE = "+861058765432"


class Carrier:
    """Posts as the carrier does, or as somebody who would like to be taken for it."""

    def __init__(self, switchboard: Switchboard) -> None:
        self.switchboard = switchboard
        self.client = create_app(switchboard).test_client()

    def posts(self, path: str, *, token: str | None = TOKEN, origin: str = ORIGIN, **form: str) -> Any:
        fields = {
            "AccountSid": ACCOUNT,
            "CallSid": CALL,
            "From": "+8613800138000",
            "To": HOTLINE,
            "CallStatus": "in-progress",
            **form,
        }
        headers = {}
        if token is not None:
            headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(origin + path, fields)
        return self.client.post(path, data=fields, headers=headers, environ_overrides={"RAW_URI": path})

    @property
    def nothing_happened(self) -> bool:
        return self.switchboard.sessions.find(CallId(CALL)) is None


@pytest.fixture
def carrier(redis, redis_url, sqlite_url, tmp_path):
    brought_up(sqlite_url)
    settings = Settings(
        _env_file=None,
        public_url=ORIGIN,
        database_url=sqlite_url,
        redis_url=redis_url,
        data_dir=tmp_path,
        menus_dir=ROOT / "menus",
        recordings_dir=ROOT / "recordings",
        secret_key="k7Q2" * 12,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_auth_token_secondary=OTHER_TOKEN,
    )
    switchboard = Switchboard(settings, redis_url=redis_url)
    yield Carrier(switchboard)
    switchboard.close()


def verbs(response: Any) -> list[str]:
    assert response.status_code == 200
    return [child.tag for child in ET.fromstring(response.get_data())]


def test_signed_request_is_answered(carrier):
    assert verbs(carrier.posts("/voice/incoming")) == ["Gather"]
    assert not carrier.nothing_happened


def test_second_token_counts_while_tokens_are_changed(carrier):
    assert carrier.posts("/voice/incoming", token=OTHER_TOKEN).status_code == 200


@pytest.mark.parametrize(
    "path", ["/voice/incoming", "/voice/status", "/voice/client", "/voice/fallback", f"/voice/step/{CALL}/1"]
)
def test_unsigned_request_gets_403_and_changes_nothing(carrier, path):
    response = carrier.posts(path, token=None)
    assert response.status_code == 403
    assert response.get_data() == b""
    assert carrier.nothing_happened


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "z" * 32},
        {"origin": "https://elsewhere.example.org"},
        {"AccountSid": "AC" + "2" * 32},
    ],
)
def test_wrongly_signed_and_foreign_requests_get_403_and_change_nothing(carrier, wrong):
    assert carrier.posts("/voice/incoming", **wrong).status_code == 403
    assert carrier.nothing_happened


def test_signature_of_another_body_is_refused(carrier):
    fields = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "anonymous", "To": HOTLINE}
    signature = RequestValidator(TOKEN).compute_signature(ORIGIN + "/voice/incoming", fields)
    response = carrier.client.post(
        "/voice/incoming",
        data={**fields, "From": "+8613800138000"},
        headers={"X-Twilio-Signature": signature},
        environ_overrides={"RAW_URI": "/voice/incoming"},
    )
    assert response.status_code == 403


@pytest.mark.parametrize("query", ["a=1&b=2", "b=2&a=1", "x=%27%40%3A&y=a+b&z=", "n=%E4%BD%A0", "t=%7C"])
def test_signature_covers_the_bytes_that_were_asked_for(carrier, query):
    assert carrier.posts(f"/voice/incoming?{query}").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_have_no_effect(carrier, method):
    assert getattr(carrier.client, method)("/voice/incoming").status_code in (404, 405)


def test_same_request_twice_gets_the_same_bytes_and_has_one_effect(carrier):
    first = carrier.posts("/voice/incoming")
    assert carrier.posts("/voice/incoming").get_data() == first.get_data()
    target = _action(first)
    one = carrier.posts(target, Digits="1")
    session = carrier.switchboard.sessions.find(CallId(CALL))
    assert carrier.posts(target, Digits="1").get_data() == one.get_data()
    assert carrier.switchboard.sessions.find(CallId(CALL)) == session


def test_step_of_another_call_has_no_effect(carrier):
    carrier.posts("/voice/incoming")
    before = carrier.switchboard.sessions.find(CallId(CALL))
    verbs(carrier.posts(f"/voice/step/{CALL}/1?n=main", CallSid="CA" + "9" * 32, Digits="1"))
    assert carrier.switchboard.sessions.find(CallId(CALL)) == before


def test_unknown_number_gets_the_default_menu(carrier):
    assert verbs(carrier.posts("/voice/incoming", To="+14155550199")) == ["Gather"]


def test_signed_request_for_an_address_we_no_longer_have_goes_on(carrier):
    carrier.posts("/voice/incoming")
    assert verbs(carrier.posts("/voice/of/yesterday")) == ["Gather"]


def test_browser_may_not_dial_anywhere(carrier):
    response = carrier.posts("/voice/client", From="client:a1001", To="+19005551234")
    assert verbs(response) == ["Say", "Say", "Hangup"]


def test_status_of_an_unknown_call_creates_nothing(carrier):
    assert carrier.posts("/voice/status", CallStatus="completed").status_code == 204
    assert carrier.nothing_happened


@pytest.mark.parametrize(
    "hostile",
    [
        {"From": "<Say>x</Say>"},
        {"From": "+" + "9" * 300},
        {"Digits": "1\x00"},
        {"Digits": "9" * 4096},
        {"CallStatus": "sideways"},
        {"RecordingDuration": "-5"},
        {"To": ""},
    ],
)
def test_hostile_fields_are_answered_with_a_document(carrier, hostile):
    assert carrier.posts("/voice/incoming", **hostile).status_code == 200
    assert carrier.posts(f"/voice/step/{CALL}/1?n=main&l=zh", **hostile).status_code == 200


def test_broken_handler_is_answered_by_the_last_resort(carrier, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(type(carrier.switchboard.sessions), "change", broken)
    response = carrier.posts("/voice/incoming")
    assert verbs(response) == ["Say", "Say", "Pause", "Redirect"]


def _action(response: Any) -> str:
    gather = ET.fromstring(response.get_data()).find("Gather")
    assert gather is not None
    return gather.attrib["action"].split("#")[0]


def test_query_of_a_step_is_plain_ascii(carrier):
    target = _action(carrier.posts("/voice/incoming"))
    assert target.isascii()
    assert "+86" not in target
    assert urlencode({"x": "1"}) not in target
