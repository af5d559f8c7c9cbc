"""The worked day, counted a third time by brute force: the list itself, filtered with plain comparisons."""

from __future__ import annotations

from datetime import timedelta

from ivr.core import worked_day as day
from ivr.core.facts import Outcome
from ivr.core.worked_day import LIST, TEN

HERE = [line for line in LIST if line.topic == day.FIRST]
WAITS = [
    (line.outcome, line.wait if line.wait is not None else (TEN - line.at) / timedelta(seconds=1), line)
    for line in HERE
]
ANSWERED = [wait for outcome, wait, _ in WAITS if outcome is Outcome.ANSWERED]
GONE = [wait for outcome, wait, _ in WAITS if outcome is Outcome.ABANDONED]
LOST = [wait for outcome, wait, _ in WAITS if outcome in (Outcome.ABANDONED, Outcome.DROPPED)]
LEFT = [wait for outcome, wait, _ in WAITS if outcome is not None]


def test_the_shares_by_hand_are_those_of_plain_comparisons() -> None:
    timely = sum(wait <= 20 for wait in ANSWERED)
    undecided = sum(outcome is None and wait <= 20 for outcome, wait, _ in WAITS)
    short, gone_timely = sum(wait < 5 for wait in GONE), sum(wait <= 20 for wait in GONE)
    ended, all_of = len(ANSWERED) + len(LOST), len(WAITS)
    beyond = sum(wait > 20 for _, wait, _ in WAITS)
    dropped_timely = sum(outcome is Outcome.DROPPED and wait <= 20 for outcome, wait, _ in WAITS)
    by_law = sum(outcome is None and wait <= 180 for outcome, wait, _ in WAITS)
    transferred = sum(line.then is not None for _, _, line in WAITS)
    assert dict(day.SHARES) == {
        "service_level_v1": (timely, len(ANSWERED)),
        "service_level_v2": (timely, all_of - undecided),
        "service_level_v3": (timely, ended),
        "service_level_v4": (timely, ended - short),
        "service_level_v5": (timely, ended - gone_timely),
        "service_level_v6": (timely + gone_timely, ended),
        "service_level_v7": (timely + short, ended),
        "service_level_v8": (timely, all_of - undecided - short),
        "service_level_v9": (timely, timely + dropped_timely + beyond),
        "abandon_rate_all": (len(LOST), all_of),
        "abandon_rate": (len(LOST) - short, all_of - short),
        "abandon_rate_of_ended": (len(LOST) - short, len(ANSWERED) + len(LOST) - short),
        "legal_answer": (sum(wait <= 180 for wait in ANSWERED), all_of - by_law),
        "transferred_in": (0, all_of),
        "transferred_out": (transferred, len(ANSWERED)),
    }


def test_the_times_by_hand_are_those_of_sorted_lists() -> None:
    work = [
        (line.talk, line.hold, line.wrap) for o, _, line in WAITS if o is Outcome.ANSWERED and line.wrap is not None
    ]
    held = [hold for _, hold, _ in work if hold]
    assert day.SECONDS["asa_s"] == sum(ANSWERED) / len(ANSWERED)
    assert day.SECONDS["to_abandon_s"] == sum(GONE) / len(GONE)
    assert day.SECONDS["to_abandon_long_s"] == sum(wait for wait in GONE if wait >= 5) / 3
    assert day.SECONDS["handle_time_s"] == sum(talk + hold + (wrap or 0) for talk, hold, wrap in work) / len(work)
    assert (day.SECONDS["hold_s"], day.SECONDS["hold_of_held_s"]) == (sum(held) / len(work), sum(held) / len(held))
    for waits, suffix in ((ANSWERED, ""), (LEFT, "_any")):
        for percent in (50, 80, 90, 95):
            reaching = [w for w in waits if 100 * sum(other <= w for other in waits) >= percent * len(waits)]
            expected = day.SECONDS.get(f"p{percent}{suffix}_s")
            assert expected is None or expected - 1 < min(reaching) <= expected, (percent, suffix)
    assert (max(ANSWERED), max(GONE), max(LEFT)) == (181, 60, 300)
