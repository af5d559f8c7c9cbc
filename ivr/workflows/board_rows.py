"""One row of the board: a queue as it is now, with the instants and limits by which the page judges it each second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.agents import Agent, Presence
from ivr.core.hours import Calendar, is_open, next_change
from ivr.core.ids import TopicId
from ivr.core.menus import Topic
from ivr.core.room import Due, QueueLimits
from ivr.workflows.queue_outlook import Outlook
from ivr.workflows.recent_waits import Recent
from ivr.workflows.reports import WaitsRow

WORKING = (Presence.RESERVED, Presence.ON_CALL)


class QueueNow(Protocol):
    """One topic's waiting callers."""

    @property
    def topic(self) -> TopicId: ...

    @property
    def waiting(self) -> int: ...

    @property
    def oldest_at(self) -> datetime | None:
        """First queue time of the caller who waits longest."""


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    id: TopicId
    name: str
    waiting: int
    oldest_at: datetime | None
    longest_s: int | None
    estimate_s: int | None
    free: int
    on_line: int
    signed_in: int
    offered: int | None
    """Today's figures, by the site's clock; None while they cannot be read."""
    answered: int | None
    abandoned: int | None
    """Without short abandons."""
    short_abandoned: int | None
    in_time: int | None
    """Numerator and denominator of the service level (v4)."""
    judged: int | None
    in_time_strict: int | None
    """The same of the strict service level (v8), which callbacks and messages do not lift."""
    judged_strict: int | None
    asa_s: float | None
    """Mean wait of those answered today; None also while nobody was."""
    unheard: int | None
    """Messages that wait for an answer and that nobody has heard. None while they cannot be read."""
    usual_60: float | None
    """Callers who joined in the same hour of the same weekday, on average; None: the records do not go back."""
    told_close: int | None
    """Of `told` waits that were announced lately, those that came true within a quarter or 30 s."""
    told: int | None
    callbacks_due: int | None
    """Promised callbacks whose time has come; they stand in the queue. None while they cannot be read."""
    callbacks_late: int | None
    """Of all open ones: the promised window is over, or their turn has not come for long."""
    late_since: datetime | None
    """When the first of them became late, or will."""
    service_level_s: int
    waiting_limits: tuple[float, float]
    """Amber and red."""
    longest_limits_s: tuple[float, float]
    level_limits: tuple[float, float]
    """Below so much of the service level, per cent."""
    abandon_limits: tuple[float, float]
    """Above so many of a hundred callers who decided."""
    late_limits_s: tuple[float, float]
    """A callback that late."""
    wrap_limits_s: tuple[float, float]
    talk_limits_s: tuple[float, float]
    limits_set: bool
    """Somebody has set limits for this queue."""
    target_percent: float
    open: bool
    closes_at: datetime | None
    """When the queue closes, or opens again; None: never."""
    recent: Recent | None
    """The last hour; None while it cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a row is made of."""

    queue: QueueNow | None
    agents: Sequence[Agent]
    today: WaitsRow | None
    promised: Due | None
    estimate_s: int | None
    recent: Recent | None
    outlook: Outlook | None
    unheard: int | None
    limits: QueueLimits | None
    """None: nobody has set any."""
    calendar: Calendar
    now: datetime


def takes(agent: Agent, topic: Topic) -> bool:
    """Has every skill that the topic asks for."""
    return all(agent.skills.get(skill, 0) > 0 for skill in topic.skills)


def topic_row(topic: Topic, name: str, of: Facts) -> TopicRow:
    able = [agent for agent in of.agents if takes(agent, topic)]
    target_s = round(topic.service_level / timedelta(seconds=1))
    oldest_at = of.queue.oldest_at if of.queue else None
    limits = of.limits or QueueLimits()
    target = limits.target_percent
    counts, level = (of.today.counts, of.today.service_level) if of.today else (None, None)
    strict, asa = (of.today.service_level_strict, of.today.asa) if of.today else (None, None)
    return TopicRow(
        id=topic.id,
        name=name,
        waiting=of.queue.waiting if of.queue else 0,
        oldest_at=oldest_at,
        longest_s=max(0, round((of.now - oldest_at).total_seconds())) if oldest_at else None,
        estimate_s=of.estimate_s,
        free=sum(agent.free for agent in able),
        on_line=sum(agent.presence in WORKING for agent in able),
        signed_in=len(able),
        offered=counts.offered if counts else None,
        answered=counts.answered if counts else None,
        abandoned=counts.lost - counts.short_abandoned if counts else None,
        short_abandoned=counts.short_abandoned if counts else None,
        in_time=level.part if level else None,
        judged=level.whole if level else None,
        in_time_strict=strict.part if strict else None,
        judged_strict=strict.whole if strict else None,
        asa_s=asa.total_seconds() if asa is not None else None,
        unheard=of.unheard,
        usual_60=of.outlook.usual if of.outlook else None,
        told_close=of.outlook.told.part if of.outlook else None,
        told=of.outlook.told.whole if of.outlook else None,
        callbacks_due=of.promised.due if of.promised else None,
        callbacks_late=of.promised.late if of.promised else None,
        late_since=of.promised.late_since if of.promised else None,
        service_level_s=target_s,
        waiting_limits=limits.waiting,
        longest_limits_s=(target_s * limits.longest_factor[0], target_s * limits.longest_factor[1]),
        level_limits=(target - limits.level_points[0], target - limits.level_points[1]),
        abandon_limits=limits.abandon_percent,
        late_limits_s=(limits.late_min[0] * 60, limits.late_min[1] * 60),
        wrap_limits_s=(limits.wrap_min[0] * 60, limits.wrap_min[1] * 60),
        talk_limits_s=(limits.talk_min[0] * 60, limits.talk_min[1] * 60),
        limits_set=of.limits is not None,
        target_percent=target,
        open=is_open(of.calendar, of.now),
        closes_at=next_change(of.calendar, of.now),
        recent=of.recent,
    )
