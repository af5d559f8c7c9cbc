"""Opening hours against a slow reading of the same sign on the door, minute by minute."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.core.hours import ALWAYS, Calendar, Span, describe, is_open, next_change, next_opening

MINUTE = timedelta(minutes=1)
OFFICE = Calendar(
    name="office",
    zone="Asia/Shanghai",
    weekly={day: (Span(opens=time(9), closes=time(18)),) for day in range(5)},
    holidays=frozenset({date(2026, 10, 1)}),
    exceptions={date(2026, 10, 2): (Span(opens=time(10), closes=time(12)),)},
)
NIGHT = Calendar(
    name="night", zone="Asia/Shanghai", weekly={day: (Span(opens=time(22), closes=time(6)),) for day in range(7)}
)


def local(zone, *parts):
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[misc]


def spans_of_day(calendar, day):
    if day in calendar.exceptions:
        return calendar.exceptions[day]
    if day in calendar.holidays:
        return calendar.holiday_spans
    return calendar.weekly.get(day.weekday(), ())


def oracle(calendar, at):
    """Look at the clock on the wall; walk back in minutes of wall time to see which span one would be in."""
    wall = at.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)
    for day in (wall.date() - timedelta(days=1), wall.date()):
        for span in spans_of_day(calendar, day):
            opens = datetime.combine(day, span.opens)
            closes = datetime.combine(day, span.closes)
            if closes <= opens:
                closes += timedelta(days=1)
            if opens <= wall < closes:
                return True
    return False


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local("Asia/Shanghai", 2026, 9, 30, 8, 59, 59), False),
        (local("Asia/Shanghai", 2026, 9, 30, 9), True),
        (local("Asia/Shanghai", 2026, 9, 30, 17, 59, 59), True),
        (local("Asia/Shanghai", 2026, 9, 30, 18), False),
        (local("Asia/Shanghai", 2026, 10, 1, 10), False),
        (local("Asia/Shanghai", 2026, 10, 2, 9), False),
        (local("Asia/Shanghai", 2026, 10, 2, 11), True),
        (local("Asia/Shanghai", 2026, 10, 3, 11), False),
        (datetime(2026, 9, 30, 1, 0, tzinfo=UTC), True),
    ],
)
def test_a_desk_is_open_inside_its_span_and_holidays_and_exceptions_win(at, expected):
    assert is_open(OFFICE, at) is expected


def test_a_span_over_midnight_is_right_on_both_days():
    assert is_open(NIGHT, local("Asia/Shanghai", 2026, 11, 24, 22))
    assert is_open(NIGHT, local("Asia/Shanghai", 2026, 11, 25, 5, 59))
    assert not is_open(NIGHT, local("Asia/Shanghai", 2026, 11, 25, 6))


def test_a_holiday_does_not_cut_off_the_night_before_it():
    holiday = Calendar(name="n", zone="Europe/Berlin", weekly=NIGHT.weekly, holidays=frozenset({date(2026, 12, 25)}))
    assert is_open(holiday, local("Europe/Berlin", 2026, 12, 25, 3))
    assert not is_open(holiday, local("Europe/Berlin", 2026, 12, 25, 23))
    assert not is_open(holiday, local("Europe/Berlin", 2026, 12, 26, 3))


def test_day_and_night_never_changes():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert is_open(ALWAYS, at)
    assert next_change(ALWAYS, at) is None
    assert next_opening(ALWAYS, at) == at


def test_a_desk_that_never_opens_has_no_next_opening():
    shut = Calendar(name="shut", zone="Asia/Kolkata", weekly={})
    assert next_opening(shut, datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_the_next_opening_after_a_weekend_and_a_holiday():
    friday = local("Asia/Shanghai", 2026, 9, 30, 18)
    assert next_opening(OFFICE, friday) == local("Asia/Shanghai", 2026, 10, 2, 10)
    assert next_opening(OFFICE, local("Asia/Shanghai", 2026, 10, 2, 12)) == local("Asia/Shanghai", 2026, 10, 5, 9)


# Days on which the clock jumps: an hour forward and back, at midnight, by half an hour, and a zone that skipped a day.
JUMPS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 6, 1)),
]
CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
SPANS = st.lists(st.builds(Span, opens=CLOCK, closes=CLOCK), max_size=2).map(tuple)


@settings(max_examples=60, deadline=None)
@example(
    where=("Pacific/Apia", date(2011, 12, 30)),
    weekly={3: (Span(opens=time(0), closes=time(0)),), 4: (Span(opens=time(1), closes=time(0, 15)),)},
    holiday=False,
    exception=None,
)
@given(
    where=st.sampled_from(JUMPS),
    weekly=st.dictionaries(st.integers(0, 6), SPANS, max_size=7),
    holiday=st.booleans(),
    exception=st.none() | SPANS,
)
def test_hours_agree_with_a_minute_by_minute_oracle_over_days_of_23_and_25_hours(where, weekly, holiday, exception):
    zone, day = where
    calendar = Calendar(
        name="any",
        zone=zone,
        weekly=weekly,
        holidays=frozenset({day}) if holiday else frozenset(),
        exceptions={day + timedelta(days=1): exception} if exception is not None else {},
    )
    begin = datetime.combine(day - timedelta(days=1), time(12), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    minutes = [begin + n * MINUTE for n in range(2 * 24 * 60)]
    known = [oracle(calendar, at) for at in minutes]
    assert [is_open(calendar, at) for at in minutes] == known

    change = next_change(calendar, begin)
    first = next((at for at, open_ in zip(minutes, known, strict=True) if open_ != known[0]), None)
    if first is not None:
        assert change == first
    else:
        assert change is None or change > minutes[-1]


def jump_days(zone, year):
    """Days of a year on which the clock of a zone is put forward or back."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
    return [noon.date() for noon, one, other in zip(noons[1:], offsets, offsets[1:], strict=False) if one != other]


