"""Make a ticket for a customer of the app, and give it to the call that comes from their number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.cases import is_case_number
from ivr.core.errors import RequestError
from ivr.core.events import CallArrived, Caller
from ivr.core.ids import E164, CallId, Language, NodeId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.ticket import Ticket
from ivr.core.tickets import NewTicket, entry_of
from ivr.workflows.ports import Clock

USUAL_LIFE, LONGEST_LIFE = timedelta(minutes=15), timedelta(minutes=60)
LONGEST_KEY = 80


class Tickets(Protocol):
    """Tickets in SQL. Raises `Unavailable`."""

    def add(self, new: NewTicket, number: E164) -> tuple[NewTicket, bool]:
        """The ticket, and whether it is new. Raises RequestError (409)."""

    def take(self, number: E164, hotline: str, *, call: CallId, at: datetime) -> tuple[Ticket, Language | None] | None:
        """A ticket of this number, from now on this call's."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the app asks for, as it came."""

    number: str
    topic: str = ""
    node: str = ""
    language: str = ""
    verified: bool = False
    case_number: str = ""
    expires_in_s: int = round(USUAL_LIFE.total_seconds())
    hotline: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    ticket: str
    hotline: str
    call: E164
    """The number to ring."""
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class MakeTicket:
    tickets: Tickets
    trees: Callable[[], Sequence[MenuTree]]
    caller_of: Callable[[str], Caller]
    draw: Callable[[], str]
    clock: Clock

    def __call__(self, wanted: Wanted, *, by: str, key: str = "") -> tuple[Made, bool]:
        """The ticket, and whether it is new. Raises RequestError (422, 409), `Unavailable`."""
        now = self.clock.now()
        number = self._number(wanted)
        tree = self._tree(wanted)
        ticket = Ticket(
            id=self.draw(),
            topic=self._topic(wanted, tree),
            node=self._node(wanted, tree),
            verified=wanted.verified,
            case=self._case(wanted),
        )
        new = NewTicket(
            ticket=ticket,
            hotline=tree.hotline,
            language=self._language(wanted, tree),
            created_at=now,
            expires_at=now + self._life(wanted),
            by=by,
            key=self._key(key) or ticket.id,
            body=hashlib.sha256(json.dumps(vars(wanted), sort_keys=True).encode()).hexdigest(),
        )
        kept, is_new = self.tickets.add(new, number)
        made = Made(ticket=kept.ticket.id, hotline=tree.hotline, call=tree.numbers[0], expires_at=kept.expires_at)
        return made, is_new

    def _number(self, wanted: Wanted) -> E164:
        number = self.caller_of(wanted.number).number
        if number is None or number != wanted.number:
            raise _refused("the number must be E.164, such as +8613800138000", "ticket_number")
        return number

    def _tree(self, wanted: Wanted) -> MenuTree:
        found = next((tree for tree in self.trees() if wanted.hotline in ("", tree.hotline)), None)
        if found is None:
            raise _refused("there is no such hotline", "ticket_hotline")
        return found

    def _topic(self, wanted: Wanted, tree: MenuTree) -> TopicId | None:
        if bool(wanted.topic) == bool(wanted.node):
            raise _refused("name either a topic or a node", "ticket_target")
        topic = TopicId(wanted.topic)
        if wanted.topic and (topic not in tree.topics or entry_of(tree, topic) is None):
            raise _refused("this topic has no queue in the menu", "ticket_topic")
        return topic if wanted.topic else None

    def _node(self, wanted: Wanted, tree: MenuTree) -> NodeId | None:
        if wanted.node and NodeId(wanted.node) not in tree.nodes:
            raise _refused("this node is not in the menu", "ticket_node")
        return NodeId(wanted.node) if wanted.node else None

    def _language(self, wanted: Wanted, tree: MenuTree) -> Language | None:
        if wanted.language and Language(wanted.language) not in tree.voices:
            raise _refused("the hotline does not speak this language", "ticket_language")
        return Language(wanted.language) if wanted.language else None

    def _case(self, wanted: Wanted) -> str:
        case = wanted.case_number
        if case and not is_case_number(case):
            raise _refused("this is no case number", "ticket_case")
        return case

    def _life(self, wanted: Wanted) -> timedelta:
        life = timedelta(seconds=wanted.expires_in_s)
        if not timedelta(seconds=60) <= life <= LONGEST_LIFE:
            raise _refused("a ticket lives for 60 to 3600 seconds", "ticket_life")
        return life

    def _key(self, key: str) -> str:
        if len(key) > LONGEST_KEY or not key.isprintable() or not key.isascii():
            raise _refused(f"a key has at most {LONGEST_KEY} plain characters", "ticket_key")
        return key


def _refused(message: str, word: str) -> RequestError:
    return RequestError(message, status=422, error_id=word)


@dataclass(frozen=True, kw_only=True)
class TellOfTicket:
    """Fills the first event of a call whose number the app has announced."""

    tickets: Tickets

    def arrived(self, event: CallArrived, tree: MenuTree) -> CallArrived:
        if event.caller.number is None:
            return event
        taken = self.tickets.take(event.caller.number, tree.hotline, call=event.call, at=event.at)
        if taken is None:
            return event
        ticket, language = taken
        return replace(event, ticket=ticket, language=language or event.language)
