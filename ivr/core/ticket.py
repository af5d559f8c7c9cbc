"""What a ticket of the app opens, as data. `tickets` has the rules."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.ids import NodeId, TopicId


@dataclass(frozen=True, kw_only=True)
class Ticket:
    id: str
    topic: TopicId | None = None
    node: NodeId | None = None
    """A place in the menu, instead of a topic."""
    verified: bool = False
    """The app has proved who asked."""
    case: str = ""
