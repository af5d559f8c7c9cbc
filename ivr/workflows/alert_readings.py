"""What the rules of alerts look at, read from the same view that the board shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.core.agents import Presence
from ivr.core.alert_rules import Figure
from ivr.core.alerts import Reading
from ivr.core.errors import Unavailable
from ivr.core.hours import is_open
from ivr.core.ids import AgentId, Language, TopicId
from ivr.core.menus import MenuTree
from ivr.core.offering import DECLINED
from ivr.workflows.board_rows import TopicRow
from ivr.workflows.watch_board import AgentRow, Board

FEWEST = 10
"""Calls of today that a share needs: fewer say nothing (`DOMAIN.md` 3.0)."""
TIMED = {Presence.WRAP_UP: Figure.WRAP_UP, Presence.ON_CALL: Figure.TALK, Presence.MISSED: Figure.MISSED}


@dataclass(frozen=True, kw_only=True)
class ReadBoard:
    """All readings at one moment. Raises `Unavailable` while the live store is away: nothing is judged then."""

    board: Board
    trees: Callable[[], Sequence[MenuTree]]
    absent: Callable[[datetime, Collection[str]], Sequence[tuple[AgentId, datetime]]]
    """Agents whose shift is now and who are not among these, and since when."""
    guesses: Callable[[datetime], int]
    """Callers who failed to prove who they are lately."""
    audit_broken: Callable[[], bool]

    def __call__(self) -> tuple[datetime, Sequence[Reading]]:
        view = self.board.view(Language("en"))
        topics = {row.id: row for row in view.topics}
        found = [reading for row in view.topics for reading in self._of_topic(row, view.as_of)]
        found += [reading for agent in view.agents for reading in _of_agent(agent, topics, view.as_of)]
        here = {agent.id for agent in view.agents}
        found += [
            Reading(figure=Figure.ABSENT, subject=agent, value=(view.as_of - since).total_seconds())
            for agent, since in self.absent(view.as_of, here)
        ]
        found.append(Reading(figure=Figure.GUESSES, subject="", value=_known(lambda: self.guesses(view.as_of))))
        found.append(Reading(figure=Figure.AUDIT_BROKEN, subject="", value=_known(self.audit_broken)))
        return view.as_of, found

    def _of_topic(self, row: TopicRow, now: datetime) -> Iterator[Reading]:
        own: Mapping[Figure, tuple[float, float]] = _own(row) if row.limits_set else {}

        def one(figure: Figure, value: float | None) -> Reading:
            limits, target = own.get(figure), row.target_percent
            return Reading(figure=figure, subject=row.id, value=value, limits=limits, target=target)

        longest = (now - row.oldest_at).total_seconds() / max(1, row.service_level_s) if row.oldest_at else 0.0
        yield one(Figure.WAITING, row.waiting)
        yield one(Figure.LONGEST, longest)
        yield one(Figure.UNSERVED, row.waiting if not row.free else 0)
        yield one(Figure.UNSTAFFED, float(not row.signed_in and self._open(row.id, now)))
        late = (now - row.late_since).total_seconds() if row.late_since else 0.0
        yield one(Figure.CALLBACKS_LATE, None if row.callbacks_late is None else max(0.0, late))
        if row.judged is None or row.in_time is None:
            yield one(Figure.SERVICE_LEVEL, None)
        elif row.judged >= FEWEST:
            yield one(Figure.SERVICE_LEVEL, 100 * row.in_time / row.judged)
        if row.offered is None or row.abandoned is None or row.short_abandoned is None:
            yield one(Figure.ABANDONED, None)
        elif row.offered - row.short_abandoned >= FEWEST:
            yield one(Figure.ABANDONED, 100 * row.abandoned / (row.offered - row.short_abandoned))

    def _open(self, topic: TopicId, now: datetime) -> bool:
        tree = next((tree for tree in self.trees() if topic in tree.topics), None)
        return tree is not None and is_open(tree.calendar_of(topic), now)


def _own(row: TopicRow) -> Mapping[Figure, tuple[float, float]]:
    """The limits of this queue in the unit of the rules."""
    target, times = row.target_percent, max(1, row.service_level_s)
    return {
        Figure.WAITING: row.waiting_limits,
        Figure.LONGEST: (row.longest_limits_s[0] / times, row.longest_limits_s[1] / times),
        Figure.SERVICE_LEVEL: (target - row.level_limits[0], target - row.level_limits[1]),
        Figure.ABANDONED: row.abandon_limits,
        Figure.CALLBACKS_LATE: row.late_limits_s,
        Figure.WRAP_UP: row.wrap_limits_s,
        Figure.TALK: row.talk_limits_s,
    }


def _of_agent(agent: AgentRow, topics: Mapping[TopicId, TopicRow], now: datetime) -> Iterator[Reading]:
    figure = TIMED.get(agent.presence)
    if figure is not None and agent.reason != DECLINED:
        row, since = topics.get(TopicId(agent.topic_id)), (now - agent.since).total_seconds()
        limits = _own(row).get(figure) if row is not None and row.limits_set else None
        yield Reading(figure=figure, subject=agent.id, value=since, topic=agent.topic_id, limits=limits)


def _known(ask: Callable[[], float]) -> float | None:
    try:
        return float(ask())
    except Unavailable:
        return None
