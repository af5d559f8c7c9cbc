"""Asking systems of the house, against a real server on this machine that does what real servers do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.core.lookups import LONGEST_VALUE, read, steps_of
from ivr.outside.allowed import AllowList
from ivr.outside.ask import AskOutside
from ivr.outside.webhook import PostWebhook
from ivr.workflows.look_up import OPENS_AFTER, STAYS_OPEN, Breaker, NotAnswered, Question
from ivr.workflows.send_outgoing import NotSent
from tests.haste import soonest
from tests.systems import House, open_house

SECRET = "s3cret-of-the-house"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as opened:
        yield opened


def asks(house: House, path: str, **changes: Any) -> object:
    outside = AskOutside(allowed=AllowList.parse(house.entry), secrets={"WALLET_API": SECRET})
    return outside.ask(question(house.url(path), **changes))


def question(to: str, **changes: Any) -> Question:
    usual: dict[str, Any] = {"body": {"call": "CA1", "topic": ""}, "key": "CA1-4", "within": timedelta(seconds=1)}
    return Question(to=to, **{**usual, **changes})


def why(house: House, path: str, **changes: Any) -> str:
    with pytest.raises(NotAnswered) as told:
        asks(house, path, **changes)
    return told.value.result


def test_the_answer_comes_back_and_only_what_was_chosen_is_sent(house):
    assert asks(house, "good", secret="WALLET_API") == {"account": {"level": "gold"}, "ok": True}
    [asked] = house.asked
    assert json.loads(asked["body"]) == {"call": "CA1", "topic": ""}
    assert asked["headers"]["Authorization"] == f"Bearer {SECRET}"
    assert asked["headers"]["Idempotency-Key"] == "CA1-4"
    assert asked["headers"]["Host"] == f"127.0.0.1:{house.port}"


def test_get_sends_what_was_chosen_in_the_address(house):
    asks(house, "good?v=1", method="get", body={"call": "CA1", "language": "zh"})
    assert (house.asked[0]["way"], house.asked[0]["path"]) == ("GET", "/good?v=1&call=CA1&language=zh")


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("broken", "server_fault"),
        ("missing", "status"),
        ("elsewhere", "redirected"),
        ("big", "too_large"),
        ("html", "not_json"),
        ("garbage", "not_json"),
        ("deep", "not_json"),
    ],
)
def test_an_answer_that_is_none_is_told_apart_and_never_followed(house, path, result):
    assert why(house, path) == result
    assert len(house.asked) == 1


@pytest.mark.parametrize("path", ["silent", "drips", "drips-head"])
def test_a_slow_system_costs_its_time_and_not_a_moment_more(house, path):
    def asked() -> None:
        assert why(house, path, within=timedelta(seconds=1), tries=2) == "timeout"

    limit_s = 1.5 + 0.4
    assert soonest(asked, limit_s=limit_s) < limit_s


@pytest.mark.parametrize("path", ["silent", "drips-head"])
def test_a_webhook_whose_receiver_drips_its_answer_ends_in_time_and_counts_as_not_sent(house, path):
    post = PostWebhook(allowed=AllowList.parse(house.entry), within_s=0.5)

    def posted() -> None:
        with pytest.raises(NotSent, match=r"within 0\.5 s"):
            post.post(house.url(path), "whsec_c2VjcmV0", message="m", at=1, body=b"{}")

    limit_s = 0.5 + 0.4
    assert soonest(posted, limit_s=limit_s) < limit_s


def test_a_webhook_whose_receiver_drips_the_body_is_sent_for_the_body_counts_for_nothing(house):
    post = PostWebhook(allowed=AllowList.parse(house.entry), within_s=0.5)

    def posted() -> None:
        came = post.post(house.url("drips"), "whsec_c2VjcmV0", message="m", at=1, body=b"{}")
        assert came.startswith("HTTP 200")

    limit_s = 0.5 + 0.4
    assert soonest(posted, limit_s=limit_s) < limit_s


def test_a_dripped_answer_frees_the_thread_that_reads_it(house):
    outside = AskOutside(allowed=AllowList.parse(house.entry))
    for _ in range(9):
        with pytest.raises(NotAnswered, match="timeout"):
            outside.ask(question(house.url("drips-head"), within=timedelta(seconds=0.1)))


def test_a_second_try_mends_a_fault_of_the_moment(house):
    assert why(house, "once", tries=1) == "server_fault"
    house.asked.clear()
    assert asks(house, "once", tries=2) == {"account": {"level": "gold"}, "ok": True}
    assert len(house.asked) == 2


def test_a_dead_system_and_a_name_that_is_none_are_unreachable(house, free_port):
    dead = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotAnswered, match="unreachable"):
        AskOutside(allowed=AllowList.parse(dead)).ask(question(f"{dead}/x"))

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    nameless = AskOutside(allowed=AllowList.parse("nowhere.example"), resolve=unknown)
    with pytest.raises(NotAnswered, match="unreachable"):
        nameless.ask(question("https://nowhere.example/x"))


def test_a_house_full_of_stuck_questions_turns_the_next_one_away_at_once(house):
    outside = AskOutside(allowed=AllowList.parse(house.entry))
    results: list[str] = []

    def stuck() -> None:
        with pytest.raises(NotAnswered) as told:
            outside.ask(question(house.url("silent")))
        results.append(told.value.result)

    threads = [threading.Thread(target=stuck) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["busy", *["timeout"] * 8]


def test_an_unknown_secret_is_not_asked_without_it(house):
    assert why(house, "good", secret="OTHER") == "refused"
    assert house.asked == []


# ---- where it may go -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",  # another port of a listed host
        "https://127.0.0.1/x",
        "http://user:pw@127.0.0.1/x",
        "http://2130706433/x",
        "http://[::1]/x",
        "file:///etc/passwd",
        "http://127.0.0.1\\@evil.example/",
        "http://localhost/x",
    ],
)
def test_an_address_that_is_not_on_the_list_is_not_asked(house, url):
    with pytest.raises(NotAnswered, match="refused"):
        AskOutside(allowed=AllowList.parse(house.entry)).ask(question(url))


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.0.0.5",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",  # noqa: S104 - never bound, only judged
            "224.0.0.1",
            "100.64.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "junk"),
    ],
)
def test_a_listed_name_that_leads_inside_is_refused(address):
    allowed = AllowList.parse("core.bank.example")
    assert allowed.admits("https://core.bank.example/x")
    assert not allowed.leads_well([address])
    assert not allowed.leads_well(["93.184.216.34", address]), "one bad address among good ones spoils all"
    assert allowed.leads_well(["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
    assert not allowed.leads_well([])


def test_a_network_of_the_house_is_reached_only_when_it_is_listed():
    assert AllowList.parse("core.lan:8443, 10.1.0.0/16").leads_well(["10.1.2.3"])
    assert not AllowList.parse("core.lan:8443, 10.1.0.0/16").leads_well(["10.2.2.3"])
    for wrong in ("https://core.lan/path", "core lan", "ftp://core.lan", "http://a:b@core.lan", "core.lan:99999"):
        with pytest.raises(ValueError, match="no host, origin or network"):
            AllowList.parse(wrong)


def test_a_name_that_changes_its_meaning_after_the_check_leads_nowhere(house):
    """Rebinding: the first answer is good, the second would be this machine. It is never asked for."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    outside = AskOutside(
        allowed=AllowList.parse(f"http://core.bank.example:{house.port}, 127.0.0.0/8"),
        resolve=lambda _host, _port: next(answers),
    )
    assert outside.ask(question(house.url("good", host="core.bank.example")))
    assert house.asked[0]["headers"]["Host"] == f"core.bank.example:{house.port}"
    with pytest.raises(NotAnswered, match="refused"):
        outside.ask(question(house.url("good", host="core.bank.example")))
    assert len(house.asked) == 1


