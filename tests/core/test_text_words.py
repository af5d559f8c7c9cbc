"""What people mean by a text message."""

from __future__ import annotations

import pytest

from ivr.core.text_words import Means, meaning


@pytest.mark.parametrize("body", ["5", " 5 ", "5!", "５", "５分", "五", "5 stars", "5。", "5星"])
def test_a_mark_is_read_however_it_is_written(body: str) -> None:
    said = meaning(body)
    assert (said.what, said.score, said.comment) == (Means.SCORE, 5, "")


def test_what_follows_a_mark_is_a_comment() -> None:
    assert meaning("2 waited too long").comment == "waited too long"
    assert meaning("1，客服很慢").comment == "客服很慢"
    assert len(meaning("1 " + "x" * 2000).comment) == 500


@pytest.mark.parametrize("body", ["QX", "qx", "取消", " 取消。"])
def test_a_callback_is_cancelled_in_either_language(body: str) -> None:
    assert meaning(body).what is Means.CANCEL


@pytest.mark.parametrize("body", ["STOP", "stop", "Stop.", "UNSUBSCRIBE", "quit"])
def test_the_carriers_own_words_are_known(body: str) -> None:
    assert meaning(body).what is Means.STOP
    assert meaning("start").what is Means.START


@pytest.mark.parametrize("body", ["", "6", "0", "55", "12345678", "hello", "please stop calling", "½", "\u0663"])
def test_everything_else_is_for_a_person(body: str) -> None:
    assert meaning(body).what is Means.OTHER
