"""How much sooner somebody is served who rings again."""

from __future__ import annotations

import pytest

from ivr.core.repeats import RepeatRule, points

RULE = RepeatRule(calls=3, priority=20, most=10)


@pytest.mark.parametrize(
    ("calls", "priority", "gained"),
    [
        (1, 30, 0),
        (2, 30, 0),
        (3, 30, 20),
        (10, 30, 20),
        (11, 30, 0),
        (3, 95, 4),
        (3, 99, 0),
        (3, 100, 0),
    ],
)
def test_the_third_call_gains_points_never_the_critical_lane_and_a_machine_gains_none(calls, priority, gained):
    assert points(RULE, calls=calls, priority=priority) == gained


def test_without_a_rule_nobody_gains_anything():
    assert points(None, calls=5, priority=30) == 0
