"""Telephone numbers in and out. Everything that comes in becomes a `Caller`; nothing that is not E.164 goes out.

The carrier's `From` is a claim: it may be withheld, a SIP address, a browser, or anything at all. Some systems send
the word ANONYMOUS keyed on a telephone; those digits are a withheld number, not a subscriber
(`RELIABILITY.md`, appendix A).
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, number_type

from ivr.core.events import Caller, CallerKind
from ivr.core.ids import E164

SPELLED_OUT = frozenset({"+266696687", "+7378742833", "+86282452253", "+464", "+8656696"})
"""ANONYMOUS, RESTRICTED, UNAVAILABLE and relatives on a keypad."""
WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private", "withheld", ""})
LONGEST = 320
MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@lru_cache(maxsize=4096)
def caller_of(claimed: str) -> Caller:
    """Who rings, from the carrier's `From`. Never fails. Kept, because every step of a call names its caller again."""
    text = claimed.strip()[:LONGEST]
    if text.lower() in WITHHELD or text in SPELLED_OUT:
        return Caller(kind=CallerKind.WITHHELD)
    if text.lower().startswith(("sip:", "sips:")):
        return Caller(kind=CallerKind.SIP)
    if text.startswith("client:"):
        return Caller(kind=CallerKind.CLIENT)
    parsed = _parse(text)
    if parsed is None:
        return Caller(kind=CallerKind.UNKNOWN)
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Caller(
        kind=CallerKind.NUMBER,
        number=E164(number),
        country=phonenumbers.region_code_for_number(parsed) or "",
        mobile=number_type(parsed) in MOBILE,
    )


def e164(text: str) -> E164 | None:
    """A dialable number in E.164, or None. Extensions, national forms and letters are refused."""
    parsed = _parse(text.strip()[:LONGEST])
    if parsed is None or parsed.extension:
        return None
    return E164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    if not text.startswith("+") or not text[1:].isascii() or not text[1:].isdigit():
        return None
    try:
        parsed = phonenumbers.parse(text, None)
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def masked(number: str) -> str:
    """For screens: country code, start and last two digits: `+86 138****21`. Empty stays empty."""
    parsed = _parse(number)
    if parsed is None:
        return "***" if number else ""
    national = phonenumbers.national_significant_number(parsed)
    return f"+{parsed.country_code} {national[:3]}****{national[-2:]}"


def spelled(number: str) -> str:
    """In full, as people read and dial it: `+86 138 0013 8021`."""
    parsed = _parse(number)
    if parsed is None:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
