"""What a caller was told and what they did, word for word, also after the menu has changed (`DOMAIN.md` 7, item 21).

Every prompt is noted with the version of the menu that it came from, and every version is kept as it was written. Values
that records must not keep (codes, numbers, keyed digits) are shown as a dot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core import facts, speech
from ivr.core.consents import BY_KEY, YES, Consent
from ivr.core.facts import Fact
from ivr.core.ids import CallId
from ivr.core.menus import MenuTree
from ivr.core.transfer_facts import Consulted, Transferred
from ivr.workflows.ports import Menus
from ivr.workflows.tell_help import asked_words, given_words


class NotedCalls(Protocol):
    def facts_of(self, call: CallId) -> Sequence[Fact]:
        """In the order in which they happened. Raises `Unavailable`."""


class KeptConsents(Protocol):
    def of_call(self, call: CallId) -> Sequence[Consent]:
        """Oldest first. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of a call."""

    at: datetime
    kind: str
    """`heard`, `key`, `node`, `text`, `queue`, `left`, `language`, `consent`, `asked`, `given`, `end`, `result`."""
    words: str
    prompt: str = ""
    language: str = ""
    version: str = ""
    """Menu version of a prompt."""


@dataclass(frozen=True, kw_only=True)
class TellCall:
    """A call as lines, oldest first; empty when it is unknown."""

    records: NotedCalls
    menus: Menus
    consents: KeptConsents

    def __call__(self, call: CallId) -> list[Told]:
        known = self.records.facts_of(call)
        began = next((fact for fact in known if isinstance(fact, facts.CallStarted)), None)
        tree = self.menus.by_version(began.menu_version) if began else None
        lines = [line for fact in known for line in self._lines(fact, tree)]
        lines += [_agreed(consent) for consent in self.consents.of_call(call)]
        return sorted(lines, key=lambda line: line.at)

    def _lines(self, fact: Fact, tree: MenuTree | None) -> Iterator[Told]:
        match fact:
            case facts.PromptHeard():
                yield self._heard(fact)
            case facts.NodeEntered(node=node):
                yield Told(at=fact.at, kind="node", words=node)
            case facts.KeyPressed(key=key, result=result):
                yield Told(at=fact.at, kind="key", words=f"{key or '-'} ({result})")
            case facts.TextSent(kind=kind):
                yield Told(at=fact.at, kind="text", words=kind)
            case facts.LanguageChosen(language=language):
                yield Told(at=fact.at, kind="language", words=language)
            case facts.SegmentStarted(topic=topic, priority=priority):
                yield Told(at=fact.at, kind="queue", words=f"{topic}, priority {priority}")
            case facts.SegmentEnded(outcome=outcome):
                yield Told(at=fact.at, kind="left", words=outcome.value)
            case Consulted():
                yield Told(at=fact.at, kind="asked", words=asked_words(fact, tree))
            case Transferred():
                yield Told(at=fact.at, kind="given", words=given_words(fact, tree))
            case facts.Disposed():
                yield Told(at=fact.at, kind="result", words=_became(fact))
            case facts.CallEnded(end=end, hung_up_by=by):
                yield Told(at=fact.at, kind="end", words=f"{end.value}, hung up by {by}")

    def _heard(self, fact: facts.PromptHeard) -> Told:
        tree = self.menus.by_version(fact.menu_version)
        prompt = tree.prompts.get(fact.prompt) if tree else None
        words = speech.retold(prompt, fact.language, fact.slots, tree) if tree and prompt else ""
        return Told(
            at=fact.at,
            kind="heard",
            words=words,
            prompt=fact.prompt,
            language=fact.language,
            version=fact.menu_version,
        )


def _became(fact: facts.Disposed) -> str:
    why = f" ({fact.disposition_reason})" if fact.disposition_reason else ""
    by = "by time-out" if fact.by_default else f"by {fact.agent}"
    return f"{fact.disposition}{why}, {by}"


def _agreed(consent: Consent) -> Told:
    said = "recording: yes" if consent.choice == YES else "recording: no"
    asked = f"by key, after {consent.prompt}" if consent.how == BY_KEY else f"said to {consent.agent}, who started it"
    return Told(
        at=consent.at,
        kind="consent",
        words=f"{said} ({asked}; {consent.language}, menu {consent.menu_version})",
        prompt=consent.prompt,
        language=consent.language,
        version=consent.menu_version,
    )
