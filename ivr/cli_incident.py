"""`ivr incident …`: the incident banner from the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.cli_opened import opened

if TYPE_CHECKING:
    from ivr.wiring import Switchboard

incident = typer.Typer(no_args_is_help=True, help="The incident banner that callers hear.")
Hotline = Annotated[str, typer.Option(help="Name of the hotline; default: the first")]
WHO = "operator"
SPAN = re.compile(r"(\d{1,4})(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@incident.command("on")
def incident_on(
    network: Annotated[str, typer.Option(help="The congested network, for the standard words")] = "",
    minutes: Annotated[int, typer.Option(help="How much longer transfers take, 1 to 1440")] = 0,
    words: Annotated[list[str] | None, typer.Option(help="Own words, once per language: zh=… en=…")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only for callers who choose it; may be given often")] = None,
    lasts: Annotated[str, typer.Option("--for", help="Off by itself after 30m, 2h, 1d; default: stays on")] = "",
    hotline: Hotline = "",
) -> None:
    """Switch it on: the next caller hears it. What was on before ends."""
    own = dict(pair.partition("=")[::2] for pair in words or ())
    switchboard = opened()
    until = switchboard.clock.now() + _span(lasts) if lasts else None
    switchboard.incident.on(
        who=WHO,
        hotline=hotline,
        network=network,
        minutes=minutes or None,
        words=own,
        topics=topic or (),
        until=until,
    )
    _show(switchboard, hotline)


def _span(text: str) -> timedelta:
    match = SPAN.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no time; write 30m, 2h or 1d", param_hint="--for")
    return timedelta(**{UNITS[match.group(2)]: int(match.group(1))})


@incident.command("off")
def incident_off(hotline: Hotline = "") -> None:
    """Switch it off: nobody hears it from now on."""
    typer.echo("off" if opened().incident.off(who=WHO, hotline=hotline) else "it was off already")


@incident.command("show")
def incident_show(hotline: Hotline = "") -> None:
    """What is on, and what it did: calls that heard it, and those of them that left in the menu."""
    _show(opened(), hotline)


def _show(switchboard: Switchboard, hotline: str) -> None:
    view = switchboard.incident.show(hotline)
    if view is None:
        typer.echo("off")
        return
    zone = ZoneInfo(switchboard.incident.tree(hotline).zone)
    banner = view.banner
    until = f"until {banner.until.astimezone(zone):%Y-%m-%d %H:%M}" if banner.until else "until switched off"
    about = ", ".join(banner.topics) or "all callers"
    typer.echo(f"on since {banner.since.astimezone(zone):%Y-%m-%d %H:%M} ({banner.who}), {until}, for {about}")
    for language, text in view.text.items():
        typer.echo(f"  {language}: {text}")
    typer.echo(f"  heard by {view.effect.heard} calls; {view.effect.left} of them left in the menu")
