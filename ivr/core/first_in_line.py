"""Ahead of everybody but the critical lane: a caller whom we have lost somebody to talk to."""

from __future__ import annotations

from ivr.core.draft import Draft
from ivr.core.instructions import MoveCaller
from ivr.core.queueing import enrol, topic_of, turn
from ivr.core.queues import Lane


def first_in_line(draft: Draft, *, move: bool) -> None:
    """A new stay in the same queue, ahead of everybody but the critical lane. The caller is told so."""
    session = draft.session
    topic = topic_of(draft)
    priority = session.demand.priority if session.demand else topic.priority
    lane = session.demand.lane if session.demand and session.demand.lane is Lane.CRITICAL else Lane.FIRST
    enrol(draft, topic, priority=priority, lane=lane)
    draft.set(closing="")
    if move:
        draft.order(MoveCaller(call=session.call, link=draft.link("back")))
    else:
        draft.say(topic.announcements.still)
        draft.set(turns=1)
        turn(draft, topic)
