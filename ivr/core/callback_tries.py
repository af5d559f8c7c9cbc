"""What follows a try to call back that did not bring the two together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_rules import ELSEWHERE, GRID, CallbackRules, Promise, next_fit
from ivr.core.hours import Calendar
from ivr.core.ids import AgentId

NOT_DIALLED = frozenset({"not_dialled", "elsewhere", "hours"})
"""Results of a try in which no telephone rang: it does not count."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """Another try."""

    due_at: datetime
    failed: bool
    """It counts as one of the tries, and the customer is sent a text with a new code."""
    moved: bool = False
    """The customer's hours or the desk's moved it: to be told."""


@dataclass(frozen=True, kw_only=True)
class Close:
    result: CallbackResult
    reason: str


def after_try(
    promise: Promise, result: str, *, at: datetime, rules: CallbackRules, calendar: Calendar
) -> Again | Close:
    """What follows a try that did not bring the two together."""
    if result == "not_needed":
        return Close(result=CallbackResult.CANCELLED, reason="not needed any more")
    if result == "refused":
        return Close(result=CallbackResult.FAILED, reason="the number may not be called")
    failed = result not in NOT_DIALLED and result != "later"
    failures = promise.failures + failed
    if failures >= rules.attempts:
        return Close(result=CallbackResult.FAILED, reason=f"{failures} tries, the last one: {result}")
    wanted = at + _delay(result, failures, rules)
    due = next_fit(wanted, promise.callee, rules, calendar)
    if due is None or due >= promise.expires_at:
        return Close(result=CallbackResult.EXPIRED, reason="no time left that fits")
    return Again(due_at=due, failed=failed, moved=due - wanted > GRID)


def _delay(result: str, failures: int, rules: CallbackRules) -> timedelta:
    if result == "later":
        return rules.later
    if result == "busy":
        return rules.busy_delay
    if result == "elsewhere":
        return ELSEWHERE
    if result == "hours":
        return GRID  # what stands in SQL said that it fits: without a pause it would be tried again at once, and again
    if result in NOT_DIALLED:
        return timedelta(0)
    return rules.delays[min(failures, len(rules.delays)) - 1]


@dataclass(frozen=True, kw_only=True)
class TryEnd:
    """How a try ended, and the code of the next one."""

    at: datetime
    result: str
    agent: AgentId | None = None
    idle_s: float | None = None
    code: str = ""
