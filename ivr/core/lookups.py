"""Asking a system of the house about a call, and going where its answer leads.

The rule only enters the node and asks at a door of its own (`lookup`); whoever fills that event asks the system, bounded in
time and size, and hands in what came of it, already checked. No answer, in time or at all, is the default branch: a
call never waits for another system longer than one breath.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.events import Event
from ivr.core.ids import NodeId
from ivr.core.menus import Lookup
from ivr.core.walk import enter

LONGEST_VALUE = 64
"""Characters of a value from outside; a longer one is no value."""
UNHEARD = "unavailable"
ROOT = "$"
STEP = re.compile(r"[A-Za-z0-9_-]{1,64}")
DEEPEST = 8
SIGNS = frozenset(" .,:;+-_/@#%()'")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of asking. `result` is `ok`, or a word that says why there is no answer."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By the names that the node gives; what the answer lacks, or cannot be used, is missing."""
    result: str = "ok"


@dataclass(frozen=True, kw_only=True)
class LookupAsked(Event):
    """The caller's leg is at a `lookup` node. `found` None: nobody could be asked."""

    found: Found | None = None


def take(draft: Draft, event: Event) -> None:
    """Keep the values, and go where they lead."""
    assert isinstance(event, LookupAsked)
    session = draft.session
    node = draft.tree.nodes.get(session.node or NodeId(""))
    if not isinstance(node, Lookup):
        enter(draft, session.node or draft.tree.start)
        return
    found = event.found or Found(result=UNHEARD)
    draft.fact(facts.LookedUp(at=draft.at, call=session.call, node=node.id, result=found.result))
    # What an earlier answer of the same system said is not true for ever.
    before = {name: value for name, value in session.answers.items() if name not in node.sets}
    draft.set(answers={**before, **found.values})
    for name, value in found.values.items():
        draft.fact(facts.Answer(at=draft.at, call=session.call, name=name, value=value))
    enter(draft, node.cases.get(found.values.get(node.by, ""), node.default))


def steps_of(path: str) -> tuple[str, ...] | None:
    """`$.account.level` → `("account", "level")`; None for what is no such path."""
    steps = path.split(".")
    if steps[0] == ROOT:
        steps = steps[1:]
    good = 0 < len(steps) <= DEEPEST and all(STEP.fullmatch(step) for step in steps)
    return tuple(steps) if good else None


def read(answer: object, sets: Mapping[str, str]) -> dict[str, str]:
    """The values that a node asks for, out of an answer from outside."""
    found = {name: _usable(_at(answer, steps_of(path) or ())) for name, path in sets.items()}
    return {name: value for name, value in found.items() if value}


def _at(answer: object, steps: Sequence[str]) -> object:
    for step in steps:
        if isinstance(answer, Mapping):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def _usable(value: object) -> str:
    """A short line of letters, digits and common signs: anything else is treated as missing, never repaired."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_VALUE or value != value.strip():
        return ""
    plain = all(char in SIGNS or unicodedata.category(char)[0] in "LN" for char in value)
    return value if plain else ""
