"""A supervisor sits in on a talk: hears it, whispers to the agent, or joins.

Only where callers know of it: a topic says so, or the caller has heard the notice that the menu names for this
(`listening_notice`) in full. What is unknown counts as no. The visitor's line has a fence and a label of its own, so that
no rule can take it for the agent's or the caller's; it closes no room when it leaves, and it is put out when the talk is over or
moves to another room. Each minute of it is one order to write the audit (`NoteVisit`), and so is its end (`NoteVisitOver`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ivr.core.draft import Draft
from ivr.core.events import Event, TimeUp
from ivr.core.ids import CallId, LegId, OfferId
from ivr.core.instructions import Alarm, EndLeg
from ivr.core.menus import MenuTree
from ivr.core.room_events import VisitAsked, VisitChanged, VisitorJoined, VisitorLeft
from ivr.core.session import CallSession, State
from ivr.core.transfer_facts import VisitBegan, VisitEnded
from ivr.core.visitors import Mode, NoteVisit, NoteVisitOver, SeatVisitor, Visitor

JOIN_TIME = timedelta(seconds=20)
"""From asking to being in the room."""
MINUTE = timedelta(minutes=1)


def refusal(session: CallSession, tree: MenuTree) -> str:
    """Why nobody may sit in on this call now, as one word; empty: somebody may."""
    topic = tree.topics.get(session.topic) if session.topic else None
    rule = topic.listening if topic else False
    if rule is False or (rule is None and tree.listening_notice is None):
        return "not_allowed"
    if rule is None and not session.listening_told:
        return "not_told"
    if session.state is not State.CONNECTED or session.lost_at is not None or not session.caller_in_room:
        return "no_talk"
    if session.consult is not None and session.consult.outside:
        return "stranger"
    return ""


def asked(draft: Draft, event: Event) -> None:
    """Admitted when nobody else sits there; a second line of the same person takes the place of the first."""
    assert isinstance(event, VisitAsked)
    before = draft.session.visitor
    if refusal(draft.session, draft.tree) or (before is not None and before.who != event.who):
        return
    _put_out(draft)
    visitor = Visitor(line=event.line, who=event.who, name=event.name, mode=event.mode, asked_at=event.at)
    draft.set(visitor=visitor)
    draft.wake(Alarm.VISIT, JOIN_TIME, event.line)


def _own(rule: Callable[[Draft, Visitor, Event], None]) -> Callable[[Draft, Event], None]:
    """For events about the present visitor's line; all others pass without effect."""

    def fenced(draft: Draft, event: Event) -> None:
        visitor = draft.session.visitor
        named = event.ref if isinstance(event, TimeUp) else getattr(event, "line", None)
        if visitor is not None and named == visitor.line:
            rule(draft, visitor, event)

    return fenced


@_own
def joined(draft: Draft, visitor: Visitor, event: Event) -> None:
    assert isinstance(event, VisitorJoined)
    if visitor.leg is not None and visitor.leg != event.leg:
        draft.order(EndLeg(call=draft.session.call, leg=visitor.leg))
    draft.set(visitor=replace(visitor, leg=event.leg, joined_at=visitor.joined_at or event.at))
    if visitor.joined_at is None:
        draft.fact(VisitBegan(at=event.at, call=draft.session.call, who=visitor.who, mode=visitor.mode))
        draft.wake(Alarm.VISIT, MINUTE, visitor.line)


@_own
def changed(draft: Draft, visitor: Visitor, event: Event) -> None:
    """The seat follows; before there is one, the line is seated so when it comes."""
    assert isinstance(event, VisitChanged)
    if visitor.mode is event.mode or _too_strange(draft, event.mode):
        return
    draft.set(visitor=replace(visitor, mode=event.mode))
    if visitor.leg is not None:
        draft.fact(VisitBegan(at=event.at, call=draft.session.call, who=visitor.who, mode=event.mode))
        draft.order(SeatVisitor(call=draft.session.call, line=visitor.line))


def _too_strange(draft: Draft, mode: Mode) -> bool:
    """Nobody to whisper to."""
    return mode is Mode.WHISPER and draft.session.agent_leg is None


@_own
def left(draft: Draft, visitor: Visitor, event: Event) -> None:
    assert isinstance(event, VisitorLeft)
    if event.leg is None or event.leg == visitor.leg:
        over(draft)


@_own
def minute(draft: Draft, visitor: Visitor, event: Event) -> None:
    """Who asked and never came is not awaited; who is there is written down."""
    if visitor.leg is None:
        over(draft)
        return
    visitor = replace(visitor, minutes=visitor.minutes + 1)
    draft.set(visitor=visitor)
    draft.order(_note(draft.session.call, visitor, event))
    draft.wake(Alarm.VISIT, MINUTE, visitor.line)


def _note(call: CallId, visitor: Visitor, event: Event) -> NoteVisit:
    return NoteVisit(
        call=call, line=visitor.line, who=visitor.who, mode=visitor.mode, minute=visitor.minutes, at=event.at
    )


def over(draft: Draft) -> None:
    """The visit ends, whoever ends it, and the audit says so. Without one nothing happens."""
    visitor = draft.session.visitor
    if visitor is None:
        return
    _put_out(draft)
    draft.order(
        NoteVisitOver(
            call=draft.session.call,
            who=visitor.who,
            mode=visitor.mode,
            heard=visitor.leg is not None,
            minutes=visitor.minutes,
            at=draft.at,
        )
    )


def _put_out(draft: Draft) -> None:
    """The line ends; the person may be about to come in on another."""
    session, visitor = draft.session, draft.session.visitor
    if visitor is None:
        return
    draft.set(visitor=None)
    draft.wake(Alarm.VISIT, None)
    if visitor.leg is not None:
        draft.order(EndLeg(call=session.call, leg=visitor.leg))
        draft.fact(VisitEnded(at=draft.at, call=session.call, who=visitor.who))


def line_dead(draft: Draft, leg: LegId) -> bool:
    """The carrier says that this leg is over. False: it is not the visitor's."""
    visitor = draft.session.visitor
    if visitor is None or visitor.leg != leg:
        return False
    over(draft)
    return True


def coached(session: CallSession, line: OfferId) -> LegId | None:
    """Whom the visitor on this line whispers to; None: nobody in particular."""
    visitor = session.visitor
    if visitor is None or visitor.line != line or visitor.mode is not Mode.WHISPER:
        return None
    return session.agent_leg
