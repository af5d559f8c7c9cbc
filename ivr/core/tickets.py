"""The app's entrance: a signed-in customer asks the app for a call, and the caller who then rings skips the menu.

A ticket names the matter and says whether the app has proved who it is. It is found by the caller's number, which
anybody can claim: so it lives for minutes, opens one call, and a verified one says no more than that the app's own
customer of this number asked (`DOMAIN.md` C7). The notice is spoken all the same; a closed desk sends on as it does
with anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.hours import is_open
from ivr.core.ids import Language, NodeId, TopicId
from ivr.core.menus import Hours, MenuTree, Queue
from ivr.core.queues import CRITICAL_PRIORITY
from ivr.core.ticket import Ticket


@dataclass(frozen=True, kw_only=True)
class NewTicket:
    """A ticket as the app asks for it, with what keeps it: never the number, only its index."""

    ticket: Ticket
    hotline: str
    language: Language | None
    created_at: datetime
    expires_at: datetime
    by: str
    """Name of the token that asked."""
    key: str
    """The app's own key of this request: asked again, it makes no second ticket."""
    body: str
    """Hash of what was asked, so that a key used for something else is known."""


def use(draft: Draft, ticket: Ticket) -> NodeId | None:
    """The way in for a caller with a ticket: the notice, then where it leads. None: nowhere in this menu."""
    target = way_in(draft.tree, ticket, draft.at)
    if target is None:
        return None
    answers = {"case": ticket.case} if ticket.case else {}
    draft.set(ticket=ticket, answers={**draft.session.answers, **answers})
    draft.fact(
        facts.TicketUsed(
            at=draft.at, call=draft.session.call, ticket=ticket.id, topic=ticket.topic, verified=ticket.verified
        )
    )
    for name, value in answers.items():
        draft.fact(facts.Answer(at=draft.at, call=draft.session.call, name=name, value=value))
    if draft.tree.notice is not None:
        draft.say(draft.tree.notice)
    return target


def way_in(tree: MenuTree, ticket: Ticket, at: datetime) -> NodeId | None:
    """The node where a ticket leads now; a queue whose desk is closed gives way to what a closed desk offers."""
    node = tree.nodes.get(ticket.node) if ticket.node else entry_of(tree, ticket.topic)
    if not isinstance(node, Queue) or is_open(tree.calendar_of(node.topic), at):
        return node.id if node else None
    calendar = tree.topic(node.topic).calendar
    doors = (door for door in tree.nodes.values() if isinstance(door, Hours) and door.calendar == calendar)
    return next((door.closed for door in doors), None) or tree.topic(node.topic).closing or tree.person


def entry_of(tree: MenuTree, topic: TopicId | None) -> Queue | None:
    """The topic's own queue: its first that is not the urgent lane, else its first."""
    queues = [node for node in tree.nodes.values() if isinstance(node, Queue) and node.topic == topic]
    calm = [node for node in queues if (node.priority or 0) < CRITICAL_PRIORITY]
    return next(iter(calm or queues), None)
