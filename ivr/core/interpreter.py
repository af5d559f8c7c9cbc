"""What the caller's keys mean at a node. Pure: tree, place and keys in, outcome out; the walk carries it out.

Two tries, then a person: the first silence or unknown key repeats the menu with a short line before it, the second
leads to a person. Silence and unknown keys are counted apart, and success forgets both (`DOMAIN.md` 2.1). No
path ends in a hang-up because of what somebody pressed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.cases import passes_luhn
from ivr.core.ids import NodeId, PromptId
from ivr.core.menus import (
    BACK_KEY,
    PERSON_KEY,
    REPEAT_KEY,
    SLOWER_KEY,
    Choice,
    Collect,
    Menu,
    MenuTree,
)

TRIES = 2
"""Failures of one kind after which a person takes over."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A key of the menu."""

    choice: Choice
    key: str


@dataclass(frozen=True, kw_only=True)
class Again:
    """The same node once more; `before` is said first. `counts` names the counter that grows."""

    before: PromptId | None = None
    counts: str = ""
    result: str = "repeat"
    slower: bool = False


@dataclass(frozen=True, kw_only=True)
class MoveTo:
    """Another node. `key` is pressed there at once (press-ahead)."""

    node: NodeId
    result: str
    before: PromptId | None = None
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Digits of a `collect` node, right in count and check; not yet confirmed when the node reads back."""

    digits: str


Outcome = Chosen | Again | MoveTo | Entered


def answer_menu(tree: MenuTree, menu: Menu, keys: str, *, silences: int, wrongs: int) -> Outcome:
    """One key, or none, at a menu. `silences` and `wrongs` are the failures so far at this node."""
    key = keys[:1]
    person = menu.person or tree.person
    if not key:
        return _silence(menu, person, silences)
    if key in menu.choices:
        return Chosen(choice=menu.choices[key], key=key)
    if key == PERSON_KEY:
        return MoveTo(node=person, result="person")
    if menu.others is not None:
        return MoveTo(node=menu.others, result="passed_on", key=key)
    if key == REPEAT_KEY:
        return Again()
    if key == SLOWER_KEY:
        return Again(result="slower", slower=True)
    if key == BACK_KEY:
        if menu.back is None:
            return Again(before=PromptId("already_top"), result="back")
        return MoveTo(node=menu.back, result="back")
    if wrongs + 1 >= TRIES:
        return MoveTo(node=person, result="wrong", before=PromptId("no_match_2"))
    return Again(before=PromptId("no_match_1"), counts="wrongs", result="wrong")


def _silence(menu: Menu, person: NodeId, silences: int) -> Outcome:
    if menu.silence is not None:
        return MoveTo(node=menu.silence, result="silence")
    if silences + 1 >= TRIES:
        return MoveTo(node=person, result="silence", before=PromptId("no_input_2"))
    return Again(before=PromptId("no_input_1"), counts="silences", result="silence")


def answer_collect(tree: MenuTree, node: Collect, keys: str, *, finished: bool, failures: int) -> Outcome:
    """Digits at a `collect` node. A lone # (`finished` without keys) skips where the node allows it."""
    person = node.failed or tree.person
    if keys == PERSON_KEY and node.min_digits > 1:
        return MoveTo(node=tree.person, result="person")
    if not keys:
        if finished and node.skip is not None:
            return MoveTo(node=node.skip, result="skipped")
        if failures + 1 >= node.tries:
            return MoveTo(node=person, result="silence", before=PromptId("no_input_2"))
        return Again(before=PromptId("no_input_1"), counts="silences", result="silence")
    if keys.isdigit() and node.min_digits <= len(keys) <= node.max_digits and passes(node.check, keys):
        return Entered(digits=keys)
    if failures + 1 >= node.tries:
        return MoveTo(node=person, result="wrong", before=PromptId("no_match_2"))
    return Again(before=node.bad or PromptId("no_match_1"), counts="wrongs", result="wrong")


def answer_confirm(node: Collect, keys: str, *, digits: str) -> Outcome:
    """1 keeps the digits read back; anything else asks for them again."""
    if keys[:1] == "1":
        return Entered(digits=digits)
    return Again(result="repeat")


def passes(check: str | None, digits: str) -> bool:
    """True when the digits satisfy the named check (`luhn`, `mod97`); no check accepts all."""
    if check == "luhn":
        return passes_luhn(digits)
    if check == "mod97":
        return len(digits) > 2 and int(digits) % 97 == 1
    return True
