"""What an agent does, through the API that the page uses."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.core.agents import Presence
from ivr.core.facts import Disposed
from ivr.core.ids import AgentId, CallId, Language
from ivr.core.session import CallSession
from ivr.workflows.ports import Sessions
from tests.web.house import House


def opened(house: House, login: str = "a1001"):
    browser = house.client(login)
    assert browser.asks("/api/v1/desk/open").status_code == 200
    return browser


def ready(house: House, login: str = "a1001"):
    browser = opened(house, login)
    assert browser.asks("/api/v1/desk/ready").json["presence"] == "available"
    return browser


def talking(house: House):
    """An agent in a talk; answers browser and offer."""
    browser = ready(house)
    house.phones("+8613800138021").presses("1211#2")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]["offer"]
    assert browser.asks(f"/api/v1/offers/{offer}/accept").status_code == 200
    house.joins(offer)
    return browser, offer


def facts_of(house: House, kind: type):
    return [
        row.fact
        for _, row in house.switchboard.facts.take(wait=timedelta(milliseconds=1))
        if isinstance(row.fact, kind)
    ]


def test_signing_in_never_means_ready(staffed):
    browser = opened(staffed)
    view = browser.get("/api/v1/desk").json
    assert view["presence"] == "break"
    assert view["agent"] == {"id": "a1001", "name": "Agent 1001"}
    assert "transfers" in view["topics"]


def test_opening_the_page_again_changes_nothing(staffed):
    browser = ready(staffed)
    before = browser.get("/api/v1/desk").json
    after = browser.asks("/api/v1/desk/open").json
    assert (after["presence"], after["since"]) == (before["presence"], before["since"])


@dataclass
class Meanwhile:
    """The calls as they are, of which one ends after the agent was read and before the call is."""

    sessions: Sessions
    ends: Callable[[], None] | None

    def find(self, call: CallId) -> CallSession | None:
        ends, self.ends = self.ends, None
        if ends:
            ends()
        return self.sessions.find(call)


def test_a_call_that_ends_while_the_page_is_drawn_is_seen_as_talk_or_as_wrap_up_and_never_as_neither(staffed):
    browser = ready(staffed)
    caller = staffed.phones("+8613800138021").presses("1211#2")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]["offer"]
    browser.asks(f"/api/v1/offers/{offer}/accept")
    staffed.joins(offer)
    desk = staffed.switchboard.desk
    drawn = replace(desk, sessions=Meanwhile(desk.sessions, caller.hangs_up)).view(AgentId("a1001"), Language("en"))
    assert drawn.presence is Presence.WRAP_UP
    assert drawn.wrap_up is not None


def test_a_break_has_a_known_reason(staffed):
    browser = ready(staffed)
    view = browser.asks("/api/v1/desk/break", {"reason": "lunch"}).json
    assert (view["presence"], view["reason"]) == ("break", "lunch")
    assert browser.asks("/api/v1/desk/break", {"reason": "<b>"}).status_code == 422


def test_a_caller_is_offered_with_topic_path_language_wait_and_masked_number(staffed):
    browser = ready(staffed)
    staffed.phones("+8613800138021").presses("1211#2")
    view = browser.get("/api/v1/desk").json
    card = view["offer"]["card"]
    assert view["presence"] == "reserved"
    assert card["topic_name"] == "transfers"
    assert card["path"] == ["Transfers", "Late or not received"]
    assert card["language_name"] == "中文"
    assert card["caller"] == "+86 138****21"
    assert card["answers"] == [["when", "today"]]
    assert card["queued_at"] <= view["server_now"]
    assert view["offer"]["ring_until"] > view["offer"]["offered_at"]


def test_no_screen_ever_gets_the_whole_number(staffed):
    browser = ready(staffed)
    staffed.phones("+8613800138021").presses("1211#2")
    staffed.phones("+8613800138022").presses("1211#2")
    shown = browser.get("/api/v1/desk").text + staffed.client("lead").get("/api/v1/board").text
    assert "13800138" not in shown.replace(" ", "")


def test_withheld_numbers_are_shown_by_their_kind(staffed):
    browser = ready(staffed)
    staffed.phones("anonymous").presses("1211#2")
    card = browser.get("/api/v1/desk").json["offer"]["card"]
    assert card["caller"] == ""
    assert card["caller_kind"] in ("withheld", "unknown")


def test_labels_follow_the_language_of_the_page(staffed):
    browser = ready(staffed)
    browser.set_cookie("ivr-language", "zh")
    staffed.phones("+8613800138021").presses("1211#2")
    card = browser.get("/api/v1/desk").json["offer"]["card"]
    assert card["path"] == ["转账与交易", "延迟或未到账"]


def test_accepting_connects_and_ending_leads_to_wrap_up(staffed):
    browser, offer = talking(staffed)
    view = browser.get("/api/v1/desk").json
    assert (view["presence"], view["call"]["phase"]) == ("on_call", "connected")
    view = browser.asks(f"/api/v1/offers/{offer}/end").json
    assert view["presence"] == "wrap_up"
    assert view["wrap_up"]["dispositions"] == ["solved", "pending", "passed_on", "no_result"]
    assert view["wrap_up"]["until"] > view["server_now"]


def test_finishing_wrap_up_keeps_result_and_notes_and_makes_ready(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    view = browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved", "notes": "Reset sent."}).json
    assert view["presence"] == "available"
    (kept,) = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.notes, kept.by_default) == ("solved", "Reset sent.", False)


def test_finishing_twice_keeps_one_result(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"})
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "pending"})
    assert [fact.disposition for fact in facts_of(staffed, Disposed)] == ["solved"]


def test_an_unknown_result_is_refused_and_wrap_up_goes_on(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    answer = browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "bogus"})
    assert (answer.status_code, answer.json["error"]) == (422, "unknown_disposition")
    assert browser.get("/api/v1/desk").json["presence"] == "wrap_up"


def test_more_time_adds_a_minute_to_wrap_up(staffed):
    browser, offer = talking(staffed)
    before = end_of_wrap_up(browser.asks(f"/api/v1/offers/{offer}/end"))
    after = end_of_wrap_up(browser.asks("/api/v1/desk/more-time"))
    assert after - before == timedelta(seconds=60)


def end_of_wrap_up(answer):
    return datetime.fromisoformat(answer.json["wrap_up"]["until"])


def test_a_break_asked_for_during_the_call_comes_after_it(staffed):
    browser, offer = talking(staffed)
    view = browser.asks("/api/v1/desk/break", {"reason": "lunch"}).json
    assert (view["presence"], view["wanted"], view["wanted_reason"]) == ("on_call", "break", "lunch")
    browser.asks(f"/api/v1/offers/{offer}/end")
    view = browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"}).json
    assert (view["presence"], view["reason"]) == ("break", "lunch")


def test_an_offer_that_is_over_cannot_be_accepted(staffed):
    browser = ready(staffed)
    caller = staffed.phones("+8613800138021").presses("1211#2")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]["offer"]
    caller.hangs_up()
    answer = browser.asks(f"/api/v1/offers/{offer}/accept")
    assert (answer.status_code, answer.json["error"]) == (409, "offer_over")
    assert browser.get("/api/v1/desk").json["presence"] == "available"


def test_an_agent_cannot_touch_another_agents_offer(staffed):
    browser = ready(staffed)
    staffed.phones("+8613800138021").presses("1211#2")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]["offer"]
    staffed.agent("a1002")
    other = opened(staffed, "a1002")
    assert other.asks(f"/api/v1/offers/{offer}/accept").status_code == 409
    other.asks(f"/api/v1/offers/{offer}/decline")
    other.asks(f"/api/v1/offers/{offer}/end")
    assert browser.get("/api/v1/desk").json["presence"] == "reserved"


def test_declining_frees_the_agent_for_the_next_caller(staffed):
    staffed.agent("a1002")
    first, second = ready(staffed), ready(staffed, "a1002")
    staffed.phones("+8613800138021").presses("1211#2")
    rung, idle = (first, second) if first.get("/api/v1/desk").json["offer"] else (second, first)
    offer = rung.get("/api/v1/desk").json["offer"]["card"]["offer"]
    passed_on = rung.asks(f"/api/v1/offers/{offer}/decline").json
    assert passed_on["wrap_up"]["declined"] is True
    assert passed_on["wrap_up"]["dispositions"] == []
    assert idle.get("/api/v1/desk").json["presence"] == "reserved"
    rung.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"})
    assert facts_of(staffed, Disposed) == []  # the result of a call is said by who had it


def test_an_agent_who_goes_ready_gets_the_caller_who_waits(staffed):
    browser = opened(staffed)
    staffed.phones("+8613800138021").presses("1211#2")
    assert browser.asks("/api/v1/desk/ready").json["presence"] == "reserved"


def test_the_heartbeat_signs_in_again_after_a_lost_redis(staffed):
    browser = ready(staffed)
    staffed.switchboard.link.redis.flushall()
    assert browser.asks("/api/v1/desk/heartbeat").json["presence"] == "break"


def test_signing_out_of_the_page_signs_out_of_the_line(staffed):
    browser = ready(staffed)
    browser.post("/logout", data={"csrf": browser.token()})
    present = staffed.switchboard.presences.find("a1001")
    assert present is None or present.presence is Presence.SIGNED_OUT


def test_the_softphone_token_is_for_the_asking_agent_alone(staffed):
    browser = opened(staffed)
    answer = browser.get("/api/v1/softphone").json
    assert answer["kind"] == "simulator"
    assert answer["base"] == staffed.switchboard.simulator_origin
    assert answer["expires_s"] > 60
    body = json.loads(_decoded(answer["token"].split(".")[1]))
    assert body["grants"]["identity"] == "a1001"


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_markup_in_a_name_reaches_the_page_as_text(house):
    evil = "<img src=x onerror=alert(1)>"
    house.agent("a1009", shown=evil)
    browser = house.client("a1009")
    assert browser.asks("/api/v1/desk/open").json["agent"]["name"] == evil
    assert evil not in browser.get("/agent").text


def test_a_standing_that_does_not_exist_is_refused_and_the_wrap_up_goes_on(staffed):
    browser, offer = talking(staffed)
    assert browser.asks(f"/api/v1/offers/{offer}/end").status_code == 200
    answer = browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved", "standing": "perfect"})
    assert (answer.status_code, answer.json["error"]) == (422, "unknown_status")
    view = browser.get("/api/v1/desk").json
    assert view["presence"] == "wrap_up"
    assert view["wrap_up"]["standings"] == {
        "solved": "solved",
        "pending": "pending",
        "passed_on": "open",
        "no_result": "open",
    }
    done = browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved", "standing": "closed"})
    assert done.status_code == 200


def test_who_talked_to_a_caller_before_is_named_as_people_know_them(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"})
    staffed.records()
    staffed.phones("+8613800138021").presses("1211#2")
    [earlier] = browser.get("/api/v1/desk").json["matter"]["earlier"]
    assert earlier["agent"] == "Agent 1001"
