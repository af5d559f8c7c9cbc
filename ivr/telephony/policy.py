"""Whom we may call: decided by region and kind of number, never by hope.

The library takes satellite numbers for mobile ones, an Italian premium number for a fixed line, and the favourites of toll
fraud behind +1 for ordinary American numbers (`RELIABILITY.md`, phone policy). So a number is called only when it is
valid, of an ordinary kind, in a country that is allowed, not behind a prefix that costs more, and when its time zone
is known. Everything else is refused; there is no default in doubt.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, number_type
from phonenumbers import timezone as zones_by_number

from ivr.core.callback_rules import CallbackRules, Callee
from ivr.core.ids import E164

ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
TEXTED = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
NOWHERE = "001"
"""The library's region of satellite telephones and international services."""
DEARER = ("+390892", "+390893", "+390894", "+390895", "+390899")
"""Prefixes of "fixed lines" that cost like services. Some households of Salerno (089) share them and are refused too."""
LONGEST = 20
ABROAD = "00"
ABROAD_FROM = {"US": "011", "CA": "011"}
UNKNOWN_ZONE = "Etc/Unknown"


def judge(number: str, rules: CallbackRules) -> Callee | None:
    """The number as somebody to call, or None. `number` is E.164 (with its plus sign)."""
    if not number.startswith("+") or not number[1:].isascii() or not number[1:].isdigit():
        return None
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed) or ""
    if not _allowed(region, rules) or not _ordinary(parsed, region):
        return None
    zones = tuple(zones_by_number.time_zones_for_number(parsed))
    if not zones or UNKNOWN_ZONE in zones or not all(_known(zone) for zone in zones):
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Callee(number=E164(e164), country=region, zones=zones, mobile=number_type(parsed) in TEXTED)


def keyed(digits: str, home: str, rules: CallbackRules) -> Callee | None:
    """Digits from a keypad: `00` and a country code, else a number of the hotline's own country."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > LONGEST:
        return None
    region = home_region(home)
    abroad = next((prefix for prefix in (ABROAD, ABROAD_FROM.get(region, ABROAD)) if digits.startswith(prefix)), None)
    if abroad is not None:
        return judge("+" + digits.removeprefix(abroad), rules)
    try:
        parsed = phonenumbers.parse(digits, region or None)
    except NumberParseException:
        return None
    return judge(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), rules)


@cache
def _known(zone: str) -> bool:
    try:
        return ZoneInfo(zone) is not None
    except (ZoneInfoNotFoundError, ValueError):
        return False


def home_region(number: str) -> str:
    """The country of a number of ours; empty when it cannot be told."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except NumberParseException:
        return ""


def _allowed(region: str, rules: CallbackRules) -> bool:
    if not region or region == NOWHERE or region in rules.denied:
        return False
    return not rules.regions or region in rules.regions


def _ordinary(parsed: PhoneNumber, region: str) -> bool:
    if parsed.extension or not phonenumbers.is_valid_number_for_region(parsed, region):
        return False
    if number_type(parsed) not in ORDINARY:
        return False
    national = phonenumbers.national_significant_number(parsed)
    if phonenumbers.is_emergency_number(national, region) or phonenumbers.is_emergency_number(f"0{national}", region):
        return False
    return not phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).startswith(DEARER)
