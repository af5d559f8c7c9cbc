"""The switchboard of a command that needs one, loaded only then: `ivr --help` and `ivr menu check` need none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.settings import load_settings

if TYPE_CHECKING:
    from ivr.wiring import Switchboard


def opened() -> Switchboard:
    from ivr.wiring import connect

    return connect(load_settings())
