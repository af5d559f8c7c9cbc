"""Text messages tried in the box: a browser's telephone reads what the hotline sent and answers it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.callbacks import ANA_CALLS, ANY, promised, promises
from tests.stories.evidence import link_in
from tests.stories.town import Town

AMERICAN = "+14155550123"


def telephone(town: Town, browser: Browser, language: str, *, number: str = ANA_CALLS) -> Page:
    """The page of Ana's telephone."""
    page = browser.new_context(locale={"zh": "zh-CN", "en": "en-GB"}[language]).new_page()
    page.goto(f"{town.network.base_url}/phone?from={number.replace('+', '%2B')}")
    expect(page.locator("[data-phone='1'] [data-action=text]")).to_be_enabled()
    return page


def writes(town: Town, page: Page, body: str) -> None:
    page.locator("[data-body]").fill(body)
    page.locator("[data-action=text]").click()
    expect(page.locator("li[data-way=sent]").last).to_contain_text(body)
    town.settle()


@pytest.mark.parametrize(("language", "key", "word"), [("zh", "1", "QX"), ("en", "2", "STOP")])
def test_a_callback_is_cancelled_by_a_text_from_the_page(town, browser, language, key, word):
    promised(town, language=key)
    page = telephone(town, browser, language)
    expect(page.locator("li[data-way=received]", has_text=word)).to_have_count(1)
    writes(town, page, word)
    [promise] = promises(town)
    assert (promise.state, promise.reason) == ("closed", "cancelled by text")


def test_a_rating_is_given_by_a_text_from_the_page(town, browser):
    ana = town.agent("ana", skills=ANY).available()
    call = town.queues(AMERICAN, "20")
    call.meets(ana.accepts())
    town.passes(20)
    call.hangs_up()
    town.settle()
    page = telephone(town, browser, "en", number=AMERICAN)
    expect(page.locator("li[data-way=received]", has_text="Please rate your call")).to_have_count(1)
    writes(town, page, "5")
    expect(page.locator("li[data-way=received]").last).to_contain_text("Thank you for your rating.")
    record = town.ended(call)
    assert (record.survey, record.score) == ("text", 5)


def test_a_link_is_followed_to_the_form(town, browser):
    call = town.caller(ANA_CALLS)
    town.presses(call, "2")
    town.passes(2)
    town.presses(call, "511")
    page = telephone(town, browser, "en")
    link = page.locator("li[data-way=received] a", has_text="/e/")
    expect(link).to_have_attribute("href", link_in(town, ANA_CALLS))
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.locator("form textarea")).to_be_visible()
    call.hangs_up()
