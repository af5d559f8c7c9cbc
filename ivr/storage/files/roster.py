"""Roster files in, teams and agents out: as strict as menus, and refused whole with every problem.

```yaml
teams:
  day: {name: Day team}
agents:
  a1001:
    name: Agent 1001
    team: day
    skills: {transfers: 5, refunds: 2}
    languages: {zh: 5, en: 3}
    phone: browser              # or a number such as '+442079460999', or a sip: address
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from ivr.core.agents import BROWSER
from ivr.core.errors import OperatorError, Problem
from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from ivr.core.roster import Roster, Team
from ivr.storage.files import yaml_nodes
from ivr.storage.files.fields import Name, Strict, to_dialled, wanted
from ivr.storage.files.problems import Problems, did_you_mean, quoted, refusal
from ivr.storage.files.schema import Level, Text
from ivr.storage.files.translate import report

AGENT_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
SIP = re.compile(r"sips?:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}(:[0-9]{1,5})?")


def to_phone(value: Any) -> str:
    """How an agent is reached: `browser`, a number in international form, or a SIP address."""
    if isinstance(value, str):
        if value == BROWSER or SIP.fullmatch(value):
            return value
        try:
            return to_dialled(value)
        except ValueError:
            pass
    raise wanted(
        "must be browser, a valid number with + and country code in quotes (no premium or shared-cost one), "
        "or an address sip:name@host"
    )


def to_agent_id(value: Any) -> str:
    if isinstance(value, str) and AGENT_ID.fullmatch(value):
        return value
    raise wanted("must be an id: letters, digits and _, at most 64")


Phone = Annotated[str, BeforeValidator(to_phone)]
Id = Annotated[str, BeforeValidator(to_agent_id)]


class TeamModel(Strict):
    name: Text


class AgentModel(Strict):
    name: Text
    team: Name | None = None
    skills: dict[Name, Level] = Field(default_factory=dict)
    languages: dict[str, Level] = Field(min_length=1)
    phone: Phone = BROWSER


class RosterFile(Strict):
    teams: dict[Name, TeamModel] = Field(default_factory=dict)
    agents: dict[Id, AgentModel] = Field(default_factory=dict)


def load_roster(folder: Path) -> Roster:
    """All agents of a folder's files. Raises `OperatorError` with the problems of all files."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise OperatorError(f"{folder}: holds no roster: put a .yaml file there")
    roster, problems = check_roster(files)
    if any(not problem.warning for problem in problems):
        raise refusal(problems)
    return roster


def check_roster(files: Iterable[Path]) -> tuple[Roster, tuple[Problem, ...]]:
    """The agents of these files and what is wrong with them. Teams of one file may be named in another."""
    read = [(path, *_read(path)) for path in files]
    teams = {name: team for _, file, _ in read if file for name, team in file.teams.items()}
    agents: dict[str, RosterAgent] = {}
    phones: dict[str, str] = {}
    for _, file, problems in read:
        for name, model in file.agents.items() if file else ():
            path = ("agents", name)
            if name in agents:
                problems.refuse(path, "is in another file too")
            if model.team is not None and model.team not in teams:
                message = f"names {quoted(model.team)}, which no team is called{did_you_mean(model.team, teams)}"
                problems.refuse((*path, "team"), message)
            if model.phone != BROWSER and model.phone in phones:
                problems.refuse((*path, "phone"), f"is the telephone of {phones[model.phone]} too")
            if not model.skills:
                problems.warn(path, "has no skills and is offered no calls")
            phones.setdefault(model.phone, name)
            agents.setdefault(name, _agent(name, model))
    roster = Roster(
        teams=tuple(Team(id=name, name=team.name) for name, team in teams.items()), agents=tuple(agents.values())
    )
    return roster, tuple(problem for _, _, problems in read for problem in problems.sorted())


def _read(path: Path) -> tuple[RosterFile | None, Problems]:
    document, problems = yaml_nodes.read(path)
    if document is not None:
        try:
            file = RosterFile.model_validate(document.value)
            return None if problems.refused() else file, problems
        except ValidationError as err:
            report(err, RosterFile, problems)
    return None, problems


def _agent(name: str, model: AgentModel) -> RosterAgent:
    return RosterAgent(
        id=AgentId(name),
        name=model.name,
        team=model.team or "",
        skills=dict(model.skills),
        languages=dict(model.languages),
        phone=model.phone,
    )
