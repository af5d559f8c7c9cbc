"""One console of an agent acts, and the service says which: through the API that the page uses."""

from __future__ import annotations

import pytest

from ivr.core.agents import Presence
from tests.web.house import Browser, House

FIRST, SECOND = "b1.p1", "b2.p1"


def asks(browser: Browser, path: str, console: str, body: object = None):
    headers = {"X-CSRF-Token": browser.token(), **({"X-Console": console} if console else {})}
    return browser.post(f"/api/v1/{path}", json=body, headers=headers)


@pytest.fixture
def desk(staffed: House) -> Browser:
    """The agent is ready at the first console."""
    browser = staffed.client("a1001")
    assert asks(browser, "desk/open", FIRST).json["console"] == FIRST
    assert asks(browser, "desk/ready", FIRST).json["presence"] == "available"
    return browser


def test_another_console_is_told_who_has_the_desk_and_gets_it_when_it_takes_over(desk):
    assert asks(desk, "desk/open", SECOND).json["console"] == FIRST
    assert asks(desk, "desk/open", SECOND, {"take_over": True}).json["console"] == SECOND
    assert asks(desk, "desk/open", FIRST).json["console"] == SECOND


@pytest.mark.parametrize("what", ["desk/heartbeat", "desk/ready", "desk/break", "desk/sign-out", "desk/more-time"])
def test_what_is_asked_for_at_another_console_is_refused_and_changes_nothing(desk, what):
    before = desk.get("/api/v1/desk").json
    answer = asks(desk, what, SECOND)
    assert (answer.status_code, answer.json["error"]) == (409, "not_this_console")
    after = desk.get("/api/v1/desk").json
    assert {**after, "server_now": ""} == {**before, "server_now": ""}


def test_a_call_is_accepted_and_ended_at_the_one_console_alone(staffed, desk):
    staffed.phones("+8613800138021").presses("1211#2")
    offer = desk.get("/api/v1/desk").json["offer"]["card"]["offer"]
    for deed in ("accept", "decline", "end"):
        assert asks(desk, f"offers/{offer}/{deed}", SECOND).json["error"] == "not_this_console"
    assert desk.get("/api/v1/desk").json["presence"] == "reserved"
    assert asks(desk, f"offers/{offer}/accept", FIRST).json["presence"] == "on_call"


def test_only_the_heartbeat_of_the_console_keeps_the_agent_present(staffed, desk):
    seen = staffed.switchboard.presences.find("a1001").seen
    assert asks(desk, "desk/heartbeat", SECOND).status_code == 409
    assert staffed.switchboard.presences.find("a1001").seen == seen
    assert asks(desk, "desk/heartbeat", FIRST).status_code == 200
    assert staffed.switchboard.presences.find("a1001").seen > seen


def test_the_console_survives_a_lost_redis_by_its_heartbeat(staffed, desk):
    staffed.switchboard.link.redis.flushall()
    assert asks(desk, "desk/heartbeat", FIRST).json["console"] == FIRST
    assert asks(desk, "desk/open", SECOND).json["console"] == FIRST
    assert staffed.switchboard.presences.find("a1001").presence is Presence.BREAK


def test_a_program_that_names_no_console_acts_as_ever(desk):
    assert asks(desk, "desk/break", "", {"reason": "lunch"}).json["reason"] == "lunch"
    assert asks(desk, "desk/heartbeat", "").json["console"] == FIRST


@pytest.mark.parametrize("name", ["a b", "x" * 65, "<b>", "é"])
def test_a_name_that_is_none_is_refused(staffed, desk, name):
    answer = asks(desk, "desk/ready", name)
    assert (answer.status_code, answer.json["error"]) == (400, "bad_console")