@pytest.mark.parametrize("part", range(8))
def test_the_opening_decision_equals_a_slow_reading_in_every_zone_from_2024_to_2035(part):
    rng = random.Random(part)
    for name in sorted(available_timezones())[part::8]:
        zone, year = ZoneInfo(name), rng.randint(2024, 2035)
        weekly = {
            day: tuple(
                Span(
                    opens=time(rng.randrange(24), rng.choice((0, 30))),
                    closes=time(rng.randrange(24), rng.choice((0, 30))),
                )
                for _ in range(rng.randint(0, 2))
            )
            for day in range(7)
        }
        days = [date(year, 1, 1) + timedelta(days=rng.randrange(365)) for _ in range(2)] + jump_days(zone, year)[:2]
        calendar = Calendar(name="any", zone=name, weekly=weekly, holidays=frozenset(days[:1]))
        for day in days:
            begin = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) - timedelta(hours=1)
            for quarter in range(27 * 4):
                at = begin + quarter * 15 * MINUTE
                assert is_open(calendar, at) == oracle(calendar, at), (name, at, weekly)


@pytest.mark.parametrize(
    ("weekly", "zh", "en"),
    [
        ({d: (Span(opens=time(9), closes=time(18)),) for d in range(5)}, "工作日9点到18点", "Monday to Friday, 9 a.m. to 6 p.m."),
        ({d: (Span(opens=time(0), closes=time(0)),) for d in range(7)}, "每天24小时", "day and night"),
        ({d: (Span(opens=time(22), closes=time(6, 30)),) for d in range(7)}, "每天22点到次日6点半", "every day, 10 p.m. to 6:30 a.m."),
        ({d: (Span(opens=time(8, 15), closes=time(0)),) for d in (5, 6)}, "周六和周日8点15分到24点", "Saturday and Sunday, 8:15 a.m. to midnight"),
        (
            {0: (Span(opens=time(9), closes=time(12)), Span(opens=time(13), closes=time(17))), 2: (Span(opens=time(9), closes=time(12)),)},
            "周一9点到12点和13点到17点，周三9点到12点",
            "Monday, 9 a.m. to 12 noon and 1 p.m. to 5 p.m.; Wednesday, 9 a.m. to 12 noon",
        ),
        ({}, "目前不开放", "not open at present"),
    ],
)  # fmt: skip
def test_the_hours_are_spoken_from_the_calendar_that_routes(weekly, zh, en):
    calendar = Calendar(name="x", zone="UTC", weekly=weekly)
    assert describe(calendar, chinese=True) == zh
    assert describe(calendar, chinese=False) == en
