"""The board against the records, every second of a busy stretch: what it shows is never older than two seconds."""

from __future__ import annotations

import random

from ivr.core import facts
from ivr.core.ids import CallId, Language
from ivr.simulator import Call
from tests.stories.town import Town

CALLERS, SECONDS, OLDEST = 9, 45, 2


def by_the_records(town: Town, calls: list[str]) -> tuple[int, int, int]:
    """Waiting, talking, joined: folded from the facts of every call, by a second road."""
    town.record()
    waiting = talking = joined = 0
    for call in calls:
        told = town.facts_of_id(CallId(call))
        stays = {one.segment for one in told if isinstance(one, facts.SegmentStarted)}
        over = {one.segment for one in told if isinstance(one, facts.SegmentEnded)}
        made = {one.offer for one in told if isinstance(one, facts.OfferMade)}
        undone = {one.offer for one in told if isinstance(one, facts.OfferEnded) and one.result != "accepted"}
        talks = {one.offer for one in told if isinstance(one, facts.Answered)}
        ended = {one.offer for one in told if isinstance(one, facts.TalkOver)}
        joined += len(stays)
        waiting += len(stays - over) - len(made - undone - talks)
        talking += len(talks - ended)
    return waiting, talking, joined


def by_the_board(town: Town) -> tuple[int, int, int]:
    view = town.switchboard.room.room.view(Language("en"))
    return view.board.waiting, len(view.talks), sum(row.offered or 0 for row in view.board.topics)


def test_no_difference_between_board_and_records_is_older_than_two_seconds(town):
    chance = random.Random(5)
    desks = [town.agent(name, skills={"other": 5}).available() for name in ("ana", "bo")]
    live: list[Call] = []
    sids: list[str] = []
    shown: set[tuple[int, int, int]] = set()
    differs = 0
    for second in range(SECONDS):
        if second % 5 == 0 and len(sids) < CALLERS:
            call = town.queues(f"+86138001380{second:02}")
            live.append(call)
            sids.append(call.sid)
        for desk in desks:
            if desk.presence.value == "reserved":
                desk.accepts()
            elif desk.presence.value == "on_call" and chance.random() < 0.15:
                desk.ends()
            elif desk.presence.value == "wrap_up":
                desk.finishes()
            else:
                desk.breathes()
        if live and chance.random() < 0.06:
            live.pop(chance.randrange(len(live))).hangs_up()
        town.passes(1)
        board, records = by_the_board(town), by_the_records(town, sids)
        shown.add(board)
        differs = differs + 1 if board != records else 0
        assert differs <= OLDEST, (second, board, records)
    assert len(shown) > CALLERS  # the board had something to follow
