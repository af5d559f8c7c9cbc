"""What an agent says became of a call: a result, and the reason beneath it where the menu has some (`DOMAIN.md` C30).

The agent names both at the end. What is still open when wrap-up runs out takes the last of its list, and the record
says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.core.errors import RequestError
from ivr.core.ids import Language
from ivr.core.menus import MenuTree, Topic
from ivr.core.notes import Notes
from ivr.workflows.menu_labels import named

NO_TOPIC = Topic.dispositions
"""Results of a call whose topic its menu no longer knows."""


@dataclass(frozen=True, kw_only=True)
class Said:
    result: str
    reason: str
    chosen: bool
    """The agent chose the result."""
    whole: bool
    """Nothing was left open."""


def results_of(topic: Topic | None) -> tuple[str, ...]:
    return topic.dispositions if topic and topic.dispositions else NO_TOPIC


def reasons_of(topic: Topic | None, result: str) -> tuple[str, ...]:
    return topic.disposition_reasons.get(result, ()) if topic else ()


def check(topic: Topic | None, result: str, reason: str) -> None:
    """Raises `RequestError` for a result or reason that the topic does not have, and where a reason is missing."""
    if result not in results_of(topic):
        raise RequestError(f"result {result!r} is not known", status=422, error_id="unknown_disposition")
    reasons = reasons_of(topic, result)
    if reason and reason not in reasons:
        raise RequestError(f"{reason!r} is no reason of {result!r}", status=422, error_id="unknown_reason")
    if reasons and not reason:
        raise RequestError(f"{result!r} needs a reason: {', '.join(reasons)}", status=422, error_id="reason_needed")


def or_default(topic: Topic | None, notes: Notes) -> Said:
    """What the agent chose, and the last of each list for what was left open."""
    results = results_of(topic)
    chosen = notes.disposition in results
    result = notes.disposition if chosen else results[-1]
    reasons = reasons_of(topic, result)
    named_one = chosen and notes.disposition_reason in reasons
    reason = notes.disposition_reason if named_one else reasons[-1] if reasons else ""
    return Said(result=result, reason=reason, chosen=chosen, whole=chosen and (named_one or not reasons))


def reasons_shown(tree: MenuTree, topic: Topic | None, language: Language) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The reasons of each result that has some: name and words."""
    return {
        result: tuple((one, words_of(tree, one, language) or readable(one)) for one in reasons_of(topic, result))
        for result in results_of(topic)
        if reasons_of(topic, result)
    }


def own_names(trees: Sequence[MenuTree], language: Language) -> dict[str, str]:
    """All words that menus have for results and reasons; the first menu's where two differ."""
    return {name: words_of(tree, name, language) for tree in reversed(trees) for name in tree.result_names}


def words_of(tree: MenuTree, name: str, language: Language) -> str:
    """The menu's own words for a result or a reason; empty when it has none."""
    return named(tree.result_names.get(name, {}), language)


def readable(name: str) -> str:
    """A name that has no words: `bank_slow` is shown as "Bank slow"."""
    return name.replace("_", " ").capitalize()
