"""Which keys callers really press, and which options nobody takes (`DOMAIN.md` 2.4).

An option is called unused only on good evidence: the records reach back over the whole period, and enough callers
came to its menu. An option of last month's menu that is younger than that is not blamed either: only visits of the
same node count, and a new node has few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.core.ids import NodeId
from ivr.core.menus import Menu, MenuTree

PERIOD = timedelta(days=30)
ENOUGH = 100
"""Visits of a menu after which a key that nobody pressed means something: with one caller in thirty choosing it, a
miss has a chance of 3 %."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What was pressed in one hotline in the last `PERIOD`."""

    covered: bool
    """True: records reach back over the whole period."""
    visits: Mapping[NodeId, int] = field(default_factory=dict)
    chosen: Mapping[tuple[NodeId, str], int] = field(default_factory=dict)
    """How often each key of each menu was taken as one of its choices."""


@dataclass(frozen=True, kw_only=True)
class Unused:
    node: NodeId
    key: str
    visits: int


def unused_choices(tree: MenuTree, usage: Usage) -> tuple[Unused, ...]:
    """Choices that nobody took though enough callers came by; none when the records are too short."""
    if not usage.covered:
        return ()
    return tuple(
        Unused(node=node.id, key=key, visits=usage.visits[node.id])
        for node in tree.nodes.values()
        if isinstance(node, Menu) and usage.visits.get(node.id, 0) >= ENOUGH
        for key in node.choices
        if not usage.chosen.get((node.id, key))
    )
