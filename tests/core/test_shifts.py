"""Who is expected when, across midnight, weeks and summer time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.ids import AgentId
from ivr.core.shifts import Shift, clashes, expected_since, next_change

ANA = AgentId("a1")
BERLIN = ZoneInfo("Europe/Berlin")


def shift(weekday: int, start: str, until: str) -> Shift:
    return Shift(
        id=f"{weekday}{start}",
        agent=ANA,
        weekday=weekday,
        start=time.fromisoformat(start),
        until=time.fromisoformat(until),
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-02T08:59", None),
        ("2026-11-02T09:00", "2026-11-02T09:00"),
        ("2026-11-02T17:59", "2026-11-02T09:00"),
        ("2026-11-02T18:00", None),
        ("2026-11-03T12:00", None),
        ("2026-11-07T23:00", "2026-11-07T22:00"),
        ("2026-11-08T05:59", "2026-11-07T22:00"),  # Saturday's night ends on Sunday
        ("2026-11-08T06:00", None),
        ("2026-10-25T02:30", "2026-10-24T22:00"),  # the night in which an hour comes twice
    ],
)
def test_an_agent_is_expected_within_the_shift_and_at_no_other_time(now, since):
    shifts = [shift(0, "09:00", "18:00"), shift(5, "22:00", "06:00")]
    assert expected_since(shifts, ANA, local(now), BERLIN) == (local(since) if since else None)


def test_shifts_that_follow_each_other_are_one():
    shifts = [shift(0, "06:00", "14:00"), shift(0, "14:00", "22:00"), shift(0, "22:00", "06:00")]
    assert expected_since(shifts, ANA, local("2026-11-03T05:00"), BERLIN) == local("2026-11-02T06:00")


@pytest.mark.parametrize(
    ("now", "turn"),
    [
        ("2026-11-02T08:00", ("2026-11-02T09:00", True)),
        ("2026-11-02T09:00", ("2026-11-02T22:00", False)),  # two that follow each other end together
        ("2026-11-01T08:00", None),  # more than a day away
        ("2026-11-02T22:00", None),
    ],
)
def test_what_comes_next_is_the_end_of_the_shift_or_the_one_of_the_next_day(now, turn):
    shifts = [shift(0, "09:00", "18:00"), shift(0, "18:00", "22:00")]
    assert next_change(shifts, ANA, local(now), BERLIN) == ((local(turn[0]), turn[1]) if turn else None)


def test_somebody_elses_shift_is_not_mine():
    assert expected_since([shift(0, "09:00", "18:00")], AgentId("a2"), local("2026-11-02T10:00"), BERLIN) is None


@given(
    st.tuples(st.integers(0, 6), st.integers(0, 47), st.integers(0, 47)),
    st.tuples(st.integers(0, 6), st.integers(0, 47), st.integers(0, 47)),
)
def test_two_shifts_clash_when_a_moment_of_a_week_lies_in_both(one, other):
    """The second way: walk through a fortnight in half hours and ask whether each is expected then."""

    def made(name: str, weekday: int, start: int, until: int) -> Shift:
        return Shift(
            id=name,
            agent=ANA,
            weekday=weekday,
            start=time(start // 2, start % 2 * 30),
            until=time(until // 2, until % 2 * 30),
        )

    first, second = made("x", *one), made("y", *other)
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    utc = ZoneInfo("UTC")
    both = any(
        expected_since([first], ANA, at, utc) and expected_since([second], ANA, at, utc)
        for at in (begin + timedelta(minutes=30 * step) for step in range(14 * 48))
    )
    assert clashes(first, [second]) == both
