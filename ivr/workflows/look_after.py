"""The cases that somebody is to look after: what is due, one found by its number, and a change of its standing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.cases import Case, CaseStatus, is_case_number
from ivr.core.errors import RequestError
from ivr.core.menus import MenuTree
from ivr.workflows.case_desk import due_of
from ivr.workflows.ports import Clock


class CaseList(Protocol):
    """The cases in SQL. Raises `Unavailable`."""

    def by_number(self, hotline: str, number: str) -> Case | None: ...

    def follow_ups(self, hotline: str) -> Sequence[Case]: ...

    def change(
        self, case: str, *, status: CaseStatus, due_at: datetime | None, note: str, who: str, at: datetime
    ) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class DueCase:
    case: Case
    caller: str
    """Masked."""
    due: str
    """`late`, `today`, `later`, or empty without a date."""


@dataclass(frozen=True, kw_only=True)
class LookAfter:
    cases: CaseList
    trees: Callable[[], Sequence[MenuTree]]
    clock: Clock
    mask: Callable[[str], str]

    def due(self) -> Sequence[DueCase]:
        """Cases under way: what is due first."""
        return [self._shown(tree, case) for tree in self.trees() for case in self.cases.follow_ups(tree.hotline)]

    def find(self, number: str) -> DueCase | None:
        """By the number as somebody reads it out; blanks do not count."""
        digits = "".join(number.split())
        if not is_case_number(digits):
            return None
        found = ((tree, self.cases.by_number(tree.hotline, digits)) for tree in self.trees())
        return next((self._shown(tree, case) for tree, case in found if case is not None), None)

    def change(self, number: str, *, status: str, day: str, who: str) -> None:
        """A new standing; a pending case is due on `day`, else on the next working day. Raises `RequestError`."""
        if status not in set(CaseStatus):
            raise RequestError(f"{status!r} is no standing of a case", status=422, error_id="unknown_status")
        found, now = self.find(number), self.clock.now()
        if found is None:
            raise RequestError("there is no such case", status=404, error_id="unknown_case")
        tree = next(one for one in self.trees() if one.hotline == found.case.hotline)
        due_at = due_of(tree, found.case.topic, day, now) if status == CaseStatus.PENDING else None
        self.cases.change(
            found.case.id, status=CaseStatus(status), due_at=due_at, note=found.case.note, who=who, at=now
        )

    def shown(self, case: Case) -> DueCase:
        """A case of one of our hotlines."""
        return self._shown(next(one for one in self.trees() if one.hotline == case.hotline), case)

    def _shown(self, tree: MenuTree, case: Case) -> DueCase:
        zone, due = ZoneInfo(tree.zone), ""
        if case.due_at is not None and case.under_way:
            days = (case.due_at.astimezone(zone).date() - self.clock.now().astimezone(zone).date()).days
            due = "late" if days < 0 else "today" if days == 0 else "later"
        return DueCase(case=case, caller=self.mask(case.caller) if case.caller else "", due=due)
