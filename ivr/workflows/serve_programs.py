"""What programs and people ask of the API: lists a piece at a time.

A look at callers' data is noted in the audit, once per piece, by the name of who looked (`program:NAME` for a program). Telephone numbers are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.agents import Presence
from ivr.core.api_rows import CallbackRow, CaseRow
from ivr.core.callback_rules import CallbackState
from ivr.core.cases import CaseStatus
from ivr.core.errors import RequestError
from ivr.core.people import RosterAgent
from ivr.workflows.ports import Clock, Presences

MOST = 200


class Lists(Protocol):
    """Raises `Unavailable`."""

    def callbacks(self, *, after: str = "", limit: int = 50, state: str = "") -> Sequence[CallbackRow]: ...

    def cases(self, *, after: str = "", limit: int = 50, status: str = "") -> Sequence[CaseRow]: ...


class Staff(Protocol):
    def all(self) -> Sequence[RosterAgent]: ...


@dataclass(frozen=True, kw_only=True)
class AgentNow:
    id: str
    name: str
    team: str
    skills: dict[str, int]
    languages: dict[str, int]
    presence: str
    since: datetime | None
    reason: str
    topic: str


@dataclass(frozen=True, kw_only=True)
class ServePrograms:
    lists: Lists
    staff: Staff
    presences: Presences
    mask: Callable[[str], str]
    audit: Callable[..., None]
    clock: Clock

    def agents(self) -> Sequence[AgentNow]:
        """Everybody on the roster, with what they do now."""
        here = {agent.id: agent for agent in self.presences.all()}
        return [_now(one, here.get(one.id)) for one in self.staff.all()]

    def agent(self, agent: str) -> AgentNow:
        """Raises `RequestError`."""
        known = next((one for one in self.staff.all() if one.id == agent), None)
        if known is None:
            raise RequestError("there is no such agent", status=404, error_id="agent_unknown")
        return _now(known, self.presences.find(known.id))

    def callbacks(self, *, after: str, limit: int, state: str, who: str) -> Sequence[CallbackRow]:
        """Raises `RequestError`."""
        if state and state not in set(CallbackState):
            raise RequestError("there is no such state", status=422, error_id="state_unknown")
        rows = self.lists.callbacks(after=after, limit=limit, state=state)
        self._looked("callbacks listed", len(rows), who)
        return [replace(row, number=self._masked(row.number)) for row in rows]

    def cases(self, *, after: str, limit: int, status: str, who: str) -> Sequence[CaseRow]:
        """Raises `RequestError`."""
        if status and status not in set(CaseStatus):
            raise RequestError("there is no such standing", status=422, error_id="status_unknown")
        rows = self.lists.cases(after=after, limit=limit, status=status)
        self._looked("cases listed", len(rows), who)
        return [replace(row, caller=self._masked(row.caller)) for row in rows]

    def _masked(self, number: str) -> str:
        with suppress(ValueError):
            return self.mask(number) if number else ""
        return ""

    def _looked(self, what: str, rows: int, who: str) -> None:
        if rows:
            self.audit(at=self.clock.now(), who=who, what=what, detail={"rows": rows})


def _now(known: RosterAgent, here: object) -> AgentNow:
    presence = getattr(here, "presence", Presence.SIGNED_OUT)
    return AgentNow(
        id=known.id,
        name=known.name,
        team=known.team,
        skills=dict(known.skills),
        languages=dict(known.languages),
        presence=presence.value,
        since=getattr(here, "since", None),
        reason=getattr(here, "reason", ""),
        topic=getattr(here, "topic", ""),
    )
