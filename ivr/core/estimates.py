"""How long a caller will wait, by three estimators, and whether to say it.

QL asks how many stand ahead and how fast they are taken; LES repeats the wait of the last who was answered; HOL
looks at how long the first in line has waited. The last two are simple and hold up well; all that look back lag when
the load changes quickly (Ibrahim and Whitt, "Real-time delay estimation", 2009; `DOMAIN.md` 3.9). All three are
computed and stored with what was said, so their errors are known; the one with the smallest mean absolute error on
this topic over the last 14 days speaks, QL until that is known.

A promise that cannot be kept is worse than silence: nothing is said when nobody able is signed in, fewer than two
are at work, or too few calls were handled at this time of day to know the handle time. What is said is rounded
up to whole minutes and never above 30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

MINUTE = timedelta(minutes=1)
CAP = timedelta(minutes=30)
LEAST_AGENTS = 2
LEAST_HANDLED = 10
"""Calls of the topic handled at this hour band in the last seven days."""
LEAST_SCORES = 30
"""Scored announcements before an estimator may displace QL."""


class Estimator(StrEnum):
    QL = "ql"
    """Queue length."""
    LES = "les"
    """Last to enter service."""
    HOL = "hol"
    """Head of line."""


@dataclass(frozen=True, kw_only=True)
class QueueView:
    """What is known of a topic when a caller asks."""

    ahead: int
    """Callers of equal or higher priority in front, callbacks waiting ahead included."""
    agents: int
    """At work and able (skill and language): available, reserved, on a call or in wrap-up."""
    share: float | None = None
    """Agents by their share of time for this topic: one who serves k topics counts 1/k. None: as `agents`."""
    handle_time: timedelta | None = None
    """Mean of talk, hold and wrap-up, lately."""
    handled: int = 0
    """At this hour band in the last seven days."""
    last_wait: timedelta | None = None
    """Of the caller last answered."""
    head_wait: timedelta | None = None
    """How long the first in line has waited; None: nobody waits."""


def shares(topics_served: Iterable[int]) -> float:
    """Agents by share of time; one number of topics per agent."""
    return sum(1 / max(1, count) for count in topics_served)


def queue_length(view: QueueView) -> timedelta | None:
    """QL: everybody ahead and the caller, one after the other, at the pace of the agents.

    With n agents busy a place comes free every handle time / n on average.
    """
    pace = view.agents if view.share is None else view.share
    if view.handle_time is None or pace <= 0:
        return None
    return view.handle_time * (view.ahead + 1) / pace


def last_to_enter_service(view: QueueView) -> timedelta | None:
    """LES: as long as the last one answered."""
    return view.last_wait


def head_of_line(view: QueueView) -> timedelta | None:
    """HOL: as long as the first in line has waited already; nobody in line, no wait."""
    return view.head_wait if view.head_wait is not None else (timedelta() if view.ahead == 0 else None)


def estimates(view: QueueView) -> dict[Estimator, timedelta]:
    """What each estimator says, capped, not rounded; those that cannot say anything are missing."""
    said = {
        Estimator.QL: queue_length(view),
        Estimator.LES: last_to_enter_service(view),
        Estimator.HOL: head_of_line(view),
    }
    return {estimator: min(value, CAP) for estimator, value in said.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Announceable:
    """What to say."""

    wait: timedelta
    """Whole minutes, 1 to 30."""
    estimator: Estimator
    estimates: Mapping[str, int] = field(default_factory=dict)
    """Seconds by every estimator, not rounded: their scores need them."""


def announce(view: QueueView, *, best: Estimator = Estimator.QL) -> Announceable | None:
    """The wait to announce; None: say nothing. Falls back to QL where the best estimator cannot say anything."""
    if view.agents < LEAST_AGENTS or view.handled < LEAST_HANDLED:
        return None
    said = estimates(view)
    for estimator in (best, Estimator.QL):
        if estimator in said:
            return Announceable(wait=rounded_up(said[estimator]), estimator=estimator, estimates=in_seconds(said))
    return None


def in_seconds(said: Mapping[Estimator, timedelta]) -> dict[str, int]:
    return {estimator.value: round(wait.total_seconds()) for estimator, wait in said.items()}


def rounded_up(wait: timedelta) -> timedelta:
    """To whole minutes, at least one, at most the cap."""
    return min(CAP, max(MINUTE, -(-wait // MINUTE) * MINUTE))


# ---- how good they were ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Score:
    """Errors of one estimator: announced less actual remaining wait. Callers who left first are not in it."""

    count: int
    mean_absolute: timedelta | None
    bias: timedelta | None
    """Above zero: promised too long."""
    close: float | None
    """Share within 25 per cent or 30 seconds."""
    under_promised: float | None
    """Share who waited longer than said."""


def score(pairs: Sequence[tuple[timedelta, timedelta]]) -> Score:
    """From (announced, actual) pairs."""
    count = len(pairs)
    if not count:
        return Score(count=0, mean_absolute=None, bias=None, close=None, under_promised=None)
    errors = [said - actual for said, actual in pairs]
    near = sum(abs(said - actual) <= max(actual / 4, timedelta(seconds=30)) for said, actual in pairs)
    return Score(
        count=count,
        mean_absolute=sum((abs(error) for error in errors), timedelta()) / count,
        bias=sum(errors, timedelta()) / count,
        close=near / count,
        under_promised=sum(error < timedelta() for error in errors) / count,
    )


def best_estimator(scores: Mapping[Estimator, Score]) -> Estimator:
    """The one with the smallest mean absolute error; QL where too little is known, and on a tie."""
    known = {
        estimator: found.mean_absolute
        for estimator, found in scores.items()
        if found.count >= LEAST_SCORES and found.mean_absolute is not None
    }
    return min(Estimator, key=lambda estimator: known.get(estimator, timedelta.max)) if known else Estimator.QL
