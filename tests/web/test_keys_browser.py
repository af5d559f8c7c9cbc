"""The keys of the desk in a real browser: one table, chosen anew by the agent, the same at every computer."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.audit import assert_sound
from tests.web.test_talk_browser import talking

TABLE = """async () => {
  const { ACTIONS, KINDS, unfit } = await import("/static/js/keys.js");
  const all = ACTIONS.flatMap((action) => KINDS.map((kind) => ({ action, kind, value: action[kind] })));
  const given = all.filter(({ value }) => value);
  return {
    names: ACTIONS.map(({ name }) => name),
    unfit: given.filter(({ action, kind, value }) => unfit(action, kind, value)).map(({ value }) => value),
    twice: given.filter(({ value }, place) => given.findIndex((other) => other.value === value) !== place),
    nowhere: ACTIONS.filter(({ button, focus }) => !document.querySelector(button ?? focus)).map(({ name }) => name),
  };
}"""
OWNED = """async () => {
  const { ACTIONS, unfit } = await import("/static/js/keys.js");
  const owned = ["Ctrl+t", "Ctrl+Shift+a", "Ctrl+w", "Alt+d", "Ctrl+1", "F5", "F12", "Meta+q", "Ctrl+Alt+Escape"];
  return owned.filter((chord) => unfit(ACTIONS[0], "chord", chord) !== "browser");
}"""
ALT_GR = """() => document.getElementById("notes").dispatchEvent(new KeyboardEvent("keydown", {
  key: "µ", code: "KeyM", ctrlKey: true, altKey: true, modifierAltGraph: true, bubbles: true, cancelable: true,
}))"""


def muted(page: Page, on: str) -> None:
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", on)


def choose(page: Page, name: str, kind: str, *presses: str) -> None:
    page.locator(f"[data-key={name}][data-kind={kind}]").click()
    for press in presses:
        page.keyboard.press(press)


def test_keys_are_chosen_in_the_list_that_shows_them_and_are_the_same_on_another_computer(staffed, visit, screenshots):
    taken, owned = ("H is taken already: Hold or take back", "Ctrl T belongs to the browser")
    page = talking(staffed, visit)
    table = page.evaluate(TABLE)
    assert (table["unfit"], table["twice"], table["nowhere"]) == ([], [], [])
    assert page.evaluate(OWNED) == []

    page.locator("#talk").focus()
    page.keyboard.press("?")
    help_ = page.locator("#help")
    expect(help_).to_be_visible()
    shown = page.locator("[data-key][data-kind=key]").evaluate_all("all => all.map((one) => one.dataset.key)")
    assert sorted(shown) == sorted(table["names"])
    choose(page, "mute", "key", "h")
    expect(page.locator("#keys-said")).to_contain_text(taken)
    page.keyboard.press("u")
    expect(page.locator("[data-key=mute][data-kind=key]")).to_have_text("U")
    expect(page.locator("[data-key=mute][data-kind=key]")).to_be_focused()
    choose(page, "mute", "chord", "Control+t")
    expect(page.locator("#keys-said")).to_contain_text(owned)
    screenshots.take(page, "agent-keys.png")
    assert_sound(page, "keys")
    page.keyboard.press("Control+Alt+u")
    expect(page.locator("[data-key=mute][data-kind=chord]")).to_have_text("Ctrl Alt U")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()

    expect(page.locator("#mute kbd")).to_have_text("U")
    expect(page.locator("#keys-side")).not_to_contain_text("Ctrl Alt U")
    page.locator("#talk").focus()
    page.keyboard.press("m")
    page.keyboard.press("Control+Alt+m")
    muted(page, "false")
    page.keyboard.press("u")
    muted(page, "true")
    page.locator("#notes").fill("")
    page.keyboard.type("usual? he hung up")
    muted(page, "true")
    page.keyboard.press("Control+Alt+u")
    muted(page, "false")

    elsewhere = visit("a1001", "/agent")
    elsewhere.locator("#help-open").click()
    expect(elsewhere.locator("[data-key=mute][data-kind=key]")).to_have_text("U")
    elsewhere.locator("#keys-defaults").click()
    expect(elsewhere.locator("[data-key=mute][data-kind=key]")).to_have_text("M")
    page.reload()
    expect(page.locator("#mute kbd")).to_have_text("M")


def test_a_chord_acts_while_one_writes_and_a_sign_written_with_alt_gr_does_not(staffed, visit):
    page = talking(staffed, visit)
    page.locator("#notes").fill("on hold? ")
    page.keyboard.press("Control+Alt+h")
    expect(page.locator("#on-hold")).to_be_visible()
    page.evaluate(ALT_GR)
    muted(page, "false")
    page.keyboard.press("Control+Alt+c")
    expect(page.locator("#talk")).to_be_focused()
    page.keyboard.press("h")
    expect(page.locator("#on-hold")).to_be_hidden()
    page.locator("#break-reason").focus()
    page.keyboard.press("e")
    page.locator("#help-open").focus()  # outside the call
    page.keyboard.press("e")
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    page.keyboard.press("Control+Alt+e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.keyboard.press("Control+Alt+m")  # not offered now
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    page.keyboard.press("Control+Alt+b")
    expect(page.locator("[data-panel=break]")).to_be_visible()


def test_a_key_is_taken_away_and_a_press_that_begins_a_choice_is_not_the_choice(staffed, visit):
    page = visit("a1001", "/agent", expected="503")
    expect(page.locator("[data-panel=break]")).to_be_visible()
    page.keyboard.press("?")
    end = page.locator("[data-key=end][data-kind=key]")
    end.focus()
    page.keyboard.press("Enter")
    expect(end).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(end).to_have_text("E")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    expect(end).to_have_text("–")
    page.locator("#help-close").click()

    def fails(route):
        route.fulfill(status=503, json={"error": "unavailable", "message": "a store of the service is away"})

    page.route("**/api/v1/desk/choices", fails)
    page.locator("#help-open").click()
    choose(page, "end", "key", "x")
    expect(page.locator("#keys-said")).to_contain_text("a store of the service is away")
    expect(end).to_have_text("–")
