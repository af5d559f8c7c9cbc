"""Alerts from a caller who waits to the mail that says so: raised once, taken by somebody, judged afterwards."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from ivr.core.alert_rules import Way
from ivr.core.alerts import Raised, Tell
from ivr.core.ids import AgentId
from ivr.core.outgoing import Endpoint, Outgoing
from ivr.core.room import LIMITS
from ivr.outside.allowed import AllowList
from ivr.outside.mail import SendMail
from ivr.outside.webhook import PostWebhook
from ivr.workflows.send_outgoing import NotSent
from ivr.workflows.watch_alerts import WatchAlerts
from tests.audit import assert_sound
from tests.systems import House as System
from tests.systems import open_house
from tests.web.house import Caller, House
from tests.web.test_room import promised

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """Takes one mail after another, as a mail server does."""
    taken: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line, line.makefile("rwb", buffering=0) as wire:
                wire.write(b"220 here\r\n")
                while command := wire.readline():
                    word = command[:4].upper()
                    if word == b"DATA":
                        wire.write(b"354 go on\r\n")
                        lines = iter(wire.readline, b".\r\n")
                        taken.append(b"".join(lines).decode())
                    wire.write(b"221 bye\r\n" if word == b"QUIT" else b"250 good\r\n")
                    if word == b"QUIT":
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], taken
    listener.close()


class Clockwork:
    """Looks at the house's own board, as often as it is told to, on a clock of its own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ahead = timedelta()
        made = house.switchboard.rules.watch_alerts
        self.watch: WatchAlerts = replace(made, read=self._read)
        self._real = made.read

    def _read(self):
        at, readings = self._real()
        return at + self.ahead, readings

    def looks(self, seconds: int) -> list[object]:
        news: list[object] = []
        for _ in range(seconds // 5 + 1):
            news += self.watch()
            self.ahead += timedelta(seconds=5)
        return news


@dataclass
class Later:
    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def system() -> Iterator[System]:
    with open_house() as opened:
        yield opened


def rush(house: House, callers: int = 6) -> list[Caller]:
    """Somebody is signed in for every desk, also for the one that opens at nine."""
    if house.switchboard.people_roster.find(AgentId("a1009")) is None:
        house.agent("a1009", skills={"complaints": 1})
    for agent in ("a1001", "a1009"):
        house.switchboard.desk.open(agent)
    return [house.phones(f"+861380013802{number}").presses("1411#2") for number in range(callers)]


def test_a_rush_is_told_once_by_mail_and_webhook_and_taken_by_somebody(staffed, system):
    rules, root = staffed.switchboard.rules, staffed.client("root")
    lead = staffed.client("lead")
    form = {"way": "mail", "address": "night@example.org"}
    assert lead.post("/admin/alerts/recipient", data=form | {"csrf": lead.token()}).status_code == 403
    assert root.post("/admin/alerts/recipient", data=form | {"csrf": root.token()}).status_code == 303
    rules.endpoints.add(
        Endpoint(
            id="crm",
            url=system.url("good"),
            events=frozenset({"alert.raised", "alert.cleared"}),
            created_at=staffed.now,
            created_by="root",
        ),
        SECRET,
    )
    callers = rush(staffed)
    clock = Clockwork(staffed)
    news = clock.looks(60)
    told = [one for one in news if isinstance(one, Tell)]
    assert [(one.rule.id, one.subject) for one in told] == [("waiting-red", "refunds")]
    assert {one.rule.id for one in news if isinstance(one, Raised)} == {
        "waiting-amber",
        "waiting-red",
        "unserved-amber",
    }

    with mail_server() as (port, mails):
        rules.mail = SendMail(host="127.0.0.1", port=port, sender="hotline@example.org", tls="none")
        rules.webhook = PostWebhook(allowed=AllowList.parse(system.entry))
        send = replace(rules.send_outgoing, clock=Later(staffed.now + timedelta(minutes=2)))
        assert (send(), send()) == (2, 0)
    assert "To: night@example.org" in mails[0]
    assert "callers waiting 6 (threshold 6)" in mails[0]
    [asked] = system.asked
    head = {name.lower(): value for name, value in asked["headers"].items()}
    body = json.loads(asked["body"])
    assert (body["type"], body["data"]["subject"], body["data"]["value"]) == ("alert.raised", "refunds", 6)
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.{asked['body']}".encode()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{right}"

    red = next(one for one in rules.book.standing() if one.rule == "waiting-red")
    board = lead.get("/api/v1/board").json
    assert [(one["figure"], one["level"]) for one in board["alerts"]].count(("waiting", "red")) == 1
    note = {"note": "two more are coming", "csrf": lead.token()}
    assert lead.post(f"/supervisor/alerts/{red.id}/acknowledge", data=note).status_code == 303
    assert root.post(f"/supervisor/alerts/{red.id}/acknowledge", data={"csrf": root.token()}).status_code == 409
    assert "two more are coming" in root.get("/supervisor/alerts").text
    assert (
        lead.post(f"/supervisor/alerts/{red.id}/judge", data={"useful": "yes", "csrf": lead.token()}).status_code == 303
    )
    assert (rules.book.worth()["waiting-red"].useful, rules.book.worth()["waiting-red"].judged) == (1, 1)

    for caller in callers:
        caller.hangs_up()
    clock.ahead = timedelta(seconds=70)
    clock.looks(35)
    assert rules.book.standing() == []
    assert rules.outgoing.newest(target="crm")[0].event == "alert.cleared"
    audit = [(row.who, row.what) for row in staffed.switchboard.people.audit_rows()]
    assert ("lead", "alert acknowledged") in audit
    assert ("root", "alert recipient added") in audit


def test_another_process_goes_on_from_what_stands_and_tells_nothing_twice(staffed):
    rules = staffed.switchboard.rules
    rush(staffed)
    first = Clockwork(staffed)
    assert first.looks(60)
    other = Clockwork(staffed)
    lease = replace(rules.watch_alerts.lease, holder="another")
    other.watch = replace(other.watch, lease=lease)
    assert other.looks(0) == []  # the first one holds the lease
    staffed.switchboard.link.run(lambda connection: connection.flushdb())
    rush(staffed)
    other.ahead = first.ahead
    assert [one for one in other.looks(65) if isinstance(one, Raised | Tell)] == []
    assert len({one.rule for one in rules.book.standing()}) == len(rules.book.standing()) == 3


def test_what_is_not_taken_is_tried_again_with_the_same_id_and_given_up_in_the_end(staffed, system):
    rules = staffed.switchboard.rules
    rules.webhook = PostWebhook(allowed=AllowList.parse(system.entry))
    endpoint = Endpoint(
        id="crm",
        url=system.url("broken"),
        events=frozenset({"alert.raised"}),
        created_at=staffed.now,
        created_by="root",
    )
    rules.endpoints.add(endpoint, SECRET)
    rush(staffed)
    Clockwork(staffed).looks(60)
    clock = Later(staffed.now + timedelta(minutes=5))
    send = replace(rules.send_outgoing, clock=clock)
    tries = 0
    for _ in range(20):
        tries += send()
        [row] = rules.outgoing.newest(target="crm")
        if row.next_at is None:
            break
        clock.at = row.next_at
    assert tries == 11
    assert row.given_up_at is not None
    assert timedelta(days=3) < row.given_up_at - row.created_at < timedelta(days=4)
    assert "HTTP 500" in row.answer
    assert len({asked["headers"]["webhook-id"] for asked in system.asked}) == 1
    rules.endpoints.remove("crm", who="root", at=staffed.now)


def test_neither_a_dead_receiver_nor_an_unknown_fault_keeps_the_others_waiting(staffed):
    rules, now = staffed.switchboard.rules, staffed.now

    def row(name: str, way: Way, target: str, *, ago: float) -> Outgoing:
        return Outgoing(
            id=name, way=way, target=target, message=name, event="", body="{}", created_at=now,
            next_at=now - timedelta(seconds=ago),
        )  # fmt: skip

    dead = [row(f"dead{number}", Way.WEBHOOK, "dead", ago=60 + number) for number in range(20)]
    good = [row(f"good{number}", Way.WEBHOOK, "good", ago=number) for number in range(2)]
    rules.outgoing.add([*dead, *good, row("broken", Way.MAIL, "a", ago=2), row("mail", Way.MAIL, "b", ago=1)])
    tried: list[str] = []

    def sends(one: Outgoing) -> str:
        tried.append(one.id)
        if one.target == "dead":
            raise NotSent("ConnectTimeoutError")
        return {"a": {}}.get(one.target, {"taken": "taken"})["taken"]

    send = replace(rules.send_outgoing, senders=dict.fromkeys(Way, sends), clock=Later(now))
    assert send() == len(tried) == 5
    assert tried == ["broken", "mail", "dead19", "good1", "good0"], "people first, and who is down is asked once"
    bad = rules.outgoing.find("broken")
    assert (bad.answer, bad.next_at) == ("KeyError", now + timedelta(seconds=5)), "and it is given up as any other"
    assert (send(), tried[5:]) == (1, ["dead18"])


def test_a_rule_that_makes_no_sense_is_refused(staffed):
    lead = staffed.client("lead")
    whole = {"id": "waiting-red", "threshold": "8", "lasts": "60", "clears": "30", "on": "1"}
    for form, refused in (
        ({"threshold": "x"}, "rule_threshold"),
        ({"threshold": "nan"}, "rule_threshold"),
        ({"threshold": "-1"}, "rule_threshold"),
        ({"lasts": "4000"}, "rule_lasts"),
        ({"quiet_start": "22:00"}, "rule_quiet"),
        ({"ways": "sms"}, "rule_sms"),
        ({"id": "no-such"}, "rule_unknown"),
    ):
        answer = lead.post("/admin/alerts/rule", data=whole | form | {"csrf": lead.token()})
        assert answer.status_code in (404, 422), refused
    assert staffed.switchboard.rules.book.rules() == []


def test_board_and_alerts_go_by_the_limits_of_the_queue_and_late_callbacks_count_in_minutes(staffed):
    """One promise is 8 minutes late: amber at five, and red only where a queue's own limit says so."""
    lead, house = staffed.client("lead"), staffed.switchboard
    promised(staffed, minutes=-23)  # no time was named: a quarter of an hour is nobody's fault

    def raised() -> dict[str, float]:
        news = [one for one in Clockwork(staffed).looks(0) if isinstance(one, Raised)]
        return {one.rule.id: one.limit for one in news if one.subject == "transfers"}

    assert raised() == {"callbacks_late-amber": 300}
    form = {f"{name}_amber": str(amber) for name, (amber, _) in LIMITS.items()}
    form |= {f"{name}_red": str(red) for name, (_, red) in LIMITS.items()}
    form |= {"late_min_amber": "2", "late_min_red": "7", "target": "80", "csrf": lead.token()}
    assert lead.post("/supervisor/thresholds/transfers", data=form).status_code == 303
    assert raised() == {"callbacks_late-red": 420}
    row = next(one for one in lead.get("/api/v1/board").json["topics"] if one["id"] == "transfers")
    assert (row["late_limits_s"], row["limits_set"]) == ([120, 420], True)
    late = house.clock.now() - datetime.fromisoformat(row["late_since"])
    assert timedelta(minutes=8) <= late < timedelta(minutes=9)


def test_a_text_message_about_a_queue_is_for_the_urgent_one(staffed):
    lead = staffed.client("lead")
    rule = {
        "figure": "unstaffed",
        "level": "red",
        "threshold": "1",
        "lasts": "60",
        "clears": "30",
        "on": "1",
        "ways": "sms",
    }
    for subject, status in (("account_security", 303), ("refunds", 422), ("", 422)):
        answer = lead.post("/admin/alerts/rule", data=rule | {"subject": subject, "csrf": lead.token()})
        assert answer.status_code == status, subject
    rules = staffed.switchboard.rules
    rules.alert_room.add_recipient("sms", "+8613800138099", who="root")
    Clockwork(staffed).looks(60)  # nobody is signed in
    told = {json.loads(row.body)["text"].splitlines()[1] for row in rules.outgoing.newest() if row.way is Way.SMS}
    assert len(told) == 1
    assert "open and nobody signed in" in told.pop()


def test_a_changed_threshold_counts_from_the_next_look_and_stands_in_the_audit(staffed):
    lead = staffed.client("lead")
    form = {"id": "waiting-red", "threshold": "8", "lasts": "60", "clears": "30", "on": "1", "ways": "mail"}
    assert lead.post("/admin/alerts/rule", data=form | {"csrf": lead.token()}).status_code == 303
    rush(staffed)
    news = Clockwork(staffed).looks(60)
    assert {one.rule.id for one in news if isinstance(one, Raised)} == {"waiting-amber", "unserved-amber"}
    row = staffed.switchboard.people.audit_rows(1)[0]
    detail = json.loads(row.detail)
    assert (row.who, row.what, row.object) == ("lead", "alert rule changed", "waiting-red")
    assert (detail["before"]["threshold"], detail["after"]["threshold"]) == (6, 8)
    assert lead.post("/admin/alerts/drop", data={"id": "waiting-red", "csrf": lead.token()}).status_code == 303
    assert staffed.switchboard.rules.book.rules() == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_supervisor_sees_an_alert_come_and_takes_it(staffed, visit, language, screenshots):
    page = visit("lead", "/supervisor/alerts", language=language)
    expect(page.locator("#standing .empty")).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    rush(staffed)
    Clockwork(staffed).looks(60)
    expect(page.locator("#standing li.red")).to_have_count(1)  # by itself
    assert_sound(page, "alerts stand")
    screenshots.take(page, f"alerts-{language}.png", full_page=True)
    page.locator("#standing li.red input[name=note]").fill("two more are coming")
    page.locator("#standing li.red button").click()
    expect(page.locator("#standing li.red")).to_contain_text("two more are coming")
    page.goto(f"{staffed.origin}/supervisor")
    expect(page.locator("#alert-strip a.taken.red")).to_have_count(1)
    screenshots.take(page, f"board-alerts-{language}.png")
    page.goto(f"{staffed.origin}/admin/alerts")
    page.locator("#rule-waiting-red summary").click()
    assert_sound(page, "rules of alerts")
    screenshots.take(page, f"admin-alerts-{language}.png", full_page=True)
