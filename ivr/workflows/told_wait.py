"""What a caller was told of the wait, for the agent who greets them: who waited longer than they were told hears of it first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.ids import Language
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession
from ivr.core.speech import wait_words


@dataclass(frozen=True, kw_only=True)
class ToldWait:
    words: str
    """The wait as it was spoken, in the page's language; empty where a time of day was named."""
    until: datetime
    """When the time that was named is over."""


def told_wait(session: CallSession, tree: MenuTree | None, language: Language) -> ToldWait | None:
    """None: no time was named. Of several the last one counts."""
    if session.callback is not None:
        until = session.callback.told_by
        return ToldWait(words="", until=until) if until else None
    if session.announced_s is None or session.announced_at is None:
        return None
    return ToldWait(
        words=wait_words(session.announced_s, language, tree),
        until=session.announced_at + timedelta(seconds=session.announced_s),
    )
