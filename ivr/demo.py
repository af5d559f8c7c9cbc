"""What the first start in the box makes: the schema, the roster, and a few accounts to sign in with.

Passwords are made up on the spot and printed once; nothing in the repository knows them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from ivr.core.agents import is_telephone
from ivr.core.ids import AgentId
from ivr.core.people import Role, RosterAgent
from ivr.settings import Settings
from ivr.storage.files.problems import refusal
from ivr.storage.files.roster import load_roster
from ivr.storage.sql.migrate import upgrade
from ivr.wiring import Switchboard, connect

SHOWN_AGENTS = 4
"""Browser agents of the roster that get a demo account."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
AGAIN = "Sign-ins were printed at the first start; a new password: .venv/bin/ivr users password NAME"


def prepare(settings: Settings) -> Sequence[str]:
    """Between Redis and the processes: schema, menus, roster, demo accounts. The lines to print with the addresses.

    Raises OperatorError when menus or roster cannot be used.
    """
    switchboard = connect(settings)
    try:
        if switchboard.menus.refused:
            raise refusal(switchboard.menus.refused)
        trees = switchboard.menus.trees
        upgrade(settings.database_url, secret=settings.secret)
        import_roster(switchboard)
        lines = [f"  {'Number':<11} {number}  ({tree.hotline})" for tree in trees for number in tree.numbers]
        return [*lines, "", *_accounts(switchboard)]
    finally:
        switchboard.close()


def import_roster(switchboard: Switchboard) -> int:
    """The files' roster into SQL, if SQL has none yet. How many agents came in."""
    if switchboard.people.agents():
        return 0
    roster = load_roster(switchboard.settings.agents_dir)
    switchboard.people.save_agents(roster.agents)
    for team in roster.teams:
        switchboard.people_roster.put_team(team)
    return len(roster.agents)


def _accounts(switchboard: Switchboard) -> list[str]:
    if not switchboard.settings.demo:
        return []
    if switchboard.people.accounts():
        return [f"  {AGAIN}"]
    browser = [agent for agent in switchboard.people.agents() if not is_telephone(agent.phone)][:SHOWN_AGENTS]
    made = [_account(switchboard, agent) for agent in browser]
    made.append(_account(switchboard, None, "supervisor", Role.SUPERVISOR))
    made.append(_account(switchboard, None, "admin", Role.ADMIN))
    return ["  Sign in with (shown this once):", *(f"    {name:<11} {word}" for name, word in made)]


def _account(
    switchboard: Switchboard, agent: RosterAgent | None, login: str = "", role: Role = Role.AGENT
) -> tuple[str, str]:
    password = new_password()
    name = login or (agent.id if agent else "")
    switchboard.people.add_account(
        name,
        password,
        at=switchboard.clock.now(),
        roles=[role],
        agent=AgentId(agent.id) if agent else None,
        language="zh" if agent and agent.languages.get("en", 0) == 0 else "en",
    )
    return name, password


def new_password() -> str:
    """Four groups of four: easy to type, 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
