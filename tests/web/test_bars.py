"""Bars of a report: as long as what they say, on one scale, and none where there is nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core.metrics import Share
from ivr.web.bars import MOST, bars, of_sheet
from ivr.workflows.report_output import Column, Sheet


def test_parts_stand_end_to_end_and_as_long_as_their_figures():
    drawn = bars(["answered", "abandoned"], [("transfers", [30, 10]), ("refunds", [20, 0]), ("other", [0, 0])])
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == ["transfers", "refunds"]
    (answered, abandoned), (alone,) = [bar.parts for bar in drawn.bars]
    assert answered.wide == pytest.approx(3 * abandoned.wide, abs=0.2)
    assert abandoned.x == pytest.approx(answered.x + answered.wide, abs=0.2)
    assert alone.wide == pytest.approx(2 * abandoned.wide, abs=0.2)
    assert (alone.text, drawn.bars[0].said) == ("refunds · answered: 20", "30 / 10")


def test_a_label_is_cut_to_its_room_and_a_chinese_letter_takes_two():
    drawn = bars(["s"], [("a" * 27, [1]), ("a" * 28, [1]), ("按" * 13, [1]), ("按" * 14, [1])])
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == ["a" * 27, "a" * 26 + "…", "按" * 13, "按" * 13 + "…"]


def test_a_share_is_drawn_on_a_scale_to_a_hundred():
    half, full = (Share(part=part, whole=8) for part in (4, 8))
    drawn = bars(["CSAT"], [("a", [half]), ("b", [Share(part=0, whole=0)]), ("c", [full])])
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == ["a", "c"]
    assert drawn.bars[1].parts[0].wide == pytest.approx(2 * drawn.bars[0].parts[0].wide, abs=0.2)


def test_the_longest_are_kept_in_the_order_of_the_table_and_the_rest_is_counted():
    drawn = bars(["s"], [(str(at), [timedelta(seconds=1 + at % 30)]) for at in range(30)])
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == [str(at) for at in range(30 - MOST, 30)]
    assert drawn.left_out == 30 - MOST


def test_where_rows_are_intervals_the_sums_by_topic_are_drawn_and_nothing_of_nothing():
    columns = [Column(key=key, heading=key) for key in ("interval", "topic", "offered", "answered", "abandoned")]
    totals = [("total", "transfers", 7, 5, 2), ("total", "all", 7, 5, 2)]
    sheet = Sheet(
        title="", notes=(), columns=tuple(columns), rows=(("10:00", "transfers", 7, 5, 2),), totals=tuple(totals)
    )
    drawn = of_sheet("waits", sheet, [column.heading for column in columns])
    assert drawn is not None
    assert drawn.series == ("answered", "abandoned")
    assert [bar.label for bar in drawn.bars] == ["transfers"]
    assert of_sheet("heat", sheet, [column.heading for column in columns]) is None
    assert bars(["s"], [("a", [0]), ("b", [None])]) is None
