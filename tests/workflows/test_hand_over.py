"""What the page behind a texted link offers, by menu, language and time of day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ivr.core.channels import AddressKind
from ivr.core.evidence import OpenLink
from ivr.core.ids import CallId, Language, TopicId
from ivr.storage.files.menus import Menus, load_menu
from ivr.workflows.hand_over import HandOver

ROOT = Path(__file__).parents[2]
WALLET = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")


class At:
    def __init__(self, at: str) -> None:
        self.at = datetime.fromisoformat(at)

    def now(self) -> datetime:
        return self.at


def handed(tmp_path, *changes, at="2026-03-02T10:00:00+08:00", language="en", **given):
    text = WALLET
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = tmp_path / "wallet.yaml"
    file.write_text(text, encoding="utf-8")
    tree = load_menu(file, recordings=ROOT / "recordings")
    link = OpenLink(
        id="link-1",
        hotline="wallet",
        call=CallId("CA1"),
        case="case-1",
        dialled=tree.numbers[0],
        language=Language("zh"),
        expires_at=At(at).now(),
        **{"topic": None, "number": "12345674", "path": ("transfers", "late"), **given},
    )
    return HandOver(menus=Menus(trees=(tree,)), clock=At(at))(link, Language(language))


@pytest.mark.parametrize(
    ("at", "there"),
    [
        ("2026-03-02T08:59:59+08:00", False),
        ("2026-03-02T09:00:00+08:00", True),
        ("2026-03-02T17:59:59+08:00", True),
        ("2026-03-02T18:00:00+08:00", False),
    ],
)
def test_the_chat_is_open_by_the_calendar_whose_words_are_shown(tmp_path, at, there):
    chat, email, *_ = handed(tmp_path, at=at).ways
    assert (chat.name, chat.hours, chat.open) == ("Live chat", "every day, 9 a.m. to 6 p.m.", there)
    assert (email.kind, email.within, email.open) == (AddressKind.MAIL, "24 hours", None)


def test_the_name_of_the_part_that_carries_the_number_is_the_operators(tmp_path):
    chat, *_ = handed(tmp_path, ("    case: case  #", "    case: ticket_no  #")).ways
    assert (chat.link, chat.takes_case) == ("https://help.tpwallet.example/chat?ticket_no=12345674", True)


def test_a_case_that_is_gone_takes_its_number_along(tmp_path):
    chat, *_ = handed(tmp_path, number="").ways
    assert (chat.link, chat.takes_case) == ("https://help.tpwallet.example/chat", False)


@pytest.mark.parametrize(
    ("given", "language", "topic"),
    [
        ({"topic": TopicId("refunds")}, "zh", "退款"),
        ({"topic": TopicId("refunds")}, "en", "refunds"),
        ({}, "zh", "转账与交易 › 延迟或未到账"),
        ({}, "en", "Transfers › Late or not received"),
        ({"path": ()}, "en", ""),
    ],
)
def test_the_topic_is_the_case_s_else_the_way_through_the_menu(tmp_path, given, language, topic):
    assert handed(tmp_path, language=language, **given).topic == topic


def test_a_channel_that_is_only_read_leads_nowhere(tmp_path):
    wechat = next(way for way in handed(tmp_path, language="zh").ways if way.name == "官方微信")
    assert (wechat.kind, wechat.address, wechat.link) == (AddressKind.WORDS, "tpWallet官方", "")
