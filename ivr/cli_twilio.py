"""`ivr twilio …`: what the carrier's account must know of us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli_opened import opened

if TYPE_CHECKING:
    from ivr.telephony.twilio.account import TwilioAccount
    from ivr.wiring import Switchboard

twilio = typer.Typer(no_args_is_help=True, help="The carrier's account.")


def _account(switchboard: Switchboard) -> TwilioAccount:
    from ivr.wiring_twilio import account_of

    return account_of(switchboard.settings)


def _numbers(switchboard: Switchboard) -> list[str]:
    return [number for tree in switchboard.menus.trees for number in tree.numbers]


@twilio.command()
def setup(
    apply: Annotated[bool, typer.Option("--apply", help="Change the account; without it nothing is changed")] = False,
) -> None:
    """Show what must change on numbers, application and fallback; `--apply` does it."""
    switchboard = opened()
    account = _account(switchboard)
    app_sid = switchboard.settings.twilio_app_sid
    if apply and not app_sid:
        app_sid = account.make_app()
        typer.echo(f"application made; set TWILIO_APP_SID={app_sid}")
    changes, missing = account.changes(_numbers(switchboard), app_sid)
    for change in changes:
        typer.echo(str(change))
    for line in missing:
        typer.echo(line, err=True)
    if changes and apply:
        account.apply(changes)
        typer.echo(f"{len(changes)} settings changed")
    elif changes:
        typer.echo("nothing was changed; `ivr twilio setup --apply` does it")
    else:
        typer.echo("numbers and application are as they must be")
    raise SystemExit(1 if missing else 0)


@twilio.command()
def check() -> None:
    """Compare the account with what it must be; each failing line says what to do."""
    switchboard = opened()
    account = _account(switchboard)
    status = account.status()
    good = status == "active"
    typer.echo(f"account {switchboard.settings.twilio_account_sid}: {status}", err=not good)
    changes, missing = account.changes(_numbers(switchboard), switchboard.settings.twilio_app_sid)
    for line in [*(f"{change}; `ivr twilio setup --apply` sets it" for change in changes), *missing]:
        typer.echo(line, err=True)
    good = good and not changes and not missing
    if good:
        typer.echo("numbers and application are as they must be")
    raise SystemExit(0 if good else 1)
