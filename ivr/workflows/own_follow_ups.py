"""An agent's own follow-ups: open cases for which this agent named the day. What is due is shown quietly at the desk.

A case whose day somebody else moves stays with the agent who promised it; it leaves the list when it is solved, closed or
waits for no day any more, whoever says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.cases import Case, CaseStatus
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, Language
from ivr.core.intervals import DAY, local_midnight
from ivr.workflows.case_desk import topic_name
from ivr.workflows.look_after import DueCase, LookAfter
from ivr.workflows.ports import Clock


class OwnCases(Protocol):
    def of_agent(self, agent: AgentId) -> Sequence[Case]:
        """Cases under way whose day this agent named, the earliest first. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class OwnFollowUp:
    number: str
    topic_name: str
    due_on: date
    """By the clock of the hotline."""
    due: str
    """`late`, `today` or `later`."""
    caller: str
    """Masked; empty when there is none."""
    note: str


@dataclass(frozen=True, kw_only=True)
class OwnList:
    follow_ups: Sequence[OwnFollowUp]
    late: int
    today: int
    changes_at: datetime
    """When the list says something else by itself: the next one is due, or the day is over."""


@dataclass(frozen=True, kw_only=True)
class OwnFollowUps:
    own: OwnCases
    cases: LookAfter
    clock: Clock

    def __call__(self, agent: AgentId, language: Language) -> OwnList:
        now = self.clock.now()
        zones = {tree.hotline: ZoneInfo(tree.zone) for tree in self.cases.trees()}
        found = [self.cases.shown(case) for case in self.own.of_agent(agent) if case.hotline in zones]
        coming = [one.case.due_at for one in found if one.case.due_at is not None and one.case.due_at > now]
        midnights = [local_midnight(now.astimezone(zone).date() + DAY, zone) for zone in zones.values()]
        return OwnList(
            follow_ups=tuple(self._own(one, zones[one.case.hotline], language) for one in found),
            late=sum(one.due == "late" for one in found),
            today=sum(one.due == "today" for one in found),
            changes_at=min([*coming, *midnights]),
        )

    def done(self, agent: AgentId, number: str) -> None:
        """The follow-up is made, and the case solved. Raises `RequestError` for one that is not this agent's."""
        self._check(agent, number)
        self.cases.change(number, status=CaseStatus.SOLVED, day="", who=agent)

    def move(self, agent: AgentId, number: str, day: str) -> None:
        """To another day. Raises `RequestError`, also for what is no day."""
        self._check(agent, number)
        if not day:
            raise RequestError("name the day", status=422, error_id="bad_day")
        self.cases.change(number, status=CaseStatus.PENDING, day=day, who=agent)

    def _check(self, agent: AgentId, number: str) -> None:
        if all(case.number != number for case in self.own.of_agent(agent)):
            raise RequestError("this is no follow-up of yours any more", status=404, error_id="unknown_follow_up")

    def _own(self, one: DueCase, zone: ZoneInfo, language: Language) -> OwnFollowUp:
        case = one.case
        assert case.due_at is not None
        tree = next(tree for tree in self.cases.trees() if tree.hotline == case.hotline)
        return OwnFollowUp(
            number=case.number,
            topic_name=topic_name(tree, case.topic, language),
            due_on=case.due_at.astimezone(zone).date(),
            due=one.due,
            caller=one.caller,
            note=case.note,
        )
