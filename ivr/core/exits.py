"""Where each kind of node leads: the one place that names every way out of it.

The check of a menu, its map and the incident banner all follow these ways, so a new kind of node is known to all of
them once it is known here. What happens when a store is away (on to a person, from anywhere) is no exit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.core.ids import NodeId
from ivr.core.menus import (
    Callback,
    Collect,
    Evidence,
    Goto,
    Hangup,
    Hours,
    Incident,
    Lookup,
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
    Verify,
    Voicemail,
)


@dataclass(frozen=True, kw_only=True)
class Exit:
    """One way out of a node."""

    name: str
    """The field that names it: `goto`, `choices`."""
    target: NodeId
    key: str = ""
    """The key of a choice, or the value of a case."""
    pressed: bool = False
    """Taken only after a key, or after minutes in line: never an idle circle."""
    assumed: bool = False
    """The tree's person, because the node names nobody."""
    topic: bool = False
    """The queue's topic says so, not the node."""


def exits(tree: MenuTree, node: Node) -> Iterator[Exit]:
    """Every way out of a node, in the order in which people read them. Raises KeyError for an unknown kind of node."""
    return EXITS[type(node)](tree, node)


def _on(_tree: MenuTree, node: Say | Goto | Incident | Voicemail) -> Iterator[Exit]:
    yield Exit(name="goto", target=node.goto)


def _of_menu(tree: MenuTree, node: Menu) -> Iterator[Exit]:
    for key, choice in node.choices.items():
        yield Exit(name="choices", key=key, target=choice.goto, pressed=True)
    if node.back is not None:
        yield Exit(name="back", target=node.back, pressed=True)
    if node.silence is not None:
        yield Exit(name="silence", target=node.silence)
    if node.others is not None:
        yield Exit(name="others", target=node.others, pressed=True)
    # Without a way of its own, silence leads to a person.
    yield _person(tree, "person", node.person, pressed=node.silence is not None)


def _of_collect(tree: MenuTree, node: Collect) -> Iterator[Exit]:
    yield Exit(name="goto", target=node.goto, pressed=True)
    if node.skip is not None:
        yield Exit(name="skip", target=node.skip, pressed=True)
    yield _person(tree, "failed", node.failed)
    if node.min_digits > 1:  # else 0 may be what is asked for
        yield _person(tree, "person", None, pressed=True)


def _of_queue(tree: MenuTree, node: Queue) -> Iterator[Exit]:
    topic = tree.topics.get(node.topic)
    if node.overflow is not None:
        yield Exit(name="overflow", target=node.overflow, pressed=True)
    if topic is None:
        return
    for key, target in topic.options.items():
        yield Exit(name="options", key=key, target=target, pressed=True, topic=True)
    if topic.overflow is not None and node.overflow is None:
        yield Exit(name="overflow", target=topic.overflow, pressed=True, topic=True)
    if topic.survey is not None:
        yield Exit(name="survey", target=topic.survey, pressed=True, topic=True)
    if topic.closing is not None:
        yield Exit(name="closing", target=topic.closing, pressed=True, topic=True)


def _of_hours(_tree: MenuTree, node: Hours) -> Iterator[Exit]:
    yield Exit(name="open", target=node.open)
    yield Exit(name="closed", target=node.closed)


def _of_returning(_tree: MenuTree, node: Returning) -> Iterator[Exit]:
    yield Exit(name="found", target=node.found)
    yield Exit(name="goto", target=node.goto)


def _of_progress(tree: MenuTree, node: Progress) -> Iterator[Exit]:
    yield Exit(name="goto", target=node.goto, pressed=True)
    # Also without a key: unknown to us, or silent.
    yield _person(tree, "person", node.person)


def _of_text(_tree: MenuTree, node: Sms | Evidence) -> Iterator[Exit]:
    yield Exit(name="goto", target=node.goto)
    if node.unable is not None:
        yield Exit(name="unable", target=node.unable)


def _of_callback(tree: MenuTree, node: Callback) -> Iterator[Exit]:
    # A promise ends the call; what leads on is for who cannot be promised one.
    yield _person(tree, "unable", node.unable, pressed=True)


def _of_verify(tree: MenuTree, node: Verify) -> Iterator[Exit]:
    yield Exit(name="goto", target=node.goto)
    if node.unverified is not None:
        yield Exit(name="unverified", target=node.unverified)
    yield _person(tree, "person", None, pressed=True)


def _of_lookup(_tree: MenuTree, node: Lookup) -> Iterator[Exit]:
    yield Exit(name="default", target=node.default)
    for value, target in node.cases.items():
        yield Exit(name="cases", key=value, target=target)


def _of_transfer(_tree: MenuTree, node: Transfer) -> Iterator[Exit]:
    yield Exit(name="failed", target=node.failed)


def _nowhere(_tree: MenuTree, _node: Hangup | Survey) -> Iterator[Exit]:
    """After it comes goodbye."""
    yield from ()


def _person(tree: MenuTree, name: str, own: NodeId | None, *, pressed: bool = False) -> Exit:
    return Exit(name=name, target=own or tree.person, pressed=pressed, assumed=own is None)


EXITS: Mapping[type[Node], Callable[[MenuTree, Any], Iterator[Exit]]] = {
    Menu: _of_menu,
    Collect: _of_collect,
    Say: _on,
    Goto: _on,
    Incident: _on,
    Voicemail: _on,
    Hours: _of_hours,
    Queue: _of_queue,
    Callback: _of_callback,
    Sms: _of_text,
    Evidence: _of_text,
    Returning: _of_returning,
    Progress: _of_progress,
    Verify: _of_verify,
    Lookup: _of_lookup,
    Transfer: _of_transfer,
    Survey: _nowhere,
    Hangup: _nowhere,
}
"""Every kind of node."""
