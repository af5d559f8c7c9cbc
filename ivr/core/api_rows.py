"""Rows that programs list. Numbers are whole here; the workflow masks them before they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CallbackRow:
    id: str
    hotline: str
    topic: str
    call: str | None
    number: str
    state: str
    result: str | None
    requested_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    promised_from: datetime | None
    promised_to: datetime | None
    attempts: int
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    id: str
    hotline: str
    number: str
    """The number of the case, as spoken."""
    caller: str
    topic: str
    status: str
    language: str
    opened_at: datetime
    due_at: datetime | None
