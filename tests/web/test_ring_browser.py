"""The ring of the desk, and a microphone that goes: in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ivr.core.ids import AgentId
from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_desk_browser import ANA, takes, waits

OTHER = "+8613800138022"
RECORD = """() => {
  window.pitches = [];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    const tone = make.call(this);
    const start = tone.start;
    tone.start = (at) => {
      window.pitches.push(tone.frequency.value);
      start.call(tone, at);
    };
    return tone;
  };
}"""
USUAL, URGENT = {587, 784}, {880, 660}


def rung(page: Page) -> list[int]:
    """What it has rung since it was asked last."""
    pitches: list[int] = page.evaluate("() => window.pitches.splice(0)")
    return pitches


def rings(page: Page) -> set[int]:
    page.wait_for_function("() => window.pitches.length > 1")
    return set(rung(page))


def test_one_ring_is_silenced_and_an_urgent_call_has_a_ring_of_its_own(staffed, visit, screenshots):
    page = waits(visit, "en")
    page.evaluate(RECORD)
    page.clock.install()
    first = staffed.phones(ANA).presses("1211#2")
    assert rings(page) == USUAL
    page.keyboard.press("s")
    expect(page.locator("#hush")).to_have_attribute("aria-pressed", "true")
    rung(page)
    page.clock.run_for(6000)
    assert rung(page) == []
    screenshots.take(page, "agent-hushed.png")
    assert_sound(page, "ring silenced")
    page.locator("#hush").click()
    assert rings(page) == USUAL
    page.keyboard.press("Control+Alt+s")
    expect(page.locator("#hush")).to_have_attribute("aria-pressed", "true")
    first.hangs_up()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.phones(OTHER).presses("111")
    expect(page.locator("#caller-urgent")).to_be_visible()
    assert rings(page) == URGENT  # another call is not silenced
    takes(page)
    rung(page)
    page.clock.run_for(6000)
    assert rung(page) == []


def test_who_wants_no_ring_has_none_at_any_computer_and_sees_that_it_is_so(staffed, visit):
    page = visit("a1001", "/agent")
    page.locator("#sound-open").click()
    page.get_by_label("No ring on this page").check()
    page.keyboard.press("Escape")
    page.evaluate(RECORD)
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("#ready").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    expect(page.locator("#check-sound em")).to_have_text("no ring")
    elsewhere = visit("a1001", "/agent")
    expect(elsewhere.locator("#ring-silent")).to_be_checked()
    staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("Incoming call")
    expect(page.locator("#hush")).to_be_hidden()
    takes(page)
    assert rung(page) == []


def test_who_talks_on_a_telephone_silences_the_page(staffed, visit):
    staffed.agent("a1007", shown="Agent 1007", phone="+442079460107")
    page: Page = visit("a1007", "/agent")
    page.evaluate(RECORD)
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    assert len(rings(page)) == 2
    staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    assert rings(page) == USUAL
    page.locator("#sound-open").click()
    expect(page.locator("#sound-microphone")).to_be_hidden()
    page.clock.install()
    page.get_by_label("No ring on this page").check()
    expect(page.locator("#hush")).to_be_hidden()
    rung(page)
    page.clock.run_for(6000)
    assert rung(page) == []


UNPLUGGED = """(gone) => {
  const devices = navigator.mediaDevices;
  window.enumerated ??= devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = gone ? async () => [] : window.enumerated;
  devices.dispatchEvent(new Event("devicechange"));
}"""


@pytest.mark.parametrize(
    ("language", "why"),
    [("en", "Your microphone is gone, so you are on a break"), ("zh", "麦克风已断开，您已进入小休")],
)
def test_who_is_ready_when_the_microphone_goes_is_put_on_a_break_and_told_why(staffed, visit, language, why):
    page = waits(visit, language)
    board = visit("lead", "/supervisor", language=language)
    page.clock.install()
    page.evaluate(UNPLUGGED, arg=True)
    expect(page.locator("#check-mic")).to_have_attribute("data-state", "bad")
    page.clock.run_for(3000)
    expect(page.locator("[data-panel=available]")).to_be_visible()
    page.clock.run_for(3000)
    expect(page.locator("[data-panel=break]")).to_be_visible()
    expect(page.locator("#trouble")).to_contain_text(why)
    assert_sound(page, "microphone gone")
    assert reason(staffed) == "no_microphone"
    word = {"en": "Microphone missing", "zh": "麦克风缺失"}[language]
    expect(page.locator("#presence-name")).to_contain_text(word)
    expect(board.locator("#agents")).to_contain_text(word)
    page.evaluate(UNPLUGGED, arg=False)
    page.locator("#ready").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_microphone_that_is_back_at_once_stops_nobody_and_one_that_goes_in_a_call_ends_it_afterwards(staffed, visit):
    page = waits(visit, "en")
    page.clock.install()
    page.evaluate(UNPLUGGED, arg=True)
    page.clock.run_for(3000)
    page.evaluate(UNPLUGGED, arg=False)
    expect(page.locator("#check-mic")).to_have_attribute("data-state", "good")
    page.clock.run_for(6000)
    expect(page.locator("[data-panel=available]")).to_be_visible()

    staffed.phones(ANA).presses("1211#2")
    takes(page)
    page.evaluate(UNPLUGGED, arg=True)
    page.clock.run_for(6000)
    expect(page.locator("#trouble")).to_contain_text("After this call you are on a break")
    expect(page.locator("#after-wanted")).to_contain_text("Microphone missing")
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=break]")).to_be_visible()


def reason(house: House) -> str:
    present = house.switchboard.presences.find(AgentId("a1001"))
    assert present is not None
    return present.reason
