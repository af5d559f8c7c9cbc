"""What is known of a case or a number that an agent opens without a call: from a system beside the desk, or by hand.

Nothing is dialled. A look at a number is written down and counted, as it tells what somebody talked to us about; a number
stays masked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.cases import Case, EarlierCall, is_case_number
from ivr.core.errors import RequestError
from ivr.core.ids import E164, AgentId, CallId, Language
from ivr.core.menus import MenuTree
from ivr.workflows.case_desk import EARLIER, CaseCard, card_of, topic_name
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock

MOST = 60
"""Numbers that an agent may look up within `WINDOW`: a busy day's calls, too few to search a customer list."""
WINDOW = timedelta(hours=1)
NO_CALL = CallId("")


@dataclass(frozen=True, kw_only=True)
class Opened:
    number: str
    """Masked; empty when a case was opened whose caller showed none."""
    case: CaseCard | None
    asked_case: str
    """The case number that was asked for; empty: none was."""
    open_cases: tuple[CaseCard, ...] = ()
    """Of the number that was asked for, but for the case above."""
    earlier: tuple[EarlierCall, ...] = ()


class CaseBook(Protocol):
    """The cases in SQL. Raises `Unavailable`."""

    def by_number(self, hotline: str, number: str) -> Case | None: ...

    def open_of(self, caller: str, hotline: str) -> Sequence[Case]: ...

    def earlier(self, caller: E164, call: CallId, limit: int) -> Sequence[EarlierCall]: ...


class Tallies(Protocol):
    def count(self, what: str, who: str, *, at: datetime, window: timedelta) -> int: ...


@dataclass(frozen=True, kw_only=True)
class OpenMatter:
    cases: CaseBook
    trees: Callable[[], Sequence[MenuTree]]
    tallies: Tallies
    audit: Audit
    clock: Clock
    parsed: Callable[[str], E164 | None]
    mask: Callable[[str], str]

    def __call__(self, agent: AgentId, language: Language, *, who: str, number: str = "", case: str = "") -> Opened:
        """Raises RequestError (422 no number, no case number; 429 too often), Unavailable."""
        digits = "".join(case.split())
        if digits and not is_case_number(digits):
            raise RequestError("this is no case number", status=422, error_id="bad_case")
        caller = self._number(number)
        if caller is not None:
            now = self.clock.now()
            if self.tallies.count("open_matter", agent, at=now, window=WINDOW) > MOST:
                raise RequestError("too many numbers looked up within an hour", status=429, error_id="too_many_numbers")
            self.audit(at=now, who=who, what="number.look_up", object=self.mask(caller), detail={})
        elif not digits:
            raise RequestError("name a number or a case", status=422, error_id="bad_number")
        return self._opened(caller, digits, language)

    def _number(self, text: str) -> E164 | None:
        if not text.strip():
            return None
        found = self.parsed("".join(char for char in text if char not in " ()-."))
        if found is None:
            raise RequestError("this is no number: write it as +8613800138000", status=422, error_id="bad_number")
        return found

    def _opened(self, caller: E164 | None, digits: str, language: Language) -> Opened:
        trees = self.trees()
        named = [(tree, self.cases.by_number(tree.hotline, digits)) for tree in trees] if digits else []
        tree, case = next(((tree, case) for tree, case in named if case is not None), (trees[0], None))
        found = [(one, each) for one in trees for each in self.cases.open_of(caller, one.hotline)] if caller else []
        earlier = self.cases.earlier(caller, NO_CALL, EARLIER) if caller else ()
        shown = caller or (case.caller if case else "")
        return Opened(
            number=self.mask(shown) if shown else "",
            case=card_of(case, tree, language) if case else None,
            asked_case=digits,
            open_cases=tuple(card_of(each, one, language) for one, each in found if case is None or each.id != case.id),
            earlier=tuple(replace(one, topic=_topic(trees, one.topic, language)) for one in earlier),
        )


def _topic(trees: Sequence[MenuTree], topic: str, language: Language) -> str:
    return next((name for tree in trees if (name := topic_name(tree, topic, language)) != topic), topic)
