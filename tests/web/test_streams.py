"""Server-sent events over a real connection: prompt, capped, and gone when they should be."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from ivr.storage.sql.after_tables import message_box
from ivr.storage.sql.engine import writing
from ivr.web.streams import Seats
from tests.web.house import House, served
from tests.web.test_desk import ready

WITHIN_S = 10.0


@pytest.fixture
def serving(staffed: House) -> Iterator[House]:
    with served(staffed, urlsplit(staffed.origin).port or 0):
        yield staffed


def listen(house: House, login: str, path: str) -> requests.Response:
    cookie = house.client(login).get_cookie("ivr")
    assert cookie is not None
    return requests.get(house.origin + path, cookies={"ivr": cookie.value}, stream=True, timeout=WITHIN_S)


def states(response: requests.Response) -> Iterator[dict[str, Any]]:
    kind = ""
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: ") and kind == "state":
            yield json.loads(line.removeprefix("data: "))


def test_the_board_is_told_within_two_seconds(serving):
    with listen(serving, "lead", "/events/board") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        news = states(response)
        assert next(news)["waiting"] == 0
        rung = time.monotonic()
        serving.phones("+8613800138021").presses("1211#2")
        assert next(state for state in news if state["waiting"])["waiting"] == 1
        assert time.monotonic() - rung < 2.0


def test_an_administrator_is_told_that_a_message_waits_but_not_what_it_says(serving):
    now = serving.now
    left = {
        "id": "m1",
        "call": "m",
        "hotline": "wallet",
        "topic": "refunds",
        "language": "zh",
        "at": now,
        "duration_s": 20,
    }
    left |= {"recording": "", "due_at": now + timedelta(hours=4), "status": "open", "owner": ""}
    with writing(serving.switchboard.engine) as connection:
        connection.execute(message_box.insert(), left)
    serving.switchboard.after.messages.written_down("m1", "Where is my refund?")
    told = {}
    for who in ("lead", "root"):
        asked = serving.client(who).get("/api/v1/room").json
        with listen(serving, who, "/events/room") as response:
            told[who] = [room["messages"][0]["transcript"] for room in (asked, next(states(response)))]
    assert told == {"lead": ["Where is my refund?"] * 2, "root": ["", ""]}


def test_the_desk_is_told_of_an_offer_at_once(serving):
    ready(serving)
    with listen(serving, "a1001", "/events/agent") as response:
        news = states(response)
        assert next(news)["presence"] == "available"
        rung = time.monotonic()
        serving.phones("+8613800138021").presses("1211#2")
        assert next(state for state in news if state["offer"])["offer"]["card"]["caller"] == "+86 138****21"
        assert time.monotonic() - rung < 2.0


def test_a_stream_is_never_silent_for_long(serving):
    with listen(serving, "lead", "/events/board") as response:
        kinds = (line for line in response.iter_lines(chunk_size=1, decode_unicode=True) if line.startswith("event: "))
        assert next(kinds) == "event: state"
        assert next(kinds) == "event: beat"


def test_one_person_holds_five_streams_and_no_more(serving):
    cookie = {"ivr": serving.client("lead").get_cookie("ivr").value}
    held = [
        requests.get(serving.origin + "/events/board", cookies=cookie, stream=True, timeout=WITHIN_S) for _ in range(6)
    ]
    try:
        assert [one.status_code for one in held] == [200] * 5 + [503]
        assert held[5].headers["Retry-After"]
    finally:
        for one in held:
            one.close()


def test_streams_are_capped_in_all():
    seats = Seats(in_all=2, per_person=5)
    assert [seats.take("a"), seats.take("b"), seats.take("c")] == [True, True, False]
    seats.leave("a")
    assert seats.take("c")


def test_streams_end_within_two_seconds_at_shutdown(serving):
    with listen(serving, "lead", "/events/board") as response:
        news = states(response)
        next(news)
        serving.switchboard.closing.set()
        asked = time.monotonic()
        assert list(news) == []
        assert time.monotonic() - asked < 2.0


def test_a_seat_is_free_again_when_the_browser_is_gone(serving):
    cookie = {"ivr": serving.client("lead").get_cookie("ivr").value}

    def opened() -> requests.Response:
        return requests.get(serving.origin + "/events/board", cookies=cookie, stream=True, timeout=WITHIN_S)

    for one in [opened() for _ in range(5)]:
        one.close()
    deadline = time.monotonic() + 20
    while True:
        with opened() as again:
            if again.status_code == 200:
                return
        assert time.monotonic() < deadline, "no seat was given back"
        time.sleep(0.2)
