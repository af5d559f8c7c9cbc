"""Outside numbers that agents may call or pass callers on to: those that the menu file names, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.core.ids import E164, Language, TopicId


@dataclass(frozen=True, kw_only=True)
class Destination:
    name: str
    names: Mapping[Language, str]
    """What agents read."""
    number: E164
    topic: TopicId | None = None
    """What a call there counts as; None: the file's first topic."""
