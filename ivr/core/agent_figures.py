"""What an agent's time, offers and talks came to, beside the median of the team (`DOMAIN.md` 3.5).

Time is cut to the window that is asked for; offers and talks are counted where they began, whole. The two therefore differ at the
edges. No figure stands alone and none makes an order: who takes the hard calls has the long ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from ivr.core.agents import Presence
from ivr.core.ids import AgentId
from ivr.core.metrics import AgentTime, Share
from ivr.core.planned_time import Kept

NONE = timedelta(0)
IDLE = (Presence.MISSED, Presence.BREAK, Presence.AWAY)
"""Signed in, and not on the line."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Time of one agent in one presence, cut to the window."""

    agent: AgentId
    presence: str
    time: timedelta


@dataclass(frozen=True, kw_only=True)
class Rung:
    """Offers of one agent that ended alike; `result` None: it rings."""

    agent: AgentId
    result: str | None
    caller_gone: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class Talked:
    """Answered stays of one agent."""

    agent: AgentId
    answered: int = 0
    calls: int = 0
    handled: int = 0
    """Their wrap-up is over."""
    talk: timedelta = NONE
    hold: timedelta = NONE
    wrap: timedelta = NONE
    """Of the handled."""
    transferred: int = 0
    transferred_calls: int = 0

    @property
    def handle_time(self) -> timedelta | None:
        return (self.talk + self.hold + self.wrap) / self.handled if self.handled else None


@dataclass(frozen=True, kw_only=True)
class AgentFigures:
    agent: AgentId
    team: str = ""
    spent: Mapping[str, timedelta] = field(default_factory=dict)
    rung: tuple[Rung, ...] = ()
    talked: Talked
    team_handle_time: timedelta | None = None
    """Median of the AHTs of the team's agents."""
    kept: Kept | None = None
    """What planned time came to; None: no shift is known."""

    @property
    def time(self) -> AgentTime:
        of = self.spent.get
        return AgentTime(
            available=of(Presence.AVAILABLE, NONE),
            ringing=of(Presence.RESERVED, NONE),
            on_call=of(Presence.ON_CALL, NONE),
            wrap_up=of(Presence.WRAP_UP, NONE),
            other=sum((of(one, NONE) for one in IDLE), NONE),
        )

    @property
    def occupancy(self) -> Share:
        """With callers / (with callers + ringing + available)."""
        return share_of(self.time.with_callers, self.time.on_the_line)

    @property
    def with_callers(self) -> Share:
        """Of planned time."""
        return share_of(self.time.with_callers, self.kept.planned if self.kept else None)

    @property
    def on_the_line(self) -> Share:
        """Of planned time; can exceed it."""
        return share_of(self.time.on_the_line, self.kept.planned if self.kept else None)

    @property
    def adherence(self) -> Share:
        """As planned, by the minute, of planned time."""
        return share_of(self.kept.adhered if self.kept else NONE, self.kept.planned if self.kept else None)

    @property
    def conformance(self) -> Share:
        """On the line, whenever, of the time for which work was planned; can exceed it."""
        return share_of(self.time.on_the_line, self.kept.on if self.kept else None)

    @property
    def offered(self) -> int:
        return sum(one.count for one in self.rung)

    def ended(self, *results: str) -> int:
        return sum(one.count for one in self.rung if one.result in results)

    @property
    def caller_gone(self) -> int:
        return sum(one.count for one in self.rung if one.caller_gone)

    @property
    def answer_rate(self) -> Share:
        return Share(part=self.ended("accepted"), whole=self.offered)

    @property
    def answer_rate_without_gone(self) -> Share:
        """Offers whose caller left while it rang are nobody's."""
        return Share(part=self.ended("accepted"), whole=self.offered - self.caller_gone)

    @property
    def transfers(self) -> Share:
        return Share(part=self.talked.transferred, whole=self.talked.answered)

    @property
    def transfers_by_call(self) -> Share:
        return Share(part=self.talked.transferred_calls, whole=self.talked.calls)


def share_of(part: timedelta, whole: timedelta | None) -> Share:
    """Of time, in whole seconds; no value where the whole is not known."""
    if whole is None:
        return Share(part=0, whole=0)
    return Share(part=round(part.total_seconds()), whole=round(whole.total_seconds()))


def agent_figures(
    spent: Iterable[Spent],
    rung: Iterable[Rung],
    talked: Iterable[Talked],
    *,
    teams: Mapping[AgentId, str],
    kept: Mapping[AgentId, Kept],
) -> tuple[AgentFigures, ...]:
    """One for each agent of whom anything is known in the window, by team and name."""
    times: dict[AgentId, dict[str, timedelta]] = {}
    for one in spent:
        of = times.setdefault(one.agent, {})
        of[one.presence] = of.get(one.presence, NONE) + one.time
    offers: dict[AgentId, list[Rung]] = {}
    for ring in rung:
        offers.setdefault(ring.agent, []).append(ring)
    talks = {one.agent: one for one in talked}
    agents = sorted({*times, *offers, *talks, *kept}, key=lambda agent: (teams.get(agent, ""), agent))
    middle = {
        team: _median(talks[agent].handle_time for agent in agents if agent in talks and teams.get(agent, "") == team)
        for team in {teams.get(agent, "") for agent in agents}
    }
    return tuple(
        AgentFigures(
            agent=agent,
            team=teams.get(agent, ""),
            spent=times.get(agent, {}),
            rung=tuple(offers.get(agent, ())),
            talked=talks.get(agent, Talked(agent=agent)),
            team_handle_time=middle[teams.get(agent, "")],
            kept=kept.get(agent),
        )
        for agent in agents
    )


def _median(times: Iterable[timedelta | None]) -> timedelta | None:
    known = [one.total_seconds() for one in times if one is not None]
    return timedelta(seconds=median(known)) if known else None
