"""Sound in the browser: the music of the queue, a message that its caller hears, and the same message on the supervisor's page."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect

from tests.stories.box import calls_and_asks_for_people, page_of, telephone_of

LISTEN = """
window.sounds = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  this.addEventListener("playing", () => window.sounds.push(new URL(this.src).pathname.split("/").slice(1, 3).join("/")));
  return play.call(this);
};
"""
"""Writes down what really begins to play, not what was asked for."""
LENGTH = """
audio => new Promise((done, fail) => {
  audio.onloadedmetadata = () => done(audio.duration);
  audio.onerror = () => fail(audio.error.message);
  audio.load();
})
"""


def begins_to_play(page: Page, what: str) -> None:
    page.wait_for_function("what => window.sounds.some(sound => sound.startsWith(what))", arg=what, timeout=20_000)


def test_a_message_is_left_heard_and_listened_to(box, browser, screenshots):
    failed: list[Request] = []
    phone = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    phone.on("requestfailed", lambda request: failed.append(request))  # noqa: PLW0108 - the library marks what it is given
    phone.add_init_script(LISTEN)
    telephone = telephone_of(phone, box)
    words = calls_and_asks_for_people(telephone)
    begins_to_play(phone, "recordings/music-")
    telephone.locator("[data-key='2']").click()
    expect(words).to_contain_text("请在提示音后说明")
    expect(telephone.locator("[data-transcript] li[data-kind=beep]")).to_have_count(1)
    until = phone.evaluate("() => performance.now() + 3000")  # the caller speaks: three seconds of a real clock
    phone.wait_for_function("until => performance.now() > until", arg=until)
    telephone.locator("[data-key='#']").click()
    expect(words).to_contain_text("重听请按1")
    telephone.locator("[data-key='1']").click()
    begins_to_play(phone, "voice/heard")
    telephone.locator("[data-key='#']").click()
    expect(words).to_contain_text("前答复")
    assert [request.url for request in failed if "/recordings/" in request.url or "/heard/" in request.url] == []

    desk = page_of(browser, box, "supervisor", "/supervisor/messages")
    sound = desk.locator("[data-entry] audio")
    expect(sound).to_have_count(1)
    assert 1 < sound.evaluate(LENGTH) < 30
    screenshots.take(desk, "messages.png")
