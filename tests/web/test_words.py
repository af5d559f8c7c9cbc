"""The catalogs are whole, and the API's description matches its routes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from openapi_spec_validator import validate

from ivr.core.cases import CaseStatus, public_words
from ivr.core.facts import CallEnd
from ivr.core.ids import Language
from ivr.core.visitors import Mode
from ivr.web.catalogs import collected, problems
from ivr.web.i18n import LOCALES, read_catalog, translations
from ivr.web.openapi import document
from ivr.web.texts import TEXTS
from ivr.workflows.report_deeds import deeds
from tests.web.house import ROOT


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_every_text_is_in_every_language(language):
    assert list(problems(language)) == []


def test_mandarin_is_written_in_chinese():
    untranslated = [message.id for message in read_catalog("zh") if message.id and message.string == message.id]
    assert untranslated == []


def test_texts_of_scripts_are_collected():
    found = {message.id for message in collected()}
    assert set(TEXTS.values()) <= found


@pytest.mark.parametrize("language", sorted(LOCALES))
@pytest.mark.parametrize("status", list(CaseStatus))
def test_agents_choose_a_standing_in_the_words_that_callers_hear(language, status):
    assert translations(language).gettext(TEXTS[f"told_{status}"]) == public_words(status, Language(language))


def test_how_an_earlier_call_ended_is_said_in_words():
    assert {end: TEXTS.get(f"end_{end}", "") for end in CallEnd if not TEXTS.get(f"end_{end}")} == {}


def test_every_deed_that_the_audit_may_hold_has_words_and_no_words_are_of_a_deed_that_is_gone():
    """The names stand in the code: what goes into `audit`, `add_within` and the notes that modules with an audit write."""
    written: set[str] = set()
    for file in (ROOT / "ivr").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "audit" in text and "simulator" not in file.parts:
            written.update(deeds_in(ast.parse(text)))
    assert written == set(deeds(str))


WRITERS = {"audit", "add_within", "change_rights", "_note", "_looked", "_write"}


def deeds_in(tree: ast.AST) -> Iterator[str]:
    """Constants for the deed in calls of `WRITERS`: by name, or the first that is no name of a variable."""
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in WRITERS:
            named = [one.value for one in node.keywords if one.arg == "what"]
            words = [one for one in node.args if isinstance(one, ast.Constant | ast.IfExp | ast.JoinedStr)]
            found = [*named, *words][:1]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("what", "NOT_DONE"):
            found = [node.value]
        for value in found:
            for one in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                if isinstance(one, ast.JoinedStr):  # talk: {mode}
                    yield from (f"{getattr(one.values[0], 'value', '')}{mode}" for mode in Mode)
                elif isinstance(one, ast.Constant):
                    yield str(one.value)


def test_pages_speak_the_language_that_was_chosen(staffed):
    browser = staffed.client("lead")
    answer = browser.post("/preferences", data={"language": "zh", "next": "/supervisor", "csrf": browser.token()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/supervisor")
    page = browser.get("/supervisor").text
    assert '<html lang="zh-CN"' in page
    assert "看板" in page
    account = staffed.switchboard.people.session(browser.get_cookie("ivr").value, staffed.now)
    assert account.language == "zh"


def test_a_stranger_is_greeted_in_the_browsers_language(house):
    assert "登录" in house.client().get("/login", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Sign in" in house.client().get("/login", headers={"Accept-Language": "en-GB"}).text
    assert "登录" in house.client().get("/login", headers={"Accept-Language": "fr"}).text


def test_the_theme_is_kept(staffed):
    browser = staffed.client("lead")
    browser.post("/preferences", data={"theme": "dark", "next": "/", "csrf": browser.token()})
    assert 'data-theme="dark"' in browser.get("/supervisor").text
    browser.post("/preferences", data={"theme": '"><script>', "next": "/", "csrf": browser.token()})
    assert 'data-theme="dark"' in browser.get("/supervisor").text


def test_the_description_of_the_api_is_valid_and_complete(house):
    validate(document())
    described = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in house.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


HEARD_BY_CALLERS = {
    "The agent who helps you sees it now. You can close this page.",
    "What you send here is shown to the agent who helps you. Everything is optional.",
}
"""Pages that callers see call an agent what callers hear."""
OTHER_WORDS = {"客服": "坐席", "座席": "坐席", "主题": "业务", "回拨": "回电", "等候": "等待", "报表": "报告"}
MAIL_SUBJECT = "Opens your mail app: the subject names your case, the text says what to bring."


def test_one_word_for_one_thing_in_chinese():
    """An agent is 坐席 on the screens of agents and supervisors; callers hear 客服."""
    found = [
        (message.id, word)
        for message in read_catalog("zh")
        if message.id and message.id not in HEARD_BY_CALLERS
        for word, ours in OTHER_WORDS.items()
        if word in str(message.string).replace("在线客服", "").replace("客服热线", "")
        if (message.id, word) != (MAIL_SUBJECT, "主题")
    ]
    assert found == []
