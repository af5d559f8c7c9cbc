"""What the caller chose and told, in the words of the menu's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.core.ids import Language
from ivr.core.menus import Choice, Collect, Menu, MenuTree


def named(names: Mapping[Language, str], language: Language) -> str:
    """A name in the page's language, else in the first one that has it."""
    return names.get(language) or next(iter(names.values()), "")


def path_labels(tree: MenuTree | None, path: Sequence[str], language: Language) -> tuple[str, ...]:
    labels: dict[str, str] = {}
    for choice in choices_of(tree):
        if choice.path and choice.label:
            labels.setdefault(choice.path, named(choice.label, language))
    return tuple(labels.get(word, word) for word in path)


def shown_answers(tree: MenuTree | None, answers: Mapping[str, str], language: Language) -> tuple[tuple[str, str], ...]:
    """Answers with the words of the key that gave them; secret entries stay out."""
    secret = (
        {node.store for node in tree.nodes.values() if isinstance(node, Collect) and node.secret} if tree else set()
    )
    words = {
        (name, value): named(choice.label, language)
        for choice in choices_of(tree)
        for name, value in choice.sets.items()
        if choice.label
    }
    return tuple((name, words.get((name, value), value)) for name, value in answers.items() if name not in secret)


def choices_of(tree: MenuTree | None) -> Sequence[Choice]:
    if tree is None:
        return ()
    return [choice for node in tree.nodes.values() if isinstance(node, Menu) for choice in node.choices.values()]
