"""The switchboard of a job's process, made once."""

from __future__ import annotations

from functools import cache

from ivr.settings import load_settings
from ivr.wiring import Switchboard, connect


@cache
def switchboard() -> Switchboard:
    return connect(load_settings())
