"""The Lua scripts, read once from `lua/`. A script may begin with the text of shared ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

SHARED = {
    "match_call": ("claim",),
    "match_agent": ("claim",),
    "match_directed": ("claim",),
    "commit": ("heads",),
    "claim": ("heads",),
    "timers_due": ("heads",),
    "timers_done": ("heads",),
    "orders_again": ("heads",),
}
"""Script → the scripts whose functions it uses."""


@dataclass(frozen=True)
class Script:
    name: str
    text: str
    sha: str


@cache
def script(name: str) -> Script:
    text = "\n".join(_texts(name))
    return Script(name, text, hashlib.sha1(text.encode()).hexdigest())  # noqa: S324 - Redis names scripts by SHA-1


def _texts(name: str) -> list[str]:
    own = resources.files(__package__).joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return [text for shared in SHARED.get(name, ()) for text in _texts(shared)] + [own]
