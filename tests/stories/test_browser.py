"""The whole hotline as a visitor sees it: started by its own command, phoned and answered in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.box import calls_and_asks_for_people, goes_on_here, page_of, telephone_of

pytestmark = pytest.mark.timeout(240)


def test_a_visitor_phones_an_agent_answers_and_the_call_stands_in_the_report(box, browser, screenshots):
    agent = page_of(browser, box, "a1001", "/agent")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    agent.locator("[data-panel=break] [data-action=ready]").click()
    expect(agent.locator("[data-panel=available]")).to_be_visible()

    board = page_of(browser, box, "supervisor", "/supervisor")

    phone = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    telephone = telephone_of(phone, box, 1)
    words = calls_and_asks_for_people(telephone)
    expect(words).to_contain_text("队列")

    expect(agent.locator("[data-panel=reserved]")).to_be_visible()
    expect(agent.locator("#caller-number")).to_contain_text("****")
    screenshots.take(phone, "phone.png")
    screenshots.take(agent, "agent-ringing.png")
    agent.keyboard.press("Space")
    expect(agent.locator("#talk-phase")).to_have_text("Connected")
    expect(telephone).to_have_attribute("data-state", re.compile("in-progress|talking|connected|call"))
    screenshots.take(agent, "agent-talking.png")

    expect(board.locator("#agents .state.on_call")).to_have_text("On a call")
    screenshots.take(board, "board.png")

    agent.keyboard.press("e")
    expect(words).to_contain_text("评分")
    telephone.locator("[data-key='5']").click()
    expect(words).to_contain_text("问题解决了吗")
    telephone.locator("[data-key='1']").click()
    expect(words).to_contain_text("您的工单号是")
    expect(words).to_contain_text("再见", timeout=30_000)
    expect(agent.locator("[data-panel=wrap_up]")).to_be_visible()
    screenshots.take(agent, "agent-wrap-up.png")
    agent.locator("#dispositions label").first.click()
    agent.locator("#notes").focus()
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("[data-panel=available]")).to_be_visible()
    agent.locator("#break").click()
    expect(agent.locator("[data-panel=break]")).to_be_visible()

    board.goto(f"{box.origin}/supervisor/reports/waits")
    expect(board.locator("table").first).to_contain_text("other questions")
    screenshots.take(board, "report.png", full_page=True)


def tab_to(page: Page, target: Locator) -> None:
    """Walk there with the tabulator, as somebody without a mouse does."""
    for _ in range(40):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tabulator never comes to {target}")


def test_a_whole_call_without_a_mouse(box, browser):
    desk = browser.new_context(permissions=["microphone"]).new_page()
    desk.goto(f"{box.origin}/agent")
    expect(desk.locator("[name=name]")).to_be_focused()
    desk.keyboard.type("a1001")
    desk.keyboard.press("Tab")
    desk.keyboard.type(box.passwords["a1001"])
    desk.keyboard.press("Enter")
    goes_on_here(desk)
    expect(desk.locator("#check-line")).to_have_attribute("data-state", "good")
    tab_to(desk, desk.locator("#ready"))
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-panel=available]")).to_be_visible()

    street = browser.new_page()
    telephone = telephone_of(street, box, 2)
    expect(telephone.locator("[data-action=call]")).to_be_enabled()
    tab_to(street, telephone.locator("[data-action=call]"))
    street.keyboard.press("Enter")
    words = telephone.locator("[data-transcript]")
    expect(words).to_contain_text("中文服务请按1")
    street.keyboard.press("1")  # the focus is still within the phone
    expect(words).to_contain_text("账户被盗", timeout=30_000)  # the notice before it is heard whole
    street.keyboard.press("0")

    expect(desk.locator("[data-panel=reserved]")).to_be_visible()
    desk.keyboard.press("Space")
    expect(desk.locator("#talk")).to_have_attribute("data-phase", "connected")
    tab_to(desk, desk.locator("#notes"))
    desk.keyboard.type("Easy enough: the letter e ends no call here. ")
    desk.keyboard.press("Shift+Tab")
    assert desk.locator("#talk").get_attribute("data-phase") == "connected"

    tab_to(street, telephone.locator("[data-action=hangup]"))
    street.keyboard.press("Enter")
    expect(telephone).to_have_attribute("data-state", "ended")
    expect(desk.locator("[data-panel=wrap_up]")).to_be_visible()
    expect(desk.locator("#notes")).to_be_focused()
    expect(desk.locator("#notes")).to_have_value(re.compile("Easy enough"))
    result = desk.locator("#dispositions input:checked")
    for _ in range(6):  # over what it was about, back to the result
        desk.keyboard.press("Shift+Tab")
        if result.evaluate("node => node === document.activeElement"):
            break
    expect(result).to_be_focused()
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Control+Enter")  # a pending call says what it waits for: the focus goes there
    expect(desk.locator("#reasons input:focus")).to_have_count(1)
    desk.keyboard.press("Space")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("[data-panel=available]")).to_be_visible()
    tab_to(desk, desk.locator("#break"))
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-panel=break]")).to_be_visible()
