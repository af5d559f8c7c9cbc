"""Hold, transfer and a colleague's help on the agents' pages, in a real browser."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Page, expect

from ivr.core.ids import AgentId
from tests.audit import assert_sound
from tests.web.house import House
from tests.web.test_desk_browser import ANA, takes, waits

OTHER = "+8613800138022"


def talking(house: House, visit) -> Page:
    """An agent who talks with a caller about a late transfer."""
    page: Page = waits(visit)
    house.phones(ANA).presses("1211#2")
    takes(page)
    return page


def colleague(house: House, visit) -> Page:
    house.agent("a1002", shown="Agent 1002")
    page: Page = visit("a1002", "/agent")
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    return page


def test_a_colleague_is_asked_and_takes_the_call_over(staffed, visit, screenshots):
    here, alone, note = ("Agent 1002 is in the talk", "Take the caller back alone", "Wrong network, TXID looked up")
    page = talking(staffed, visit)
    other = colleague(staffed, visit)

    page.locator("#talk").focus()
    page.keyboard.press("h")
    expect(page.locator("#on-hold")).to_be_visible()
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "true")
    screenshots.take(page, "agent-hold.png", full_page=True)
    assert_sound(page, "hold")
    page.keyboard.press("h")
    expect(page.locator("#on-hold")).to_be_hidden()

    page.locator("#notes").fill(note)
    page.locator("#transfer-open").click()
    expect(page.locator("#transfer")).to_be_visible()
    expect(page.locator("#transfer-note")).to_have_value(note)
    screenshots.take(page, "agent-transfer.png")
    assert_sound(page, "transfer")
    page.locator("#targets-people label").filter(has_text="Agent 1002").click()
    page.locator("#transfer-ask").click()
    expect(page.locator("#transfer")).to_be_hidden()
    expect(page.locator("#consult")).to_have_attribute("data-phase", "ringing")

    expect(other.locator("[data-panel=reserved]")).to_be_visible()
    expect(other.locator("#asked-by")).to_contain_text("Agent 1001")
    expect(other.locator("#handovers")).to_contain_text(note)
    screenshots.take(other, "agent-asked.png", full_page=True)
    assert_sound(other, "asked for help")
    other.keyboard.press("Space")
    expect(other.locator("#talk")).to_have_attribute("data-phase", "connected")
    expect(other.locator("#hold")).to_be_hidden()
    expect(other.locator("#result")).to_be_hidden()

    expect(page.locator("#consult-who")).to_have_text(here)
    expect(page.locator("#alone")).to_have_text(alone)
    screenshots.take(page, "agent-consult.png", full_page=True)
    assert_sound(page, "consultation")
    page.locator("#together").click()
    expect(page.locator("#on-hold")).to_be_hidden()
    expect(page.locator("#together")).to_be_hidden()
    page.locator("#hand-over").click()

    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    expect(other.locator("#asked-by")).to_be_hidden()
    expect(other.locator("#hold")).to_be_visible()
    expect(other.locator("#result")).to_be_visible()
    expect(other.locator("#handovers")).to_contain_text(note)
    screenshots.take(other, "agent-handed-over.png", full_page=True)


def test_a_transfer_to_a_queue_leaves_the_agent_to_the_wrap_up_and_the_queue_rings_the_next(staffed, visit):
    page = talking(staffed, visit)
    other = colleague(staffed, visit)
    page.locator("#talk").focus()
    page.keyboard.press("t")
    page.locator("#targets-desks label").filter(has_text="refunds").click()
    page.locator("#transfer-note").fill("Refund of a transfer to the wrong network")
    page.locator("#transfer-now").click()

    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    expect(other.locator("[data-panel=reserved]")).to_be_visible()
    expect(other.locator("#caller-topic")).to_have_text("refunds")
    expect(other.locator("#handovers")).to_contain_text("Refund of a transfer to the wrong network")
    expect(other.locator("#caller-total-field")).to_be_visible()


def test_what_is_refused_is_said_in_the_sheet_and_nothing_typed_is_lost(staffed, visit):
    page = talking(staffed, partial(visit, expected="409"))
    other = colleague(staffed, visit)
    page.locator("#transfer-open").click()
    page.locator("#targets-people label").filter(has_text="Agent 1002").click()
    page.locator("#transfer-note").fill("kept")
    other.locator("#break").click()
    expect(other.locator("[data-panel=break]")).to_be_visible()

    page.locator("#transfer-ask").click()

    expect(page.locator("#transfer-trouble")).to_have_text(
        "This colleague is not free now. Choose another, or a queue."
    )
    expect(page.locator("#transfer-note")).to_have_value("kept")
    page.keyboard.press("Escape")
    expect(page.locator("#transfer")).to_be_hidden()
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")


def test_a_note_that_was_never_sent_does_not_go_along_with_the_next_caller(staffed, visit):
    page = talking(staffed, visit)
    page.locator("#transfer-open").click()
    page.locator("#transfer-note").fill("about the first caller")
    page.locator("#transfer-close").click()
    page.locator("#transfer-open").click()
    expect(page.locator("#transfer-note")).to_have_value("about the first caller")
    page.locator("#transfer-close").click()
    page.locator("[data-action=end]").click()
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=wrap_up]")).to_be_hidden()

    staffed.phones(OTHER).presses("1211#2")
    takes(page)
    page.locator("#transfer-open").click()
    expect(page.locator("#transfer")).to_be_visible()
    expect(page.locator("#transfer-note")).to_have_value("")


def test_mute_and_keypad_are_in_reach_by_key_and_say_what_they_did(staffed, visit, screenshots):
    page = talking(staffed, visit)
    page.locator("#talk").focus()
    page.keyboard.press("m")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announce")).to_have_text("Your microphone is off")
    page.keyboard.press("m")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("k")
    expect(page.locator("#keypad")).to_be_visible()
    page.keyboard.press("4")
    page.locator("[data-tone='#']").click()
    expect(page.locator("#keypad-pressed")).to_have_text("4#")
    screenshots.take(page, "agent-keypad.png")
    assert_sound(page, "keypad")
    page.keyboard.press("Escape")
    assert page.evaluate("window.testTones") == "4#"
    page.locator("#notes").fill("mute, hold, keypad, transfer")  # letters that are typed do nothing else
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#on-hold")).to_be_hidden()


def test_the_recording_pauses_under_a_bar_and_the_number_is_shown_for_a_reason(staffed, visit, screenshots):
    page = talking(staffed, visit)
    page.locator("#talk").focus()
    expect(page.locator("#pause")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator("#tape-paused")).to_be_visible()
    expect(page.locator("#tape-left")).to_contain_text("1:")
    expect(page.locator("#pause")).to_be_hidden()
    screenshots.take(page, "agent-paused.png", full_page=True)
    assert_sound(page, "paused")
    page.locator("#tape-paused button").click()
    expect(page.locator("#tape-paused")).to_be_hidden()

    expect(page.locator("#caller-number")).to_have_text("+86 138****21")
    page.clock.install()
    page.locator("#reveal-open").click()
    page.locator("#reveal-reason").select_option("compare")
    screenshots.take(page, "agent-reveal.png")
    assert_sound(page, "reveal")
    page.locator("#reveal-form button[type=submit]").click()
    expect(page.locator("#caller-number")).to_have_text("+86 138 0013 8021")
    page.clock.run_for(31_000)
    expect(page.locator("#caller-number")).to_have_text("+86 138****21")


def test_who_talks_on_a_telephone_holds_and_passes_on_from_a_small_page(staffed, visit, screenshots):
    staffed.agent("a1007", shown="Agent 1007", phone="+442079460107")
    page: Page = visit("a1007", "/agent")
    page.set_viewport_size({"width": 390, "height": 780})
    page.locator("[data-panel=break] [data-action=ready]").click()
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.phones(ANA).presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    present = staffed.switchboard.presences.find(AgentId("a1007"))
    assert present is not None
    offer = present.offer
    assert offer is not None
    staffed.switchboard.take_offer.accept(AgentId("a1007"), offer)  # key 1 on the telephone
    staffed.joins(offer)
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    expect(page.locator("#mute")).to_be_hidden()
    expect(page.locator("#keypad-open")).to_be_hidden()
    page.locator("#hold").click()
    expect(page.locator("#on-hold")).to_be_visible()
    screenshots.take(page, "agent-telephone.png", full_page=True)
    assert_sound(page, "agent on a telephone")
    page.locator("#transfer-open").click()
    page.locator("#targets-desks label").filter(has_text="this call's queue").click()
    page.locator("#transfer-now").click()
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    [call] = staffed.switchboard.sessions.live()
    assert call.state == "queued"


def test_a_prepared_text_is_read_before_it_is_sent_and_goes_out_once(staffed, visit, screenshots):
    words = ("Limits and fees", "Send now", "Sent")
    page = talking(staffed, visit)
    page.keyboard.press("w")
    texts = page.locator("#texts-sheet")
    expect(texts).to_be_visible()
    row = texts.locator("li").filter(has_text=words[0])
    expect(row.locator("p")).to_contain_text("https://help.tpwallet.example/fees")
    expect(row.locator("button")).to_have_text(words[1])
    screenshots.take(page, "agent-texts.png")
    row.locator("button").focus()
    page.keyboard.press("Enter")
    expect(row.locator("button")).to_have_text(words[2])
    expect(row.locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(texts.locator(".notice")).to_be_hidden()
    assert_sound(page, "texts")
    page.keyboard.press("Escape")
    expect(texts).to_be_hidden()
