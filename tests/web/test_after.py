"""What supervisors find after calls: low ratings and wishes, marked by them, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ivr.core.follow_ups import LowRating
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.message_orders import MessagePromised
from ivr.core.people import Role
from ivr.core.survey_orders import FollowUpPromised, follow_up_id
from tests.audit import assert_sound
from tests.web.house import House


def low(house: House, call: str, *, score: int = 1, comment: str = "", wished: bool = False) -> str:
    entry = LowRating(
        id=follow_up_id(CallId(call)),
        call=CallId(call),
        hotline="wallet",
        topic=TopicId("refunds"),
        agent=AgentId("a1001"),
        at=house.now,
        score=score,
        solved="no",
        comment=comment,
    )
    house.switchboard.after.follow_ups.note(entry)
    if wished:
        promise = FollowUpPromised(
            id=entry.id,
            at=entry.at,
            hotline=entry.hotline,
            call=entry.call,
            topic=entry.topic,
            agent=entry.agent,
            score=score,
            solved="no",
            due_at=entry.at + timedelta(hours=24),
        )
        house.switchboard.ledger.commit([promise])
    return entry.id


def test_c38_a_supervisor_marks_an_entry_and_the_page_shows_the_share_handled(staffed):
    first, second = low(staffed, "CA1", comment="<b>too slow</b>"), low(staffed, "CA2", score=2, wished=True)
    lead = staffed.client("lead")
    page = lead.get("/supervisor/follow-ups").text
    assert "Handled: 0 of 2 (0 %)" in page
    assert "&lt;b&gt;too slow&lt;/b&gt;" in page
    assert page.index(second) < page.index(first), "who waits for a contact comes first"
    form = {"csrf": lead.token(), "status": "changed"}
    assert lead.post(f"/supervisor/follow-ups/{first}", data=form).status_code == 303
    assert "Handled: 1 of 2 (50 %)" in lead.get("/supervisor/follow-ups").text
    assert staffed.switchboard.after.follow_ups.newest()[-1].handled_by == "lead"
    assert lead.post("/supervisor/follow-ups/none", data=form).status_code == 404
    assert lead.post(f"/supervisor/follow-ups/{first}", data={**form, "status": "gone"}).status_code == 400
    assert staffed.client("a1001").get("/supervisor/follow-ups").status_code == 403


@pytest.mark.parametrize(("language", "word"), [("en", "Looked at"), ("zh", "已查看")])
def test_the_list_in_a_browser(staffed, visit, language, word):
    page = visit("lead", "/supervisor/follow-ups", language=language)
    assert_sound(page, "empty list")
    low(staffed, "CA1", comment="等得太久，没有人回答我的问题。", wished=True)
    low(staffed, "CA2", score=2)
    page.reload()
    expect(page.locator("[data-entry]")).to_have_count(2)
    assert_sound(page, "two entries")
    page.locator("[data-entry=follow-CA1] button[value=looked_at]").click()
    expect(page.locator("[data-entry=follow-CA1] .state-word")).to_have_text(word)
    assert_sound(page, "one handled")


def message(house: House, name: str, *, hours: float = 24) -> str:
    house.switchboard.ledger.commit(
        [
            MessagePromised(
                id=f"message-{name}",
                at=house.now,
                hotline="wallet",
                call=CallId(f"CA{name}"),
                topic=TopicId("refunds"),
                language=Language("zh"),
                recording=f"RE{name}",
                duration_s=41,
                due_at=house.now + timedelta(hours=hours),
            )
        ]
    )
    return f"message-{name}"


def take_of(entry: str) -> str:
    return f"/supervisor/messages/{entry}"


def test_a_message_has_one_owner_who_answers_it(staffed):
    entry = message(staffed, "1")
    agent, lead = staffed.client("a1001"), staffed.client("lead")
    assert f"{take_of(entry)}/sound" in agent.get("/supervisor/messages").text
    take = take_of(entry)
    assert agent.post(take, data={"csrf": agent.token(), "do": "take"}).status_code == 303
    told = lead.post(take, data={"csrf": lead.token(), "do": "take"}).headers["Location"]
    assert "Somebody else was faster" in lead.get(told).text
    assert agent.post(take, data={"csrf": agent.token(), "do": "take"}).headers["Location"] == "/supervisor/messages", (
        "it is theirs"
    )
    [row] = staffed.switchboard.after.messages.newest()
    assert (row.owner, row.status) == ("a1001", "open"), "who came second does not get it"
    lead.post(take, data={"csrf": lead.token(), "do": "give_back"})
    assert staffed.switchboard.after.messages.newest()[0].owner == "a1001"
    agent.post(take, data={"csrf": agent.token(), "do": "answered"})
    [row] = staffed.switchboard.after.messages.newest()
    assert (row.owner, row.status) == ("a1001", "answered")
    assert lead.post(take, data={"csrf": lead.token(), "do": "eat"}).status_code == 400


def test_a_message_that_was_assigned_is_that_agents_whatever_their_sign_in_name(staffed):
    entry = message(staffed, "1")
    staffed.agent("a1002", shown="Agent 1002")
    staffed.account("chen", Role.AGENT, agent="a1002")
    lead, chen = staffed.client("lead"), staffed.client("chen")
    assign = f"/api/v1/room/messages/{entry}/assign"
    assert lead.asks(assign, {"owner": "somebody"}).status_code == 422, "nobody would answer it"
    assert lead.asks(assign, {"owner": "a1002"}).json["done"]
    assert "Agent 1002" in lead.get("/supervisor/messages").text
    assert ["give_back" in one.get("/supervisor/messages").text for one in (lead, chen)] == [False, True]
    chen.post(take_of(entry), data={"csrf": chen.token(), "do": "give_back"})
    assert staffed.switchboard.after.messages.find(entry).owner == ""


@pytest.mark.parametrize(("language", "word"), [("en", "Overdue"), ("zh", "已逾期")])
def test_messages_and_promises_in_a_browser(staffed, visit, language, word):
    page = visit("lead", "/supervisor/messages", language=language)
    assert_sound(page, "no message")
    message(staffed, "1", hours=-1)
    message(staffed, "2")
    staffed.switchboard.after.messages.written_down("message-2", "充值没有到账。" * 20)
    page.reload()
    expect(page.locator("[data-entry=message-1] .state-word")).to_have_text(word)
    assert_sound(page, "two messages")
    page.goto(f"{staffed.origin}/supervisor/reports/promises")
    expect(page.locator("#list tbody:not(.totals) tr")).to_have_count(2)
    assert_sound(page, "promises")
