"""A case: the number under which a caller's matter is kept and found again (`DOMAIN.md` C24, C26, C31).

One call has one case. It is opened when somebody is to do something about the call: an agent answers, a message is
recorded, a callback is promised, a text with an upload link is sent. A caller who names a case that is not closed
(keyed at intake, or their own open one) goes on with that case instead, so a case may have many calls.

The number has eight digits: seven drawn at random, so that nobody can count from one to the next, and a check digit, so that
one mistyped digit (and most swapped neighbours) is known at once without looking anywhere. It never begins with 0,
which people leave out when they write it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.core.commitments import Commitment
from ivr.core.ids import CallId, Language

DIGITS = 8
LOWEST, HIGHEST = 1_000_000, 9_999_999
"""What may be drawn: the seven digits before the check digit."""
ANSWER = "case"
"""Name of the answer (`store: case`) in which a menu keeps a case number that the caller keyed."""


class CaseStatus(StrEnum):
    OPEN = "open"
    """Somebody is at it, or is to be."""
    PENDING = "pending"
    """Waits for something; looked at again on its due date."""
    SOLVED = "solved"
    CLOSED = "closed"
    """Over for good: no call joins it any more."""


RESULTS: Mapping[str, CaseStatus] = {"solved": CaseStatus.SOLVED, "pending": CaseStatus.PENDING}
"""What a result of a talk makes of its case when the agent says nothing else; any other leaves it open."""
UNDER_WAY = (CaseStatus.OPEN, CaseStatus.PENDING)
"""What a caller is told of as "you have an open case"."""

PUBLIC: Mapping[CaseStatus, Mapping[str, str]] = {
    CaseStatus.OPEN: {"zh": "正在处理中", "en": "being worked on"},
    CaseStatus.PENDING: {"zh": "等待后续跟进", "en": "waiting for a follow-up"},
    CaseStatus.SOLVED: {"zh": "已解决", "en": "solved"},
    CaseStatus.CLOSED: {"zh": "已结案", "en": "closed"},
}
"""What callers hear of a status, by the first part of the language's name."""


@dataclass(frozen=True, kw_only=True)
class Case:
    id: str
    """Made from the call that opened it."""
    hotline: str
    number: str
    """As spoken, sent and shown: `is_case_number` holds."""
    opened_at: datetime
    language: Language
    caller: str = ""
    """E.164, sealed in SQL; empty for a withheld number."""
    topic: str = ""
    """Empty while the call is on its way through the menu."""
    path: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    status: CaseStatus = CaseStatus.OPEN
    due_at: datetime | None = None
    """When somebody is to look at it next."""
    note: str = ""

    @property
    def under_way(self) -> bool:
        return self.status in UNDER_WAY


@dataclass(frozen=True, kw_only=True)
class EarlierCall:
    at: datetime
    topic: str
    result: str
    """The agent's disposition, else how the call ended."""
    agent: str


@dataclass(frozen=True, kw_only=True)
class CallCase:
    """The case of a call, as its session remembers it."""

    id: str
    number: str
    opened: bool = False
    """By this very call."""
    told: bool = False
    """The number was spoken or sent: once a call."""


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Commitment):
    """This call belongs to this case, which is stored if it is new. `id` is the link's: one per call."""

    call: CallId
    case: Case


def case_id(call: CallId) -> str:
    """The id of a case opened by this call."""
    return f"case-{call}"


def numbered(drawn: int) -> str:
    """The case number of seven drawn digits (`LOWEST` to `HIGHEST`): the check digit stands last."""
    digits = str(drawn)
    return digits + str(-_sum(digits + "0") % 10)


def is_case_number(digits: str) -> bool:
    """True when this may be a case number: eight digits and the right check digit. Says nothing of its existence."""
    return len(digits) == DIGITS and passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: every second digit from the right doubled, digit sums added, divisible by ten."""
    return digits.isascii() and digits.isdigit() and _sum(digits) % 10 == 0


def _sum(digits: str) -> int:
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled)


def public_words(status: CaseStatus, language: Language) -> str:
    """The status as callers hear it; English for a language that has no words of ours."""
    words = PUBLIC[status]
    return words.get(language.split("-")[0], words["en"])
