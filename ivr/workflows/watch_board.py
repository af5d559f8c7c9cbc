"""The supervisor's board: who waits, who works, and where it hurts.

The board reads three things and stores none: the queues as the live store has them, the agents who are signed in, and the day's
figures, which are the very report of waiting times for today, so that board and report cannot disagree. Durations
grow between two snapshots, so a row carries instants and limits, and the page judges them each second; nothing is
coloured here.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.agents import Agent, Presence
from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import FLAGS
from ivr.core.alert_words import number
from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, Language, TopicId
from ivr.core.intervals import DAY, Step, local_midnight
from ivr.core.menus import MenuTree, Topic
from ivr.core.offering import DECLINED
from ivr.core.room import Due, QueueLimits
from ivr.workflows.agent_view import Roster
from ivr.workflows.board_rows import Facts, QueueNow, TopicRow, takes, topic_row
from ivr.workflows.incident import SwitchIncident
from ivr.workflows.menu_labels import named
from ivr.workflows.ports import Clock, Presences
from ivr.workflows.queue_outlook import QueueOutlook
from ivr.workflows.recent_waits import RecentWaits
from ivr.workflows.reports import ReportQuery, ReportWaits, WaitsRow

TODAY_KEPT = timedelta(seconds=1)
"""The day's figures are read from SQL at most this often in a process, whoever looks."""


class LiveQueues(Protocol):
    def queues(self, topics: Sequence[TopicId] | None = None) -> Sequence[QueueNow]:
        """One row per topic, in one reading."""


class DueCallbacks(Protocol):
    def __call__(self, hotline: str, at: datetime) -> Mapping[str, Due]:
        """By topic: open promises that are due, and that are late. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class AgentRow:
    id: AgentId
    name: str
    presence: Presence
    since: datetime
    reason: str
    topic: str
    """Name of the topic of the present call or wrap-up."""
    topic_id: str
    takes: tuple[TopicId, ...]
    """Queues whose agents this one is counted among."""
    wanted: Presence


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """A banner that callers hear now."""

    hotline: str
    text: str
    heard: int
    left: int


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """An alert that stands."""

    id: str
    figure: str
    level: str
    name: str
    """Of the queue or agent; empty for the hotline itself."""
    value: str
    raised_at: datetime
    taken_by: str


@dataclass(frozen=True, kw_only=True)
class BoardView:
    hotline: str
    incidents: tuple[IncidentRow, ...]
    """Empty also while they cannot be read."""
    alerts: tuple[AlertLine, ...]
    """Newest first; empty also while they cannot be read."""
    topics: tuple[TopicRow, ...]
    agents: tuple[AgentRow, ...]
    presences: dict[str, int]
    """Agents per presence; signed-out ones are not counted."""
    declined: int
    """Of those in `wrap_up`: agents in the pause after a decline, who have no talk to wrap up."""
    waiting: int
    oldest_at: datetime | None
    as_of: datetime
    zone: str
    """Zone of the (first) hotline's clock, in which the board tells the time."""


@dataclass
class Today:
    """The day's figures per topic, kept for a few seconds."""

    waits: ReportWaits
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: dict[str, tuple[datetime, Mapping[str, WaitsRow]]] = field(default_factory=dict)

    def rows(self, tree: MenuTree) -> Mapping[str, WaitsRow]:
        """By topic; empty while the records cannot be read."""
        now = self.clock.now()
        with self._lock:
            at, rows = self._kept.get(tree.hotline, (None, {}))
            if at is None or not timedelta() <= now - at < TODAY_KEPT:
                rows = self._read(tree, now)
                self._kept[tree.hotline] = (now, rows)
            return rows

    def _read(self, tree: MenuTree, now: datetime) -> Mapping[str, WaitsRow]:
        zone = ZoneInfo(tree.zone)
        day = now.astimezone(zone).date()
        query = ReportQuery(
            start=local_midnight(day, zone),
            end=local_midnight(day + DAY, zone),
            zone=zone,
            step=Step.DAY,
            hotline=tree.hotline,
            topics=tuple(tree.topics),
        )
        try:
            return {row.topic: row for row in self.waits(query).totals if row.topic}
        except Unavailable:
            return {}


