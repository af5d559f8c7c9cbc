"""A case as a row, and back. The caller's number stands there sealed."""

from __future__ import annotations

from typing import Any

from ivr.core.cases import Case, CaseStatus
from ivr.core.ids import Language
from ivr.storage.sql.seals import Seals


def case_place(case: str) -> str:
    """Where the caller's number of a case is sealed for."""
    return f"cases.caller:{case}"


def case_of(row: Any, seals: Seals) -> Case:
    return Case(
        id=row.id,
        hotline=row.hotline,
        number=row.number,
        opened_at=row.opened_at,
        language=Language(row.language),
        caller=seals.open(row.caller, place=case_place(row.id)) or "",
        topic=row.topic,
        path=tuple(row.path),
        answers=dict(row.answers),
        status=CaseStatus(row.status),
        due_at=row.due_at,
        note=row.note,
    )


def row_of(case: Case, seals: Seals) -> dict[str, Any]:
    """The row of a new case."""
    return {
        "id": case.id,
        "hotline": case.hotline,
        "number": case.number,
        "caller": seals.seal(case.caller, place=case_place(case.id)),
        "caller_index": seals.index(case.caller),
        "topic": case.topic,
        "path": list(case.path),
        "answers": dict(case.answers),
        "language": case.language,
        "opened_at": case.opened_at,
        "status": case.status,
        "due_at": case.due_at,
        "note": case.note,
        "changed_at": case.opened_at,
        "changed_by": "",
        "due_by": "",
        "closed_at": None if case.under_way else case.opened_at,
    }
