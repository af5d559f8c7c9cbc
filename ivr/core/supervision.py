"""What a supervisor does with a call: up the line, to another queue, asked for a callback, or to its end.

The first queue time is kept by all of it. A caller for whom an agent rings already is left alone: the page is told so.
Nobody is promised a callback by a supervisor: the caller is asked, and says yes with a key, by the same steps as everybody else.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.core import facts, talk
from ivr.core.draft import Draft
from ivr.core.events import Event
from ivr.core.ids import NodeId, PromptId
from ivr.core.instructions import Alarm, MoveCaller
from ivr.core.menus import Callback, MenuTree
from ivr.core.queueing import PULSE, WAITING_ALARMS, enrol, leave
from ivr.core.queues import CRITICAL_PRIORITY, Lane
from ivr.core.room_events import CallMoved, CallRaised, PutDown
from ivr.core.session import CallSession, State
from ivr.core.talk_over import PUT_DOWN, SURVEY_PULSE, talk_over
from ivr.core.walk import finish

POINTS = 30
"""One press is worth five minutes of waiting."""
BY = "supervisor"
MOVED = "moved"
"""Cause of the stay that a move begins."""
WORDS = PromptId("put_down")


def raised(draft: Draft, event: Event) -> None:
    assert isinstance(event, CallRaised)
    session, demand = draft.session, draft.session.demand
    if demand is None or demand.lane is Lane.CRITICAL:
        return
    priority = min(CRITICAL_PRIORITY - 1, demand.priority + POINTS)
    lane = Lane.CRITICAL if event.critical else demand.lane
    higher = replace(demand, lane=lane, priority=demand.priority if event.critical else priority)
    if higher == demand:
        return
    draft.set(demand=higher, raised=session.raised + higher.priority - demand.priority)
    draft.fact(facts.Reranked(at=draft.at, call=session.call, segment=session.segment, reason=BY))
    draft.seek = True


def moved(draft: Draft, event: Event) -> None:
    """A new stay in another queue, at the first queue time; what the caller hears next names it."""
    assert isinstance(event, CallMoved)
    topic, demand = draft.tree.topics.get(event.topic), draft.session.demand
    if topic is None or demand is None or topic.id == draft.session.topic:
        return
    if event.seen and event.seen != draft.session.topic:
        return
    leave(draft, facts.Outcome.OVERFLOW, reason=BY)
    enrol(draft, topic, priority=demand.priority, lane=demand.lane, cause=MOVED)


def callback_node(session: CallSession, tree: MenuTree) -> NodeId | None:
    """Where a caller of this topic is asked about a callback; None: the menu has no such place, or this is one."""
    topic = tree.topics.get(session.topic) if session.topic else None
    if topic is None or session.callback is not None:
        return None
    return next((node for node in topic.options.values() if isinstance(tree.nodes.get(node), Callback)), None)


def callback_offered(draft: Draft, event: Event) -> None:
    node = callback_node(draft.session, draft.tree)
    if node is None:
        return
    for alarm in WAITING_ALARMS:
        draft.wake(alarm, None)
    draft.set(state=State.MENU, node=node)
    draft.order(MoveCaller(call=draft.session.call, link=draft.link("enter")))
    draft.wake(Alarm.PULSE, PULSE)


def put_down_waiting(draft: Draft, event: Event) -> None:
    assert isinstance(event, PutDown)
    if draft.session.unheard or event.of_talk:
        return
    leave(draft, facts.Outcome.DROPPED, reason=BY)
    draft.set(state=State.SURVEY, closing=PUT_DOWN)
    draft.order(MoveCaller(call=draft.session.call, link=draft.link("bye")))
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


def put_down_talk(draft: Draft, event: Event) -> None:
    """Closing words for the caller, wrap-up for the agent."""
    assert isinstance(event, PutDown)
    if event.of_talk is False:
        return
    talk_over(draft, BY)
    talk.close(draft)


def last_words(draft: Draft) -> None:
    """To a caller who was put down while waiting."""
    draft.say_if_there(WORDS if WORDS in draft.tree.prompts else talk.BYE)
    finish(draft, hung_up_by=BY, end=facts.CallEnd.FAILED)
