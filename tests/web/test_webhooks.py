"""`RELIABILITY.md` 3.1, row by row: what is not the carrier's changes nothing, what is gets its answer, however absurd."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, quote_plus
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.app import create_app
from ivr.core.events import CallerKind
from ivr.core.ids import CallId
from ivr.telephony.twilio.signature import SignatureCheck
from ivr.web.meters import ALERTS, WEBHOOKS_REFUSED
from ivr.web.webhooks import LARGEST_BODY, MOST_FIELDS, fields_of
from ivr.wiring import Switchboard
from tests.web.test_voice import ACCOUNT, CALL, HOTLINE, ORIGIN, OTHER_TOKEN, TOKEN, _action, carrier, verbs

__all__ = ["carrier"]

SIGNATURE = "X-Twilio-Signature"
OTHER_CALL = "CA" + "8" * 32
FIELDS = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "+8613800138000", "To": HOTLINE, "CallStatus": "in-progress"}
DOORS = (
    "/voice/incoming",
    "/voice/fallback",
    "/voice/sorry",
    "/voice/status",
    "/voice/client",
    f"/voice/step/{CALL}/1?n=main&l=zh",
    f"/voice/wait/{CALL}/1",
    f"/voice/room/{CALL}/x",
    f"/voice/left/{CALL}/x",
    f"/voice/bye/{CALL}/1",
    f"/voice/message/{CALL}/1",
    f"/voice/dialled/{CALL}/1",
    f"/voice/offer/{CALL}/x",
    f"/voice/answer/{CALL}/x",
    f"/voice/agent-left/{CALL}/x",
    f"/voice/agent-leg/{CALL}/x",
    f"/voice/room-events/{CALL}",
    "/voice/of/yesterday",
)


def signed(path: str, fields: Any, *, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(ORIGIN + path, MultiDict(fields)))


def sent(carrier: Any, path: str, fields: Any, *, headers: Any = (), **more: Any) -> Any:
    """A request with exactly these fields and headers, and nothing added."""
    return carrier.client.post(
        path, data=MultiDict(fields), headers=headers, environ_overrides={"RAW_URI": path}, **more
    )


def everything(carrier: Any) -> dict[bytes, Any]:
    """All that Redis holds."""
    link = carrier.switchboard.link

    def dump(redis: Any) -> dict[bytes, Any]:
        return {key: redis.dump(key) for key in redis.scan_iter("*")}

    found: dict[bytes, Any] = link.run(dump)
    return found


def count(counter: Any, **labels: str) -> float:
    return float(counter.labels(**labels)._value.get())


@pytest.fixture
def begun(carrier: Any) -> Any:
    """A call that is at the first menu."""
    assert carrier.posts("/voice/incoming").status_code == 200
    return carrier


# ---- not the carrier ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_s01_s02_unsigned_and_wrongly_signed_requests_change_nothing_at_any_door(begun, door):
    before = everything(begun)
    right = signed(door, FIELDS)
    wrong = [
        [],
        [(SIGNATURE, "")],
        [(SIGNATURE, right[:-2])],
        [(SIGNATURE, right.swapcase())],
        [(SIGNATURE, right + "é")],
        [(SIGNATURE, signed(door, FIELDS, token="z" * 32))],
        [(SIGNATURE, signed("/voice/elsewhere", FIELDS))],
        [(SIGNATURE, signed(door, {**FIELDS, "Digits": "1"}))],
        [(SIGNATURE, "x"), (SIGNATURE, right)],
        [(SIGNATURE, right), (SIGNATURE, "x")],
    ]
    for headers in wrong:
        answer = sent(begun, door, FIELDS, headers=headers)
        assert (answer.status_code, answer.get_data()) == (403, b""), headers
    assert everything(begun) == before


def test_s01_a_session_of_the_pages_opens_no_door(begun):
    begun.client.set_cookie("__Host-ivr", "anything")
    assert sent(begun, "/voice/incoming", FIELDS).status_code == 403


def test_s03_another_account_is_refused_although_rightly_signed_and_is_told_apart(carrier):
    before = count(WEBHOOKS_REFUSED, why="foreign_account")
    for account in ("AC" + "2" * 32, "", ACCOUNT.lower() + " ", ACCOUNT + "\x00"):
        assert carrier.posts("/voice/incoming", AccountSid=account).status_code == 403, account
    assert carrier.nothing_happened
    assert count(WEBHOOKS_REFUSED, why="foreign_account") == before + 4


def test_s13_failures_that_bear_our_account_are_counted_apart(carrier):
    ours, strange, bare = (count(WEBHOOKS_REFUSED, why=why) for why in ("wrong_ours", "wrong", "unsigned"))
    carrier.posts("/voice/incoming", token="z" * 32)
    carrier.posts("/voice/incoming", token="z" * 32, AccountSid="AC" + "2" * 32)
    carrier.posts("/voice/incoming", token=None)
    assert count(WEBHOOKS_REFUSED, why="wrong_ours") == ours + 1
    assert count(WEBHOOKS_REFUSED, why="wrong") == strange + 1
    assert count(WEBHOOKS_REFUSED, why="unsigned") == bare + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"X-Original-URL": "/voice/status", "X-Rewrite-URL": "/voice/status"},
    ],
)
def test_s06_the_origin_comes_from_the_settings_whatever_the_headers_say(carrier, headers):
    right = signed("/voice/incoming", FIELDS)
    assert sent(carrier, "/voice/incoming", FIELDS, headers={SIGNATURE: right, **headers}).status_code == 200
    for origin in ("https://evil.example", "http://evil.example"):
        forged = str(RequestValidator(TOKEN).compute_signature(origin + "/voice/incoming", FIELDS))
        answer = sent(carrier, "/voice/incoming", FIELDS, headers={SIGNATURE: forged, **headers})
        assert answer.status_code == 403


def test_s05_repeated_and_empty_fields_are_valid_exactly_as_they_were_signed(carrier):
    fields = [*FIELDS.items(), ("Digits", "1"), ("Digits", "2"), ("Digits", ""), ("Empty", "")]
    right = {SIGNATURE: signed("/voice/incoming", fields)}
    assert sent(carrier, "/voice/incoming", fields, headers=right).status_code == 200
    assert sent(carrier, "/voice/incoming", fields[:-1], headers=right).status_code == 403
    assert sent(carrier, "/voice/incoming", [*fields, ("Digits", "9")], headers=right).status_code == 403


@pytest.mark.parametrize("door", ["/voice/incoming", "/voice/status", f"/voice/step/{CALL}/1"])
def test_s07_other_methods_and_other_bodies_get_their_number_and_no_words(begun, door):
    before = everything(begun)
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        answer = begun.client.open(door, method=method)
        assert (answer.status_code, answer.get_data()) == (405, b""), method
    headers = {SIGNATURE: signed(door, FIELDS)}
    bodies: Iterable[tuple[dict[str, Any], int]] = [
        ({"json": FIELDS}, 415),
        ({"data": {**FIELDS, "f": (BytesIO(b"x"), "x.txt")}}, 415),
        ({"data": b"x", "content_type": "text/plain"}, 415),
        ({"data": b"x"}, 415),
        ({"data": {**FIELDS, "Digits": "1" * 1_000_000}}, 413),
        ({"data": {**FIELDS, **{f"x{n}": "1" for n in range(250)}}}, 413),
        ({"data": MultiDict([*FIELDS.items(), *[("x", str(n)) for n in range(250)]])}, 413),
    ]
    for body, status in bodies:
        answer = begun.client.post(door, headers=headers, environ_overrides={"RAW_URI": door}, **body)
        assert (answer.status_code, answer.get_data()) == (status, b""), (status, list(body))
    assert everything(begun) == before


def test_s07_a_body_without_a_stated_length_is_bounded_too(begun):
    """What is read is cut at the limit; what is left of it has no signature that fits."""
    body = BytesIO(b"x=" + b"1" * 1_000_000)
    answer = begun.client.post(
        "/voice/status",
        input_stream=body,
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code in (403, 413)
    assert body.tell() <= 2 * LARGEST_BODY


def test_s12_the_second_token_is_refused_when_the_change_is_over(carrier):
    settings = carrier.switchboard.settings
    assert carrier.posts("/voice/incoming", token=OTHER_TOKEN).status_code == 200
    over = Switchboard(
        settings.model_copy(update={"twilio_auth_token_secondary": type(settings.secret_key)("")}),
        redis_url=settings.redis_url or "",
    )
    try:
        headers = {SIGNATURE: signed("/voice/incoming", FIELDS, token=OTHER_TOKEN)}
        answer = (
            create_app(over)
            .test_client()
            .post("/voice/incoming", data=FIELDS, headers=headers, environ_overrides={"RAW_URI": "/voice/incoming"})
        )
        assert answer.status_code == 403
    finally:
        over.close()


# ---- the carrier, with absurd words ------------------------------------------------------------------------------


def test_s04_after_the_end_a_repeat_is_answered_and_has_no_effect(begun):
    target = _action(begun.posts("/voice/incoming"))
    begun.posts("/voice/status", CallStatus="completed")
    before = begun.switchboard.sessions.find(CallId(CALL))
    for _ in range(2):
        assert "Hangup" in verbs(begun.posts(target, Digits="1"))
        assert begun.posts("/voice/status", CallStatus="completed").status_code == 204
    after = begun.switchboard.sessions.find(CallId(CALL))
    assert (after.state, after.ended_at) == (before.state, before.ended_at)


def test_s04_another_idempotency_header_makes_no_second_effect(begun):
    target = _action(begun.posts("/voice/incoming"))
    answers = []
    for token in ("one", "two"):
        fields = {**FIELDS, "Digits": "1"}
        headers = {SIGNATURE: signed(target, fields), "I-Twilio-Idempotency-Token": token}
        answers.append(sent(begun, target, fields, headers=headers).get_data())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("call", ["", "../../x", "CA 1", "CA\x00", "CA1\r\nX: y", "C" * 65, "{ivr}", "通话"])
def test_a_request_without_a_usable_call_id_gets_words_and_has_no_effect(carrier, call):
    before, alerts = everything(carrier), count(ALERTS, what="request_without_call")
    assert verbs(carrier.posts("/voice/incoming", CallSid=call))[-1] == "Hangup"
    assert verbs(carrier.posts("/voice/fallback", CallSid=call))[-1] == "Hangup"
    assert carrier.posts("/voice/status", CallSid=call, CallStatus="completed").status_code == 204
    assert everything(carrier) == before
    assert count(ALERTS, what="request_without_call") == alerts + 2


def test_a_request_that_lacks_every_field_but_the_account_gets_words(carrier):
    fields = {"AccountSid": ACCOUNT}
    for door in ("/voice/incoming", f"/voice/step/{CALL}/1"):
        answer = sent(carrier, door, fields, headers={SIGNATURE: signed(door, fields)})
        assert verbs(answer)[-1] == "Hangup"


@pytest.mark.parametrize(
    "digits",
    ["", "1\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "２", "٢", "²", "9" * 4096, "1;2", "*#" * 500,
     "<Say>", "hangup", "1" * 60_000, "\u202e1", "abc"],
)  # fmt: skip
def test_absurd_digits_are_answered_and_never_taken_for_a_key(begun, digits):
    target = _action(begun.posts("/voice/incoming"))
    answer = begun.posts(target, Digits=digits)
    assert verbs(answer)
    session = begun.switchboard.sessions.find(CallId(CALL))
    if digits in ("２", "٢", "²", "abc", "<Say>"):
        assert (session.language, session.entry) == ("zh", ""), "counts as silence, not as the key for English"


def test_bytes_that_are_no_text_are_answered(carrier):
    """Lone surrogates and broken UTF-8, percent-encoded as an attacker would; signed over what a carrier would sign."""
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in FIELDS.items()) + "&Digits=%ED%A0%80%FF%00"
    parsed = {**FIELDS, "Digits": "%ED%A0%80%FF\x00"}
    answer = carrier.client.post(
        "/voice/incoming",
        data=body.encode(),
        content_type="application/x-www-form-urlencoded",
        headers={SIGNATURE: signed("/voice/incoming", parsed)},
        environ_overrides={"RAW_URI": "/voice/incoming"},
    )
    assert verbs(answer) == ["Gather"]


@pytest.mark.parametrize(
    ("claimed", "kind"),
    [
        ("", CallerKind.WITHHELD),
        ("anonymous", CallerKind.WITHHELD),
        ("Restricted", CallerKind.WITHHELD),
        ("+266696687", CallerKind.WITHHELD),
        ("+7378742833", CallerKind.WITHHELD),
        ("+86282452253", CallerKind.WITHHELD),
        ("sip:alice@example.org", CallerKind.SIP),
        ("SIP:alice@example.org;transport=udp", CallerKind.SIP),
        ("client:a1001", CallerKind.CLIENT),
        ("+" + "9" * 300, CallerKind.UNKNOWN),
        ("x" * 300, CallerKind.UNKNOWN),
        ("+８６１３８００１３８０００", CallerKind.UNKNOWN),
        ("+٨٦١٣٨٠٠١٣٨٠٠٠", CallerKind.UNKNOWN),
        ("</Gather><Dial>+19005551234</Dial>", CallerKind.UNKNOWN),
        ("'; DROP TABLE calls; --", CallerKind.UNKNOWN),
        ("+8613800138000\r\nX-Evil: 1", CallerKind.UNKNOWN),
        ("+8613800138000;ext=99", CallerKind.UNKNOWN),
        ("911", CallerKind.UNKNOWN),
        (HOTLINE, CallerKind.NUMBER),
    ],
)
def test_s10_any_caller_id_is_answered_and_recorded_and_only_a_real_number_counts_as_one(carrier, claimed, kind):
    assert verbs(carrier.posts("/voice/incoming", From=claimed)) == ["Gather"]
    session = carrier.switchboard.sessions.find(CallId(CALL))
    assert session.caller.kind is kind
    assert (session.caller.number is not None) == (kind is CallerKind.NUMBER)
    carrier.posts("/voice/status", From=claimed, CallStatus="completed")
    while carrier.switchboard.keep_record(wait=timedelta(0)):
        pass
    record = carrier.switchboard.records.record(CallId(CALL))
    assert record is not None
    assert record.kind == kind.value
    assert carrier.switchboard.records.number_of(CallId(CALL)) == (session.caller.number or "")


def test_s10_markup_in_any_field_never_becomes_a_verb(begun):
    hostile = "</Say></Gather><Dial>+19005551234</Dial>&#0;]]>"
    target = _action(begun.posts("/voice/incoming"))
    fields = dict.fromkeys(("From", "To", "CallerName", "FromCity", "Digits", "offer", "SpeechResult"), hostile)
    for door in ("/voice/incoming", target, "/voice/fallback", f"/voice/dialled/{CALL}/1", f"/voice/message/{CALL}/1"):
        document = begun.posts(door, **fields).get_data()
        assert b"1900555" not in document
        assert not any(element.tag in ("Dial", "Number") for element in ET.fromstring(document).iter())


@pytest.mark.parametrize("status", ["sideways", "", "COMPLETED", "completed\x00", "-1"])
def test_an_unknown_status_ends_nothing(begun, status):
    assert begun.posts("/voice/status", CallStatus=status).status_code == 204
    assert begun.switchboard.sessions.find(CallId(CALL)).ended_at is None


@pytest.mark.parametrize(
    "path",
    [
        f"/voice/step/{CALL}/{'9' * 5000}",
        f"/voice/step/{CALL}/{'9' * 4000}?n=main",
        f"/voice/step/{CALL}/%C2%B2?n=main",
        f"/voice/step/{CALL}/-1?t=-1&p=%D9%A3&a=99999999999999999999",
        f"/voice/step/{CALL}/2?v=%00&n=%00&l=%00&q=%ED%A0%80",
        f"/voice/wait/{CALL}/2?q=no_such_topic&p=999999&a=1",
        "/voice/nowhere?f=%C2%B2",
        "/voice/nowhere?f=" + "9" * 5000,
        "/voice/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_absurd_targets_are_answered_and_the_call_goes_on(begun, path):
    assert verbs(begun.posts(path))
    target = _action(begun.posts("/voice/fallback"))
    assert len(target) < 300
    assert verbs(begun.posts(target, Digits="1")) != []


def test_the_last_resort_needs_no_number_in_the_target_to_be_one(begun, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(type(begun.switchboard.sessions), "change", broken)
    for query in ("f=%C2%B2", "f=" + "9" * 5000, "f=-1", "f=4"):
        assert verbs(begun.posts(f"/voice/incoming?{query}")) == ["Say", "Say", "Record"]
    assert verbs(begun.posts("/voice/incoming?f=3")) == ["Say", "Say", "Record"]
    assert verbs(begun.posts("/voice/incoming?f=2")) == ["Say", "Say", "Pause", "Redirect"]


def test_s08_s14_doors_of_another_call_and_of_agents_do_nothing_for_a_callers_leg(begun):
    begun.posts("/voice/incoming", CallSid=OTHER_CALL, From="+8613800138001")
    before = begun.switchboard.sessions.find(CallId(CALL))
    for door in DOORS:
        if f"/{CALL}/" in door and "/agent-leg/" not in door:
            assert verbs(begun.posts(door, CallSid=OTHER_CALL, From="+8613800138001", Digits="1"))[-1] == "Hangup", door
    begun.posts(
        f"/voice/room-events/{CALL}",
        CallSid=OTHER_CALL,
        StatusCallbackEvent="participant-leave",
        ParticipantCallStatus="completed",
        ParticipantLabel="caller",
    )
    for name in ("offer", "answer", "agent-left"):
        assert verbs(begun.posts(f"/voice/{name}/{CALL}/x", Digits="1")) == ["Hangup"]
    begun.posts(f"/voice/agent-leg/{CALL}/x", CallStatus="completed")
    assert begun.switchboard.sessions.find(CallId(CALL)) == before


def test_s09_a_number_that_no_menu_knows_is_answered_and_told_of(carrier):
    before = count(ALERTS, what="unknown_number")
    assert verbs(carrier.posts("/voice/incoming", To="+14155550199")) == ["Gather"]
    assert count(ALERTS, what="unknown_number") == before + 1
    carrier.posts("/voice/incoming")
    assert count(ALERTS, what="unknown_number") == before + 1


@pytest.mark.parametrize("to", ["+19005551234", "client:a1002", "sip:x@example.org", "911", ""])
def test_s15_a_softphone_dials_nobody_but_the_caller_it_accepted(carrier, to):
    before, alerts = everything(carrier), count(ALERTS, what="browser_without_offer")
    for more in ({}, {"offer": ""}, {"offer": "not-an-offer"}, {"PhoneNumber": to, "number": to}):
        answer = carrier.posts("/voice/client", From="client:a1001", To=to, **more)
        assert verbs(answer)[-1] == "Hangup"
        assert b"<Dial" not in answer.get_data()
    assert everything(carrier) == before
    assert count(ALERTS, what="browser_without_offer") == alerts + 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", "=", "&", "+", "%", "%2B", "%E4%BD%A0", "%ff", "%2", "ü", " ", "b=", "A&A="])))
def test_a_form_is_read_like_the_library_reads_it(parts):
    body = "".join(parts).encode()
    fields = MultiDict(parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote"))

    assert fields_of(body) == dict(fields.lists())


def test_a_form_with_too_many_fields_is_not_read():
    assert len(fields_of(b"&".join([b"a=1"] * MOST_FIELDS))["a"]) == MOST_FIELDS
    with pytest.raises(ValueError, match="too many"):
        fields_of(b"&".join([b"a=1"] * (MOST_FIELDS + 1)))


WORDS = st.text(alphabet="abAB?=&+% \u4f60é", max_size=6)


@settings(max_examples=300, deadline=None)
@given(
    form=st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=3), max_size=4),
    origin=st.sampled_from([ORIGIN, ORIGIN + ":8443", "http://127.0.0.1:8000"]),
    how=st.sampled_from(["right", "port", "token", "case", "cut"]),
)
def test_a_signature_counts_exactly_when_the_library_says_so(form, origin, how):
    check = SignatureCheck(origin=origin, tokens=(TOKEN, OTHER_TOKEN))
    repeated = MultiDict(form)
    target = "/voice/step/CA1/2?v=1&n=a%40b"
    where = origin + target if how != "port" else origin.rsplit(":", 1)[0] + target
    given = RequestValidator("z" * 32 if how == "token" else OTHER_TOKEN).compute_signature(where, repeated)
    given = {"case": given.swapcase(), "cut": given[:-1]}.get(how, given)
    allowed = any(RequestValidator(one).validate(origin + target, repeated, given) for one in (TOKEN, OTHER_TOKEN))

    assert check.genuine(target=target, form=form, headers={SIGNATURE: given}) is allowed
