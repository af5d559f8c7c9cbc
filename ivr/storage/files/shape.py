"""Whether menus are easy to use: few options, few levels, numbers without gaps, keys that make a difference."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from ivr.core.ids import NodeId
from ivr.core.menus import Choice, Collect, Evidence, Menu, MenuTree, Queue
from ivr.core.speech import plain_text
from ivr.storage.files import schema
from ivr.storage.files.graph import edges
from ivr.storage.files.problems import Problems

WARN_OPTIONS, REFUSE_OPTIONS = 6, 8
WARN_DEPTH = 4
"""Levels, the question for the language counted (`DOMAIN.md` 2.1: language and two levels)."""


def check(file: schema.MenuFile, tree: MenuTree, problems: Problems) -> None:
    for node in tree.nodes.values():
        if isinstance(node, Menu):
            _options(node, file, problems)
        elif isinstance(node, Collect):
            _confirmed(node, problems)
    _depth(tree, problems)
    if tree.repeat is not None and tree.repeat.most < tree.repeat.calls:
        problems.refuse(("repeat", "most"), f"is less than calls ({tree.repeat.calls}): nobody would be served sooner")
    if problems.whole:
        _first_menu(tree, problems)


def _confirmed(node: Collect, problems: Problems) -> None:
    if node.secret and node.confirm is not None:
        problems.refuse(("nodes", node.id, "collect", "confirm"), "a secret is never read back: leave `confirm` out")
    elif node.confirm is None and not node.secret:
        problems.warn(("nodes", node.id, "collect"), "does not read the digits back: give a confirm prompt")


def _options(menu: Menu, file: schema.MenuFile, problems: Problems) -> None:
    path = ("nodes", menu.id, "menu", "choices")
    asked = {key: choice for key, choice in menu.choices.items() if not _of_language(choice)}
    if len(asked) >= REFUSE_OPTIONS:
        problems.refuse(path, f"has {len(asked)} options: five are the most that people remember")
    elif len(asked) >= WARN_OPTIONS:
        problems.warn(path, f"has {len(asked)} options: five are the most that people remember")
    model = file.nodes[menu.id].menu
    free = set(model.free) if model else set()
    for key in sorted(free & set(menu.choices)):
        problems.refuse(("nodes", menu.id, "menu", "free"), f"the key {key} is said to be free and is used")
    used = {int(key) for key in (*asked, *free) if key.isdigit()}
    missing = sorted(set(range(1, max(used, default=0) + 1)) - used - {int(k) for k in menu.choices if k.isdigit()})
    if missing:
        keys = ", ".join(map(str, missing))
        problems.warn(path, f"skips the key {keys}: number without gaps, or list it under free")
    keys_in_order = sorted(asked)
    for one, other in pairwise(keys_in_order):
        if _same(asked[one], asked[other]):
            problems.warn((*path, other), f"leads to the same place as {one} and makes no difference")


def _of_language(choice: Choice) -> bool:
    return choice.language is not None or choice.other_language


def _same(one: Choice, other: Choice) -> bool:
    return (one.goto, one.path, dict(one.sets)) == (other.goto, other.path, dict(other.sets))


def _is_level(tree: MenuTree, menu: Menu) -> bool:
    """Whether a menu asks the caller to choose a way: a question with one way on is no level, with a text or without."""
    ways = {_past_texts(tree, choice.goto) for choice in menu.choices.values()}
    return (menu.others is None and len(ways) > 1) or _asks_language(menu)


def _past_texts(tree: MenuTree, node: NodeId) -> NodeId:
    found = tree.nodes[node]
    return found.goto if isinstance(found, Evidence) else node


def _asks_language(menu: Menu) -> bool:
    return bool(menu.choices) and all(choice.language is not None for choice in menu.choices.values())


def _depth(tree: MenuTree, problems: Problems) -> None:
    """Fewest levels down to each menu. What comes after waiting, or because a desk is closed, is no level."""
    out = edges(tree)
    levels: dict[NodeId, int] = {}
    waiting = deque([(tree.start, 0)])
    while waiting:
        here, above = waiting.popleft()
        node = tree.nodes[here]
        level = above + (1 if isinstance(node, Menu) and _is_level(tree, node) else 0)
        if levels.get(here, level + 1) <= level:
            continue
        levels[here] = level
        if not isinstance(node, Queue):
            waiting.extend((edge.target, level) for edge in out[here] if edge.path[-1] != "closed")
    for node_id, level in levels.items():
        node = tree.nodes[node_id]
        if level >= WARN_DEPTH and isinstance(node, Menu) and _is_level(tree, node):
            problems.warn(("nodes", node_id), f"is level {level} of choices: three are enough, the language included")


def _first_menu(tree: MenuTree, problems: Problems) -> None:
    """The first real menu tells that 0 leads to a person."""
    out = edges(tree)
    seen: set[NodeId] = set()
    waiting = deque([tree.start])
    while waiting:
        here = waiting.popleft()
        if here in seen:
            continue
        seen.add(here)
        node = tree.nodes[here]
        if isinstance(node, Menu) and node.others is None and not _asks_language(node):
            prompt = tree.prompts[node.prompt]
            if not all("0" in plain_text(prompt, language, {}, tree) for language in tree.voices):
                problems.warn(("nodes", here), "is the first menu and does not say that 0 leads to a person")
            return
        waiting.extend(edge.target for edge in out[here])
