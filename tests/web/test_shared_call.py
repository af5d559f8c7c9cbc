"""A link that shows one call: masked, until a day, once it is written down; and nothing when it is over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from ivr.core.call_links import CallLink
from ivr.core.ids import AgentId, TopicId
from ivr.core.transfer_facts import Transferred
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.story_tables import call_links
from ivr.workflows.ports import FactRow
from tests.audit import COLOURS, OVERHANG, violations
from tests.web.house import House
from tests.web.test_call_page import CALL, NUMBER, keep


@pytest.fixture
def kept(staffed: House) -> House:
    keep(staffed)
    return staffed


def share(house: House, *, days: str = "7", **form: str) -> str:
    lead = house.client("lead")
    answer = lead.post(f"/supervisor/calls/{CALL}/share", data={"csrf": lead.token(), "days": days, **form})
    assert answer.status_code == 200, answer.text
    made = re.search(r"/c/[a-z2-7]{26}", answer.text)
    assert made is not None
    return made[0]


def link_of(house: House) -> CallLink:
    (link,) = house.switchboard.story.share.of_call(CALL)
    return link


def test_a_stranger_reads_the_call_without_number_names_recording_and_notes(kept):
    path = share(kept)
    page = kept.client().get(f"{path}?lang=en")
    assert page.status_code == 200
    for words in ("Waited for refunds, urgent, for 1:01: answered.", "Rated 4 of 5 · solved", "Agent 1", "Agent 2"):
        assert words in page.text, words
    for hidden in (
        NUMBER,
        "139****01",
        "Agent 1001",
        "a1001",
        "Sent to the wrong network",
        "Why this agent",
        "Listen",
        "<script",
    ):
        assert hidden not in page.text, hidden
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers
    rows = [(row.who, row.what) for row in kept.switchboard.people.audit_rows()]
    assert rows[0] == (f"link:{link_of(kept).id}", "call.link.opened")
    assert ("lead", "call.share") in rows
    assert len(link_of(kept).opened) == 1
    assert "1×" in kept.client("lead").get(f"/supervisor/calls/{CALL}").text
    with reading(kept.switchboard.engine) as connection:
        stored = str(connection.execute(sa.select(call_links)).all())
    assert path.removeprefix("/c/") not in stored


def test_a_colleague_who_is_named_and_never_came_in_stays_unnamed(kept):
    kept.agent("a1009", shown="Agent 1009")
    given = Transferred(
        at=kept.now, call=CALL, segment=2, agent=AgentId("a1002"), topic=TopicId("transfers"), how="person", to=AgentId("a1009")
    )  # fmt: skip
    kept.switchboard.records.write([FactRow(id="given", hotline="wallet", fact=given)])
    page = kept.client().get(f"{share(kept)}?lang=en").text
    assert "Transferred the caller to one agent first: a colleague." in page
    assert "1009" not in page


def test_notes_are_shown_where_that_was_chosen(kept):
    assert "Sent to the wrong network" in kept.client().get(share(kept, notes="1")).text


def test_a_link_that_is_over_shows_a_plain_page(kept):
    path, lead = share(kept), kept.client("lead")
    for unknown in ("/c/" + "a" * 26, "/c/short"):
        assert kept.client().get(unknown).status_code == 410
    back = lead.post(f"/supervisor/calls/{CALL}/share/{link_of(kept).id}", data={"csrf": lead.token()})
    assert back.status_code == 303
    answer = kept.client().get(f"{path}?lang=en")
    assert (answer.status_code, "This link no longer works" in answer.text) == (410, True)
    assert "Rated" not in answer.text
    assert link_of(kept).revoked_by == "lead"
    assert lead.post(f"/supervisor/calls/{CALL}/share/none", data={"csrf": lead.token()}).status_code == 404
    newer = share(kept)
    assert kept.client().get(newer).status_code == 200
    with writing(kept.switchboard.engine) as connection:
        evening = (kept.now + timedelta(days=3)).replace(hour=20, minute=0)
        connection.execute(call_links.update().values(expires_at=evening))
    day = f"{evening + timedelta(days=1):%Y-%m-%d} 04:00"
    assert f"works until {day}" in kept.client().get(f"{newer}?lang=en").text, "by the clock of the site"
    with writing(kept.switchboard.engine) as connection:
        connection.execute(call_links.update().values(expires_at=kept.now - timedelta(seconds=1)))
    assert kept.client().get(newer).status_code == 410


@pytest.mark.parametrize("days", ["0", "91", "soon", ""])
def test_a_link_works_for_one_to_ninety_days(kept, days):
    lead = kept.client("lead")
    answer = lead.post(f"/supervisor/calls/{CALL}/share", data={"csrf": lead.token(), "days": days})
    assert (answer.status_code, "1 to 90 days" in answer.text) == (422, True)
    assert kept.switchboard.story.share.of_call(CALL) == []


def test_the_shared_page_is_readable_on_a_telephone_without_script(kept, telephone, screenshots):
    path = share(kept, notes="1")
    page = telephone(script=False)
    page.goto(f"{kept.origin}{path}?lang=zh")
    expect(page.locator("#told > li").first).to_be_visible()
    expect(page.locator(".replay-bar")).to_be_hidden()
    screenshots.take(page, "call-shared-zh.png", full_page=True)
    looked = telephone(script=True)
    looked.goto(f"{kept.origin}{path}?lang=en")
    assert looked.evaluate(OVERHANG) <= 0
    assert violations(looked) == []
    looked.emulate_media(color_scheme="dark")
    assert violations(looked, COLOURS) == []
