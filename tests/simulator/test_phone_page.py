"""The phone page in a real browser: a caller without a telephone calls, hears, presses and hangs up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from html import escape

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from ivr.simulator import Network, control
from tests.audit import assert_sound
from tests.pictures import Pictures

MENU = (
    '<Response><Gather numDigits="1" timeout="30" action="/voice/chosen">'
    '<Say language="zh-CN">欢迎致电,中文服务请按一。为了让您有时间考虑,我们会把这段话说得很长很长。</Say>'
    '<Say language="en-US">For English, press two.</Say></Gather></Response>'
)
CHOSEN = '<Response><Say language="en-US">You pressed {key}.</Say><Record maxLength="60" timeout="20"/></Response>'


@pytest.fixture(scope="module")
def customer() -> Iterator[str]:
    """A small service under the network: its address."""
    app = Flask("customer")

    @app.post("/voice/incoming")
    def incoming() -> Response:
        return Response(MENU, content_type="text/xml")

    @app.post("/voice/chosen")
    def chosen() -> Response:
        return Response(CHOSEN.format(key=request.form["Digits"]), content_type="text/xml")

    @app.post("/voice/client")
    def client() -> Response:
        return Response(
            '<Response><Say language="en-US">Agent line.</Say><Pause length="60"/></Response>', content_type="text/xml"
        )

    @app.post("/voice/text")
    def text() -> Response:
        said = f"{request.form['From']} wrote {request.form['Body']}"
        return Response(f"<Response><Message>{escape(said)}</Message></Response>", content_type="text/xml")

    @app.post("/voice/status")
    def status() -> Response:
        return Response(status=204)

    @app.get("/desk")
    def desk() -> Response:
        return Response("<!doctype html><title>desk</title>", content_type="text/html")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def network(customer: str) -> Iterator[Network]:
    with Network() as made:
        made.serves(customer)
        yield made


@pytest.fixture
def page(browser: Browser, network: Network) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    wrongs: list[str] = []
    opened.on("pageerror", lambda error: wrongs.append(str(error)))
    opened.on("console", lambda line: wrongs.append(line.text) if "Content Security Policy" in line.text else None)
    opened.goto(f"{network.base_url}/phone")
    yield opened
    context.close()
    assert wrongs == []


def test_a_caller_dials_hears_the_menu_presses_a_key_and_hangs_up(page: Page, network: Network) -> None:
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone).to_have_attribute("data-state", "talking")
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    expect(phone.locator("[data-timer]")).to_have_text("0:01")

    phone.locator("[data-key='2']").click()
    expect(phone.locator("li[data-kind=say][data-interrupted]")).to_contain_text("欢迎致电")
    expect(phone.locator("[data-transcript]")).to_contain_text("You pressed 2.")
    expect(phone.locator("[data-action=speak]")).to_be_visible()

    phone.locator("[data-action=hangup]").click()
    expect(phone).to_have_attribute("data-state", "ended")
    expect(phone.locator("[data-action=speak]")).to_be_hidden()
    network.wait_until(lambda: all(leg.over for leg in network.rest.legs.values()), what="the call is over")


def test_the_keyboard_is_a_keypad_while_the_phone_has_focus(page: Page) -> None:
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    phone.focus()
    page.keyboard.press("1")
    expect(phone.locator("[data-transcript]")).to_contain_text("You pressed 1.")


def test_a_phone_that_rings_can_be_answered_and_declined(page: Page, network: Network) -> None:
    phone = page.locator("[data-phone='1']")
    expect(phone.locator("[data-action=call]")).to_be_enabled()
    for action, state in (("decline", "idle"), ("answer", "talking")):
        with network.rest.loop.change():
            network.rest.originate(from_=network.number, to="+8613800138000")
        expect(phone).to_have_attribute("data-state", "incoming")
        phone.locator(f"[data-action={action}]").click()
        expect(phone).to_have_attribute("data-state", state)


def test_a_call_goes_on_when_the_page_is_loaded_anew(page: Page) -> None:
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    page.reload()
    expect(phone).to_have_attribute("data-state", "talking")
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")


def test_a_call_ends_when_its_page_is_closed_and_does_not_come_back(
    page: Page, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "LEFT_S", 0.3)
    page.reload()
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    assert network.live_legs() != []
    page.close()
    network.wait_until(lambda: all(leg.over for leg in network.rest.legs.values()), what="the line is free")


def test_a_call_that_somebody_looked_at_again_meanwhile_goes_on(
    page: Page, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[Callable[[], None]] = []

    class Held(threading.Timer):
        """Fires when the test says so."""

        def start(self) -> None:
            timers.append(lambda: self.function(*self.args, **self.kwargs))

    monkeypatch.setattr(threading, "Timer", Held)
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    page.goto("about:blank")
    network.wait_until(lambda: len(timers) == 1, what="the first leave is seen")
    page.goto(f"{network.base_url}/phone")  # somebody listens again
    expect(phone).to_have_attribute("data-state", "talking")
    page.close()  # the second one has not lasted long when the first one's time is up
    network.wait_until(lambda: len(timers) == 2, what="the second leave is seen")
    timers[0]()
    assert network.live_legs() != []
    timers[-1]()
    assert network.live_legs() == []


def test_two_phones_stand_side_by_side_in_the_language_chosen(page: Page) -> None:
    page.locator("[data-action=add]").click()
    expect(page.locator("section[data-phone]")).to_have_count(2)
    page.locator("[data-language=zh]").click()
    expect(page.locator("[data-phone='2'] [data-action=call]")).to_have_text("拨打")
    page.reload()
    expect(page.locator("section[data-phone]")).to_have_count(2)
    expect(page.locator("[data-phone='2'] [data-action=call]")).to_have_text("拨打")
    page.locator("[data-phone='2'] [data-action=remove]").click()
    expect(page.locator("section[data-phone]")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_no_fault_idle_on_a_call_and_with_two_phones(page: Page, language: str) -> None:
    page.locator(f"[data-language={language}]").click()
    assert_sound(page, "idle")
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-transcript]")).to_contain_text("欢迎致电")
    phone.locator("[data-key='2']").click()
    expect(phone.locator("[data-action=speak]")).to_be_visible()
    assert_sound(page, "recording")
    page.locator("[data-action=add]").click()
    assert_sound(page, "two phones")
    phone.locator("[data-action=hangup]").click()
    expect(phone).to_have_attribute("data-state", "ended")
    assert_sound(page, "ended")


def test_a_number_nobody_has_is_explained_in_words(page: Page) -> None:
    phone = page.locator("[data-phone='1']")
    phone.locator("[data-field=to]").select_option("own")
    phone.locator("[data-field=to-own]").fill("+442079460000")
    phone.locator("[data-action=call]").click()
    expect(phone.locator("[data-trouble]")).to_contain_text("cannot be reached")
    expect(phone).to_have_attribute("data-state", "ended")


def test_the_softphone_of_another_origin_connects_and_is_told_of_the_end(
    page: Page, network: Network, customer: str
) -> None:
    page.goto(f"{customer}/desk")
    page.add_script_tag(url=f"{network.base_url}/device.js")
    told = page.evaluate(
        """async ([token, base]) => {
          const device = new SimulatorDevice(token, { base });
          window.device = device;
          await device.register();
          const call = await device.connect({ params: { offer: "1" } });
          await new Promise((done) => call.on("accept", done));
          const open = call.status();
          window.ended = new Promise((done) => call.on("disconnect", () => done(call.status())));
          return [device.state, device.identity, open, call.parameters.CallSid];
        }""",
        [network.token("agent_1"), network.base_url],
    )
    assert told[:3] == ["registered", "agent_1", "open"]
    with network.rest.loop.change():
        network.rest.end(network.rest.legs[told[3]])
    assert page.evaluate("window.ended") == "closed"


WORDS = {
    "en": ("Messages", "Text messages of the hotline appear here", "Answer, such as QX, 5 or STOP", "Send"),
    "zh": ("短信", "热线发来的短信会出现在这里", "回复短信，例如 QX、5 或 STOP", "发送"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_messages_are_read_followed_and_answered(
    page: Page, network: Network, customer: str, screenshots: Pictures, language: str
) -> None:
    head, nothing, write, send = WORDS[language]
    page.locator(f"[data-language={language}]").click()
    texts = page.locator("[data-phone='1'] [data-texts]")
    expect(texts.get_by_role("heading")).to_have_text(head)
    expect(texts.locator(".empty")).to_contain_text(nothing)
    assert_sound(page, "no messages")
    with network.rest.loop.change():
        network.rest.messages.send(
            from_=network.number, to="+8613800138000", body=f"工单12345674：{customer}/desk ，24小时内有效。<b>x</b>"
        )
    received = texts.locator("li[data-way=received]")
    expect(received).to_contain_text("24小时内有效。<b>x</b>")
    link = received.get_by_role("link")
    expect(link).to_have_text(f"{customer}/desk")
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value).to_have_title("desk")
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()

    texts.get_by_label(write).fill("QX")
    texts.get_by_role("button", name=send).click()
    expect(texts.locator("li[data-way=sent]")).to_contain_text("QX")
    expect(received.nth(1)).to_contain_text("+8613800138000 wrote QX")
    texts.get_by_label(write).fill("5")
    page.keyboard.press("Enter")
    expect(received.nth(2)).to_contain_text("wrote 5")
    expect(texts.get_by_label(write)).to_have_value("")
    screenshots.take(page, f"phone-texts-{language}.png", full_page=True)
    assert_sound(page, "messages")
    page.reload()
    expect(texts.locator("li")).to_have_count(5)


def test_who_withholds_the_number_has_no_messages_and_another_phone_has_its_own(page: Page, network: Network) -> None:
    with network.rest.loop.change():
        network.rest.messages.send(from_=network.number, to="+8613800138000", body="one")
    phone = page.locator("[data-phone='1']")
    expect(phone.locator("li[data-way=received]")).to_have_count(1)
    page.locator("[data-action=add]").click()
    expect(page.locator("[data-phone='2'] [data-texts]")).to_be_visible()
    expect(page.locator("[data-phone='2'] li[data-way]")).to_have_count(0)
    phone.locator("[data-field=from]").select_option("anonymous")
    expect(phone.locator("[data-texts]")).to_be_hidden()
