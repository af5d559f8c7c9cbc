"""Agents: time, offers and talks of each, with the team's median and the number of calls (`DOMAIN.md` 3.5, C35).

Rows stand by team and name and cannot be ordered by a figure: one figure alone ranks the calls that somebody got, not the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.agent_figures import AgentFigures, Rung, Spent, Talked, agent_figures
from ivr.core.agents import Presence
from ivr.core.ids import AgentId
from ivr.core.metrics import Share
from ivr.core.people import RosterAgent
from ivr.core.planned_time import Kept, Planned
from ivr.core.repeat_figures import Returns
from ivr.core.rollups import Limits
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import ALL, Asked, Book, Field, Option, Row, Table
from ivr.workflows.report_output import DASH
from ivr.workflows.reports import ReportQuery

UNKNOWN = Share(part=0, whole=0)
Plan = Callable[[ReportQuery, datetime], Sequence[Planned]]
ON_THE_LINE = (Presence.AVAILABLE, Presence.RESERVED, Presence.ON_CALL, Presence.WRAP_UP)


def nobody_planned(_query: ReportQuery, _at: datetime) -> Sequence[Planned]:
    """Where no shifts are kept."""
    return ()


class AgentRows(Protocol):
    """Raises Unavailable."""

    def spent(self, start: datetime, end: datetime) -> Iterable[Spent]: ...

    def rung(self, query: ReportQuery) -> Iterable[Rung]: ...

    def overlaps(self, planned: Sequence[Planned]) -> Iterable[tuple[AgentId, bool, str, timedelta]]: ...

    def talked(self, query: ReportQuery) -> Iterable[Talked]: ...


class RepeatRows(Protocol):
    """Raises Unavailable."""

    def returns(
        self, query: ReportQuery, *, by: Sequence[str], at: datetime, short: Mapping[str, timedelta]
    ) -> Iterable[tuple[tuple[str, ...], Returns]]: ...


@dataclass(frozen=True)
class ReportAgents:
    stored: AgentRows
    repeats: RepeatRows
    clock: Clock
    roster: Callable[[], Sequence[RosterAgent]]
    limits: Callable[[], Mapping[str, Limits]]
    """What the topics say themselves."""
    planned: Plan = nobody_planned
    """Stretches of shifts within the query's time, up to now."""

    def __call__(self, asked: Asked) -> Book:
        query, words, now = asked.query, asked.words, self.clock.now()
        known = {agent.id: agent for agent in self.roster()}
        figures = agent_figures(
            self.stored.spent(query.start, min(query.end, max(now, query.start))),
            self.stored.rung(query),
            self.stored.talked(query),
            teams={agent.id: agent.team for agent in known.values()},
            kept=self._kept(self.planned(query, now)),
        )
        team = asked.option("team")
        figures = tuple(one for one in figures if team in ("", one.team))
        short = {topic: limits.short for topic, limits in self.limits().items()}
        returned = list(self.repeats.returns(query, by=("agent", "topic"), at=now, short=short))
        if team:
            here = {one.agent for one in figures}
            returned = [(by, count) for by, count in returned if by[0] in here]
        names = {agent.id: agent.name for agent in known.values()}
        teams = sorted({agent.team for agent in known.values() if agent.team})
        warnings: tuple[str, ...] = ()
        if figures and not any(one.kept for one in figures):
            warnings = (
                words(
                    "No shifts are set for this time, so planned time is not known: the shares of planned time, adherence and conformance are dashes. Shifts are set under Manage."
                ),
            )
        return Book(
            name="agents",
            title=words("Agents"),
            asked=asked,
            as_of=now,
            tables=(
                _time(asked, figures, names),
                _offers(asked, figures, names),
                _talks(asked, figures, names),
                _returns(asked, returned, names),
            ),
            warnings=warnings,
            options=(
                Option(key="team", label=words("Team"), choices=(("", words("All teams")), *((one, one) for one in teams))),
            ),
            remarks=(
                words("Agents stand by team and name: no single figure ranks people. Read each beside the team's median and the number of calls."),
                words("Time is cut at the edges of the window; offers and talks count where they began, whole."),
            ),
        )  # fmt: skip

    def _kept(self, planned: Sequence[Planned]) -> Mapping[AgentId, Kept]:
        found: dict[AgentId, Kept] = {}
        for one in planned:
            before, time = found.get(one.agent, Kept()), one.end - one.start
            found[one.agent] = (
                replace(before, off=before.off + time) if one.off else replace(before, on=before.on + time)
            )
        for agent, off, presence, time in self.stored.overlaps(planned):
            before = found[agent]
            if off:
                on = time if presence in ON_THE_LINE else timedelta(0)
                over = time if presence in (Presence.ON_CALL, Presence.WRAP_UP) else timedelta(0)
                found[agent] = replace(before, on_in_break=before.on_in_break + on, ran_over=before.ran_over + over)
            elif presence in ON_THE_LINE:
                found[agent] = replace(before, worked=before.worked + time)
        return found


