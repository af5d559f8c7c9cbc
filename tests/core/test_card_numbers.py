"""Card numbers are not kept; telephone numbers, case numbers and words are."""

from __future__ import annotations

import pytest

from ivr.core.card_numbers import masked_cards


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("card 4111 1111 1111 1111, exp 12/27", "card •••• •••• •••• 1111, exp 12/27"),
        ("卡号5500000000000004。", "卡号••••••••••••0004。"),
        ("340000000000009 (15 digits)", "•••••••••••0009 (15 digits)"),
        ("4111-1111-1111-1111 and 4222222222222", "••••-••••-••••-1111 and •••••••••2222"),
        ("4111 1111 1111 1112 fails its check", "4111 1111 1111 1112 fails its check"),
        ("call +86 138 0013 8000, case 2506 1607", "call +86 138 0013 8000, case 2506 1607"),
        ("12345678901234567890123 is too long for one", "12345678901234567890123 is too long for one"),
        ("", ""),
    ],
)
def test_only_the_last_four_digits_of_a_card_number_stay(written: str, kept: str) -> None:
    assert masked_cards(written) == kept
    assert masked_cards(kept) == kept
