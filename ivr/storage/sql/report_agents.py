"""Agents' time, offers and talks, counted by the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.agent_figures import Rung, Spent, Talked
from ivr.core.ids import AgentId
from ivr.core.planned_time import Planned
from ivr.storage.sql.engine import UTCDateTime, reading
from ivr.storage.sql.spans import instant, seconds_between
from ivr.storage.sql.sum_calls import RUNG, TALKED
from ivr.storage.sql.sum_presence import SPELLS, still
from ivr.storage.sql.sums import MICRO, sums_of
from ivr.storage.sql.tables import agent_states
from ivr.workflows.reports import ReportQuery

PORTION = 500
"""Planned stretches in one statement."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class AgentRows:
    """Implements `workflows.report_agents.AgentRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def spent(self, start: datetime, end: datetime) -> Iterator[Spent]:
        """Time by presence but signed out, cut to this time; one that lasts ends with it."""
        found: dict[tuple[str, str], timedelta] = defaultdict(timedelta)
        with sums_of(self.engine, kept=self.kept) as look:
            for (agent, presence), (spent, *_) in look.over(SPELLS, start, end, "agent", "presence").items():
                found[agent, presence] += spent * MICRO
            for row in still(look.connection):
                if row.started_at < end:
                    found[row.agent, row.presence] += end - max(row.started_at, start)
        for (agent, presence), time in found.items():
            yield Spent(agent=AgentId(agent), presence=presence, time=_span(time.total_seconds()))

    def overlaps(self, planned: Sequence[Planned]) -> Iterator[tuple[AgentId, bool, str, timedelta]]:
        """How long each presence lay within planned stretches: agent, whether a break was planned, presence, time."""
        for first in range(0, len(planned), PORTION):
            rows = [(one.agent, one.off, one.start, one.end) for one in planned[first : first + PORTION]]
            plan = (
                sa.values(
                    sa.column("agent", sa.String),
                    sa.column("off", sa.Boolean),
                    sa.column("start", UTCDateTime),
                    sa.column("over", UTCDateTime),
                    name="plan",
                )
                .data(rows)
                .cte()
            )
            t, before, now = agent_states, agent_states.alias("before"), max(one.end for one in planned)
            last = sa.select(sa.func.max(before.c.started_at)).where(
                before.c.agent == plan.c.agent, before.c.started_at <= plan.c.start
            )  # of those that began before, only the last can reach into a stretch
            ended = sa.func.coalesce(t.c.ended_at, instant(now))
            begun = sa.case((t.c.started_at < plan.c.start, plan.c.start), else_=t.c.started_at)
            over = sa.case((ended > plan.c.over, plan.c.over), else_=ended)
            statement = (
                sa.select(
                    plan.c.agent, plan.c.off, t.c.presence, sa.func.sum(seconds_between(begun, over)).label("time")
                )
                .join_from(plan, t, t.c.agent == plan.c.agent)
                .where(
                    t.c.started_at < plan.c.over,
                    t.c.started_at >= sa.func.coalesce(last.scalar_subquery(), plan.c.start, type_=UTCDateTime),
                    ended > plan.c.start,
                )
                .group_by(plan.c.agent, plan.c.off, t.c.presence)
            )
            with reading(self.engine) as connection:
                for row in connection.execute(statement):
                    yield AgentId(row.agent), bool(row.off), row.presence, _span(row.time)

    def rung(self, query: ReportQuery) -> Iterator[Rung]:
        """Offers made in the query's time."""
        with sums_of(self.engine, kept=self.kept) as look:
            found = look.of(RUNG, query, "agent", "result", "gone")
        for (agent, result, gone), (count, *_) in found.items():
            yield Rung(agent=AgentId(agent), result=result or None, caller_gone=gone == "1", count=count)

    def talked(self, query: ReportQuery) -> Iterator[Talked]:
        """Talks that began in the query's time. A call counts with its first talk of the agent; of several topics, with
        its first on each.
        """
        with sums_of(self.engine, kept=self.kept) as look:
            found = look.of(TALKED, query, "agent")
        of_topic = "_of_topic" if query.topics else ""
        for (agent,), numbers in found.items():
            one = dict(zip(TALKED.numbers, numbers, strict=True))
            yield Talked(
                agent=AgentId(agent),
                answered=one["answered"],
                calls=one[f"calls{of_topic}"],
                handled=one["handled"],
                talk=one["talk_ms"] * MILLISECOND,
                hold=one["hold_ms"] * MILLISECOND,
                wrap=one["wrap_ms"] * MILLISECOND,
                transferred=one["transferred"],
                transferred_calls=one[f"transferred_calls{of_topic}"],
            )


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=round(seconds or 0.0, 3))
