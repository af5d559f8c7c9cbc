"""Who works at the hotline: teams and agents as the operator's files name them.

A roster is only a list of people with what they can do. Who is here now is presence (`agents.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent


@dataclass(frozen=True, kw_only=True)
class Team:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Teams and agents, in the order of the files."""

    teams: tuple[Team, ...] = ()
    agents: tuple[RosterAgent, ...] = ()

    def agent(self, agent: AgentId) -> RosterAgent | None:
        return next((known for known in self.agents if known.id == agent), None)


def by_team(teams: Iterable[Team], agents: Sequence[RosterAgent]) -> Sequence[tuple[Team, Sequence[RosterAgent]]]:
    """Every team, and who is in it."""
    return [(team, [agent for agent in agents if agent.team == team.id]) for team in teams]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a file would change about a roster that has been edited since."""

    added: tuple[RosterAgent, ...] = ()
    removed: tuple[RosterAgent, ...] = ()
    changed: tuple[tuple[RosterAgent, RosterAgent], ...] = ()
    """As it is, and as the file has it."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def difference(present: tuple[RosterAgent, ...], file: tuple[RosterAgent, ...]) -> Difference:
    """What `file` would add to, remove from and change in `present`."""
    before = {agent.id: replace(agent, disabled=False) for agent in present}
    after = {agent.id: agent for agent in file}
    return Difference(
        added=tuple(agent for agent in file if agent.id not in before),
        removed=tuple(agent for agent in present if agent.id not in after),
        changed=tuple((before[agent.id], agent) for agent in file if agent.id in before and before[agent.id] != agent),
    )
