"""What a caller is told of the time of a callback, word for word, and which time that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.callback_expected import HALF_HOUR, LEAST_SPARE, expected_window
from ivr.core.callback_rules import GRID, Callee, Window
from ivr.core.callback_words import moment_words, window_words, zone_of, zone_words
from ivr.core.estimates import CAP
from ivr.core.ids import E164, Language
from tests.builders import tree as built

EN, ZH = Language("en"), Language("zh")
SHANGHAI = "Asia/Shanghai"
MONDAY = datetime.fromisoformat("2026-03-02T07:30:00+08:00")


def at(clock: str, day: int = 2) -> datetime:
    return datetime.fromisoformat(f"2026-03-{day:02d}T{clock}:00+08:00")


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        (at("15:00"), at("15:30"), "今天下午3点到3点半", "today between 3 and 3:30 p.m."),
        (at("08:45"), at("09:15"), "今天早上8点45分到上午9点15分", "today between 8:45 and 9:15 a.m."),
        (at("11:30"), at("12:00"), "今天上午11点半到中午12点", "today between 11:30 a.m. and 12 noon"),
        (at("12:00"), at("12:30"), "今天中午12点到12点半", "today between 12 noon and 12:30 p.m."),
        (at("12:45"), at("13:15"), "今天中午12点45分到下午1点15分", "today between 12:45 and 1:15 p.m."),
        (at("11:45"), at("12:15"), "今天上午11点45分到中午12点15分", "today between 11:45 a.m. and 12:15 p.m."),
        (at("20:00", 3), at("21:00", 3), "明天晚上8点到9点", "tomorrow between 8 and 9 p.m."),
        (at("10:00", 5), at("11:00", 5), "周四上午10点到11点", "Thursday between 10 and 11 a.m."),
    ],
)  # fmt: skip
def test_a_window_is_said_as_people_say_it(start, end, zh, en):
    window = Window(start=start, end=end)
    assert window_words(window, ZH, now=MONDAY, zone=SHANGHAI) == zh
    assert window_words(window, EN, now=MONDAY, zone=SHANGHAI) == en


def test_a_moment_far_away_has_its_day_and_part_of_day():
    assert moment_words(at("08:00", 3), ZH, now=MONDAY, zone=SHANGHAI) == "明天早上8点后"
    assert moment_words(at("08:00", 3), EN, now=MONDAY, zone=SHANGHAI) == "tomorrow after 8 a.m."
    assert moment_words(MONDAY + timedelta(minutes=10), ZH, now=MONDAY, zone=SHANGHAI) == "10分钟后"


@pytest.mark.parametrize(
    ("zones", "zh", "en"),
    [
        ((SHANGHAI,), "", ""),
        (("America/New_York",), "", ""),
        (("Asia/Shanghai", "Asia/Urumqi"), "北京时间", "Shanghai time"),
        (("Asia/Taipei", "Asia/Manila"), "", ""),
    ],
)
def test_the_clock_is_named_when_it_may_differ_from_the_callers(zones, zh, en):
    callee, tree = Callee(number=E164("+8613800138000"), country="CN", zones=zones), built(zone=SHANGHAI)
    named = [zone_words(callee, tree, language, at=MONDAY) for language in (ZH, EN)]
    assert named == [zh, en]
    window = Window(start=at("15:00"), end=at("15:30"))
    said = window_words(window, EN, now=MONDAY, zone=zone_of(callee, SHANGHAI), named=named[1])
    assert said.endswith(f"p.m. {en}" if en else ".m.")
    said = window_words(window, ZH, now=MONDAY, zone=zone_of(callee, SHANGHAI), named=named[0])
    assert said.startswith(zh or ("今天" if zones != ("America/New_York",) else "明天凌晨2点到2点半"))


def test_a_menu_may_name_its_clock_itself():
    tree = built(zone=SHANGHAI, texts={"zone_name": {ZH: "中国时间", EN: "China time"}})
    callee = Callee(number=E164("+61412345678"), country="AU", zones=("Australia/Perth", "Australia/Sydney"))
    assert zone_words(callee, tree, EN, at=MONDAY) == "China time"


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(min_value=1, max_value=29).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_the_window_that_is_named_holds_the_estimate_with_time_to_spare_and_is_not_over(now, wait):
    window = expected_window(now, wait)
    assert window is not None
    assert window.start <= now + wait <= window.end
    assert window.end - (now + wait) >= max(wait / 4, LEAST_SPARE) - timedelta(microseconds=1)
    assert window.end - window.start == HALF_HOUR
    assert now - window.start < GRID, "it has just begun or lies ahead"
    local = window.start.astimezone(ZoneInfo(SHANGHAI))
    assert (local.minute % 15, local.second, local.microsecond) == (0, 0, 0)


def test_at_the_cap_of_the_estimates_no_window_is_named():
    assert expected_window(MONDAY, CAP) is None
