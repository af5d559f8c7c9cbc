"""The number of a case, and what callers hear of its status."""

from __future__ import annotations

import random

import pytest

from ivr.core.cases import HIGHEST, LOWEST, CaseStatus, is_case_number, numbered, public_words
from ivr.core.ids import Language


def test_every_drawn_number_has_eight_digits_and_the_right_check_digit() -> None:
    dice = random.Random(7)
    drawn = [LOWEST, HIGHEST, *(dice.randint(LOWEST, HIGHEST) for _ in range(500))]
    assert all(is_case_number(numbered(one)) for one in drawn)
    assert numbered(2506160)[:7] == "2506160"


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert numbered(7992739) == "79927398"  # 9·2→9, 3, 7·2→5, 2, 9·2→9, 9, 7·2→5 make 42
    assert is_case_number("79927398")


def test_one_wrong_digit_is_always_noticed() -> None:
    number = numbered(2506160)
    for place, digit in enumerate(number):
        for other in "0123456789":
            if other != digit:
                assert not is_case_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize("digits", ["", "2506160", "1" * 9, "２５０６１６０７", "0000000a", "18"])
def test_what_is_not_eight_digits_is_no_case_number(digits: str) -> None:
    assert not is_case_number(digits)


@pytest.mark.parametrize("status", list(CaseStatus))
def test_every_status_has_public_words_in_both_languages(status: CaseStatus) -> None:
    words = {public_words(status, Language(language)) for language in ("zh", "en", "zh-TW")}
    assert len(words) == 2
    assert public_words(status, Language("fr")) == public_words(status, Language("en"))
