"""`ivr tokens …`: what programs carry instead of a password."""

from __future__ import annotations

from datetime import timedelta
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
    days: Annotated[int | None, typer.Option(min=1, max=730, help="Good for so many days; without: no end")] = None,
) -> None:
    """Make a token. It is shown once and stored as a hash."""
    if wrong := sorted(set(scope) - SCOPES):
        raise typer.BadParameter(f"{', '.join(wrong)}: known are {', '.join(sorted(SCOPES))}", param_hint="--scope")
    switchboard = opened()
    now = switchboard.clock.now()
    expires_at = now + timedelta(days=days) if days else None
    typer.echo(switchboard.tokens.add(name, scope, at=now, who=WHO, expires_at=expires_at))


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
    """All tokens: name, scopes, made, good until, last used. The tokens themselves are stored nowhere."""
    for token in opened().tokens.all():
        until = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "no end"
        used = f"{token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "never used"
        scopes = ", ".join(sorted(token.scopes))
        typer.echo(f"{token.name:<20} {scopes:<24} {token.created_at:%Y-%m-%d %H:%M}  {until:<10}  {used}")