def _name(one: AgentFigures, names: Mapping[AgentId, str]) -> str:
    return names.get(one.agent, one.agent)


def _time(asked: Asked, figures: Sequence[AgentFigures], names: Mapping[AgentId, str]) -> Table:
    words = asked.words

    def cells(one: AgentFigures) -> Row:
        time = one.time
        return Row(
            cells=(
                _name(one, names),
                one.team,
                time.available,
                time.ringing,
                time.on_call,
                time.wrap_up,
                one.spent.get(Presence.MISSED, timedelta(0)),
                one.spent.get(Presence.BREAK, timedelta(0)),
                one.spent.get(Presence.AWAY, timedelta(0)),
                one.occupancy,
                one.with_callers,
                one.on_the_line,
                one.adherence,
                one.conformance,
                one.kept.ran_over if one.kept else None,
            )
        )

    return Table(
        key="time",
        title=words("Time"),
        fields=(
            Field(key="agent", heading=words("Agent")),
            Field(key="team", heading=words("Team")),
            Field(key="available_s", heading=words("Available")),
            Field(key="ringing_s", heading=words("Ringing")),
            Field(key="on_call_s", heading=words("On a call"), meaning=words("talk and hold")),
            Field(key="wrap_up_s", heading=words("Wrap-up")),
            Field(key="missed_s", heading=words("Missed"), meaning=words("after a call that was not answered, until back")),
            Field(key="break_s", heading=words("Break")),
            Field(key="away_s", heading=words("Away"), meaning=words("page or line lost")),
            Field(key="occupancy", heading=words("Occupancy"), meaning=words("with callers / (with callers + ringing + available); with callers: on a call and wrap-up. High for long means burn-out; it follows from staffing and is no goal")),
            Field(key="with_callers", heading=words("Time with callers"), meaning=words("on a call and wrap-up / planned time")),
            Field(key="on_the_line", heading=words("Time on the line"), meaning=words("available, ringing, on a call and wrap-up / planned time; can exceed 100 %")),
            Field(key="adherence", heading=words("Adherence"), meaning=words("on the line while work was planned and off it while a break was, by the minute / planned time")),
            Field(key="conformance", heading=words("Conformance"), meaning=words("on the line, whenever / time for which work was planned; can exceed 100 %")),
            Field(key="ran_over_s", heading=words("Work in a break"), meaning=words("on a call or in wrap-up while a break was planned: lowers adherence, and is not the agent's doing")),
        ),
        rows=tuple(cells(one) for one in figures),
        labels=2,
        empty=words("Nobody was signed in, rung or in a talk in this time."),
    )  # fmt: skip


def _offers(asked: Asked, figures: Sequence[AgentFigures], names: Mapping[AgentId, str]) -> Table:
    words = asked.words
    return Table(
        key="offers",
        title=words("Offers"),
        fields=(
            Field(key="agent", heading=words("Agent")),
            Field(key="team", heading=words("Team")),
            Field(key="offered", heading=words("Offers"), meaning=words("ringings of this agent")),
            Field(key="accepted", heading=words("Accepted")),
            Field(key="answer_rate", heading=words("Answer rate"), meaning=words("accepted / offers")),
            Field(key="caller_gone", heading=words("Caller gone"), meaning=words("the caller left while it rang")),
            Field(key="answer_rate_without_gone", heading=words("Answer rate without those"), meaning=words("accepted / (offers − caller gone)")),
            Field(key="rona", heading=words("Not answered"), meaning=words("ring time ran out (RONA); the caller went on in the same place")),
            Field(key="declined", heading=words("Declined")),
            Field(key="failed", heading=words("Failed"), meaning=words("the agent's telephone or line did not work")),
        ),
        rows=tuple(
            Row(
                cells=(
                    _name(one, names),
                    one.team,
                    one.offered,
                    one.ended("accepted"),
                    one.answer_rate,
                    one.caller_gone,
                    one.answer_rate_without_gone,
                    one.ended("lapsed"),
                    one.ended("declined"),
                    one.ended("failed"),
                )
            )
            for one in figures
        ),
        labels=2,
        empty=words("No telephone rang in this time."),
    )  # fmt: skip


