"""What is left of a day when a queue is closed for a part of it."""

from __future__ import annotations

import pytest

from ivr.core.overlays import less, said, spans_of


@pytest.mark.parametrize(
    ("hours", "closed", "left"),
    [
        ("00:00-24:00", "14:00-18:00", "00:00-14:00, 18:00-24:00"),
        ("09:00-12:00, 13:00-18:00", "11:00-14:00", "09:00-11:00, 14:00-18:00"),
        ("09:00-18:00", "17:00-24:00", "09:00-17:00"),
        ("00:00-24:00", "00:00-24:00", ""),
        ("09:00-18:00", "19:00-20:00", "09:00-18:00"),
    ],
)
def test_a_stretch_is_taken_out_of_the_hours_of_a_day(hours, closed, left):
    assert said(less(spans_of(hours), *spans_of(closed))) == left


def test_hours_past_midnight_are_to_be_written_out():
    with pytest.raises(ValueError, match="midnight"):
        less(spans_of("22:00-06:00"), *spans_of("23:00-24:00"))
    with pytest.raises(ValueError, match="midnight"):  # from evening to morning: the evening is of this day alone
        less(spans_of("08:00-20:00"), *spans_of("18:00-09:00"))


@pytest.mark.parametrize(
    "hours", ["09:00-09:00", "12-12", ":30-10:00", "25:00-26:00", "09:00-24:30", "9-", "09.00-18.00"]
)
def test_hours_that_cannot_be_meant_are_refused(hours):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the page has one sentence
        spans_of(hours)


def test_hours_may_be_written_short():
    assert said(spans_of("9:00-12, 13:30-24")) == "09:00-12:00, 13:30-24:00"
