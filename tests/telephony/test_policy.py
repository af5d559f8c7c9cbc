"""Nothing is dialled outside policy or hours: the observed numbers of the phone policy, and properties over all zones and kinds."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType, number_type

from ivr.core.callback_rules import CallbackRules, Callee, fits, next_fit, slots
from ivr.core.hours import ALWAYS, Calendar, Span, is_open
from ivr.core.ids import E164
from ivr.telephony.policy import judge, keyed

RULES = CallbackRules()
HOTLINE = "+861058765432"
KINDS = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
)
NEVER = frozenset(KINDS) - {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.VOIP}
START = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 12 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
"""Any minute of 2024 to 2035."""


@pytest.mark.parametrize(
    "number",
    [
        "+19005551234",  # premium
        "+18095551234",  # Dominican Republic behind +1
        "+18762345678",  # Jamaica behind +1
        "+447012345678",  # personal
        "+449012345678",  # premium
        "+448431234567",  # premium
        "+491805123456",  # shared cost
        "+390899123456",  # an Italian premium number that looks like a fixed line
        "+870773111632",  # satellite
        "+881612345678",
        "+88213300655",
        "+883510012345",
        "+80812345678",
        "+97912345678",
        "+5355512345",  # favourites of toll fraud
        "+2522612345",
        "+18005551234",  # toll-free: nobody's telephone
        "+911",
        "+112",
        "+999",
        "+1911",
        "+86110",
        "+8613800138000;ext=99",
        "+８６13800138000",
        "8613800138000",
        "",
        "anonymous",
    ],
)
def test_numbers_that_are_never_called(number):
    assert judge(number, RULES) is None


@pytest.mark.parametrize("number", ["+8613800138000", "+12125550123", "+442079460123", "+390612345678", "+81312345678"])
def test_ordinary_numbers_are_called(number):
    found = judge(number, RULES)
    assert found is not None
    assert found.number == number
    assert found.zones


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("01058765432", "+861058765432"),
        ("0012125550123", "+12125550123"),
        ("0018095551234", None),
        ("110", None),
        ("120", None),
        ("00", None),
        ("008613800138000", "+8613800138000"),
        ("0" * 20, None),
    ],
)
def test_digits_from_a_keypad(digits, number):
    found = keyed(digits, HOTLINE, RULES)
    assert (found.number if found else None) == number


def test_an_allow_list_shuts_out_everybody_else():
    only = CallbackRules(regions=("CN",))
    assert judge("+12125550123", only) is None
    assert judge("+8613800138000", only) is not None


@given(region=st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), kind=st.sampled_from(KINDS), at=MOMENTS)
@settings(max_examples=600, deadline=None)
def test_no_region_and_no_kind_is_dialled_outside_policy_or_hours(region, kind, at):
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        return
    found = judge(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164), RULES)
    if found is None:
        return
    assert region not in RULES.denied
    assert number_type(phonenumbers.parse(found.number, None)) not in NEVER
    due = next_fit(at, found, RULES, ALWAYS)
    if due is None:
        return
    assert due >= at
    for zone in found.zones:
        assert time(8) <= due.astimezone(ZoneInfo(zone)).time() < time(21)


ALL_ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone))


@given(zones=st.lists(ALL_ZONES, min_size=1, max_size=4, unique=True), at=MOMENTS)
@settings(max_examples=300, deadline=None)
def test_windows_lie_in_decent_hours_of_every_possible_zone_and_inside_the_desks(zones, at):
    callee = Callee(number=E164("+12125550123"), country="US", zones=tuple(zones))
    desk = Calendar(
        name="desk",
        zone="Asia/Shanghai",
        weekly={day: (Span(opens=time(9), closes=time(18)),) for day in range(5)},
    )
    offered = slots(at, callee, RULES, desk)
    assert len(offered) <= 3
    for window in offered:
        assert window.start >= at + timedelta(minutes=60)
        moment = window.start
        while moment < window.end:
            assert is_open(desk, moment)
            assert all(time(8) <= moment.astimezone(ZoneInfo(zone)).time() < time(21) for zone in zones)
            moment += timedelta(minutes=5)
    due = next_fit(at, callee, RULES, desk)
    assert due is None or fits(due, callee, RULES, desk)