def _talks(asked: Asked, figures: Sequence[AgentFigures], names: Mapping[AgentId, str]) -> Table:
    words = asked.words

    def mean(of: timedelta, count: int) -> timedelta | None:
        return of / count if count else None

    return Table(
        key="talks",
        title=words("Talks"),
        fields=(
            Field(key="agent", heading=words("Agent")),
            Field(key="team", heading=words("Team")),
            Field(key="answered", heading=words("Talks"), meaning=words("answered stays; a call that came back counts again"), calls=ALL),
            Field(key="calls", heading=words("Calls"), meaning=words("different calls among them"), calls={"once": "1"}),
            Field(key="handled", heading=words("Handled"), meaning=words("talks whose wrap-up is over; the times are of these")),
            Field(key="talk_s", heading=words("Talk")),
            Field(key="hold_s", heading=words("Hold"), meaning=words("not inside talk")),
            Field(key="wrap_s", heading=words("Wrap-up")),
            Field(key="handle_time_s", heading=words("AHT"), meaning=words("(talk + hold + wrap-up) / handled")),
            Field(key="team_handle_time_s", heading=words("AHT, team's median"), meaning=words("the middle one of the AHTs of the team's agents")),
            Field(key="transfers", heading=words("Transfers by talk"), meaning=words("talks that ended with a transfer / talks")),
            Field(key="transfers_by_call", heading=words("Transfers by call"), meaning=words("calls with a transfer by this agent / calls")),
        ),
        rows=tuple(
            Row(
                cells=(
                    _name(one, names),
                    one.team,
                    one.talked.answered,
                    one.talked.calls,
                    one.talked.handled,
                    mean(one.talked.talk, one.talked.handled),
                    mean(one.talked.hold, one.talked.handled),
                    mean(one.talked.wrap, one.talked.handled),
                    one.talked.handle_time,
                    one.team_handle_time,
                    one.transfers,
                    one.transfers_by_call,
                ),
                calls={"agent": one.agent, "by": "answer", "made": "1"},
            )
            for one in figures
        ),
        labels=2,
        empty=words("Nobody talked in this time."),
    )  # fmt: skip


def _returns(asked: Asked, returned: Sequence[tuple[tuple[str, ...], Returns]], names: Mapping[AgentId, str]) -> Table:
    words = asked.words
    return Table(
        key="repeats",
        title=words("Repeat calls by agent and topic"),
        about=words("A caller who rings again may have been sent back by anything: the topic's own rate stands in the report of repeats."),
        fields=(
            Field(key="agent", heading=words("Agent")),
            Field(key="topic", heading=words("Topic")),
            Field(key="answered", heading=words("Answered"), calls=ALL),
            Field(key="base", heading=words("With a number"), meaning=words("answered, without withheld and shared numbers"), calls={"repeat": "base"}),
            Field(key="again", heading=words("Called again"), meaning=words("a further call of the number on the topic within 7 days; a short abandon is none"), calls={"repeat": "again"}),
            Field(key="repeat_rate", heading=words("Repeat rate"), meaning=words("called again / with a number")),
            Field(key="provisional", heading=words("Provisional"), meaning=words("of the base: their 7 days are not over")),
        ),
        rows=tuple(
            Row(
                cells=(
                    names.get(AgentId(agent), agent) or DASH,
                    asked.topics(topic),
                    one.answered,
                    one.base,
                    one.again,
                    one.repeat_rate,
                    one.provisional,
                ),
                calls={"agent": agent, "topic": topic, "outcome": "answered"} if agent else None,
                mark="provisional" if one.provisional else "",
            )
            for (agent, topic), one in sorted(returned)
        ),
        labels=2,
        empty=words("No call was answered in this time."),
    )  # fmt: skip
