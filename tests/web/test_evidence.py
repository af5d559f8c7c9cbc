"""The pages of a texted link in a real browser, with script and without, and files opened by people at work."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from ivr.core.ids import CallId, Language
from ivr.wiring_evidence import draw_token
from tests.audit import violations
from tests.pictures import Pictures
from tests.web.house import HOTLINE
from tests.web.links import sound, texted

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 400
SHOWN = {
    "en": ("Details and files for your call", "Send", "Thank you, we have it", "This link no longer works"),
    "zh": ("为您的来电补充资料", "提交", "谢谢，我们已收到", "链接已失效"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_form_is_filled_sent_once_and_over(
    staffed, telephone, tmp_path: Path, screenshots: Pictures, language, script
):
    head, send, thanks, over = SHOWN[language]
    shot = tmp_path / "screenshot.png"
    shot.write_bytes(PNG)
    bad = tmp_path / "picture.png"
    bad.write_bytes(b"MZ\x90\x00\x00")
    link = texted(staffed, language)
    page = telephone(script=script)
    page.goto(link)
    expect(page.locator("h1")).to_have_text(head)
    if script:
        sound(page, "form")
        screenshots.take(page, f"link-form-{language}.png", full_page=True)
    page.fill("input[name=email]", "lin@example.org")
    page.fill("textarea", "ERR 47\nsecond line")
    page.set_input_files("input[name=files]", str(bad))
    page.get_by_role("button", name=send).click()
    expect(page.get_by_role("alert")).to_contain_text("picture.png")
    expect(page.locator("input[name=email]")).to_have_value("lin@example.org")
    if script:
        sound(page, "not taken")
    page.set_input_files("input[name=files]", str(shot))
    page.get_by_role("button", name=send).click()
    expect(page.locator("h1")).to_have_text(thanks)
    page.reload()
    expect(page.locator("h1")).to_have_text(thanks)
    if script:
        sound(page, "received")
    page.goto(link)
    expect(page.locator("h1")).to_have_text(over)
    expect(page.locator("main a")).to_have_attribute("href", f"tel:{HOTLINE}")
    if script:
        sound(page, "over")
    [form] = staffed.switchboard.evidence.shelf.of_call(CallId("CA" + "7" * 32))
    assert (form.fields["what"], [file.name for file in form.files]) == ("ERR 47\nsecond line", ["screenshot.png"])


def test_the_language_is_that_of_the_call_and_can_be_changed(staffed):
    browser = staffed.client()
    path = urlsplit(texted(staffed, "zh")).path
    assert '<html lang="zh-CN"' in browser.get(path, headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in browser.get(f"{path}?lang=en").text


def test_a_link_that_was_never_sent_looks_like_one_that_is_over(staffed):
    browser = staffed.client()
    for path in (f"/e/{draw_token()}", "/e/x", "/e/" + "A" * 26, f"/e/{draw_token()}/sent"):
        answer = browser.get(path)
        assert (answer.status_code, HOTLINE in answer.text) == (410, True)
        assert "Set-Cookie" not in answer.headers


def test_a_body_that_is_no_form_is_refused_and_uses_nothing(staffed):
    browser = staffed.client()
    path = urlsplit(texted(staffed, "en")).path
    for body, kind in (
        (b"what=1", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\nrubbish", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
    ):
        assert browser.post(path, data=body, content_type=kind).status_code == 422
    assert browser.get(path).status_code == 200


def test_one_address_that_asks_too_often_waits_and_voice_is_not_touched(staffed):
    browser = staffed.client()
    path = urlsplit(texted(staffed, "en")).path
    answers = [browser.post(path, data={"what": "x"}).status_code for _ in range(41)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {422}
    assert browser.get(path).status_code == 200
    assert browser.post("/voice/incoming", data={"CallSid": "CA1"}).status_code == 403


def test_files_open_for_the_agent_of_the_call_and_for_supervisors_with_an_audit_row_each(staffed):
    staffed.agent("b2002")
    board = staffed.switchboard
    board.desk.open("a1001")
    board.desk.ready("a1001")
    caller = staffed.phones("+8613800138021").presses("1211#2")
    offer = board.presences.find("a1001").offer
    board.desk.accept("a1001", offer)
    staffed.joins(offer)
    path = urlsplit(texted(staffed, "en", call=caller.call)).path
    sent = staffed.client().post(f"{path}?page={'0' * 16}", data={"files": (BytesIO(PNG), "a b.png")})
    assert sent.status_code == 303
    [form] = board.desk.view("a1001", Language("en")).evidence
    address = f"/evidence/{form.files[0].id}"
    assert staffed.client().get(address).status_code == 303
    assert staffed.client("b2002").get(address).status_code == 404
    for who in ("a1001", "lead"):
        answer = staffed.client(who).get(address)
        assert (answer.status_code, answer.data) == (200, PNG)
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    rows = [row for row in board.people.audit_rows() if row.what == "evidence.open"]
    assert [(row.who, row.object) for row in rows] == [("lead", form.files[0].id), ("a1001", form.files[0].id)]
    caller.hangs_up()


def test_the_panel_shows_what_the_caller_sends_while_they_talk(staffed, visit):
    page = visit("a1001", "/agent", language="en")
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.locator("[data-panel=break] [data-action=ready]").click()
    caller = staffed.phones("+8613800138021").presses("1211#2")
    expect(page.locator("[data-panel=reserved]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#talk")).to_have_attribute("data-phase", "connected")
    path = urlsplit(texted(staffed, "en", call=caller.call)).path
    form = {"email": "lin@example.org", "what": "ERR 47 <b>", "files": (BytesIO(PNG), "shot.png")}
    assert staffed.client().post(f"{path}?page={'0' * 16}", data=form).status_code == 303
    expect(page.locator("#evidence")).to_contain_text("ERR 47 <b>", timeout=10_000)
    expect(page.locator("#evidence .files a")).to_have_text("shot.png")
    expect(page.locator("#evidence")).to_contain_text("not scanned")
    assert violations(page) == []
    with page.expect_download() as download:
        page.locator("#evidence .files a").click()
    assert Path(download.value.path()).read_bytes() == PNG
    page.keyboard.press("e")
