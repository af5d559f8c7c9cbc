"""What shares ask of a stay in a queue: its kind, and the questions about it.

A question looks only at the *kind* of a stay: how it ended, and which limits its wait kept. There are few kinds and many
stays, so a report counts kinds first and asks each question once per kind. The letters are those of `figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ivr.core.facts import Outcome

SHORT_ABANDON = timedelta(seconds=5)
"""An abandon below this wait is short; exactly at it is a normal one. Per topic."""
ANSWER_WITHIN = timedelta(seconds=20)
"""T of the service level; exactly at it is within. Per topic."""
LEGAL_WITHIN = timedelta(seconds=180)
"""The answer time that a regulation asks for; the same for all topics."""
LEGAL_TARGET = 0.95
TRANSFER = "transfer"
"""Cause of a stay, and end of a talk."""

SMALL = 10
"""A share of fewer than this is read as its fraction."""

FLOW_OUT = frozenset({Outcome.CALLBACK, Outcome.MESSAGE, Outcome.OVERFLOW, Outcome.CLOSED})


class Kind(NamedTuple):
    """All that shares ask of a stay."""

    outcome: Outcome | None
    """None: still waiting."""
    timely: bool
    """The wait is within T."""
    brief: bool
    """The wait is below the limit of short abandons."""
    lawful: bool
    """The wait is within the legal answer time."""
    wrapped: bool
    """Wrap-up is over."""
    came: bool
    """Sent here by a transfer."""
    went: bool
    """The talk ended by a transfer."""


@dataclass(frozen=True, kw_only=True)
class Stay:
    """What the formulas need of one stay in a queue."""

    wait: timedelta
    """Until answer or leaving; of a caller still waiting, until now."""
    outcome: Outcome | None
    """None: still waiting."""
    within: timedelta = ANSWER_WITHIN
    short: timedelta = SHORT_ABANDON
    talk: timedelta | None = None
    hold: timedelta | None = None
    wrap: timedelta | None = None
    """None while wrap-up lasts: answered, not yet handled."""
    cause: str = ""
    ended_by: str = ""

    @property
    def timely(self) -> bool:
        return self.wait <= self.within

    @property
    def kind(self) -> Kind:
        return Kind(
            outcome=self.outcome,
            timely=self.timely,
            brief=self.wait < self.short,
            lawful=self.wait <= LEGAL_WITHIN,
            wrapped=self.wrap is not None,
            came=self.cause == TRANSFER,
            went=self.ended_by == TRANSFER,
        )


@dataclass(frozen=True, kw_only=True)
class Share:
    """A rate that keeps what it was made of."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0.0 to 1.0; None when there is nothing to divide by."""
        return self.part / self.whole if self.whole else None

    @property
    def small(self) -> bool:
        """Too few to read as a rate (fewer than 10): show the fraction."""
        return self.whole < SMALL


Test = Callable[[Kind], bool]
Kinds = Mapping[Kind, int]
"""How many stays of each kind."""


def count(test: Test, kinds: Kinds) -> int:
    """How many of these stays answer yes."""
    return sum(number for kind, number in kinds.items() if test(kind))


# ---- the questions ---------------------------------------------------------------------------------------------


def offered(kind: Kind) -> bool:
    return True


def answered(kind: Kind) -> bool:
    return kind.outcome is Outcome.ANSWERED


def answered_within(kind: Kind) -> bool:
    """A_T."""
    return answered(kind) and kind.timely


def handled(kind: Kind) -> bool:
    """Answered, and the wrap-up ended (Cisco)."""
    return answered(kind) and kind.wrapped


def abandoned(kind: Kind) -> bool:
    """By the caller, short ones included, dropped ones not."""
    return kind.outcome is Outcome.ABANDONED


def short_abandoned(kind: Kind) -> bool:
    """B_s."""
    return abandoned(kind) and kind.brief


def abandoned_within(kind: Kind) -> bool:
    """B_T."""
    return abandoned(kind) and kind.timely


def dropped(kind: Kind) -> bool:
    return kind.outcome is Outcome.DROPPED


def flow_out(kind: Kind) -> bool:
    return kind.outcome in FLOW_OUT


def waiting(kind: Kind) -> bool:
    return kind.outcome is None


def lost(kind: Kind) -> bool:
    """B: abandoned and dropped."""
    return abandoned(kind) or dropped(kind)


def lost_for_long(kind: Kind) -> bool:
    """B less B_s."""
    return lost(kind) and not short_abandoned(kind)


def decided(kind: Kind) -> bool:
    """O, less the callers of whom nobody can say yet: still waiting, within T."""
    return not (waiting(kind) and kind.timely)


def ended(kind: Kind) -> bool:
    """A + B."""
    return answered(kind) or lost(kind)


def event(kind: Kind) -> bool:
    """Cisco's: answered or gone within T, or T reached unanswered; less those abandoned within T."""
    return answered_within(kind) or (dropped(kind) and kind.timely) or not kind.timely


def all_of(*tests: Test) -> Test:
    return lambda kind: all(test(kind) for test in tests)


def any_of(*tests: Test) -> Test:
    return lambda kind: any(test(kind) for test in tests)


def none_of(test: Test) -> Test:
    return lambda kind: not test(kind)
