"""Channels in the menu file: said once, checked, and heard wherever a slot names them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ivr.core.ids import Language, PromptId
from ivr.core.speech import plain_text
from ivr.storage.files.channels import within_words
from ivr.storage.files.menu_diff import compare
from ivr.storage.files.menus import check_menu

ROOT = Path(__file__).parents[2]
WALLET = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
CHAT = "    calendar: chat\n"


def judged(tmp_path, *changes):
    text = WALLET
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = tmp_path / "wallet.yaml"
    file.write_text(text, encoding="utf-8")
    return check_menu(file, recordings=ROOT / "recordings")


def said(tree, prompt, language):
    return plain_text(tree.prompts[PromptId(prompt)], Language(language), {}, tree)


def test_the_hours_that_are_said_are_those_of_the_calendar_that_decides(tmp_path):
    tree = judged(
        tmp_path,
        ("  chat:\n    weekly: {mon-sun: '09:00-18:00'}", "  chat:\n    weekly: {mon-fri: '08:00-22:00'}"),
        ("    within: 24h\n", "    within: 90m\n"),
    ).tree
    assert tree is not None
    assert "在官网和App内，工作日8点到22点。邮箱通常90分钟内回复。" in said(tree, "info_channels", "zh")
    assert (
        "Live chat is on our site and in the app, Monday to Friday, 8 a.m. to 10 p.m. "
        "E-mail is usually answered within 90 minutes." in said(tree, "info_channels", "en")
    )
    for language, hours in (("zh", "工作日8点到22点"), ("en", "Monday to Friday, 8 a.m. to 10 p.m.")):
        text = said(tree, "sms_contacts", language)
        assert hours in text
        assert "https://help.tpwallet.example/chat" in text
        assert "support@help.tpwallet.example" in text
    assert "微信tpWallet官方" in said(tree, "sms_contacts", "zh")
    assert "WeChat tpWallet." in said(tree, "sms_contacts", "en")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (CHAT, "", "prompts > info_channels: {chat_hours} is about the channel chat, which has no calendar"),
        (CHAT, "", "prompts > sms_contacts: {chat_hours} is about the channel chat, which has no calendar"),
        (CHAT, "    calendar: chatt\n", "channels > chat > calendar: names 'chatt', which no calendar is called; did you mean 'chat'?"),
        ("    within: 24h\n", "", "prompts > info_channels: {email_within} is about the channel email, which promises no answer (within)"),
        ("    within: 24h\n", "    within: soon\n", "channels > email > within: must be a duration such as 15s, 10m or 2h"),
        ("    within: 24h\n", "    within: 30s\n", "channels > email > within: must be at least 1m"),
        ("    address: {zh: tpWallet官方, en: tpWallet}\n", "", "prompts > sms_contacts: {wechat} is about the channel wechat, which has no address"),
        ("    address: {zh: tpWallet官方, en: tpWallet}\n", "    address: {zh: tpWallet官方}\n", "channels > wechat > address: has no text in 'en'"),
        ("在线客服{chat_where}", "在线客服{chat_wehre}", "prompts > info_channels: {chat_wehre} is about the channel chat, which has no text 'wehre'; did you mean 'where'?"),
        ("https://help.tpwallet.example/chat", "https://chat.example/tpwallet", "channels > chat > address: leads to chat.example, which is not among links"),
        ("https://help.tpwallet.example/chat", "http://help.tpwallet.example/chat", "channels > chat > address: must be a link that begins with https://"),
        ("support@help.tpwallet.example", "support@tpwallet.test", "channels > email > address: leads to tpwallet.test, which is not among links"),
        ("    within: 24h\n", "    within: 24h\n    case: case\n", "channels > email > case: goes along in a link: the address must begin with https://"),
        ("    case: case  #", "    case: 'a b'  #", "channels > chat > case: must be the name of a part of a link"),
        ("    name: {zh: 邮箱, en: E-mail}\n", "", "channels > email: needs 'name'"),
        ("    name: {zh: 邮箱, en: E-mail}\n", "    name: {zh: 邮箱}\n", "channels > email > name: has no text in 'en'"),
        ("    name: {zh: 邮箱, en: E-mail}\n", "    name: {zh: 邮箱, en: E-mail}\n    hours: '9-18'\n", "channels > email > hours: is not known here"),
        ("  privacy_days: {", "  chat_hours: {zh: 每天, en: always}\n  privacy_days: {", "channels > chat: fills {chat_hours}, and so does texts > chat_hours: say it in one place"),
        ("  site:\n    name:", "  email_within:\n    address: x\n    name: {zh: 甲, en: a}\n  site:\n    name:", "channels > email_within: fills {email_within}, and so does channels > email: say it in one place"),
        ("  wechat:\n    name:", "  link:\n    address: x\n    name: {zh: 甲, en: a}\n  wechat:\n    name:", "channels > link: fills {link}, which has a meaning of its own: choose another name"),
    ],
)  # fmt: skip
def test_a_wrong_channel_is_refused_where_it_is_wrong(tmp_path, old, new, says):
    result = judged(tmp_path, (old, new))
    assert result.tree is None
    found = [str(problem) for problem in result.problems if not problem.warning]
    assert any(says in line for line in found), "\n".join(found)


def test_a_broken_channel_hides_no_other_mistake_and_makes_none_up(tmp_path):
    result = judged(
        tmp_path, ("    within: 24h\n", "    within: soon\n"), ("zh: 感谢来电，再见。", "zh: 您按错了，再见。")
    )
    found = [str(problem) for problem in result.problems if not problem.warning]
    assert len(found) == 2, "\n".join(found)


@pytest.mark.parametrize(
    ("promise", "zh", "en"),
    [
        (timedelta(hours=24), "24小时", "24 hours"),
        (timedelta(hours=1), "1小时", "1 hour"),
        (timedelta(minutes=30), "30分钟", "30 minutes"),
        (timedelta(minutes=1), "1分钟", "1 minute"),
    ],
)
def test_promises_are_words(promise, zh, en):
    assert within_words(promise, Language("zh"), {}) == zh
    assert within_words(promise, Language("en-GB"), {}) == en
    own = {"within_hours": {Language("es"): "# horas"}}
    assert within_words(timedelta(hours=3), Language("es"), own) == "3 horas"


def test_a_language_without_words_of_ours_brings_its_own(tmp_path):
    spanish = "  es: {locale: es-ES, voice: Polly.Lucia-Neural, name: Español}\ndefault_language: zh"
    found = [str(p) for p in judged(tmp_path, ("default_language: zh", spanish)).problems if not p.warning]
    assert any("channels > chat > calendar: has no words for its hours in 'es'" in line for line in found)
    assert any(
        "channels > email > within: has no words in 'es': write within_hours under texts" in line for line in found
    )


def test_what_changed_is_told_once(tmp_path):
    old = judged(tmp_path).tree
    new = judged(
        tmp_path,
        ("support@help.tpwallet.example", "hello@help.tpwallet.example"),
        ("    case: case  #", "    case: nr  #"),
    ).tree
    assert sorted(compare(old, new)) == [
        "channel chat: case is nr instead of case",
        "text email (en): is 'hello@help.tpwallet.example' instead of 'support@help.tpwallet.example'",
        "text email (zh): is 'hello@help.tpwallet.example' instead of 'support@help.tpwallet.example'",
    ]
