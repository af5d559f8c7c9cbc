"""`ivr twilio …`: what the carrier's account must know of us."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.cli_opened import opened
from ivr.core.errors import OperatorError

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


@twilio.command()
def match(
    day: Annotated[str, typer.Option(help="Day by the hotline's clock, such as 2026-11-02; default: yesterday")] = "",
) -> None:
    """Match the records of a day with the carrier's list of calls; every difference is named."""
    switchboard = opened()
    try:
        matches = switchboard.at_carrier.match(_day(day, switchboard))
    except ValueError as err:
        raise OperatorError(f"--day {day}: write it as 2026-11-02") from err
    for one in matches:
        if one.trouble:
            typer.echo(f"{one.hotline} {one.day}: {one.trouble}; try again when the carrier answers", err=True)
            continue
        typer.echo(f"{one.hotline} {one.day}: {one.agreed} of {one.calls} agree")
        for found in one.differences:
            times = f"here {_time(found.here)}, there {_time(found.there)}"
            typer.echo(f"  {found.kind.value}: call {found.id} of {_time(found.at)}; {times}", err=True)
    raise SystemExit(0 if all(one.agrees for one in matches) else 1)


def _day(word: str, switchboard: Switchboard) -> date:
    if word:
        return date.fromisoformat(word)
    zone = ZoneInfo(switchboard.menus.trees[0].zone)
    return switchboard.clock.now().astimezone(zone).date() - timedelta(days=1)


def _time(at: datetime | None) -> str:
    return at.isoformat(sep=" ", timespec="seconds") if at else "none"
