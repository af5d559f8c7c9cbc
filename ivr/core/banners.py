"""What a supervisor has switched on for callers to hear: the incident banner, as data. `incidents` speaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.core.ids import Language, TopicId


@dataclass(frozen=True, kw_only=True)
class Banner:
    """What is switched on. Its words are its own, or those of the prompt `incident_banner` with its slots."""

    id: str
    hotline: str
    since: datetime
    until: datetime | None = None
    """Off by itself from then on."""
    topics: tuple[TopicId, ...] = ()
    """Heard where one of these topics is chosen; empty: by everybody."""
    words: Mapping[Language, str] = field(default_factory=dict)
    """Own words by language; empty: the prompt's."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """`network` and `minutes`, for the prompt."""
    who: str = ""
    """Who switched it on."""

    def on(self, at: datetime) -> bool:
        return self.until is None or at < self.until

    def about(self, topic: TopicId | None) -> bool:
        """Whether it is heard at an `incident` node of this topic."""
        return topic in self.topics if topic else not self.topics


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a banner did so far."""

    heard: int
    """Calls that heard it."""
    left: int
    """Of these, calls that then left in the menu: they asked for nobody."""