@dataclass(frozen=True, kw_only=True)
class Board:
    live: LiveQueues
    today: Today
    presences: Presences
    roster: Roster
    trees: Callable[[], Sequence[MenuTree]]
    """The menus in use, first hotline first."""
    clock: Clock
    callbacks: DueCallbacks | None = None
    incident: SwitchIncident | None = None
    alerts: Callable[[], Sequence[Alert]] | None = None
    """Those that stand, newest first."""
    estimate: Callable[[MenuTree, datetime], Mapping[TopicId, int]] | None = None
    """Expected wait of the next caller of each topic, seconds. Where nothing is known, nothing is said."""
    recent: RecentWaits | None = None
    outlook: QueueOutlook | None = None
    unheard: Callable[[str], Mapping[str, int]] | None = None
    """Messages that nobody has heard. Raises `Unavailable`."""
    limits: Callable[[str], Mapping[TopicId, QueueLimits]] | None = None
    """Those that somebody has set. Raises `Unavailable`."""
    gone: Callable[[Collection[TopicId]], Iterable[tuple[MenuTree, Topic, QueueNow]]] | None = None
    """Queues beside these that no menu in service has, and in which somebody waits."""

    def view(self, language: Language) -> BoardView:
        """The whole board, as it is now."""
        now = self.clock.now()
        agents = [agent for agent in self.presences.all() if agent.presence is not Presence.SIGNED_OUT]
        trees = self.trees()
        known = {topic for tree in trees for topic in tree.topics}
        gone = list(self.gone(known)) if self.gone else []
        rows = (
            *(row for tree in trees for row in self._topics(tree, agents, language, now)),
            *(_gone_row(*one, agents, language, now) for one in gone),
        )
        topics = [*(topic for tree in trees for topic in tree.topics.values()), *(topic for _, topic, _ in gone)]
        oldest = [row.oldest_at for row in rows if row.oldest_at]
        return BoardView(
            hotline=" · ".join(named(tree.title, language) for tree in trees),
            incidents=tuple(self._incidents(trees, language)),
            alerts=self._alerts({row.id: row.name for row in rows}),
            topics=rows,
            agents=self._agents(topics, agents, language),
            presences=dict(Counter(agent.presence.value for agent in agents)),
            declined=sum(agent.presence is Presence.WRAP_UP and agent.reason == DECLINED for agent in agents),
            waiting=sum(row.waiting for row in rows),
            oldest_at=min(oldest, default=None),
            as_of=now,
            zone=trees[0].zone if trees else "UTC",
        )

    def _topics(self, tree: MenuTree, agents: Sequence[Agent], language: Language, now: datetime) -> Sequence[TopicRow]:
        queues = {row.topic: row for row in self.live.queues(list(tree.topics))}
        today = self.today.rows(tree)
        promised = self._promised(tree, now)
        recent = self.recent.of(tree) if self.recent else {}
        estimates = self._estimates(tree, now)
        limits = self._limits(tree)
        outlook = self.outlook.of(tree.hotline, list(tree.topics)) if self.outlook else {}
        unheard = self._unheard(tree)
        return [
            topic_row(
                topic,
                named(topic.names, language),
                Facts(
                    queue=queues.get(topic.id),
                    agents=agents,
                    today=today.get(topic.id),
                    promised=promised.get(topic.id, Due()) if promised is not None else None,
                    estimate_s=estimates.get(topic.id),
                    recent=recent.get(topic.id),
                    outlook=outlook.get(topic.id),
                    unheard=None if unheard is None else unheard.get(topic.id, 0),
                    limits=limits.get(topic.id),
                    calendar=tree.calendar_of(topic.id),
                    now=now,
                ),
            )
            for topic in tree.topics.values()
        ]

    def _incidents(self, trees: Sequence[MenuTree], language: Language) -> Iterator[IncidentRow]:
        for tree in trees if self.incident else ():
            try:
                view = self.incident.show(tree.hotline) if self.incident else None
            except Unavailable:
                view = None
            if view is not None:
                effect = view.effect
                text = named(view.text, language)
                yield IncidentRow(hotline=tree.hotline, text=text, heard=effect.heard, left=effect.left)

    def _alerts(self, topics: Mapping[TopicId, str]) -> tuple[AlertLine, ...]:
        try:
            found = self.alerts() if self.alerts else ()
        except Unavailable:
            return ()
        known: Sequence[Mapping[TopicId, str] | Mapping[AgentId, str]] = (topics, self.roster.names()) if found else ()
        names = {str(one): name for part in known for one, name in part.items()}
        return tuple(
            AlertLine(
                id=one.id,
                figure=one.figure.value,
                level=one.level.value,
                name=names.get(one.subject, one.subject),
                value="" if one.figure in FLAGS else number(one.figure, one.value),
                raised_at=one.raised_at,
                taken_by=one.acknowledged_by,
            )
            for one in found
        )

    def _estimates(self, tree: MenuTree, now: datetime) -> Mapping[TopicId, int]:
        try:
            return self.estimate(tree, now) if self.estimate else {}
        except Unavailable:
            return {}

    def _limits(self, tree: MenuTree) -> Mapping[TopicId, QueueLimits]:
        try:
            return self.limits(tree.hotline) if self.limits else {}
        except Unavailable:
            return {}

    def _unheard(self, tree: MenuTree) -> Mapping[str, int] | None:
        try:
            return self.unheard(tree.hotline) if self.unheard else None
        except Unavailable:
            return None

    def _promised(self, tree: MenuTree, now: datetime) -> Mapping[str, Due] | None:
        try:
            return self.callbacks(tree.hotline, now) if self.callbacks else None
        except Unavailable:
            return None

    def _agents(self, known: Sequence[Topic], agents: Sequence[Agent], language: Language) -> tuple[AgentRow, ...]:
        people = self.roster.names()
        topics = {topic.id: named(topic.names, language) for topic in known}
        return tuple(
            AgentRow(
                id=agent.id,
                name=people.get(agent.id, agent.id),
                presence=agent.presence,
                since=agent.since,
                reason=agent.reason,
                topic=topics.get(TopicId(agent.topic), agent.topic),
                topic_id=agent.topic,
                takes=tuple(topic.id for topic in known if takes(agent, topic)),
                wanted=agent.wanted,
            )
            for agent in agents
        )


def _gone_row(
    tree: MenuTree, topic: Topic, queue: QueueNow, agents: Sequence[Agent], language: Language, now: datetime
) -> TopicRow:
    """Who waits there now; the day's figures are those of the queues in service."""
    live = Facts(
        queue=queue,
        agents=agents,
        today=None,
        promised=None,
        estimate_s=None,
        recent=None,
        outlook=None,
        unheard=None,
        limits=None,
        calendar=tree.calendar_of(topic.id),
        now=now,
    )
    return topic_row(topic, named(topic.names, language), live)
