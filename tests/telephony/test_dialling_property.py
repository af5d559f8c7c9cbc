"""Every time zone there is and every kind of number there is, against oracles that read another book.

The rules ask `zoneinfo` for wall times and the library for the kind of a number. The oracles here count minutes of the day
from offsets, and match the number plans of each country by hand. `IVR_TEST_DIALS` sets how many promises the story at the
end makes (moderate by default).
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType
from phonenumbers import timezone as zones_by_number

from ivr.core.callback_rules import GRID, CallbackRules, Callee, decent, fits, next_fit
from ivr.core.hours import ALWAYS, Calendar, Span
from ivr.core.ids import E164
from ivr.telephony.policy import DEARER, judge

DOSE = int(os.environ.get("IVR_TEST_DIALS", "1"))
RULES = CallbackRules()
MINUTE = timedelta(minutes=1)
ZONES = frozenset(available_timezones())
SOMEBODY = E164("+12125550123")

# ---- hours -------------------------------------------------------------------------------------------------------


def minute_of_day(at: datetime, zone: str) -> float:
    """By the offset alone: minutes since the last local midnight."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    seconds = (at - datetime(1970, 1, 1, tzinfo=UTC) + offset).total_seconds()
    return seconds % 86_400 / 60


def slow_decent(at: datetime, zones: tuple[str, ...], span: tuple[time, time]) -> bool:
    opens, closes = (clock.hour * 60 + clock.minute for clock in span)
    return all(opens <= minute_of_day(at, zone) < closes for zone in zones)


