"""What a prepared text is: data only. The rules are in `desk_texts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.core.ids import Language, PromptId, TopicId


@dataclass(frozen=True, kw_only=True)
class DeskText:
    """Words that an agent may text the caller in the talk."""

    name: str
    names: Mapping[Language, str]
    """What agents read."""
    prompt: PromptId
    topics: tuple[TopicId, ...] = ()
    """Empty: every topic."""