# ---- hooks -----------------------------------------------------------------------------------------------------


def test_a_function_is_called_only_when_it_is_listed():
    hooked = question("json:dumps", hook=True)
    with pytest.raises(NotAnswered, match="refused"):
        AskOutside().ask(hooked)
    assert AskOutside(hooks=frozenset({"json:dumps"})).ask(hooked) == '{"call": "CA1", "topic": ""}'
    with pytest.raises(NotAnswered, match="server_fault"):
        AskOutside(hooks=frozenset({"json:loads"})).ask(question("json:loads", hook=True))


# ---- the breaker -----------------------------------------------------------------------------------------------


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_try_later():
    breaker = Breaker()
    for _ in range(OPENS_AFTER):
        assert breaker.admits(AT)
        breaker.note(good=False, at=AT)
    assert not breaker.admits(AT + timedelta(seconds=29))
    later = AT + STAYS_OPEN
    assert breaker.admits(later)
    assert not breaker.admits(later), "the others wait for what comes of it"
    breaker.note(good=False, at=later)
    assert not breaker.admits(later + timedelta(seconds=1))
    again = later + STAYS_OPEN
    assert breaker.admits(again)
    breaker.note(good=True, at=again)
    assert breaker.admits(again)
    for _ in range(OPENS_AFTER - 1):
        breaker.note(good=False, at=again)
    assert breaker.admits(again), "a success forgets the failures of before"


# ---- what is read ----------------------------------------------------------------------------------------------


def test_values_are_found_by_dotted_paths_and_made_plain_words():
    answer = {"account": {"level": "gold", "old": False, "n": 7}, "cards": [{"last4": "1234"}], "name": "王 小明"}
    sets = {"level": "$.account.level", "old": "account.old", "n": "account.n", "card": "cards.0.last4", "who": "name"}
    assert read(answer, sets) == {"level": "gold", "old": "no", "n": "7", "card": "1234", "who": "王 小明"}
    assert read(answer, {"x": "account.level.more", "y": "cards.9.last4", "z": "nothing"}) == {}
    assert steps_of("$") is None
    assert steps_of("a..b") is None
    assert steps_of("a.b[0]") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine draws slowly
@given(JSON, st.dictionaries(st.sampled_from(["x", "y"]), st.text(alphabet="abc.$0", max_size=9)))
def test_whatever_is_answered_only_short_plain_words_are_kept(answer, sets):
    for value in read(answer, sets).values():
        assert 0 < len(value) <= LONGEST_VALUE
        assert not set(value) & set('<>&"{}\n\r\t\x00\u202e')
