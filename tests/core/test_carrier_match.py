"""Our calls against the carrier's list: what must agree, and what each difference is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.carrier_match import TOLERANCE, Differs, Listed, compare

START = datetime(2026, 3, 29, 16, tzinfo=UTC)
END = START + timedelta(days=1)
NOON = START + timedelta(hours=12)
SECOND = timedelta(seconds=1)


def one(
    name: str, *, at: datetime = NOON, lasts: timedelta | None = timedelta(minutes=3), ours: bool = False
) -> Listed:
    return Listed(id=name, began_at=at, ended_at=None if lasts is None else at + lasts, ours=ours)


def told(here: list[Listed], there: list[Listed]) -> list[tuple[str, Differs]]:
    return [(found.id, found.kind) for found in compare(here, there, start=START, end=END)[3]]


@pytest.mark.parametrize(
    ("here", "there", "differs"),
    [
        ([one("CA1")], [one("CA1")], []),
        ([one("CA1")], [one("CA1", at=NOON + TOLERANCE)], []),
        ([one("CA1")], [one("CA1", at=NOON + TOLERANCE + SECOND)], [Differs.BEGINNING, Differs.END]),
        ([one("CA1")], [one("CA1", lasts=timedelta(minutes=3) + TOLERANCE + SECOND)], [Differs.END]),
        ([], [one("CA1")], [Differs.MISSING_HERE]),
        ([one("CA1")], [], [Differs.MISSING_THERE]),
        ([one("CA1", lasts=None)], [one("CA1")], [Differs.OPEN_HERE]),
        ([one("CA1")], [one("CA1", lasts=None)], [Differs.OPEN_THERE]),
        ([one("CA1", lasts=None)], [one("CA1", lasts=None)], []),
        # of a call that we made the try is noted, not the talk
        ([one("CA1", lasts=None, ours=True)], [one("CA1", at=NOON + 40 * SECOND, ours=True)], []),
        ([one("CA1", ours=True)], [], [Differs.MISSING_THERE]),
    ],
)
def test_what_agrees_and_what_a_difference_is_called(here, there, differs):
    assert told(here, there) == [("CA1", kind) for kind in differs]


def test_a_call_belongs_to_the_day_in_which_it_began_by_our_records():
    before, after = START - SECOND, START + SECOND
    assert told([one("CA1", at=before)], [one("CA1", at=after)]) == []
    assert compare([one("CA1", at=before)], [one("CA1", at=after)], start=START, end=END)[:3] == (0, 0, 0)
    assert compare([one("CA1", at=after)], [one("CA1", at=before)], start=START, end=END)[:3] == (1, 1, 1)
    assert told([], [one("CA1", at=before)]) == []
    assert told([one("CA1", at=END)], []) == []


names = st.lists(st.integers(0, 30), unique=True, max_size=20)


@given(here=names, there=names)
def test_all_calls_are_either_agreed_or_named(here, there):
    mine, theirs = [one(f"CA{n}") for n in here], [one(f"CA{n}") for n in there]
    counted, listed, agreed, differences = compare(mine, theirs, start=START, end=END)

    assert (counted, listed, agreed) == (len(here), len(there), len({*here} & {*there}))
    assert {found.id for found in differences} == {f"CA{n}" for n in {*here} ^ {*there}}
