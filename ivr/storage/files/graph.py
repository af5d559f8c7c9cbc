"""Where a caller can get to: everything is reachable, nobody goes round without a say, nobody is put down unhelped.

Each node has edges. An edge is *pressed* (a key was needed) or not, and leaves the caller *settled* (something was
offered and taken: a choice with 0 beside it, a message, a text), *owed* an offer, or as before. A hang-up may only be
entered settled. A queue is a place of its own: a caller who waits there is neither stuck nor put down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.core.exits import exits
from ivr.core.ids import NodeId
from ivr.core.menus import (
    Evidence,
    Goto,
    Hangup,
    Hours,
    Incident,
    Menu,
    MenuTree,
    Node,
    Progress,
    Queue,
    Returning,
    Say,
    Sms,
    Survey,
    Transfer,
    Voicemail,
)
from ivr.storage.files.problems import Path, Problems


class After(StrEnum):
    SETTLED = "settled"
    OWED = "owed"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Edge:
    source: NodeId
    target: NodeId
    path: Path
    """Below the node: `("menu", "choices", "2")`."""
    pressed: bool
    after: After
    opens: str | None = None
    """The calendar that is open whenever this edge is taken."""


def edges(tree: MenuTree) -> dict[NodeId, tuple[Edge, ...]]:
    """All edges by their source. One that leads nowhere was refused where it stands, and is left out."""
    return {
        node.id: tuple(edge for edge in _edges(tree, node) if edge.target in tree.nodes) for node in tree.nodes.values()
    }


SETTLES: Mapping[type[Node], frozenset[str]] = {
    Menu: frozenset({"choices"}),
    Queue: frozenset({"options", "survey"}),
    Progress: frozenset({"goto"}),
    Voicemail: frozenset({"goto"}),
    Sms: frozenset({"goto"}),
    Evidence: frozenset({"goto"}),
}
"""Exits that a caller takes who was offered something and took it."""
PASSES: Mapping[type[Node], frozenset[str]] = {
    Say: frozenset({"goto"}),
    Goto: frozenset({"goto"}),
    Incident: frozenset({"goto"}),
    Returning: frozenset({"found", "goto"}),
    Sms: frozenset({"unable"}),
    Evidence: frozenset({"unable"}),
}
"""Exits that change nothing. All others leave the caller owed an offer: minutes in line are none."""


def _edges(tree: MenuTree, node: Node) -> Iterator[Edge]:
    for way in exits(tree, node):
        kind = type(node)
        named = "topic" if way.topic else way.name
        yield Edge(
            source=node.id,
            target=way.target,
            path=(kind.__name__.lower(), named, *([way.key] if way.key else [])),
            pressed=way.pressed,
            after=_after(kind, way.name),
            opens=node.calendar if isinstance(node, Hours) and way.name == "open" else None,
        )


def _after(kind: type[Node], name: str) -> After:
    if name in SETTLES.get(kind, ()):
        return After.SETTLED
    return After.SAME if name in PASSES.get(kind, ()) else After.OWED


def check(tree: MenuTree, problems: Problems) -> None:
    ways = edges(tree)
    reached = _reachable(tree, ways)
    if problems.whole:
        for node in tree.nodes:
            if node not in reached:
                problems.refuse(("nodes", node), "is never reached")
        _person(tree, ways, problems)
    for edge in (edge for out in ways.values() for edge in out):
        if isinstance(tree.nodes[edge.target], Survey) and not isinstance(tree.nodes[edge.source], Queue):
            problems.refuse(("nodes", edge.source, *edge.path), "leads to a survey, which only a topic asks for")
    _loops(ways, problems)
    _hangups(tree, ways, problems)
    _closed_desks(tree, ways, reached, problems)


def _reachable(tree: MenuTree, ways: Mapping[NodeId, tuple[Edge, ...]]) -> set[NodeId]:
    reached: set[NodeId] = set()
    waiting = [tree.start, tree.person]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(edge.target for edge in ways[here])
    return reached


def _person(tree: MenuTree, ways: Mapping[NodeId, tuple[Edge, ...]], problems: Problems) -> None:
    """Every node leads to a person or a message, goodbyes apart: those are judged by how they are entered."""
    able = {node.id for node in tree.nodes.values() if isinstance(node, Queue | Voicemail | Transfer)}
    grew = True
    while grew:
        more = {source for source, out in ways.items() if source not in able and any(e.target in able for e in out)}
        able |= more
        grew = bool(more)
    if tree.person not in able:
        problems.refuse(("person",), f"'{tree.person}' does not lead to a queue, a message or an outside number")
    for node in tree.nodes.values():
        if node.id not in able and not isinstance(node, Hangup | Say | Goto | Sms | Incident | Survey):
            problems.refuse(("nodes", node.id), "has no way to a person: no queue, message or outside number follows")


def _loops(ways: Mapping[NodeId, tuple[Edge, ...]], problems: Problems) -> None:
    """No circle that turns without a key press. Depth-first, without recursion: a tree may be long."""
    done: set[NodeId] = set()
    for root in ways:
        trail: list[NodeId] = []
        stack: list[tuple[NodeId, bool]] = [(root, True)]
        while stack:
            here, entering = stack.pop()
            if not entering:
                trail.pop()
                done.add(here)
            elif here in trail:
                circle = [*trail[trail.index(here) :], here]
                message = f"goes round without a key press: {' → '.join(circle)}"
                problems.refuse(("nodes", min(circle)), message)
            elif here not in done:
                trail.append(here)
                stack.append((here, False))
                stack.extend((edge.target, True) for edge in ways[here] if not edge.pressed)


def _hangups(tree: MenuTree, ways: Mapping[NodeId, tuple[Edge, ...]], problems: Problems) -> None:
    """No hang-up is entered by a caller who was offered nothing."""
    came: dict[tuple[NodeId, bool], tuple[NodeId, ...]] = {}
    waiting: list[tuple[NodeId, bool, tuple[NodeId, ...]]] = [(tree.start, True, ()), (tree.person, True, ())]
    while waiting:
        here, owed, trail = waiting.pop(0)
        if (here, owed) in came:
            continue
        trail = (*trail, here)
        came[here, owed] = trail
        if isinstance(tree.nodes[here], Hangup) and owed:
            path = " → ".join(trail[-4:])
            problems.refuse(("nodes", here), f"hangs up on a caller who was offered nothing: {path}")
        for edge in ways[here]:
            next_owed = owed if edge.after is After.SAME else edge.after is After.OWED
            waiting.append((edge.target, next_owed, trail))


def _closed_desks(
    tree: MenuTree, ways: Mapping[NodeId, tuple[Edge, ...]], reached: set[NodeId], problems: Problems
) -> None:
    """A topic with opening hours is queued for only behind an `hours` node of its calendar."""
    sure: dict[NodeId, frozenset[str]] = {tree.start: frozenset(), tree.person: frozenset()}
    waiting = [tree.start, tree.person]
    while waiting:
        here = waiting.pop()
        for edge in ways[here]:
            known = sure[here] | ({edge.opens} if edge.opens else frozenset())
            if edge.target in sure:
                known &= sure[edge.target]
            if sure.get(edge.target) != known:
                sure[edge.target] = known
                waiting.append(edge.target)
    for node in tree.nodes.values():
        if isinstance(node, Queue) and node.id in reached:
            calendar = tree.topic(node.topic).calendar
            if calendar is not None and calendar not in sure[node.id]:
                message = f"can be reached while '{calendar}' is closed: put an hours node before it"
                problems.refuse(("nodes", node.id, "queue", "topic"), message)
