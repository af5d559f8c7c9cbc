"""The page behind a texted link hands over to e-mail and chat (`DOMAIN.md` C3): in a real browser, script switched off."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from ivr.core.hours import is_open
from tests.pictures import Pictures
from tests.web.house import HOTLINE
from tests.web.links import sound, texted

WORDS = {
    "en": ("Other ways to go on", "Write an e-mail", "Open Live chat", "transfers: case ", "open now", "closed now"),
    "zh": ("其他联系方式", "写邮件", "打开在线客服", "转账与交易：工单", "现在在线", "现在休息"),
}


def opened_case(staffed):
    """A caller with a late transfer, and the case that the text of the link opened."""
    board = staffed.switchboard
    caller = staffed.phones("+8613800138021").presses("1211#2")
    session = board.sessions.find(caller.call)
    return caller.call, board.cases.open_for(session, staffed.now)


@pytest.mark.parametrize("script", [False, True], ids=["no script", "script"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_offers_form_mail_and_chat_with_topic_and_case_number(
    staffed, telephone, screenshots: Pictures, language, script
):
    head, write, chat, subject, here, gone = WORDS[language]
    call, case = opened_case(staffed)
    page = telephone(script=script)
    page.goto(texted(staffed, language, call=call, case=case.id, topic=""))
    expect(page.locator("form textarea")).to_be_visible()
    ways = page.locator("#ways")
    expect(ways.locator("h2")).to_have_text(head)
    expect(ways).to_contain_text(f"{case.number[:4]} {case.number[4:]}")
    expect(ways).to_contain_text("support@help.tpwallet.example")
    tree = staffed.switchboard.menus.by_number(HOTLINE)
    open_now = is_open(tree.calendars["chat"], staffed.now)
    expect(ways.locator("li", has_text="24").first).to_be_visible()
    expect(ways.locator(".now")).to_have_text(here if open_now else gone)

    mail = urlsplit(page.get_by_role("link", name=write).get_attribute("href") or "")
    assert (mail.scheme, mail.path) == ("mailto", "support@help.tpwallet.example")
    said = parse_qs(mail.query)
    assert said["subject"] == [subject + case.number]
    [body] = said["body"]
    assert body.count("\r\n") == 9
    assert ("password" if language == "en" else "密码") in body
    target = page.get_by_role("link", name=chat).get_attribute("href")
    assert target == f"https://help.tpwallet.example/chat?case={case.number}"
    site = ways.get_by_role("link", name=re.compile("官网|Website")).get_attribute("href")
    assert site == "https://help.tpwallet.example/contact"
    if script:
        sound(page, "ways")
        screenshots.take(page, f"link-ways-{language}.png", full_page=True)

    page.fill("textarea", "ERR 47")
    page.locator("form button").click()
    [form] = staffed.switchboard.evidence.shelf.of_call(call)
    assert form.fields["what"] == "ERR 47"


def test_the_chat_opens_with_the_case_number_and_learns_nothing_of_our_link(staffed, telephone):
    call, case = opened_case(staffed)
    page = telephone(script=False)
    asked = []

    def answer(route):
        asked.append(route.request)
        route.fulfill(status=200, content_type="text/html", body="<h1>Chat</h1>")

    page.route("https://help.tpwallet.example/**", answer)
    page.goto(texted(staffed, "en", call=call, case=case.id))
    page.get_by_role("link", name="Open Live chat").click()
    expect(page.locator("h1")).to_have_text("Chat")
    assert [request.url for request in asked] == [f"https://help.tpwallet.example/chat?case={case.number}"]
    assert "referer" not in asked[0].headers


def test_a_link_that_is_over_offers_nothing_and_names_no_case(staffed):
    call, case = opened_case(staffed)
    browser = staffed.client()
    used = urlsplit(texted(staffed, "en", call=call, case=case.id)).path
    assert case.number in browser.get(used).text
    sent = browser.post(f"{used}?page={'0' * 16}", data={"what": "x"}, content_type="multipart/form-data")
    assert sent.status_code == 303
    late = urlsplit(texted(staffed, "en", call=call, case=case.id, hours=-1)).path
    for path in (used, f"{used}/sent", late):
        page = browser.get(path).text
        assert case.number not in page
        assert "mailto:" not in page
        assert "help.tpwallet.example" not in page


def test_looking_needs_no_cookie_and_runs_no_script(staffed):
    call, case = opened_case(staffed)
    answer = staffed.client().get(urlsplit(texted(staffed, "zh", call=call, case=case.id)).path)
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
