"""What pages show of a colleague in the talk, and of what came along from the desk before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.consult_outside import RING
from ivr.core.consults import Consult
from ivr.core.ids import AgentId, Language
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession
from ivr.workflows.menu_labels import named

Names = Callable[[AgentId], str]


@dataclass(frozen=True, kw_only=True)
class HandoverView:
    """What the agent before said of the call."""

    name: str
    topic_name: str
    at: datetime
    note: str


@dataclass(frozen=True, kw_only=True)
class ConsultView:
    """The colleague whom this agent has asked for, or the house."""

    phase: str
    """`seeking` (in line), `ringing`, `joining` (accepted), `here` (in the room)."""
    name: str
    """Empty while nobody is found."""
    topic_name: str
    since: datetime
    ring_until: datetime | None
    outside: bool = False
    """A house that the menu file allows: it has no desk and no key to press."""


def consult_view(session: CallSession, tree: MenuTree, language: Language, names: Names) -> ConsultView | None:
    one = session.consult
    if one is None:
        return None
    who = one.agent or one.wanted
    house = tree.destination(one.outside)
    return ConsultView(
        phase=phase_of(one),
        outside=bool(one.outside),
        name=(named(house.names, language) if house else one.outside) or (names(who) if who else ""),
        topic_name=topic_name(tree, one.topic, language),
        since=one.joined_at or one.asked_at,
        ring_until=one.offered_at + ring_time(tree, one) if one.rings and one.offered_at else None,
    )


def phase_of(one: Consult) -> str:
    if one.offer is None:
        return "seeking"
    if one.rings:
        return "ringing"
    return "here" if one.in_room else "joining"


def ring_time(tree: MenuTree, one: Consult) -> timedelta:
    if one.outside:
        return RING
    topic = tree.topics.get(one.topic)
    return topic.ring_time if topic else timedelta(seconds=15)


def handover_views(
    session: CallSession, tree: MenuTree | None, language: Language, names: Names
) -> Sequence[HandoverView]:
    return tuple(
        HandoverView(name=names(one.agent), topic_name=topic_name(tree, one.topic, language), at=one.at, note=one.note)
        for one in session.handovers
    )


def topic_name(tree: MenuTree | None, topic: str, language: Language) -> str:
    found = next((one for one in tree.topics.values() if one.id == topic), None) if tree else None
    if found is None:
        return topic
    return named(found.names, language) or topic
