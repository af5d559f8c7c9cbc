"""Topics put together by their limits: what adds up is the same for all topics that count the same waits as timely and as short."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from ivr.core.rollups import Limits

GROUP = "group"
"""The level of such cells. Their `topic` says the limits."""
GROUPS = "groups:"
SECOND = timedelta(seconds=1)
USUAL = Limits()


@dataclass(frozen=True)
class Grouping:
    """Limits of topics, as configured; topics that are not named have the usual ones."""

    limits: Mapping[str, Limits]

    def of(self, topic: str) -> Limits:
        return self.limits.get(topic, USUAL)

    @cached_property
    def name(self) -> str:
        """Other limits are another grouping."""
        told = sorted(f"{topic} {label_of(limits)}" for topic, limits in self.limits.items() if limits != USUAL)
        return GROUPS + hashlib.blake2b("\n".join(told).encode(), digest_size=8).hexdigest()


def label_of(limits: Limits) -> str:
    return f"{limits.within // SECOND}/{limits.short // SECOND}"


def limits_of(label: str) -> Limits:
    within, short = (int(part) * SECOND for part in label.split("/"))
    return Limits(within=within, short=short)
