"""`ivr tokens …`: what programs carry instead of a password."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr.cli_opened import opened
from ivr.core.people import SCOPES

tokens = typer.Typer(no_args_is_help=True, help="Tokens of programs that use the API.")
WHO = "operator"


@tokens.command("add")
def tokens_add(
    name: str,
    scope: Annotated[list[str], typer.Option(help=f"What it may do: {', '.join(sorted(SCOPES))}")],
) -> None:
    """Make a token. It is shown once and stored as a hash."""
    if wrong := sorted(set(scope) - SCOPES):
        raise typer.BadParameter(f"{', '.join(wrong)}: known are {', '.join(sorted(SCOPES))}", param_hint="--scope")
    switchboard = opened()
    typer.echo(switchboard.tokens.add(name, scope, at=switchboard.clock.now(), who=WHO))


@tokens.command("revoke")
def tokens_revoke(name: str) -> None:
    """Take a token back; it opens nothing from now on."""
    switchboard = opened()
    if not switchboard.tokens.revoke(name, at=switchboard.clock.now(), who=WHO):
        typer.echo(f"no token {name!r}; `ivr tokens list` shows them", err=True)
        raise SystemExit(1)
    typer.echo(f"{name} revoked")


@tokens.command("list")
def tokens_list() -> None:
    """All tokens: name, scopes, when each was made. The tokens themselves are stored nowhere."""
    for token in opened().tokens.all():
        typer.echo(f"{token.name:<20} {', '.join(sorted(token.scopes)):<24} {token.created_at:%Y-%m-%d %H:%M}")
