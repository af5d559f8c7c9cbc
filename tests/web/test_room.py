"""The supervisor's room: what it shows of callers, talks and agents, and what may be done there, on the real stores."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ivr.core.agents import LostSight, Presence
from ivr.core.callback_enrol import enrolled
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_orders import CallbackPromised
from ivr.core.callback_rules import CallbackState, Callee, Promise
from ivr.core.ids import E164, Language, TopicId
from ivr.core.message_orders import MessagePromised
from ivr.core.people import Role
from ivr.core.session import State
from ivr.storage.sql.engine import reading
from ivr.storage.sql.rollup_tables import rollup_dirty
from ivr.web.room_doors import visitor_identity, visitor_of
from ivr.workflows import watch_room
from tests.web.house import HOTLINE, House
from tests.web.test_desk import opened, ready, talking

CALL = "/api/v1/room/calls"


def room_of(house: House) -> Any:
    house.switchboard.room.figures.forget()
    return house.client("lead").get("/api/v1/room").json


def does(house: House, path: str, body: dict[str, Any] | None = None, *, who: str = "lead") -> tuple[bool, str]:
    answer = house.client(who).asks(f"/api/v1/room/{path}", body)
    assert answer.status_code == 200, answer.text
    return answer.json["done"], answer.json["answer"]


def audited(house: House) -> list[tuple[str, str]]:
    return [(row.what, row.object) for row in reversed(house.switchboard.people.audit_rows()) if row.who == "lead"]


def session_of(house: House, caller: Any) -> Any:
    return house.switchboard.sessions.find(caller.call)


def test_the_room_shows_who_waits_in_which_order_and_what_stands_in_the_way(staffed):
    staffed.agent("a1002", skills={"transfers": 5}, languages={"en": 5}, shown="Agent 1002")
    opened(staffed), opened(staffed, "a1002")
    first = staffed.phones("+8613800138021").presses("1211#2")
    staffed.phones("+8613800138022").presses("1211#2")
    rows = room_of(staffed)["waiting"]
    assert [(row["position"], row["caller"]) for row in rows] == [(1, "+86 138****21"), (2, "+86 138****22")]
    assert rows[0]["path"] == ["Transfers", "Late or not received"]
    assert rows[0]["language_name"] == "中文"
    assert rows[0]["blocked"] == {"break": 1, "language": 1}
    why = staffed.client("lead").get(f"{CALL}/{first.call}/why").json["reasons"]
    assert [(one["name"], one["obstacle"], one["detail"]) for one in why] == [
        ("Agent 1001", "break", "signed_in"),
        ("Agent 1002", "language", "中文"),
    ]


def test_nobody_asks_why_of_a_caller_who_does_not_wait(staffed):
    talking(staffed)
    call = room_of(staffed)["talks"][0]["call"]
    assert staffed.client("lead").get(f"{CALL}/{call}/why").status_code == 409


def test_the_room_shows_talks_with_hold_and_recording(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/hold", {"on": True})
    room = room_of(staffed)
    (row,) = room["talks"]
    assert (row["agent_name"], row["topic_name"], row["caller"]) == ("Agent 1001", "transfers", "+86 138****21")
    assert row["held_at"]
    assert row["recording"] in ("on", "can")
    assert room["waiting"] == []


def test_an_agents_day_stands_beside_the_state(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved"})
    staffed.records()
    room = room_of(staffed)
    desk = room["desks"]["a1001"]
    assert (desk["handled"], desk["missed"]) == (1, 0)
    assert desk["handle_s"] == room["team_handle_s"]
    assert 0 < desk["busy_share"] <= 1


def test_the_last_hour_of_a_queue_is_counted(staffed):
    talking(staffed)
    staffed.records()
    staffed.switchboard.room.recent._kept.clear()
    row = next(row for row in room_of(staffed)["board"]["topics"] if row["id"] == "transfers")
    assert row["recent"]["level_15"] == row["recent"]["level_60"] == {"part": 1, "whole": 1}
    assert row["recent"]["depth"]["peak"] <= 1
    until = row["recent"]["as_of"]
    since = (datetime.fromisoformat(until) - timedelta(minutes=15)).isoformat()
    window = {
        "from": since,
        "to": until,
        "by": "event",
        "topic": "transfers",
        "figure": "service_level_v4",
        "side": "whole",
    }
    assert staffed.client("lead").get(f"/api/v1/calls?{urlencode(window)}").json["count"] == 1
    assert row["open"] is True


def test_who_has_waited_longest_is_shown_however_far_down_the_line(staffed, monkeypatch):
    """The figure of the longest wait is about them."""
    monkeypatch.setattr(watch_room, "MOST", 1)
    longest, _, urgent = (staffed.phones(f"+861380013802{n}").presses("1211#2") for n in range(3))
    assert does(staffed, f"calls/{urgent.call}/raise") == (True, "raised")
    room = room_of(staffed)
    assert [row["call"] for row in room["waiting"]] == [urgent.call, longest.call]
    assert room["waiting_more"] == 1
    assert room["board"]["oldest_at"] == room["waiting"][1]["queued_at"]


def test_a_raised_caller_is_served_before_others(staffed):
    first = staffed.phones("+8613800138021").presses("1211#2")
    second = staffed.phones("+8613800138022").presses("1211#2")
    assert does(staffed, f"calls/{second.call}/raise") == (True, "raised")
    assert [row["call"] for row in room_of(staffed)["waiting"]] == [second.call, first.call]
    assert room_of(staffed)["waiting"][0]["why"] == "raised"
    opened(staffed).asks("/api/v1/desk/ready")
    assert session_of(staffed, second).state is State.OFFERED
    assert does(staffed, f"calls/{second.call}/raise") == (False, "ringing")
    assert audited(staffed) == [("call raised", second.call)] * 2 + [("not done", second.call)]
    assert json.loads(staffed.switchboard.people.audit_rows(1)[0].detail) == {"deed": "call raised", "why": "ringing"}


def test_a_moved_caller_keeps_the_first_queue_time(staffed):
    caller = staffed.phones("+8613800138021").presses("1211#2")
    before = session_of(staffed, caller).queued_at
    assert does(staffed, f"calls/{caller.call}/move", {"topic": "refunds"}) == (True, "moved")
    assert (session_of(staffed, caller).topic, session_of(staffed, caller).queued_at) == ("refunds", before)
    assert does(staffed, f"calls/{caller.call}/move", {"topic": "refunds"}) == (False, "same")
    assert staffed.client("lead").asks(f"{CALL}/{caller.call}/move", {"topic": "moon"}).status_code == 422


def test_a_caller_is_offered_to_the_agent_who_was_named(staffed):
    staffed.agent("a1002", skills={"refunds": 1}, languages={"en": 1}, shown="Agent 1002")
    browser = ready(staffed, "a1002")
    caller = staffed.phones("+8613800138021").presses("1211#2")
    assert session_of(staffed, caller).state is State.QUEUED
    assert does(staffed, f"calls/{caller.call}/offer", {"agent": "a1002"}) == (True, "offered")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]["offer"]
    assert does(staffed, f"calls/{caller.call}/offer", {"agent": "a1001"}) == (False, "ringing")
    browser.asks(f"/api/v1/offers/{offer}/decline")
    assert does(staffed, f"calls/{caller.call}/offer", {"agent": "a1002"}) == (False, "agent_busy")


def test_an_offer_that_is_named_while_another_is_half_made_is_told_that_an_agent_rings(staffed):
    staffed.agent("a1002", skills={"refunds": 1}, languages={"en": 1}, shown="Agent 1002")
    staffed.agent("a1003", skills={"refunds": 1}, languages={"en": 1}, shown="Agent 1003")
    ready(staffed, "a1002"), ready(staffed, "a1003")
    caller = staffed.phones("+8613800138021").presses("1211#2")
    claim = staffed.switchboard.match.matcher.directed(caller.call, "a1002")
    assert session_of(staffed, caller).state is State.QUEUED
    assert does(staffed, f"calls/{caller.call}/offer", {"agent": "a1003"}) == (False, "ringing")
    staffed.switchboard.match.offer(claim)
    assert session_of(staffed, caller).agent == "a1002"


def test_a_caller_is_asked_about_a_callback_and_decides_alone(staffed):
    caller = staffed.phones("+8613800138021").presses("1211#2")
    assert does(staffed, f"calls/{caller.call}/call-back") == (True, "asked")
    session = session_of(staffed, caller)
    assert (session.state, session.demand is not None) == (State.MENU, True)
    assert room_of(staffed)["promises"] == []
    hidden = staffed.phones("anonymous").presses("1211#2")
    assert does(staffed, f"calls/{hidden.call}/call-back") == (False, "no_number")


def test_a_call_that_is_ended_or_gone_is_told_so(staffed):
    caller = staffed.phones("+8613800138021").presses("1211#2")
    assert does(staffed, f"calls/{caller.call}/end") == (True, "ended")
    assert does(staffed, f"calls/{caller.call}/end") == (False, "gone")
    assert does(staffed, f"calls/{caller.call}/raise") == (False, "gone")
    assert does(staffed, "calls/CAnobody/offer", {"agent": "a1001"}) == (False, "gone")


def test_a_supervisor_ends_a_talk(staffed):
    browser, _ = talking(staffed)
    call = room_of(staffed)["talks"][0]["call"]
    assert does(staffed, f"calls/{call}/end") == (True, "ended")
    assert browser.get("/api/v1/desk").json["presence"] == "wrap_up"


def test_the_story_of_a_call_says_what_a_supervisor_did(staffed):
    talking(staffed)
    talk = room_of(staffed)["talks"][0]["call"]
    moved = staffed.phones("+8613800138022").presses("1211#2")
    for deed, body in (("raise", {}), ("move", {"topic": "refunds"}), ("end", {})):
        assert does(staffed, f"calls/{moved.call}/{deed}", body)[0], deed
    assert does(staffed, f"calls/{talk}/end")[0]
    staffed.records()
    told = [staffed.client("lead").get(f"/supervisor/calls/{call}?lang=en").text for call in (moved.call, talk)]
    for words in ("Moved up by a supervisor.", ": moved to another queue by a supervisor.", ": ended by a supervisor."):
        assert words in told[0], words
    assert "· ended by a supervisor" in told[1]


def test_an_agents_state_is_set_at_once_and_after_a_call(staffed):
    browser = opened(staffed)
    assert does(staffed, "agents/a1001/state", {"state": "available"}) == (True, "state_set")
    staffed.switchboard.presences.change("a1001", LostSight(at=staffed.now))
    assert does(staffed, "agents/a1001/state", {"state": "available"}) == (False, "away"), "an empty chair"
    assert staffed.switchboard.presences.find("a1001").presence is Presence.AWAY
    assert does(staffed, "agents/a1001/state", {"state": "break", "reason": "training"}) == (True, "state_set")
    assert browser.get("/api/v1/desk").json["reason"] == "training"
    browser, _ = talking(staffed)
    assert does(staffed, "agents/a1001/state", {"state": "break", "reason": "lunch"}) == (True, "after_call")
    assert browser.get("/api/v1/desk").json["wanted"] == "break"
    assert staffed.client("lead").asks("/api/v1/room/agents/a1001/state", {"state": "asleep"}).status_code == 422
    staffed.agent("a1002")
    assert does(staffed, "agents/a1002/state", {"state": "available"}) == (False, "signed_out")


def test_an_agents_state_has_two_addresses_and_one_rule(staffed):
    """The room's and the API's: the same row of the audit, the same refusals, for the same people."""
    opened(staffed)
    staffed.agent("a1002", shown="Not here")
    doors = {"state": "/api/v1/room/agents/{}/state", "presence": "/api/v1/agents/{}/presence"}
    people = {who: staffed.client(who) for who in ("lead", "root", "a1001", "")}

    def tried(name: str, who: str, agent: str, state: str, reason: str = "") -> tuple[Any, ...]:
        audit = staffed.switchboard.people.audit_rows
        before = len(audit(200))
        answer = people[who].asks(doors[name].format(agent), {name: state, "reason": reason})
        rows = [
            (row.who, row.what, row.object, json.loads(row.detail)) for row in audit(200)[: len(audit(200)) - before]
        ]
        present = staffed.switchboard.presences.find(agent)
        return answer.status_code, answer.json.get("error"), rows, present.presence if present else None

    for state, reason in (("available", ""), ("break", "lunch")):
        came = []
        for name in doors:
            does(staffed, "agents/a1001/state", {"state": "break", "reason": "rest"})
            came.append(tried(name, "lead", "a1001", state, reason))
        detail = {"before": "break", "state": state, "reason": reason}
        assert came[0] == came[1] == (200, None, [("lead", "agent set", "a1001", detail)], Presence(state))
    for agent, state, reason in (("nobody", "break", ""), ("a1001", "on_call", ""), ("a1001", "break", "golf")):
        room, programs = (tried(name, "lead", agent, state, reason) for name in doors)
        assert room == programs, (agent, state, reason)
        assert room[:3] == (404 if agent == "nobody" else 422, room[1], []), room
    away = [tried(name, "lead", "a1002", "break") for name in doors]
    assert away[0][2] == away[1][2] != [], "what comes too late stands in the audit"
    assert (away[0][0], away[1][:2]) == (200, (409, "agent_away")), "the room answers in words, the API refuses"
    for who, code in (("root", 403), ("a1001", 403), ("", 401)):
        room, programs = (tried(name, who, "a1001", "available") for name in doors)
        assert room == programs == (code, room[1], [], Presence.BREAK), who


def test_an_agent_who_was_disabled_in_a_call_is_signed_out_after_it_whatever_is_pressed(staffed):
    talking(staffed)
    staffed.switchboard.rules.keep.people.disable_agent("a1001", off=True, who="root")
    assert does(staffed, "agents/a1001/state", {"state": "available"}) == (False, "signed_out")
    assert staffed.switchboard.presences.find("a1001").wanted is Presence.SIGNED_OUT


def test_an_agent_who_is_signed_out_is_off_the_line(staffed):
    ready(staffed)
    assert does(staffed, "agents/a1001/state", {"state": "signed_out"}) == (True, "state_set")
    assert staffed.switchboard.presences.find("a1001").presence is Presence.SIGNED_OUT
    assert ("agent set", "a1001") in audited(staffed)


def test_a_note_stands_on_the_desk_until_it_is_read(staffed):
    browser = opened(staffed)
    assert does(staffed, "agents/a1001/note", {"text": "Please help with refunds"}) == (True, "told")
    note = browser.get("/api/v1/desk").json["note"]
    assert (note["text"], note["who"]) == ("Please help with refunds", "lead")
    staffed.account("boss", Role.SUPERVISOR)
    assert does(staffed, "agents/a1001/note", {"text": "Lunch at one"}, who="boss") == (True, "told")
    assert browser.get("/api/v1/desk").json["note"] == note, "it is not read yet"
    second = browser.asks(f"/api/v1/room/notes/{note['id']}/read").json["note"]
    assert (second["text"], second["who"]) == ("Lunch at one", "boss")
    assert browser.asks(f"/api/v1/room/notes/{note['id']}/read").json["note"] == second, "pressed twice, read once"
    assert browser.asks(f"/api/v1/room/notes/{second['id']}/read").json["note"] is None
    assert staffed.client("lead").asks("/api/v1/room/agents/a1001/note", {"text": " "}).status_code == 422


def test_a_wrap_up_is_ended_for_the_agent_once(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    since = room_of(staffed)["board"]["agents"][0]["since"]
    before = {"seen": "2026-11-02T09:00:00.000Z"}
    assert does(staffed, "agents/a1001/wrapped-up", before) == (False, "changed"), "the wrap-up of another call"
    assert does(staffed, "agents/a1001/wrapped-up", {"seen": since}) == (True, "wrapped_up")
    assert browser.get("/api/v1/desk").json["presence"] == "available"
    assert does(staffed, "agents/a1001/wrapped-up") == (False, "no_wrap_up")


def test_who_only_asked_for_a_supervisors_line_is_no_agent():
    assert visitor_of(f"client:{visitor_identity('lead@x.org')}") == "lead@x.org"
    assert visitor_of("client:a1001") is None
    assert visitor_of("client:visitor_zz") is None


def test_a_supervisor_is_admitted_to_a_talk_whose_caller_was_told(staffed):
    browser, _ = talking(staffed)
    row = room_of(staffed)["talks"][0]
    assert row["visit_refused"] == ""
    answer = staffed.client("lead").asks(f"{CALL}/{row['call']}/visit", {"mode": "whisper"}).json
    assert (answer["done"], answer["line"].partition(".")[2]) == (True, row["call"])
    assert browser.get("/api/v1/desk").json["call"]["visitor"] == {"name": "lead", "mode": "whisper"}
    assert staffed.client("root").asks(f"{CALL}/{row['call']}/visit").status_code == 403
    assert does(staffed, f"calls/{row['call']}/visit-mode", {"mode": "join"}) == (True, "mode_set")
    staffed.account("boss", Role.SUPERVISOR)
    assert does(staffed, f"calls/{row['call']}/visit", who="boss") == (False, "seat_taken")
    assert [one.what for one in staffed.switchboard.people.audit_rows() if one.who == "boss"] == ["not done"], (
        "who heard nothing does not stand among those who listened"
    )
    assert does(staffed, f"calls/{row['call']}/visit-leave") == (True, "left")
    assert browser.get("/api/v1/desk").json["call"]["visitor"] is None
    whats = [what for what, _ in audited(staffed)]
    assert whats == ["talk: whisper", "talk: join"], "the end is the dispatcher's to write: stories.test_visits"


def test_limits_are_kept_per_queue_and_checked(staffed):
    limits = staffed.switchboard.room.doors.limits
    limits("refunds", {"waiting": (1, 2)}, target=90, who="lead")
    row = next(row for row in room_of(staffed)["board"]["topics"] if row["id"] == "refunds")
    assert (row["waiting_limits"], row["target_percent"], row["level_limits"]) == ([1, 2], 90, [85, 75])
    assert row["longest_limits_s"] == [60, 120]
    assert timedelta(seconds=row["late_limits_s"][0]) == timedelta(minutes=5)


def promised(house: House, *, minutes: int = 60) -> str:
    """An open promise of a callback, due in so many minutes. Its id."""
    now = house.now
    promise = Promise(
        id="c0ffee",
        hotline="wallet",
        topic=TopicId("transfers"),
        callee=Callee(number=E164("+8613800138077"), country="CN", zones=("Asia/Shanghai",)),
        dialled=HOTLINE,
        call=None,
        language=Language("zh"),
        path=("transfers", "late"),
        priority=30,
        queued_at=now,
        requested_at=now,
        due_at=now + timedelta(minutes=minutes),
        expires_at=now + timedelta(hours=24),
        window=None,
        code="4817",
    )
    house.switchboard.ledger.commit([CallbackPromised(id=promise.id, at=now, hotline="wallet", promise=promise)])
    return promise.id


def closes(house: House, reason: str, *, who: str = "lead", **more: Any) -> Any:
    return house.client(who).asks("/api/v1/callbacks/c0ffee/close", {"reason": reason}, **more)


def test_an_open_callback_is_listed_assigned_put_off_and_closed(staffed):
    one = f"callbacks/{promised(staffed)}"
    (row,) = room_of(staffed)["promises"]
    assert (row["caller"], row["state"], row["owner"], row["has_code"]) == ("+86 138****77", "requested", "", True)
    assert row["zone"] == "Asia/Shanghai"
    assert does(staffed, f"{one}/assign", {"owner": "a1001"}) == (True, "assigned_away")
    opened(staffed)
    assert does(staffed, f"{one}/assign", {"owner": "a1001"}) == (True, "assigned")
    assert room_of(staffed)["promises"][0]["owner"] == "a1001"
    assert staffed.client("lead").asks(f"/api/v1/room/{one}/assign", {"owner": "nobody"}).status_code == 422
    noon = staffed.now.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    night = noon.replace(hour=3, minute=0, tzinfo=None).isoformat(timespec="minutes")
    assert does(staffed, f"{one}/reschedule", {"at": night})[0] is False
    later = noon.replace(hour=12, minute=0, tzinfo=None).isoformat(timespec="minutes")
    assert does(staffed, f"{one}/reschedule", {"at": later}) == (True, "put_off_untold"), "it takes no texts"
    assert room_of(staffed)["promises"][0]["promised_to"] is None
    assert does(staffed, f"{one}/reschedule", {"at": later}) == (False, "same"), "nobody is told the same twice"
    assert staffed.client("lead").asks(f"/api/v1/room/{one}/reschedule", {"at": "soon"}).status_code == 422
    assert closes(staffed, " ").status_code == 422
    assert closes(staffed, "answered by e-mail").status_code == 200
    assert closes(staffed, "twice").json["error"] == "callback_gone"
    assert does(staffed, f"{one}/dial-now") == (False, "gone")
    assert room_of(staffed)["promises"] == []
    assert ("callback closed", "c0ffee") in audited(staffed)


def test_a_callback_is_hastened_only_at_an_hour_that_fits(staffed):
    one = promised(staffed)
    came = does(staffed, f"callbacks/{one}/dial-now")
    hour = staffed.now.astimezone(ZoneInfo("Asia/Shanghai")).hour
    assert came == ((True, "hastened") if 8 <= hour < 21 else (False, "not_at_this_hour"))
    due = staffed.switchboard.promises.find(one).due_at
    assert (due <= staffed.now) is came[0]


def test_each_action_stands_in_the_audit_once_and_is_for_supervisors(staffed):
    """Every address of the room that changes something, in an order in which each finds what it is about."""
    talking(staffed)
    talk = room_of(staffed)["talks"][0]["call"]
    caller = staffed.phones("+8613800138022").presses("1211#2").call
    promise = promised(staffed)
    noon = (staffed.now.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).replace(hour=12, minute=0)
    at = noon.replace(tzinfo=None).isoformat(timespec="minutes")
    table: list[tuple[str, str, dict[str, Any], str]] = [
        ("calls/<call>/raise", caller, {}, "call raised"),
        ("calls/<call>/move", caller, {"topic": "refunds"}, "call moved"),
        ("calls/<call>/offer", caller, {"agent": "a1001"}, "call offered"),
        ("calls/<call>/call-back", caller, {}, "callback offered"),
        ("calls/<call>/visit", talk, {"mode": "listen"}, "talk: listen"),
        ("calls/<call>/visit-mode", talk, {"mode": "join"}, "talk: join"),
        ("calls/<call>/visit-leave", talk, {}, ""),
        ("agents/<agent>/note", "a1001", {"text": "Please help"}, "agent told"),
        ("agents/<agent>/state", "a1001", {"state": "break", "reason": "lunch"}, "agent set"),
        ("calls/<call>/end", talk, {}, "call ended"),
        ("agents/<agent>/wrapped-up", "a1001", {}, "wrap-up ended"),
        ("callbacks/<callback>/assign", promise, {"owner": "a1001"}, "callback assigned"),
        ("callbacks/<callback>/reschedule", promise, {"at": at}, "callback put off"),
        ("callbacks/<callback>/move", promise, {"topic": "refunds"}, "callback moved"),
        ("callbacks/<callback>/dial-now", promise, {}, "callback hastened"),
        ("messages/<message>/assign", "m1", {"owner": "a1001"}, "message assigned"),
    ]
    rules = {
        rule.rule.removeprefix("/api/v1/room/")
        for rule in staffed.app.url_map.iter_rules()
        if "POST" in rule.methods and rule.rule.startswith("/api/v1/room/")
    }
    assert {path for path, *_ in table} == rules - {"notes/<note>/read"}
    lead, audit = staffed.client("lead"), staffed.switchboard.people.audit_rows
    others = {"a1001": staffed.client("a1001"), "root": staffed.client("root"), "": staffed.client()}
    for path, whom, body, what in table:
        address = f"/api/v1/room/{path.partition('<')[0]}{whom}{path.partition('>')[2]}"
        before = len(audit(200))
        refused = {who: client.asks(address, body).status_code for who, client in others.items()}
        assert (refused["a1001"], refused[""]) == (403, 401), path
        if path.startswith(("calls/", "agents/")):
            assert refused["root"] == 403, "an administrator moves, ends and sets nothing"
            assert len(audit(200)) == before
        before = len(audit(200))
        came = lead.asks(address, body)
        assert came.status_code == 200, path
        new = [(row.who, row.what, row.object) for row in audit(200)[: len(audit(200)) - before]]
        own = [("lead", what, whom)] if what else []  # the end of a visit is the dispatcher's to write
        assert new == [("lead", "not done", whom)] * (not came.json["done"]) + own, path


def test_of_two_who_put_a_callback_off_at_once_one_does(staffed):
    one, noon = promised(staffed), staffed.now + timedelta(days=1)
    stored = staffed.switchboard.promises_of(staffed.switchboard.engine)
    seen = stored.find(one)
    assert stored.put_off(seen, noon) is True
    assert stored.put_off(seen, noon + timedelta(hours=1)) is False, "it was read before the other's press"
    assert stored.find(one).due_at == noon


def test_a_callback_is_moved_with_its_promise_and_of_two_who_move_it_at_once_one_does(staffed):
    staffed.agent("a1002", skills={"refunds": 5}, shown="Agent 1002")
    one, now = promised(staffed, minutes=0), staffed.now
    stored = staffed.switchboard.promises_of(staffed.switchboard.engine)
    tried = stored.start_try(stored.find(one), now)
    tree = staffed.switchboard.menus.by_number(HOTLINE)
    staffed.switchboard.sessions.change(tried.attempt_call, lambda _: enrolled(tried, tree, now))
    stored.enrolled(tried)
    stood = stored.find(one)
    assert [row["call"] for row in room_of(staffed)["waiting"]] == [tried.attempt_call]
    assert staffed.client("lead").asks(f"{CALL}/{tried.attempt_call}/move", {"topic": "moon"}).status_code == 422
    assert does(staffed, f"calls/{tried.attempt_call}/end", {"talk": False}) == (False, "nobody_there")
    assert does(staffed, f"calls/{tried.attempt_call}/move", {"topic": "refunds"}) == (True, "callback_moved")
    kept = stored.find(one)
    assert (kept.topic, kept.queued_at, kept.state) == ("refunds", stood.queued_at, CallbackState.REQUESTED)
    assert room_of(staffed)["waiting"] == [], "it comes back with the next try"
    assert stored.move(stood, TopicId("other")) is False, "it was read before the other's press"
    assert does(staffed, f"callbacks/{one}/move", {"topic": "refunds"}) == (False, "same")
    assert ("callback moved", one) in audited(staffed)
    tried = stored.start_try(kept, now)
    again = staffed.switchboard.sessions.change(tried.attempt_call, lambda _: enrolled(tried, tree, now))
    stored.enrolled(tried)
    opened(staffed, "a1002").asks("/api/v1/desk/ready")
    assert again.step.session.topic == "refunds"
    assert session_of(staffed, again.step.session).state is State.OFFERED
    assert does(staffed, f"callbacks/{one}/move", {"topic": "other"}) == (False, "ringing")
    assert stored.begin_dial(one, 2, now) == "go"
    assert does(staffed, f"callbacks/{one}/move", {"topic": "other"}) == (False, "on_the_line")


def test_who_acts_on_a_page_that_is_old_undoes_nothing_and_is_told_so(staffed):
    """What another supervisor has changed since, and what has become something else, stays as it is."""
    staffed.agent("a1002", shown="Agent 1002")
    caller = staffed.phones("+8613800138021").presses("1211#2")
    move = f"calls/{caller.call}/move"
    assert does(staffed, move, {"topic": "refunds", "seen": "transfers"}) == (True, "moved")
    assert does(staffed, move, {"topic": "other", "seen": "transfers"}) == (False, "changed")
    assert does(staffed, f"calls/{caller.call}/end", {"talk": True}) == (False, "talk_over")
    assert does(staffed, f"calls/{caller.call}/call-back") == (True, "asked")
    assert does(staffed, f"calls/{caller.call}/raise") == (False, "being_asked")
    caller.hangs_up()
    assert does(staffed, f"calls/{caller.call}/raise") == (False, "gone")
    talking(staffed)
    talk = room_of(staffed)["talks"][0]["call"]
    assert does(staffed, f"calls/{talk}/end", {"talk": False}) == (False, "answered")
    assert [row["call"] for row in room_of(staffed)["talks"]] == [talk], "whom nobody saw talking is not cut off"
    one = f"callbacks/{promised(staffed)}"
    before = room_of(staffed)["promises"][0]
    assert does(staffed, f"{one}/assign", {"owner": "a1001", "seen": ""}) == (True, "assigned")
    assert does(staffed, f"{one}/assign", {"owner": "a1002", "seen": ""}) == (False, "changed")
    noon = (staffed.now.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).replace(
        hour=12, minute=0, tzinfo=None
    )
    first, second = (moment.isoformat(timespec="minutes") for moment in (noon, noon + timedelta(hours=1)))
    seen = before["due_at"]
    assert does(staffed, f"{one}/reschedule", {"at": first, "seen": seen}) == (True, "put_off_untold")
    assert does(staffed, f"{one}/reschedule", {"at": second, "seen": seen}) == (False, "changed")
    assert room_of(staffed)["promises"][0]["due_at"] != seen
    assert does(staffed, f"{one}/move", {"topic": "refunds", "seen": "transfers"})[0] is True
    assert does(staffed, f"{one}/move", {"topic": "other", "seen": "transfers"}) == (False, "changed")
    left = MessagePromised(
        id="m1", at=staffed.now, hotline="wallet", call=caller.call, topic=TopicId("refunds"), language=Language("zh"),
        recording="RE1", duration_s=9, due_at=staffed.now + timedelta(hours=4),
    )  # fmt: skip
    staffed.switchboard.after.messages.keep(left)
    assert does(staffed, "messages/m1/assign", {"owner": "a1001", "seen": ""}) == (True, "assigned")
    assert does(staffed, "messages/m1/assign", {"owner": "a1002", "seen": ""}) == (False, "changed")
    assert room_of(staffed)["messages"][0]["owner"] == "a1001"


def marks(house: House) -> int:
    with reading(house.switchboard.engine) as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(rollup_dirty)) or 0)


def test_a_callback_that_is_dialled_between_look_and_act_is_not_closed(staffed):
    one, now = promised(staffed, minutes=0), staffed.now
    stored = staffed.switchboard.promises_of(staffed.switchboard.engine)
    seen = stored.find(one)
    started = stored.start_try(seen, now)
    marked = marks(staffed)
    assert stored.close_waiting(seen, CallbackResult.CANCELLED, "too late", now) is False, "it stands in line by now"
    assert marks(staffed) == marked, "what did not change is not counted anew"
    stored.enrolled(started)
    assert stored.begin_dial(one, 1, now) == "go"
    assert closes(staffed, "answered by e-mail").json["error"] == "callback_on_the_line"
    assert stored.find(one).state is CallbackState.DIALLING
