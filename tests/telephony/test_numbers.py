"""Telephone numbers, as claimed by whoever rings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.events import CallerKind
from ivr.telephony.numbers import caller_of, e164, masked


@pytest.mark.parametrize(
    ("claimed", "kind"),
    [
        ("+8613800138000", CallerKind.NUMBER),
        ("anonymous", CallerKind.WITHHELD),
        ("Restricted", CallerKind.WITHHELD),
        ("+266696687", CallerKind.WITHHELD),
        ("", CallerKind.WITHHELD),
        ("sip:someone@example.org", CallerKind.SIP),
        ("client:a1001", CallerKind.CLIENT),
        ("13800138000", CallerKind.UNKNOWN),
        ("+86138001380001234567", CallerKind.UNKNOWN),
        ("+８６13800138000", CallerKind.UNKNOWN),
        ("'; DROP TABLE calls; --", CallerKind.UNKNOWN),
        ("x" * 300, CallerKind.UNKNOWN),
    ],
)
def test_caller_is_what_the_claim_allows(claimed, kind):
    assert caller_of(claimed).kind is kind


def test_mobile_can_take_a_text_and_a_landline_cannot():
    assert caller_of("+8613800138000").mobile
    assert not caller_of("+861058765432").mobile


@given(st.text(max_size=400))
def test_no_claim_breaks_anything(claimed):
    caller = caller_of(claimed)
    assert (caller.number is not None) == (caller.kind is CallerKind.NUMBER)


def test_extension_and_national_forms_are_not_dialled():
    assert e164("+442079460107") == "+442079460107"
    assert e164("+442079460107;ext=99") is None
    assert e164("020 7946 0107") is None


def test_mask_shows_country_start_and_last_two_digits():
    assert masked("+8613800138021") == "+86 138****21"
    assert masked("") == ""
    assert masked("anything") == "***"
