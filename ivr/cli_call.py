"""The commands `ivr call …`: what happened in a call."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.core.errors import OperatorError
from ivr.core.ids import CallId
from ivr.logs import set_up
from ivr.settings import load_settings

call = typer.Typer(no_args_is_help=True, help="One call: what was heard and pressed.")


@call.command("show")
def show(
    call_id: Annotated[str, typer.Argument(metavar="CALL", help="The call's id")],
    zone: Annotated[str, typer.Option(help="Time zone of the times; default: the hotline's")] = "",
) -> None:
    """What the caller heard, word for word and in the menu's version of then, and what they pressed."""
    from ivr.wiring import connect

    settings = load_settings()
    set_up(level=settings.log_level, form=settings.log_format, process="call")
    switchboard = connect(settings)
    try:
        lines = switchboard.tell_call(CallId(call_id))
        local = ZoneInfo(zone or switchboard.menus.trees[0].zone)
    finally:
        switchboard.close()
    if not lines:
        raise OperatorError(f"no call {call_id} is recorded")
    for line in lines:
        words = line.words or "(this version of the menu is not kept)"
        if line.kind == "heard":
            words = f"[{line.prompt} {line.language} {line.version}] {words}"
        typer.echo(f"{line.at.astimezone(local):%Y-%m-%d %H:%M:%S}  {line.kind:<8}  {words}")
