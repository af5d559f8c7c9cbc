"""Alerts: when a figure of the board is bad for long enough that somebody must be told.

A rule names a figure, a threshold, and for how long the figure must stay beyond it. It is applied to every subject that has
the figure (each queue, each agent, the hotline itself), so a watch belongs to one rule and one subject:

    calm ──beyond──▶ rising ──for long enough──▶ raised ──back──▶ clearing ──for 30 s──▶ calm
      ▲                 │ back                     ▲                  │ beyond
      └─────────────────┘                          └──────────────────┘

A figure that moves around its threshold therefore neither raises at every touch nor clears at every breath. A figure that
cannot be read (None) changes nothing; a subject without the figure (the agent has gone) counts as back. When nobody has
looked for longer than `GAP`, a stretch that was not seen is not counted: rising and clearing begin anew.

A raised alert stands on the desk at once. A *message* about it goes out unless the same cause was told within
`APART`, or a graver rule of the same figure stands for the same subject, or the rule has quiet hours now, or somebody has
acknowledged it; it goes out as soon as none of these holds any more and the alert still stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ivr.core.alert_rules import TARGET, AlertRule, Figure, Level, Way

GAP = timedelta(seconds=20)
"""Longest time between two looks in which nothing can have happened unseen."""
APART = timedelta(minutes=10)
"""Between two messages of one cause about one subject (`DOMAIN.md` 4.3)."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    figure: Figure
    subject: str
    """A topic, an agent, or empty for the hotline."""
    value: float | None
    """None: it cannot be read now."""
    topic: str = ""
    """The queue that an agent has to do with now."""
    limits: tuple[float, float] | None = None
    """Amber and red that somebody has set for this queue, in the unit of the rules; None: nobody has."""
    target: float = TARGET


Key = tuple[str, str]
"""Rule and subject."""
Cause = tuple[Figure, str, Level, Way]
"""What a message is about, and how it goes out; the same one is told at most every `APART`. Where two rules have one cause, the
second still goes out by the ways that the first has not."""


class Phase(StrEnum):
    RISING = "rising"
    RAISED = "raised"
    CLEARING = "clearing"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A rule over a subject that is not calm."""

    phase: Phase
    since: datetime
    """Since when it rises, stands or clears."""
    raised_at: datetime | None = None
    value: float = 0
    """As it was when it was raised; the last one while it rises."""
    told: bool = False
    acknowledged: bool = False


@dataclass(frozen=True, kw_only=True)
class Watching:
    """All that is remembered between two looks."""

    watches: Mapping[Key, Watch] = field(default_factory=dict)
    told_at: Mapping[Cause, datetime] = field(default_factory=dict)
    looked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Raised:
    rule: AlertRule
    subject: str
    value: float
    limit: float


@dataclass(frozen=True, kw_only=True)
class Cleared:
    rule: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Tell:
    """Send the messages about an alert that stands."""

    rule: AlertRule
    subject: str
    value: float
    ways: frozenset[Way]
    """Those of the rule by which the cause was not told just now."""


News = Raised | Cleared | Tell


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is seen at one moment."""

    at: datetime
    zone: ZoneInfo
    readings: Iterable[Reading]


def watch(before: Watching, rules: Sequence[AlertRule], look: Look) -> tuple[Watching, Sequence[News]]:
    """The watches after this look, and what is new. Pure: the same look gives the same news."""
    seen = before.looked_at is not None and look.at - before.looked_at <= GAP
    read = {(one.figure, one.subject): one for one in look.readings}
    news: list[News] = []
    watches: dict[Key, Watch] = {}
    standing = {rule.id: rule for rule in rules if rule.on}
    for rule in standing.values():
        subjects = {subject for figure, subject in read if figure is rule.figure}
        subjects |= {subject for name, subject in before.watches if name == rule.id}
        for subject in sorted(subjects):
            reading = read.get((rule.figure, subject), _GONE)
            old = before.watches.get((rule.id, subject))
            if rule.subject and rule.subject not in (subject, reading.topic):
                if old is None:
                    continue
                reading = _GONE
            new = _next(old, rule, reading, at=look.at, seen=seen)
            if new is not None:
                watches[rule.id, subject] = new
            news += _news(old, new, rule, replace(reading, subject=subject))
    # What no rule watches any more is over.
    gone = [key for key, old in before.watches.items() if key not in watches and old.raised_at is not None]
    told = {(one.rule, one.subject) for one in news if isinstance(one, Cleared)}
    news += [Cleared(rule=rule, subject=subject) for rule, subject in gone if (rule, subject) not in told]
    after = Watching(watches=watches, told_at=_fresh(before.told_at, look.at), looked_at=look.at)
    after, messages = _messages(after, standing, look)
    return after, (*news, *messages)


_GONE = Reading(figure=Figure.WAITING, subject="", value=float("nan"))
"""Stands for a subject that has no such figure now."""


def _next(old: Watch | None, rule: AlertRule, reading: Reading, *, at: datetime, seen: bool) -> Watch | None:
    value = reading.value
    if value is None:
        return old
    bad = not math.isnan(value) and rule.beyond(value, rule.limit(reading.limits, reading.target))
    if old is None or old.phase is Phase.RISING:
        if not bad:
            return None
        since = old.since if old is not None and seen else at
        if at - since >= rule.lasts:
            return Watch(phase=Phase.RAISED, since=at, raised_at=at, value=value)
        return Watch(phase=Phase.RISING, since=since, value=value)
    if bad:
        return old if old.phase is Phase.RAISED else replace(old, phase=Phase.RAISED, since=at)
    since = old.since if old.phase is Phase.CLEARING and seen else at
    return None if at - since >= rule.clears else replace(old, phase=Phase.CLEARING, since=since)


def _news(old: Watch | None, new: Watch | None, rule: AlertRule, reading: Reading) -> Sequence[News]:
    subject, limit = reading.subject, rule.limit(reading.limits, reading.target)
    was, stands = old is not None and old.raised_at is not None, new is not None and new.raised_at is not None
    if new is not None and stands and not was:
        return (Raised(rule=rule, subject=subject, value=new.value, limit=limit),)
    return (Cleared(rule=rule.id, subject=subject),) if was and not stands else ()


def _messages(after: Watching, rules: Mapping[str, AlertRule], look: Look) -> tuple[Watching, Sequence[Tell]]:
    """Which alerts that stand are told now."""
    watches, told_at, tells = dict(after.watches), dict(after.told_at), []
    raised = {key: one for key, one in after.watches.items() if one.raised_at is not None}
    grave = {(rules[name].figure, subject) for name, subject in raised if rules[name].level is Level.RED}
    for (name, subject), one in raised.items():
        rule = rules[name]
        causes: dict[Way, Cause] = {way: (rule.figure, subject, rule.level, way) for way in rule.ways}
        ways = {way for way, cause in causes.items() if cause not in told_at or look.at - told_at[cause] >= APART}
        if (
            not ways
            or one.told
            or one.acknowledged
            or one.phase is not Phase.RAISED
            or (rule.level is Level.AMBER and (rule.figure, subject) in grave)
            or (rule.quiet is not None and rule.quiet.at(look.at, look.zone))
        ):
            continue
        watches[name, subject] = replace(one, told=True)
        told_at |= {causes[way]: look.at for way in ways}
        tells.append(Tell(rule=rule, subject=subject, value=one.value, ways=frozenset(ways)))
    return replace(after, watches=watches, told_at=told_at), tells


def _fresh(told_at: Mapping[Cause, datetime], now: datetime) -> Mapping[Cause, datetime]:
    return {cause: at for cause, at in told_at.items() if now - at < APART}
