"""A caller's proof: a code of six digits, sent by text message to their own number and keyed by themselves.

No digit of a code is ever in a session, in an event that a rule sees, in a fact or in an order. Whoever sends the message
draws the code at that moment; SQL keeps a keyed hash of it for ten minutes; the digits keyed are compared before a
rule is asked, and a rule learns no more than right or not. So a code is nowhere but in the message and in the
caller's fingers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ivr.core.commitments import Commitment
from ivr.core.ids import E164, CallId

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
TRIES = 3
"""Wrong codes after which the verification is over; the call goes on."""
CODES_A_DAY = 5
FAILURES_AN_HOUR = 3
"""Per number: more than that, and a code is neither sent nor taken (`DOMAIN.md` 2.1, `RELIABILITY.md` S-77)."""
BY_CODE = "code"


class Proof(StrEnum):
    """How a verification ended."""

    VERIFIED = "verified"
    SKIPPED = "skipped"
    """The caller would rather not."""
    SILENT = "silent"
    FAILED = "failed"
    """Three wrong codes."""
    UNABLE = "unable"
    """No text message reaches this number."""
    LOCKED = "locked"
    """Too many codes, or too many failures, of this number."""
    TROUBLE = "trouble"
    """A store of ours was away."""


FINAL = frozenset(Proof) - {Proof.VERIFIED, Proof.TROUBLE}
"""Not asked again in the same call: the caller has chosen, or the answer would be the same."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How far the proof of one call has come."""

    code: str = ""
    """Id of the code that is awaited; empty: none."""
    wrongs: int = 0
    result: Proof | None = None
    how: str = BY_CODE
    """What proved it: `code`, or another way that the house has (its app)."""

    @property
    def awaited(self) -> bool:
        """True while a code may be keyed: what is pressed now must not be recorded or shown."""
        return bool(self.code) and self.result is None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What SQL says of a number and of the code awaited."""

    able: bool = False
    """A text message can be expected to arrive."""
    locked: str = ""
    """Why no code is sent or taken: `codes`, `failures`; empty: it is."""
    right: bool = False
    """The digits keyed are the code awaited."""


@dataclass(frozen=True, kw_only=True)
class SendCode:
    """Draw a code, keep its hash, and send it to the caller's own number. Carries neither number nor code."""

    call: CallId
    code: str
    """Its id."""


@dataclass(frozen=True, kw_only=True)
class CodeOrdered(Commitment):
    """A code was promised to this number: it counts, whether it is linked to an account or not."""

    call: CallId
    number: E164


@dataclass(frozen=True, kw_only=True)
class CodeOver(Commitment):
    """The code `code` is of no use any more, because of `result`; verified and failed ones are counted."""

    code: str
    result: Proof
