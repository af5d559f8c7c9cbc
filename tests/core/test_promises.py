"""When a promise counts as kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.core.promises import Kind, PromiseRow, Verdict, promise_figures, verdict

MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def promise(done: float | None = None, **changes: bool) -> PromiseRow:
    """Due after two hours, done after so many."""
    return PromiseRow(
        kind=Kind.MESSAGE,
        id="m",
        call="CA1",
        topic="other",
        at=MADE,
        due_at=MADE + 2 * HOUR,
        done_at=None if done is None else MADE + done * HOUR,
        **changes,
    )


@pytest.mark.parametrize(
    ("row", "after_h", "expected"),
    [
        (promise(2), 9, Verdict.KEPT),
        (promise(2.01), 9, Verdict.LATE),
        (promise(), 2, Verdict.OPEN),
        (promise(), 2.01, Verdict.LATE),
        (promise(broken=True), 1, Verdict.BROKEN),
        (promise(cancelled=True), 9, Verdict.CANCELLED),
    ],
)
def test_a_promise_is_judged_by_the_time_that_was_named(row: PromiseRow, after_h: float, expected: Verdict) -> None:
    assert verdict(row, now=MADE + after_h * HOUR) is expected


def test_the_share_kept_is_of_what_is_decided_and_the_counts_add_up() -> None:
    rows = [promise(1), promise(3), promise(broken=True), promise(cancelled=True)]
    figures = promise_figures([*rows, promise()], now=MADE + HOUR)
    assert (figures.share_kept.part, figures.share_kept.whole) == (1, 3)
    parts = (figures.kept, figures.late, figures.broken, figures.cancelled, figures.open)
    assert (sum(parts), figures.made) == (5, 5)