def jumps(zone: str, year: int) -> list[datetime]:
    """Moments of a year between which the offset differs, found in steps of six hours."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    looks = [start + timedelta(hours=6 * n) for n in range(4 * 366)]
    offsets = [look.astimezone(ZoneInfo(zone)).utcoffset() for look in looks]
    return [look for look, one, two in zip(looks, offsets, offsets[1:], strict=False) if one != two]


@pytest.mark.parametrize("part", range(4))
def test_decent_hours_equal_a_count_of_minutes_in_every_zone_also_on_days_of_23_and_25_hours(part):
    dice = random.Random(part)
    for zone in sorted(ZONES)[part::4]:
        callee = Callee(number=SOMEBODY, country="US", zones=(zone,))
        year = dice.randrange(2024, 2036)
        begins = [datetime(year, dice.randrange(1, 13), dice.randrange(1, 28), tzinfo=UTC), *jumps(zone, year)[:2]]
        for begin in begins:
            for minutes in range(0, 26 * 60 * DOSE, 7):
                at = begin + minutes * MINUTE
                assert decent(at, callee, RULES) == slow_decent(at, (zone,), (time(8), time(21))), (zone, at)
            for clock in (time(8), time(21)):  # both sides of both ends, to the second
                local = begin.astimezone(ZoneInfo(zone)).date()
                at = datetime.combine(local, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
                for near in (at - timedelta(seconds=1), at, at + timedelta(seconds=1)):
                    assert decent(near, callee, RULES) == slow_decent(near, (zone,), (time(8), time(21))), (zone, near)


@pytest.mark.parametrize("seed", range(3 * DOSE))
def test_the_next_time_is_the_first_quarter_of_an_hour_that_fits_every_zone_the_country_and_the_desk(seed):
    dice = random.Random(seed)
    names = sorted(ZONES)
    for _ in range(20):
        zones = tuple(dice.sample(names, dice.choice([1, 1, 2, 3])))
        span = dice.choice([(time(8), time(21)), (time(9, 30), time(17)), (time(10), time(20, 45))])
        rules = CallbackRules(hours={"US": span})
        callee = Callee(number=SOMEBODY, country="US", zones=zones)
        opens, closes = dice.choice([(time(9), time(18)), (time(22), time(6)), (time(0), time(0))])
        desk_days = range(dice.choice([5, 7]))
        desk = Calendar(
            name="d", zone="Asia/Shanghai", weekly={day: (Span(opens=opens, closes=closes),) for day in desk_days}
        )
        at = datetime(2024, 1, 1, tzinfo=UTC) + dice.randrange(12 * 365 * 24 * 60) * MINUTE

        def slow(moment: datetime) -> bool:
            return slow_decent(moment, zones, span) and desk_open(moment, opens, closes, desk_days)  # noqa: B023

        found = next_fit(at, callee, rules, desk)
        candidates = [at]
        moment = at.replace(minute=0, second=0, microsecond=0)
        while moment <= (found or at + timedelta(days=8) - GRID):
            if moment > at:
                candidates.append(moment)
            moment += GRID
        assert next((moment for moment in candidates if slow(moment)), None) == found, (zones, span, at)


def desk_open(at: datetime, opens: time, closes: time, days: range) -> bool:
    """Shanghai has had one offset since 1991."""
    since_monday = ((at - datetime(2024, 1, 1, tzinfo=UTC)) + timedelta(hours=8)).total_seconds() / 60 % (7 * 1440)
    for day in days:
        begin = day * 1440 + opens.hour * 60 + opens.minute
        length = (closes.hour * 60 + closes.minute - opens.hour * 60 - opens.minute) % 1440 or 1440
        if any(begin <= minute < begin + length for minute in (since_monday, since_monday + 7 * 1440)):
            return True
    return False


# ---- numbers -----------------------------------------------------------------------------------------------------

PLAIN = ("fixed_line", "mobile", "voip")
DEAR = ("premium_rate", "toll_free", "shared_cost", "personal_number", "pager", "uan", "voicemail")
EVERY_KIND = tuple(PhoneNumberType.values())


@cache
def plan(region: str) -> PhoneMetadata:
    """The number plan of a country, or of an international service."""
    if region.isdigit():
        found = PhoneMetadata.metadata_for_nongeo_region(int(region), None)
    else:
        found = PhoneMetadata.metadata_for_region(region, None)
    assert found is not None
    return found


def within(national: str, region: str, kind: str) -> bool:
    described = getattr(plan(region), kind, None)
    pattern = described.national_number_pattern if described is not None else None
    return bool(pattern and pattern != "NA" and re.fullmatch(pattern, national))


def may_be_called(number: str, rules: CallbackRules) -> bool:
    """By the plans of all countries that share the code: an ordinary line in one of them, and a dear one in none."""
    digits = number.removeprefix("+")
    if not number.startswith("+") or not digits.isascii() or not digits.isdigit():
        return False
    code = next(
        (int(digits[:n]) for n in (1, 2, 3) if int(digits[:n] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), 0
    )
    regions = [region for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ()) if region != "001"]
    national = digits[len(str(code)) :]
    homes = [
        region
        for region in regions
        if any(within(national, region, kind) for kind in (*PLAIN, *DEAR))
        and (not plan(region).leading_digits or re.match(plan(region).leading_digits, national))
    ]
    homes = [region for region in homes if any(within(national, region, kind) for kind in PLAIN)]
    if not homes or any(within(national, region, kind) for region in homes for kind in DEAR):
        return False
    if any(region in rules.denied or (rules.regions and region not in rules.regions) for region in homes[:1]):
        return False
    return not number.startswith(DEARER)


def numbers_of_every_kind() -> Iterator[str]:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in EVERY_KIND:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                yield phonenumbers.format_number(example, PhoneNumberFormat.E164)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        example = phonenumbers.example_number_for_non_geo_entity(code)
        if example is not None:
            yield phonenumbers.format_number(example, PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        code = phonenumbers.country_code_for_region(region)
        for short in ("110", "112", "119", "911", "999", "12345"):
            yield f"+{code}{short}"


NUMBERS = sorted(set(numbers_of_every_kind()))


def test_nobody_is_called_whom_the_number_plans_do_not_allow_and_everybody_else_has_a_zone_we_know():
    called = []
    for number in NUMBERS:
        found = judge(number, RULES)
        if found is not None:
            called.append(number)
            assert may_be_called(found.number, RULES), number
            again = judge(found.number, RULES)
            assert again == found, "what comes out goes in"
            assert found.zones
            assert set(found.zones) <= ZONES
    assert len(called) > 300, "the policy lets ordinary numbers through"
    assert len(NUMBERS) - len(called) > 1000


def test_who_is_refused_is_refused_for_a_reason_that_the_plans_give():
    """Nothing ordinary is refused, but what has no zone, or is an emergency number behind a zero."""
    for number in NUMBERS:
        if judge(number, RULES) is None and may_be_called(number, RULES):
            parsed = phonenumbers.parse(number, None)
            zones = set(zones_by_number.time_zones_for_number(parsed))
            national = phonenumbers.national_significant_number(parsed)
            region = phonenumbers.region_code_for_number(parsed) or ""
            reason = (
                not zones <= ZONES
                or region in RULES.denied
                or any(phonenumbers.is_emergency_number(f"{zero}{national}", region) for zero in ("", "0"))
            )
            assert reason, number


@pytest.mark.parametrize("seed", range(2 * DOSE))
def test_digits_changed_at_random_never_open_a_number_that_the_plans_shut(seed):
    dice = random.Random(seed)
    for _ in range(700):
        number = list(dice.choice(NUMBERS))
        for _ in range(dice.choice([1, 1, 2, 4])):
            place = dice.randrange(1, len(number))
            number[place] = str(dice.randrange(10))
        if dice.random() < 0.1:
            number.append(str(dice.randrange(10)))
        text = "".join(number)
        if (found := judge(text, RULES)) is not None:
            assert may_be_called(found.number, RULES), text
            assert judge(found.number, RULES) == found, text


def test_all_numbers_together_are_dialled_only_in_decent_hours_of_all_their_zones():
    dice = random.Random(5)
    for number in NUMBERS:
        callee = judge(number, RULES)
        if callee is None:
            continue
        at = datetime(2024, 1, 1, tzinfo=UTC) + dice.randrange(12 * 365 * 24 * 60) * MINUTE
        due = next_fit(at, callee, RULES, ALWAYS)
        assert due is None or slow_decent(due, callee.zones, RULES.span(callee.country)), number
        assert fits(at, callee, RULES, ALWAYS) == slow_decent(at, callee.zones, RULES.span(callee.country)), number
