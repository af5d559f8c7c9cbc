"""`ivr agents …`, `ivr users …`, `ivr demo …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli_opened import opened
from ivr.core.ids import AgentId
from ivr.core.people import Account, Role
from ivr.core.roster import Difference, difference
from ivr.settings import load_settings

if TYPE_CHECKING:
    from ivr.wiring import Switchboard

agents = typer.Typer(no_args_is_help=True, help="The roster.")
users = typer.Typer(no_args_is_help=True, help="Accounts that sign in.")
demo = typer.Typer(no_args_is_help=True, help="Demo data.")

DEMO_LOGINS = ("supervisor", "admin")


@agents.command("check")
def agents_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Roster files; default: IVR_AGENTS_DIR")] = None,
) -> None:
    """Check roster files: every problem with file, line and path."""
    from ivr.storage.files.roster import check_roster

    found = files or sorted(load_settings(keep_secrets=False).agents_dir.glob("*.yaml"))
    roster, problems = check_roster(found)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if any(not problem.warning for problem in problems):
        raise SystemExit(1)
    typer.echo(f"good: {len(roster.agents)} agents in {len(roster.teams)} teams")


@agents.command("import")
def agents_import(
    overwrite: Annotated[bool, typer.Option(help="Take the files, whatever was edited on the pages")] = False,
) -> None:
    """Bring the roster files into the database; shows the difference and asks when the pages have edited it."""
    from ivr.storage.files.roster import load_roster

    switchboard = opened()
    roster = load_roster(switchboard.settings.agents_dir)
    wanted = roster.agents
    diff = difference(tuple(switchboard.people.agents()), tuple(wanted))
    if not diff:
        typer.echo("nothing to change")
        return
    for line in _shown(diff):
        typer.echo(line)
    if (diff.changed or diff.removed) and not overwrite:
        typer.confirm("Take the files?", abort=True)
    switchboard.people.save_agents(wanted, remove_others=True)
    for team in roster.teams:
        switchboard.people_roster.put_team(team)
    switchboard.people.audit(at=switchboard.clock.now(), who="operator", what="roster imported")
    typer.echo(f"{len(wanted)} agents")


def _shown(diff: Difference) -> list[str]:
    return [
        *(f"+ {agent.id} {agent.name}" for agent in diff.added),
        *(f"- {agent.id} {agent.name}" for agent in diff.removed),
        *(f"~ {new.id} {new.name}: {old.skills} → {new.skills}" for old, new in diff.changed),
    ]


@users.command("add")
def users_add(
    name: str,
    role: Annotated[list[Role], typer.Option(help="agent, supervisor or admin; may be given several times")],
    agent: Annotated[str, typer.Option(help="Agent id of the roster, for role agent")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask for the password; made up and shown otherwise")] = False,
) -> None:
    """Add an account."""
    from ivr.demo import new_password

    switchboard = opened()
    if Role.AGENT in role and switchboard.people.agent(AgentId(agent or name)) is None:
        typer.echo(f"no agent {agent or name!r} on the roster; name one with --agent", err=True)
        raise SystemExit(1)
    # Never as an argument: other people of the machine see command lines.
    word = typer.prompt("Password (12 to 128 characters)", hide_input=True) if ask else new_password()
    switchboard.people.add_account(
        name,
        word,
        at=switchboard.clock.now(),
        roles=role,
        agent=AgentId(agent or name) if Role.AGENT in role else None,
    )
    typer.echo(f"{name} added" + ("" if ask else f"; password: {word}"))


def _account(switchboard: Switchboard, name: str) -> Account:
    account = next((one for one in switchboard.people.accounts() if one.login == name.casefold()), None)
    if account is None:
        typer.echo(f"no account {name!r}; `ivr users list` shows them", err=True)
        raise SystemExit(1)
    return account


@users.command("disable")
def users_disable(name: str) -> None:
    """Close an account: its sessions and streams end within seconds, its agent is offered no more calls."""
    switchboard = opened()
    account = _account(switchboard, name)
    switchboard.people.set_disabled(account.id, disabled=True)
    switchboard.people.audit(at=switchboard.clock.now(), who="operator", what="account disabled", object=account.login)
    if account.agent is not None and switchboard.presences.find(account.agent) is not None:
        switchboard.desk.sign_out(account.agent)
    typer.echo(f"{account.login} disabled")


@users.command("enable")
def users_enable(name: str) -> None:
    """Open a disabled account again."""
    switchboard = opened()
    account = _account(switchboard, name)
    switchboard.people.set_disabled(account.id, disabled=False)
    switchboard.people.audit(at=switchboard.clock.now(), who="operator", what="account enabled", object=account.login)
    typer.echo(f"{account.login} may sign in")


@users.command("password")
def users_password(name: str) -> None:
    """Give an account a new password and end its sessions."""
    from ivr.demo import new_password

    switchboard = opened()
    account = _account(switchboard, name)
    word = new_password()
    switchboard.people.set_password(account.id, word)
    switchboard.people.close_all(account.id)
    typer.echo(f"{name}: {word}")


@users.command("list")
def users_list() -> None:
    """All accounts and their roles."""
    for account in opened().people.accounts():
        state = " (disabled)" if account.disabled else ""
        typer.echo(f"{account.login:<20} {', '.join(sorted(account.roles))}{state}")


@demo.command("remove")
def demo_remove() -> None:
    """Disable the demo accounts and take the demo agents off the roster."""
    from ivr.storage.files.roster import check_roster

    switchboard = opened()
    file = switchboard.settings.agents_dir / "demo.yaml"
    names = {agent.id for agent in check_roster([file])[0].agents} if file.exists() else set()
    for account in switchboard.people.accounts():
        if account.login in DEMO_LOGINS or account.agent in names:
            switchboard.people.set_disabled(account.id, disabled=True)
            typer.echo(f"{account.login} disabled")
    kept = [agent for agent in switchboard.people.agents() if agent.id not in names]
    switchboard.people.save_agents(kept, remove_others=True)
    typer.echo(f"{len(names)} demo agents removed")
