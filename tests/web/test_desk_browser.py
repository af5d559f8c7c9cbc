"""What stands on the agent's page during a call, in a real browser: the app's badge, the recording, what the caller sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from ivr.core.session import Step
from ivr.workflows.app_ticket import Wanted
from tests.audit import assert_sound
from tests.web.house import ROOT, House
from tests.web.links import texted

ANA = "+8613800138021"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 400


@pytest.fixture
def house(tmp_path: Path, redis_url: str, redis: object, free_port: Callable[[], int]) -> Iterator[House]:
    """Talks about any topic are recorded on request."""
    del redis
    menus = tmp_path / "menus"
    menus.mkdir()
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    assert "recording: opt_out" in text
    (menus / "wallet.yaml").write_text(text.replace("recording: opt_out", "recording: on_request"), encoding="utf-8")
    made = House(tmp_path, redis_url, free_port(), menus=menus)
    yield made
    made.switchboard.close()


def waits(visit: Callable[..., Page], language: str = "en", **options: str) -> Page:
    """An agent who is ready."""
    page = visit("a1001", "/agent", language=language, **options)
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    return page


def takes(page: Page) -> None:
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")


@pytest.mark.parametrize("verified", [True, False], ids=["verified", "not verified"])
def test_a_caller_whom_the_app_announced_wears_its_badge(staffed, visit, screenshots, verified):
    badge, proof = ("Verified in app", "verified") if verified else ("From the app, not verified", "unverified")
    page = waits(visit)
    staffed.switchboard.tickets(Wanted(number=ANA, topic="refunds", verified=verified), by="app")
    staffed.phones(ANA)
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    expect(page.locator("#caller-announced")).to_have_text(badge)
    expect(page.locator("#caller-proof")).to_have_text(proof)
    screenshots.take(page, f"agent-app-{verified}.png", full_page=True)
    takes(page)
    expect(page.locator("#caller-announced")).to_have_text(badge)
    if verified:
        assert_sound(page, "badge")


def test_a_caller_of_whom_the_app_knows_nothing_wears_none(staffed, visit):
    page = waits(visit)
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    expect(page.locator("#caller-announced")).to_be_hidden()


def test_the_agent_starts_a_recording_and_the_bar_says_so_until_it_is_stopped(staffed, visit, screenshots):
    start, stop = ("Record (ask first)", "● Recording · stop")
    page = waits(visit)
    staffed.phones(ANA).presses("1211#2")
    takes(page)
    record = page.locator("#record")
    expect(record).to_have_text(start)
    expect(record).to_have_attribute("aria-pressed", "false")
    record.click()
    expect(record).to_have_text(stop)
    expect(record).to_have_attribute("aria-pressed", "true")
    screenshots.take(page, "agent-recording.png", full_page=True)
    assert_sound(page, "recording")
    record.focus()
    page.keyboard.press("Enter")
    expect(record).to_have_text(start)


def test_what_the_caller_types_in_the_form_appears_on_the_panel(staffed, visit, screenshots):
    head, state = ("Sent by the caller", "not scanned")
    page = waits(visit)
    caller = staffed.phones(ANA).presses("1211#2")
    takes(page)
    expect(page.locator("#evidence")).to_be_hidden()
    link = texted(staffed, "en", call=caller.call)
    form = {"email": "lin@example.org", "what": "ERR 47 <b>twice</b>", "files": (BytesIO(PNG), "shot.png")}
    sent = staffed.client().post(f"{urlsplit(link).path}?page={'0' * 16}", data=form)
    assert sent.status_code == 303
    panel = page.locator("#evidence")
    expect(panel).to_be_visible(timeout=10_000)
    expect(panel.locator("h2")).to_have_text(head)
    expect(panel).to_contain_text("lin@example.org")
    expect(panel).to_contain_text("ERR 47 <b>twice</b>")
    expect(panel.get_by_role("link", name="shot.png")).to_be_visible()
    expect(panel).to_contain_text(state)
    screenshots.take(page, "agent-evidence.png", full_page=True)
    assert_sound(page, "evidence")
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    expect(panel).to_contain_text("lin@example.org")


def test_who_waited_longer_than_was_said_is_seen_before_the_first_word(staffed, visit, screenshots):
    words, longer = ("about 2 minutes", r"^1:0\d longer$")
    page = visit("a1001", "/agent")
    caller = staffed.phones(ANA).presses("1211#2")
    named = staffed.now - timedelta(minutes=3)
    staffed.switchboard.sessions.change(
        caller.call, lambda session: Step(session=replace(session, announced_s=120, announced_at=named))
    )
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    expect(page.locator("#caller-told")).to_have_text(words)
    expect(page.locator("#caller-over")).to_have_text(re.compile(longer))
    screenshots.take(page, "agent-told.png", full_page=True)
    assert_sound(page, "told")
