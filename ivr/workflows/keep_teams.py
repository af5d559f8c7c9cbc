"""Teams: what they are called and who is in which. An agent belongs to one team at most."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from ivr.core.roster import Team, by_team
from ivr.workflows.ports import Clock

AN_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
LONGEST_NAME = 100


class Staff(Protocol):
    """Raises `Unavailable`."""

    def all(self) -> Sequence[RosterAgent]: ...

    def teams(self) -> Sequence[Team]: ...

    def put_team(self, team: Team) -> None: ...

    def drop_team(self, team: str) -> None: ...

    def put_in_team(self, team: str, members: Sequence[AgentId]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class KeepTeams:
    staff: Staff
    audit: Callable[..., None]
    clock: Clock

    def members(self) -> Sequence[tuple[Team, Sequence[RosterAgent]]]:
        """Every team, and who is in it."""
        return by_team(self.staff.teams(), self.staff.all())

    def add(self, id: str, name: str, *, who: str) -> None:  # noqa: A002 - its id
        """Raises `RequestError`."""
        id = id.strip()  # noqa: A001 - its id
        if not AN_ID.fullmatch(id):
            raise RequestError("an id has letters a-z, digits and . _ -", status=422, error_id="agent_team")
        if any(team.id == id for team in self.staff.teams()):
            raise RequestError("there is such a team", status=409, error_id="team_taken")
        team = Team(id=id, name=_name(name))
        self._note("team added", id, who, name=team.name)
        self.staff.put_team(team)

    def rename(self, id: str, name: str, *, who: str) -> None:  # noqa: A002 - its id
        """Raises `RequestError`."""
        before, name = self._team(id), _name(name)
        if before.name != name:
            self._note("team renamed", id, who, before=before.name, after=name)
            self.staff.put_team(Team(id=id, name=name))

    def set_members(self, id: str, agents: Collection[str], *, who: str) -> None:  # noqa: A002 - its id
        """Exactly these; who is in another team leaves it. Raises `RequestError`."""
        self._team(id)
        everybody = {one.id: one.team for one in self.staff.all()}
        wanted = [AgentId(agent) for agent in agents]
        if any(agent not in everybody for agent in wanted):
            raise RequestError("there is no such agent", status=422, error_id="agent_unknown")
        before = sorted(agent for agent, team in everybody.items() if team == id)
        if before != sorted(wanted):
            self._note("team members set", id, who, before=before, after=sorted(wanted))
            self.staff.put_in_team(id, wanted)

    def remove(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """Raises `RequestError` while somebody is in it."""
        self._team(id)
        if any(one.team == id for one in self.staff.all()):
            raise RequestError("somebody is in this team", status=409, error_id="team_members")
        self._note("team removed", id, who)
        self.staff.drop_team(id)

    def _team(self, id: str) -> Team:  # noqa: A002 - its id
        found = next((team for team in self.staff.teams() if team.id == id), None)
        if found is None:
            raise RequestError("there is no such team", status=404, error_id="team_unknown")
        return found

    def _note(self, what: str, team: str, who: str, **detail: object) -> None:
        self.audit(at=self.clock.now(), who=who, what=what, object=team, detail=detail)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise RequestError("give a name", status=422, error_id="agent_name")
    return name
