"""What a set of walks has been through: nodes in every language, and what can be pressed at each.

A node counts once for each language of the hotline. Of keys it asks for every choice, for 0, 9 and *, for silence and for
a key that means nothing there; of digits for an entry, its rejection, silence and the ways round it; in a queue for
every option. Kinds of node that ask for nothing have no keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ivr.core import facts
from ivr.core.ids import Language, NodeId
from ivr.core.menus import BACK_KEY, PERSON_KEY, REPEAT_KEY, Collect, Menu, MenuTree, Node, Queue
from ivr.core.session import Step

SILENCE, OTHERS, ENTRY, WRONG, SKIP, AGAIN = "silence", "others", "entry", "wrong", "skip", "again"
RESULTS = {"silence": SILENCE, "wrong": WRONG, "entry": ENTRY, "skipped": SKIP, "repeat": AGAIN, "person": PERSON_KEY}
"""What was pressed at a place for digits, by what came of it."""


@dataclass
class Coverage:
    """Of one tree."""

    tree: MenuTree
    visited: set[tuple[NodeId, Language]] = field(default_factory=set)
    pressed: set[tuple[NodeId, str]] = field(default_factory=set)

    def watch(self, step: Step) -> None:
        """Take note of one step."""
        language = step.session.language
        for fact in step.facts:
            if isinstance(fact, facts.NodeEntered):
                self.visited.add((fact.node, language))
            elif isinstance(fact, facts.KeyPressed) and (node := self.tree.nodes.get(fact.node)) is not None:
                self.pressed.add((fact.node, _kind(node, fact)))

    @property
    def nodes(self) -> tuple[int, int]:
        """Nodes walked through, and all, each once per language."""
        every = {(node, language) for node in self.tree.nodes for language in self.tree.voices}
        return len(every & self.visited), len(every)

    @property
    def keys(self) -> tuple[int, int]:
        every = {(node.id, key) for node in self.tree.nodes.values() for key in keys_of(node, self.tree)}
        return len(every & self.pressed), len(every)

    def missing_nodes(self) -> Iterator[str]:
        for node in self.tree.nodes:
            missing = [language for language in self.tree.voices if (node, language) not in self.visited]
            if missing:
                yield f"{node} ({', '.join(missing)})"

    def missing_keys(self) -> Iterator[str]:
        for node in self.tree.nodes.values():
            missing = [key for key in keys_of(node, self.tree) if (node.id, key) not in self.pressed]
            if missing:
                yield f"{node.id}: {' '.join(missing)}"


def keys_of(node: Node, tree: MenuTree) -> Iterable[str]:
    """What can be pressed there."""
    match node:
        case Menu(others=None):
            return (*node.choices, PERSON_KEY, REPEAT_KEY, BACK_KEY, SILENCE, OTHERS)
        case Menu():
            return tuple(dict.fromkeys((*node.choices, PERSON_KEY, SILENCE, OTHERS)))
        case Collect():
            skip, again = [SKIP] if node.skip else [], [AGAIN] if node.confirm else []
            person = [PERSON_KEY] if node.min_digits > 1 else []
            return (ENTRY, WRONG, SILENCE, *skip, *again, *person)
        case Queue():
            return tuple(tree.topic(node.topic).options)
        case _:
            return ()


def _kind(node: Node, fact: facts.KeyPressed) -> str:
    if isinstance(node, Collect):
        return RESULTS.get(fact.result, fact.result)
    if fact.result in ("wrong", "passed_on"):
        return OTHERS if fact.key else SILENCE
    return fact.key or SILENCE


def share(done: tuple[int, int]) -> float:
    """In percent; nothing to do is all done."""
    return 100.0 * done[0] / done[1] if done[1] else 100.0
