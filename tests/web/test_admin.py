"""Administration by page: what is saved counts for the next call, nobody changes themselves, and everything is in the audit."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from ivr.core.alerts import Raised
from ivr.core.ids import AgentId, TopicId
from ivr.core.menu_rows import ChoiceRow
from ivr.wiring import connect
from tests.audit import assert_sound
from tests.web.house import ROOT, Browser, House

NEW = {"new": "1", "id": "a1010", "name": "Agent 1010", "team": "day", "phone": "browser"}
ABLE = {"skill-refunds": "4", "skill-other": "3", "language-zh": "5"}
WORDS = "seven amber rivers 19"


def sends(browser: Browser, path: str, **form: object):
    return browser.post(path, data={**form, "csrf": browser.token()})


def newest(house: House):
    row = house.switchboard.people.audit_rows(1)[0]
    return row.who, row.what, row.object, json.loads(row.detail)


# ---- agents and accounts -----------------------------------------------------------------------------------------


def test_a_new_agent_is_added_signs_in_by_a_link_and_gets_the_caller_who_waits(staffed):
    began = staffed.now
    root, fresh = staffed.client("root"), staffed.client()
    caller = staffed.phones("+8613800138021").presses("1411#2")
    assert sends(root, "/admin/agents/save", **NEW, **ABLE).status_code == 303
    page = sends(root, "/admin/accounts/add", login="a1010", roles="agent", agent="a1010").text
    link = re.search(r"/password/[\w-]{43}", page)
    assert link is not None
    assert sends(fresh, link[0], password="short").status_code == 422
    assert sends(fresh, link[0], password=WORDS).headers["Location"] == "/login"
    assert sends(fresh, link[0], password="another one 4711").status_code == 404  # once
    assert fresh.sign_in("a1010", WORDS).status_code == 303
    fresh.asks("/api/v1/desk/open")
    fresh.asks("/api/v1/desk/ready")
    offer = fresh.get("/api/v1/desk").json["offer"]["card"]
    assert offer["topic"]
    assert staffed.switchboard.presences.offer(offer["offer"]).call == caller.call
    assert staffed.now - began < timedelta(minutes=1)
    said = [row.what for row in staffed.switchboard.people.audit_rows(4)]
    assert said[::-1][:3] == ["agent added", "account added", "password set by link"]


def test_a_changed_skill_counts_at_once_for_who_is_signed_in_and_the_audit_has_both(staffed):
    lead = staffed.client("lead")
    staffed.switchboard.desk.open("a1001")
    form = {"id": "a1001", "name": "Agent 1001", "phone": "browser", "skill-refunds": "2", "language-zh": "5"}
    assert sends(lead, "/admin/agents/save", **form).status_code == 303
    assert staffed.switchboard.presences.find(AgentId("a1001")).skills == {"refunds": 2}
    who, what, whom, detail = newest(staffed)
    assert (who, what, whom) == ("lead", "agent changed", "a1001")
    assert (detail["before"]["skills"]["refunds"], detail["after"]["skills"]) == (3, {"refunds": 2})


def test_a_team_is_made_named_filled_and_its_agents_compared_with_each_other(staffed):
    lead = staffed.client("lead")
    staffed.agent("a1002", shown="Agent 1002")
    assert sends(lead, "/admin/teams/add", id="night", name="Night team").status_code == 303
    assert sends(lead, "/admin/teams/add", id="night", name="x").status_code == 409
    assert sends(lead, "/admin/teams/add", id="Ä", name="x").status_code == 422
    assert (
        lead.post("/admin/teams/night/members", data={"members": ["a1001", "a1002"], "csrf": lead.token()}).status_code
        == 303
    )
    assert newest(staffed) == ("lead", "team members set", "night", {"before": [], "after": ["a1001", "a1002"]})
    assert sends(lead, "/admin/teams/night/members", members="a1002").status_code == 303
    assert [one.team for one in staffed.switchboard.people.agents()] == ["", "night"]
    assert sends(lead, "/admin/teams/night/rename", name="Late shift").status_code == 303
    assert sends(lead, "/admin/teams/night/remove").status_code == 409
    assert "Late shift" in lead.get("/admin/teams").text
    for agent in ("a1001", "a1002"):
        staffed.switchboard.desk.open(AgentId(agent))
    staffed.records()
    rows = lead.get("/supervisor/reports/agents?team=night&format=json").json["tables"]["time"]["rows"]
    assert [row["agent"] for row in rows] == ["Agent 1002"]


def test_who_is_disabled_is_signed_out_and_gets_nothing_any_more(staffed):
    lead, agent = staffed.client("lead"), staffed.client("a1001")
    agent.asks("/api/v1/desk/open")
    agent.asks("/api/v1/desk/ready")
    assert sends(lead, "/admin/agents/a1001/disable").status_code == 303
    assert agent.get("/api/v1/desk").status_code == 401
    assert staffed.switchboard.presences.find(AgentId("a1001")).presence == "signed_out"
    with pytest.raises(Exception, match="disabled"):
        staffed.switchboard.desk.open("a1001")
    assert sends(lead, "/admin/agents/a1001/enable").status_code == 303
    staffed.switchboard.desk.open("a1001")


def test_an_agent_that_makes_no_sense_is_not_saved(staffed):
    root = staffed.client("root")
    for change, status in (
        ({"id": "a1001"}, 409),
        ({"id": "../x"}, 422),
        ({"name": " "}, 422),
        ({"skill-refunds": "6"}, 422),
        ({"language-zh": "x"}, 422),
        ({"phone": "sip:x y@z"}, 422),
        ({"phone": "12"}, 422),
        ({"team": "a b"}, 422),
    ):
        assert sends(root, "/admin/agents/save", **(NEW | ABLE | change)).status_code == status, change
    assert [one.id for one in staffed.switchboard.people.agents()] == ["a1001"]


def test_nobody_is_made_an_agent_without_a_desk(staffed):
    root = staffed.client("root")
    ids = {one.login: one.id for one in staffed.switchboard.people.accounts()}
    refused = sends(root, f"/admin/accounts/{ids['lead']}/roles", roles=["agent"])
    assert (refused.status_code, "belongs to no agent" in refused.text) == (422, True)
    assert staffed.client("lead").get("/supervisor").status_code == 200


def test_only_administrators_set_what_rings_and_nobody_their_own_roles(staffed):
    lead, root = staffed.client("lead"), staffed.client("root")
    form = {"id": "a1001", "name": "Agent 1001", "phone": "+442079460999", "skill-refunds": "2"}
    assert sends(lead, "/admin/agents/save", **form).status_code == 403
    assert sends(root, "/admin/agents/save", **form).status_code == 303
    assert "442079460999" not in json.dumps(newest(staffed)[3])
    ids = {one.login: one.id for one in staffed.switchboard.people.accounts()}
    for what in ("roles", "reset", "disable"):
        assert sends(root, f"/admin/accounts/{ids['root']}/{what}", roles="agent").status_code == 403
        assert sends(lead, f"/admin/accounts/{ids['lead']}/{what}", roles="admin").status_code == 403
    assert sends(root, f"/admin/accounts/{ids['lead']}/roles", roles="admin").status_code == 303
    assert lead.get("/supervisor").status_code == 303  # signed out
    assert newest(staffed)[1:] == (
        "roles changed",
        "lead",
        {"before": {"roles": ["supervisor"]}, "after": {"roles": ["admin"]}},
    )


def test_who_has_a_shift_and_does_not_come_is_seen(staffed):
    lead, now = staffed.client("lead"), staffed.now
    zone = ZoneInfo(staffed.switchboard.menus.trees[0].zone)
    began = now.astimezone(zone) - timedelta(minutes=15)
    ends = began + timedelta(hours=2)
    form = {"agent": "a1001", "start": f"{began:%H:%M}", "until": f"{ends:%H:%M}", "days": str(began.weekday())}
    assert sends(lead, "/admin/shifts/add", **form).status_code == 303
    assert sends(lead, "/admin/shifts/add", **form).status_code == 409
    for wrong in ({"agent": "x"}, {"days": "7"}, {"start": "9"}):
        assert sends(lead, "/admin/shifts/add", **(form | wrong)).status_code == 422
    news = staffed.switchboard.rules.watch_alerts()
    assert ("absent-amber", "a1001") in {(one.rule.id, one.subject) for one in news if isinstance(one, Raised)}
    assert staffed.switchboard.rules.book.standing()[0].subject == "a1001"
    staffed.switchboard.desk.open(AgentId("a1001"))
    assert staffed.switchboard.rules.watch_alerts.read()[1] != []
    assert not any(one.figure == "absent" for one in staffed.switchboard.rules.watch_alerts.read()[1])
    [shift] = staffed.switchboard.rules.keep.shifts.by_agent()["a1001"]
    assert sends(lead, "/admin/shifts/remove", id=shift.id).status_code == 303
    assert newest(staffed)[:3] == ("lead", "shift removed", "a1001")


# ---- queues and hours --------------------------------------------------------------------------------------------


def complains(house: House, number: str):
    """Where in a queue a caller comes who chooses complaints; None when the desk is closed."""
    caller = house.phones(number).silent().presses("53")
    session = house.switchboard.sessions.find(caller.call)
    return session if session is not None and session.state == "queued" else None


def test_a_desk_closed_for_today_is_closed_for_the_next_call_and_open_again_afterwards(staffed):
    lead, menus = staffed.client("lead"), staffed.switchboard.menus
    tree = menus.by_hotline("wallet")
    name = tree.topics["complaints"].calendar
    day = staffed.now.astimezone(ZoneInfo(tree.zone)).date()
    form = {"hotline": "wallet", "calendar": name, "day": day.isoformat()}
    assert sends(lead, "/admin/hours/set", **form, kind="open", spans="00:00-24:00").status_code == 303
    assert [f"{span.opens:%H:%M}" for span in menus.by_hotline("wallet").calendars[name].exceptions[day]] == ["00:00"]
    assert complains(staffed, "+8613800138031").topic == "complaints"
    assert sends(lead, "/admin/hours/set", **form, kind="closed", note="storm").status_code == 303
    assert complains(staffed, "+8613800138032") is None
    assert menus.by_hotline("wallet").calendars[name].exceptions[day] == ()
    assert menus.by_version(tree.version).calendars[name].exceptions[day] == ()
    assert newest(staffed)[3] == {"day": day.isoformat(), "before": "00:00-24:00", "after": ""}
    assert "storm" in lead.get("/admin/hours").text
    assert sends(lead, "/admin/hours/drop", **form).status_code == 303
    assert menus.by_hotline("wallet") == tree
    for wrong in ({"spans": "9-x"}, {"spans": "09:00-12:00, 11:00-13:00"}, {"day": "2020-01-01"}, {"calendar": "x"}):
        answer = sends(lead, "/admin/hours/set", **(form | {"kind": "open", "spans": "09:00-10:00"} | wrong))
        assert answer.status_code in (404, 422), wrong


def test_a_queue_that_never_closes_is_closed_for_some_hours_and_the_urgent_one_not_by_mistake(staffed):
    lead, menus = staffed.client("lead"), staffed.switchboard.menus
    day = staffed.now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    form = {"hotline": "wallet", "calendar": "queue:refunds", "day": day.isoformat()}
    tomorrow = form | {"day": (day + timedelta(days=1)).isoformat(), "kind": "part", "spans": "14:00-18:00"}
    assert sends(lead, "/admin/hours/set", **tomorrow, note="stocktaking").status_code == 303
    assert newest(staffed)[3]["after"] == "00:00-14:00, 18:00-24:00"
    for nothing in ("15:00-16:00", "18:00-09:00"):  # closed then already; and an evening that would end on the next day
        assert sends(lead, "/admin/hours/set", **(tomorrow | {"spans": nothing})).status_code == 422, nothing
    assert sends(lead, "/admin/hours/set", **form, kind="closed").status_code == 303
    assert "stocktaking" in lead.get("/admin/hours").text
    turned_away = staffed.phones("+8613800138041").presses("1411#2")
    session = staffed.switchboard.sessions.find(turned_away.call)
    assert (session.state, session.node, session.topic) == ("voicemail", "message_refunds", "refunds")
    staffed.records()
    assert "抱歉，这项服务现在暂停，明天" in lead.get(f"/supervisor/calls/{turned_away.call}").text
    row = next(one for one in lead.get("/api/v1/board").json["topics"] if one["id"] == "refunds")
    assert row["open"] is False
    assert sends(lead, "/admin/hours/drop", **form).status_code == 303
    served = staffed.phones("+8613800138042").presses("1411#2")
    assert staffed.switchboard.sessions.find(served.call).state == "queued"

    urgent = form | {"calendar": "queue:account_security", "kind": "closed"}
    refused = sends(lead, "/admin/hours/set", **urgent)
    assert (refused.status_code, 'name="sure"' in refused.text) == (409, True)
    assert menus.by_hotline("wallet").topics["account_security"].calendar is None
    assert sends(lead, "/admin/hours/set", **urgent, sure="1").status_code == 303
    waits = staffed.phones("+8613800138043").presses("1111")
    assert staffed.switchboard.sessions.find(waits.call).state == "voicemail"


def test_a_setting_of_a_queue_wins_over_the_file_until_it_is_taken_back(staffed):
    root, lead, menus = staffed.client("root"), staffed.client("lead"), staffed.switchboard.menus
    before = menus.by_hotline("wallet").topics["refunds"].ring_time
    form = {"hotline": "wallet", "topic": "refunds", "name": "ring_time"}
    assert sends(lead, "/admin/queues/set", **form, value="25").status_code == 403
    assert sends(root, "/admin/queues/set", **form, value="4").status_code == 422
    assert sends(root, "/admin/queues/set", **form, value="25").status_code == 303
    assert menus.by_hotline("wallet").topics["refunds"].ring_time == timedelta(seconds=25)
    assert newest(staffed)[3] == {"setting": "ring_time", "before": before.seconds, "after": 25}
    another = connect(staffed.switchboard.settings)  # as another process has it
    assert [tree.topics[TopicId("refunds")].ring_time.seconds for tree in another.menus.trees][:1] == [25]
    another.close()
    assert sends(root, "/admin/queues/set", **form, value="").status_code == 303
    assert menus.by_hotline("wallet").topics["refunds"].ring_time == before


# ---- menus -------------------------------------------------------------------------------------------------------


def test_a_menu_is_proposed_by_one_activated_by_another_and_rolled_back_while_a_call_goes_on(staffed):
    lead, root, menus = staffed.client("lead"), staffed.client("root"), staffed.switchboard.menus
    staffed.switchboard.watch_menus.look()
    tree = menus.by_hotline("wallet")
    text = next(file.read_text() for file in (ROOT / "menus").glob("*.yaml") if "hotline: wallet" in file.read_text())
    other = re.sub(r"priority: 30", "priority: 31", text, count=1)
    if other == text:
        other = re.sub(r"service_level: (\d+)s", "service_level: 77s", text, count=1)
    assert other != text
    wrong = sends(lead, "/admin/menus/propose", hotline="wallet", text=text.replace("goto: main", "goto: mian", 1))
    assert wrong.status_code in (409, 422)
    answer = sends(lead, "/admin/menus/propose", hotline="wallet", text=other)
    assert answer.status_code == 303
    version = answer.headers["Location"].partition("new=")[2].partition("#")[0]
    caller = staffed.phones("+8613800138021")
    assert sends(lead, "/admin/menus/activate", hotline="wallet", version=version).status_code == 403
    assert menus.by_hotline("wallet").version == tree.version
    assert sends(root, "/admin/menus/activate", hotline="wallet", version=version).status_code == 303
    assert menus.by_hotline("wallet").version == version
    assert newest(staffed)[1:] == ("menu activated", "wallet", {"before": tree.version, "after": version})
    caller.presses("1")
    session = staffed.switchboard.sessions.find(caller.call)
    assert session.menu_version == tree.version  # it finishes on the version it began with
    later = staffed.phones("+8613800138022")
    assert staffed.switchboard.sessions.find(later.call).menu_version == version
    page = root.get(f"/admin/menus?hotline=wallet&old={tree.version}&new={version}").text
    assert 'class="changes"' in page
    assert sends(root, "/admin/menus/activate", hotline="wallet", version=tree.version).status_code == 303
    assert menus.by_hotline("wallet").version == tree.version
    book = staffed.switchboard.rules.keep.menus.book
    chosen = ChoiceRow(hotline="wallet", version=version, over=tree.version, chosen_at=staffed.now, chosen_by="lead")
    book.choose(chosen, before=tree.version)  # at another process, a moment ago
    assert sends(root, "/admin/menus/activate", hotline="wallet", version=tree.version).status_code == 303
    assert book.choices() == [], "who goes back goes back, whatever this process has seen so far"
    own = sends(root, "/admin/menus/propose", hotline="wallet", text=other.replace("31", "32", 1))
    assert own.status_code in (303, 422)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_administration_is_sound(staffed, visit, language, screenshots):
    staffed.switchboard.watch_menus.look()
    page = visit("root", "/admin/agents", language=language)
    page.locator("#agent-a1001 summary").click()
    expect(page.locator("#agent-a1001 select").first).to_be_visible()
    staffed.switchboard.rules.keep.shifts.add("a1001", ["0", "1", "5"], "22:00", "06:00", who="lead")
    for name in ("agents", "accounts", "teams", "shifts", "queues", "hours", "menus", "webhooks", "tokens"):
        if name != "agents":
            page.goto(f"{staffed.origin}/admin/{name}")
        assert_sound(page, name)
        screenshots.take(page, f"admin-{name}-{language}.png", full_page=name != "menus")
