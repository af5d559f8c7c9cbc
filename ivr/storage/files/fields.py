"""The small values of the operator's files: durations, times of day, keys, names. Each says what it wants."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType
from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from ivr.core.hours import Span
from ivr.core.ids import E164

DURATION = re.compile(r"([1-9][0-9]{0,5}|0)(s|m|h)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
HOTLINE = re.compile(r"[a-z][a-z0-9-]{0,31}")
AUDIO = re.compile(r"[a-z0-9_-]{1,64}\.(wav|mp3)")
SPAN = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Strict(BaseModel):
    """A mapping of the file: every field known, every type exact."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def wanted(sentence: str) -> PydanticCustomError:
    """An error whose text stands in the problem as it is."""
    return PydanticCustomError("wanted", sentence.replace("{", "{{").replace("}", "}}"))


def _matching(pattern: re.Pattern[str], says: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise wanted(says)
        return value

    return BeforeValidator(check)


def _parsed(parse: Callable[[str], Any], says: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        try:
            if isinstance(value, str):
                return parse(value)
        except (ValueError, KeyError, LookupError, OSError):
            pass
        raise wanted(says)

    return BeforeValidator(check)


def to_duration(text: str) -> timedelta:
    match = DURATION.fullmatch(text)
    if not match:
        raise ValueError(text)
    return timedelta(**{UNITS[match.group(2)]: int(match.group(1))})


def to_span(text: str) -> Span:
    """`09:00-18:00`; `24:00` may end a day; an end at or before the beginning is on the next day."""
    match = SPAN.fullmatch(text)
    if not match:
        raise ValueError(text)
    opens_h, opens_m, closes_h, closes_m = (int(part) for part in match.groups())
    if (closes_h, closes_m) == (24, 0):
        closes_h = 0
    return Span(opens=time(opens_h, opens_m), closes=time(closes_h, closes_m))


def to_spans(value: Any) -> tuple[Span, ...]:
    """One span, several, or the word `closed`."""
    texts = [] if value == "closed" else [value] if isinstance(value, str) else list(value)
    return tuple(to_span(text) for text in texts)


def to_days(text: str) -> tuple[int, ...]:
    """`mon`, `mon-fri`, `fri-mon`; Monday is 0."""
    first, dash, last = text.partition("-")
    begin = DAYS.index(first)
    end = DAYS.index(last) if dash else begin
    return tuple((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def to_zone(text: str) -> str:
    ZoneInfo(text)
    return text


def to_number(text: str) -> E164:
    """A number in international form, as it is dialled from abroad."""
    if not re.fullmatch(r"\+[0-9 ().-]{6,24}", text):
        raise ValueError(text)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as err:
        raise ValueError(text) from err
    if not phonenumbers.is_valid_number(number):
        raise ValueError(text)
    return E164(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
NO_COUNTRY = "001"
"""Satellite and other networks of no country: minutes cost what their owner likes."""


def to_dialled(text: str) -> E164:
    """A number that we dial ourselves: none whose minutes enrich its owner (`RELIABILITY.md` S-70)."""
    number = to_number(text)
    parsed = phonenumbers.parse(number)
    if phonenumbers.number_type(parsed) in COSTLY or phonenumbers.region_code_for_number(parsed) == NO_COUNTRY:
        raise ValueError(text)
    return number


def _spans(value: Any) -> Any:
    try:
        return to_spans(value)
    except (ValueError, TypeError) as err:
        raise wanted("must be hours such as '09:00-18:00', a list of them, or closed") from err


Duration = Annotated[
    timedelta,
    _parsed(to_duration, "must be a duration such as 15s, 10m or 2h"),
    WithJsonSchema({"type": "string", "pattern": r"^([1-9][0-9]{0,5}|0)(s|m|h)$"}),
]
Name = Annotated[str, _matching(NAME, "must be a name: small letters, digits and _, beginning with a letter")]
Hotline = Annotated[str, _matching(HOTLINE, "must be a name: small letters, digits and -, beginning with a letter")]
SecretName = Annotated[
    str,
    _matching(
        re.compile("[A-Z][A-Z0-9_]{0,63}"),
        "must be the name of a secret: capital letters, digits and _; never the secret",
    ),
]
Parameter = Annotated[
    str,
    _matching(
        re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}"), "must be the name of a part of a link: letters, digits, _ and -"
    ),
]
Hook = Annotated[
    str,
    _matching(re.compile(r"[a-z_][a-z0-9_.]*:[a-z_][a-z0-9_]*"), "must be a function such as package.module:function"),
]
Audio = Annotated[
    str,
    _matching(
        AUDIO, "must be the name of a file in recordings/: small letters, digits, - and _, ending in .wav or .mp3"
    ),
    WithJsonSchema({"type": "string", "pattern": r"^[a-z0-9_-]{1,64}\.(wav|mp3)$"}),
]
Zone = Annotated[str, _parsed(to_zone, "must be a time zone such as Asia/Shanghai")]
Number = Annotated[str, _parsed(to_number, "must be a valid number with + and country code, in quotes")]
DIALLED = "must be a valid number with + and country code, in quotes, and no premium or shared-cost one"
Dialled = Annotated[str, _parsed(to_dialled, DIALLED)]
Country = Annotated[str, _matching(re.compile("[A-Z]{2}"), "must be a country code of two capital letters")]
Day = Annotated[
    date,
    _parsed(date.fromisoformat, "must be a date such as 2026-10-01"),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Spans = Annotated[
    tuple[Span, ...],
    BeforeValidator(_spans),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
