"""The board against the records, every second of a busy stretch: no figure on it is wrong for longer than two seconds.

Every number that the board and the desk view show is held against `second_road`, which shares no code with them. Left out
is the estimate, which says what may come. The suite runs a small dose; `IVR_TEST_BOARD_CALLS=1000` the full one
(`make board-truth`).
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.core.ids import CallId, Language
from ivr.core.intervals import local_midnight
from ivr.core.session import State
from ivr.storage.redis.connection import Link
from tests.stories.busy import Busy
from tests.stories.second_road import Differences, SecondRoad, second
from tests.stories.town import Town

CALLS = int(os.environ.get("IVR_TEST_BOARD_CALLS", "12"))
AGENTS = 12 if CALLS > 100 else 3
OLDEST = 2
LONGEST = 3 * CALLS + 1800 if CALLS > 100 else 60
"""Seconds; the small dose ends here, whoever still talks."""


def by_the_board(town: Town) -> dict[str, Any]:
    """Every figure that the room shows, under the names of the second road."""
    view = town.switchboard.room.room.view(Language("en"))
    found: dict[str, Any] = {}
    for row in view.board.topics:
        recent = row.recent
        assert recent is not None
        shown = {
            "waiting": row.waiting,
            "first in line": second(row.oldest_at),
            "free": row.free,
            "on the line": row.on_line,
            "signed in": row.signed_in,
            "offered": row.offered or 0,
            "answered": row.answered or 0,
            "abandoned": row.abandoned or 0,
            "short": row.short_abandoned or 0,
            "level": (row.in_time or 0, row.judged or 0),
            "level 15": (recent.level_15.part, recent.level_15.whole),
            "level 60": (recent.level_60.part, recent.level_60.whole),
            "answered 15": recent.answered_15,
            "abandoned 15": recent.abandoned_15,
            "depth": (recent.depth.peak, round(recent.depth.average, 1)),
            "level strict": (row.in_time_strict or 0, row.judged_strict or 0),
            "asa": row.asa_s,
            "last hour": recent.arrived_60,
            "unheard": row.unheard,
            "callbacks due": row.callbacks_due,
            "callbacks late": row.callbacks_late,
        }
        found |= {f"{row.id}: {name}": value for name, value in shown.items()}
    found["agents per state"] = view.board.presences
    found["after a decline"] = view.board.declined
    for agent in view.board.agents:
        day = view.desks.get(agent.id)
        found[f"{agent.id}: state"] = (agent.presence.value, second(agent.since))
        found[f"{agent.id}: day"] = day and (day.handled, tenth(day.handle_s), day.missed, hundredth(day.busy_share))
    for talk in view.talks:
        so_far = (second(talk.connected_at), second(talk.held_at), talk.holds, talk.transfers)
        found[f"{talk.call}: talk"] = (talk.agent, *so_far)
    for one in view.waiting:
        if not one.callback:
            found[f"{one.call}: waits"] = (second(one.queued_at), second(one.entered_at), one.no_answers)
    assert view.promises is not None
    assert view.messages is not None
    found["open callbacks"] = sorted(one.id for one in view.promises)
    found["open messages"] = dict(Counter(one.topic for one in view.messages))
    return found


def tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def hundredth(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proven is what the board says, not how soon a busy machine reaches Redis."""
    monkeypatch.setitem(Link.__init__.__kwdefaults__, "timeout_s", 20.0)


@pytest.mark.timeout(300 + 6 * CALLS)
def test_no_difference_between_board_and_records_is_older_than_two_seconds(patient: None, town: Town) -> None:
    busy = Busy(town, random.Random(5), CALLS)
    busy.opens(AGENTS)

    def in_line_now(call: str) -> bool:
        session = town.switchboard.sessions.find(CallId(call))
        return session is not None and session.state in (State.QUEUED, State.OFFERED, State.CONNECTING)

    tree = town.switchboard.menus.trees[0]
    road = SecondRoad(
        town.switchboard.engine, {str(name): one for name, one in tree.topics.items()}, busy.skills, in_line_now
    )
    zone = ZoneInfo(tree.zone)

    differences, seen = Differences(), set()
    for at in range(LONGEST):
        busy.second(at)
        town.passes(1)
        town.record()
        road.read()
        midnight = local_midnight(town.now.astimezone(zone).date(), zone)
        board, records = by_the_board(town), road.shown(town.now, midnight)
        now = differences.look(at, board, records)
        assert not differences.older_than(OLDEST, at), (at, now)
        seen.add(tuple(value for name, value in board.items() if name.endswith("waiting")))
        if busy.over:
            break
    tell(busy, differences, at)
    assert len(seen) > min(CALLS / 2, 20)  # the board had something to follow
    for desk in busy.desks:
        if desk.presence.value == "available":
            desk.takes_a_break()


def tell(busy: Busy, differences: Differences, at: int) -> None:
    oldest = Counter(differences.oldest.values())
    ages = ", ".join(f"{count} for {age} s" for age, count in sorted(oldest.items())) or "none"
    sys.stdout.write(
        f"\n{busy.came} calls in {at + 1} s: {differences.looks} figures compared; figures that once differed: {ages}\n"
    )
