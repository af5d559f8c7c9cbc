"""The agents as SQL knows them. SQL is the truth once pages have edited it (`DESIGN.md` 3.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from ivr.core.roster import Team
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.people_tables import agents, teams


@dataclass(frozen=True)
class Roster:
    engine: Engine

    def all(self) -> Sequence[RosterAgent]:
        """In the order of the roster file."""
        with reading(self.engine) as connection:
            return [
                _agent(row) for row in connection.execute(sa.select(agents).order_by(agents.c.position, agents.c.id))
            ]

    def find(self, agent: AgentId) -> RosterAgent | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(agents).where(agents.c.id == agent)).first()
        return _agent(row) if row else None

    def names(self) -> Mapping[AgentId, str]:
        with reading(self.engine) as connection:
            return {AgentId(row.id): row.name for row in connection.execute(sa.select(agents.c.id, agents.c.name))}

    def teams(self) -> Sequence[Team]:
        """By name; one that an agent belongs to and nobody has named is called by its id."""
        used = sa.select(agents.c.team).where(agents.c.team != "").distinct()
        with reading(self.engine) as connection:
            known = {row.id: row.name for row in connection.execute(sa.select(teams))}
            ids = {*known, *connection.scalars(used)}
        return sorted((Team(id=one, name=known.get(one, one)) for one in ids), key=lambda team: (team.name, team.id))

    def put_team(self, team: Team) -> None:
        with writing(self.engine) as connection:
            upsert(connection, teams, [{"id": team.id, "name": team.name}])

    def drop_team(self, team: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(teams.delete().where(teams.c.id == team))

    def put_in_team(self, team: str, members: Sequence[AgentId]) -> None:
        """Exactly these belong to it from now on; who belonged to it before belongs to none."""
        with writing(self.engine, locks=["roster"]) as connection:
            others = agents.c.team == team, agents.c.id.not_in(members)
            connection.execute(agents.update().where(*others).values(team=""))
            connection.execute(agents.update().where(agents.c.id.in_(members)).values(team=team))

    def put(self, agent: RosterAgent) -> None:
        """Add at the end of the list, or overwrite where it stands."""
        with writing(self.engine, locks=["roster"]) as connection:
            last = connection.execute(sa.select(sa.func.max(agents.c.position))).scalar_one()
            row = {**_row(agent), "position": (last or 0) + 1, "disabled": agent.disabled}
            upsert(connection, agents, [row], keep=("position",))

    def save(self, roster: Sequence[RosterAgent], *, remove_others: bool = False) -> None:
        """Add or overwrite these agents, in this order; `remove_others` makes the roster exactly this."""
        rows = [{**_row(agent), "position": position} for position, agent in enumerate(roster)]
        with writing(self.engine, locks=["roster"]) as connection:
            upsert(connection, agents, rows)
            if remove_others:
                connection.execute(agents.delete().where(agents.c.id.not_in([agent.id for agent in roster])))


def _row(agent: RosterAgent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "name": agent.name,
        "team": agent.team,
        "skills": dict(agent.skills),
        "languages": dict(agent.languages),
        "phone": agent.phone,
    }


def _agent(row: Any) -> RosterAgent:
    return RosterAgent(
        id=AgentId(row.id),
        name=row.name,
        team=row.team,
        skills=row.skills,
        languages=row.languages,
        phone=row.phone,
        disabled=row.disabled,
    )
