"""Pieces of local time, on the days when the clock moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.intervals import Interval, Step, find, intervals, local_midnight, period

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
LORD_HOWE, KOLKATA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")
HAVANA, SANTIAGO = ZoneInfo("America/Havana"), ZoneInfo("America/Santiago")
HOUR = timedelta(hours=1)


def day(text: str, step: Step, zone: ZoneInfo) -> list[Interval]:
    return intervals(*period(text, text, zone), step, zone)


def hours_of(pieces: list[Interval]) -> list[str]:
    return [piece.label[11:] for piece in pieces]


def test_the_repeated_hour_makes_two_rows_told_apart_by_their_offset() -> None:
    pieces = day("2026-10-25", Step.HOUR, BERLIN)
    assert len(pieces) == 25
    assert hours_of(pieces)[1:5] == ["01:00 +02:00", "02:00 +02:00", "02:00 +01:00", "03:00 +01:00"]
    assert {piece.length for piece in pieces} == {HOUR}


def test_the_missing_hour_makes_no_row() -> None:
    pieces = day("2026-03-29", Step.HOUR, BERLIN)
    assert len(pieces) == 23
    assert hours_of(pieces)[1:3] == ["01:00 +01:00", "03:00 +02:00"]
    assert len(day("2026-03-29", Step.QUARTER, BERLIN)) == 23 * 4


@pytest.mark.parametrize(("text", "hours"), [("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_it_was(text: str, hours: int) -> None:
    (piece,) = day(text, Step.DAY, BERLIN)
    assert (piece.length, piece.label) == (hours * HOUR, text)


def test_a_shift_of_half_an_hour_cuts_the_hour_it_falls_into() -> None:
    back = day("2026-04-05", Step.HOUR, LORD_HOWE)
    assert hours_of(back)[:4] == ["00:00 +11:00", "01:00 +11:00", "01:00 +10:30", "02:00 +10:30"]
    assert [piece.length / HOUR for piece in back[:4]] == [1, 1, 0.5, 1]
    assert sum((piece.length for piece in back), timedelta()) == 24.5 * HOUR
    forward = day("2026-10-04", Step.HOUR, LORD_HOWE)
    assert hours_of(forward)[1:4] == ["01:00 +10:30", "02:00 +11:00", "03:00 +11:00"]
    assert [piece.length / HOUR for piece in forward[1:4]] == [1, 0.5, 1]
    assert sum((piece.length for piece in forward), timedelta()) == 23.5 * HOUR
    assert {piece.length / HOUR for piece in day("2026-04-05", Step.HALF, LORD_HOWE)} == {0.5}


def test_a_half_hour_zone_is_cut_on_its_own_clock() -> None:
    pieces = day("2026-11-02", Step.HOUR, KOLKATA)
    assert len(pieces) == 24
    assert pieces[0] == Interval(
        start=datetime(2026, 11, 1, 18, 30, tzinfo=UTC),
        end=datetime(2026, 11, 1, 19, 30, tzinfo=UTC),
        label="2026-11-02 00:00 +05:30",
    )


def test_a_zone_without_summer_time_has_24_hours_every_day() -> None:
    assert {len(day(f"2026-{month:02d}-01", Step.HOUR, SHANGHAI)) for month in range(1, 13)} == {24}


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_moves() -> None:
    assert local_midnight(date(2026, 9, 6), SANTIAGO) == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)
    assert [piece.length / HOUR for piece in day("2026-09-06", Step.DAY, SANTIAGO)] == [23]


def test_a_day_whose_midnight_comes_twice_begins_with_the_first() -> None:
    (piece,) = day("2026-11-01", Step.DAY, HAVANA)
    assert piece.length == 25 * HOUR


def test_weeks_begin_on_monday_and_are_cut_off_at_the_edges() -> None:
    pieces = intervals(*period("2026-10-21", "2026-11-02", BERLIN), Step.WEEK, BERLIN)
    assert [piece.label for piece in pieces] == ["2026-W43", "2026-W44", "2026-W45"]
    assert [piece.length / HOUR for piece in pieces] == [5 * 24 + 1, 7 * 24, 24]


def test_months_are_calendar_months_also_in_december() -> None:
    pieces = intervals(*period("2026-11-15", "2027-02-28", BERLIN), Step.MONTH, BERLIN)
    assert [piece.label for piece in pieces] == ["2026-11", "2026-12", "2027-01", "2027-02"]


def test_pieces_are_half_open() -> None:
    pieces = day("2026-11-02", Step.HALF, BERLIN)
    first = pieces[0]
    assert find(pieces, first.start) == 0
    assert find(pieces, first.end - timedelta(microseconds=1)) == 0
    assert find(pieces, first.end) == 1
    assert find(pieces, pieces[-1].end) is None
    assert find(pieces, first.start - timedelta(microseconds=1)) is None
    assert find([], first.start) is None


def test_a_period_is_dates_to_the_end_of_the_last_or_local_times() -> None:
    assert period("2026-10-25", "2026-10-25", BERLIN) == (
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    hour = (datetime(2026, 10, 25, 7, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC))
    assert period("2026-10-25T08:00", "2026-10-25T09:00", BERLIN) == hour
    assert period("2026-10-25T08:00", "2026-10-25T10:00+02:00", BERLIN) == hour


@pytest.mark.parametrize(
    ("first", "last"), [("yesterday", "2026-10-25"), ("2026-13-01", "2026-10-25"), ("2026-10-26", "2026-10-25")]
)
def test_a_period_that_cannot_be_is_refused_with_a_sentence(first: str, last: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|before it begins"):
        period(first, last, BERLIN)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made UTC below
    st.integers(1, 60 * 72),
    st.sampled_from(list(Step)),
    st.sampled_from([BERLIN, SHANGHAI, LORD_HOWE, KOLKATA, HAVANA, SANTIAGO]),
)
def test_pieces_cover_the_time_without_gap_or_overlap(
    begins: datetime, minutes: int, step: Step, zone: ZoneInfo
) -> None:
    start = begins.replace(tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    pieces = intervals(start, end, step, zone)
    assert pieces[0].start == start
    assert pieces[-1].end == end
    assert all(left.end == right.start for left, right in pairwise(pieces))
    assert all(piece.length > timedelta() for piece in pieces)
    if step.minutes:
        labels = [piece.label for piece in pieces]
        assert len(set(labels)) == len(labels)
        for piece in pieces:
            offsets = {at.astimezone(zone).utcoffset() for at in (piece.start, piece.end - timedelta(microseconds=1))}
            assert len(offsets) == 1
