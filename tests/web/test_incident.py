"""The supervisor's page of the incident banner, in a browser and by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.audit import assert_sound


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_supervisor_switches_it_on_sees_it_work_and_switches_it_off(staffed, visit, language):
    page = visit("lead", "/supervisor/incident", language=language, expected="422")
    assert_sound(page, "incident off")
    page.locator("form.on button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("input[name=network]", "TRON")
    page.fill("input[name=minutes]", "30")
    page.locator("form.on button").click()
    expect(page.locator("#now")).to_have_attribute("data-on", "true")
    expect(page.locator("#now .said").nth(1)).to_contain_text("the TRON network is congested")
    assert_sound(page, "incident on")

    call = staffed.phones("+8613800138021").presses("1")
    call.silent()
    call.hangs_up()
    staffed.records()
    page.reload()
    expect(page.locator("#now .heard")).to_have_text("1")
    expect(page.locator("#now .left")).to_have_text("1")
    page.goto(f"{staffed.origin}/supervisor")
    expect(page.locator("#incidents .notice")).to_contain_text("TRON")
    assert_sound(page, "board with a banner")

    page.goto(f"{staffed.origin}/supervisor/incident")
    page.locator("#now button").click()
    expect(page.locator("#now")).to_have_attribute("data-on", "false")
    expect(page.locator(".past .heard")).to_have_text("1")
    assert_sound(page, "incident over")


def test_own_words_with_a_phrase_that_blames_are_refused_and_kept_in_the_form(staffed):
    client = staffed.client("lead")
    form = {
        "csrf": client.token(),
        "hotline": "wallet",
        "kind": "own",
        "words-zh": "您按错了。",
        "words-en": "You pressed a wrong key.",
    }
    answer = client.post("/supervisor/incident/on", data=form)
    assert answer.status_code == 422
    assert "blames the caller" in answer.text
    assert "您按错了。" in answer.text
    assert staffed.switchboard.incident.show() is None


def test_an_agent_does_not_switch_it(staffed):
    client = staffed.client("a1001")
    form = {"csrf": client.token(), "hotline": "wallet", "network": "TRON", "minutes": "30"}
    assert client.post("/supervisor/incident/on", data=form).status_code == 403
    assert staffed.switchboard.incident.show() is None
