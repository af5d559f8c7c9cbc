"""The options as README lists them, and names in the environment that look like typing errors."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from ivr.settings import Settings, Shown, name_of

OWN_NAMES = ("IVR_TEST_",)
"""Begin with IVR_ and are no options: set by and for the tests."""


class Row(NamedTuple):
    """One option as README lists it."""

    name: str
    meaning: str
    unit: str
    allowed: str
    default: str


def settings_table() -> list[Row]:
    """Every option, in the order of the class; README and `.env.example` are held against it."""
    return [_row(field) for field in Settings.model_fields]


def settings_markdown() -> str:
    """The table of README, ready to paste."""
    lines = ["| variable | meaning | unit | allowed | default |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.meaning} | {row.unit} | {row.allowed} | {row.default} |" for row in settings_table()
    ]
    return "\n".join(lines) + "\n"


def strangers(names: Iterable[str] | None = None) -> list[str]:
    """Variables that begin like ours and are none."""
    known = {name_of(field) for field in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    ours = [name for name in (os.environ if names is None else names) if name.startswith("IVR_")]
    return sorted(name for name in ours if name not in known and not name.startswith(OWN_NAMES))


def _row(field: str) -> Row:
    described = Settings.model_fields[field]
    shown = next((item for item in described.metadata if isinstance(item, Shown)), Shown())
    low = next((item.ge for item in described.metadata if hasattr(item, "ge")), None)
    high = next((item.le for item in described.metadata if hasattr(item, "le")), None)
    kind = described.annotation
    allowed = shown.allowed or (f"{low}–{high}" if low is not None else "")
    if isinstance(kind, type) and issubclass(kind, Enum):
        allowed = ", ".join(kind)
    default = shown.default or str(described.default)
    if isinstance(described.default, bool):
        default = default.lower()
    return Row(name_of(field), (described.description or "").strip(), shown.unit, allowed, default)


if __name__ == "__main__":
    print(settings_markdown(), end="")
