"""A call whose session is lost, put together again from the URL that its leg asked for.

The carrier signed that URL, so it can be believed. It gives back the place in the menu, or the place in the queue with its
first queue time; answers, notes and the offers of before are gone. The same is used while Redis is away: the leg
is answered from the URL alone, and nothing is kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ivr.core import facts
from ivr.core.call_out import Why, is_call_out
from ivr.core.callback_rules import Callee, Tie, attempt_of
from ivr.core.draft import Draft
from ivr.core.events import Caller
from ivr.core.ids import E164, AgentId, Language, LegId, NodeId, TopicId
from ivr.core.instructions import Link
from ivr.core.menus import MenuTree
from ivr.core.queueing import demand_of, set_alarms
from ivr.core.returning import at_place
from ivr.core.session import CallSession, State, Step

STATES = {
    "wait": State.QUEUED,
    "back": State.QUEUED,
    "room": State.CONNECTED,
    "left": State.CONNECTED,
    "moment": State.QUEUED,
    "bye": State.SURVEY,
    "message": State.VOICEMAIL,
    "review": State.VOICEMAIL,
    "out": State.QUEUED,
}
"""What a call was doing, by the door its leg came to. Every other door belongs to the menu."""


def recover(
    link: Link, *, caller: Caller, dialled: str, at: datetime, tree: MenuTree, leg: LegId | None = None
) -> CallSession:
    """The session as well as the link knows it."""
    state = STATES.get(link.door, State.MENU)
    language = Language(link.language) if link.language in tree.voices else tree.default_language
    node = NodeId(link.node) if link.node in tree.nodes else tree.start
    session = CallSession(
        call=link.call,
        hotline=tree.hotline,
        menu_version=tree.version,
        state=State.MENU,
        caller=caller,
        dialled=dialled,
        language=language,
        started_at=_queued_at(link, at) or at,
        step=int(link.step) - 1 if link.step.isdigit() else 0,
        node=node,
        path=tuple(link.path.split(".")) if link.path else (),
        silences=0 if link.door == "wait" else link.tries // 10,
        wrongs=0 if link.door == "wait" else link.tries % 10,
        segment=link.segment,
        queued_at=_queued_at(link, at),
    )
    if (kept := attempt_of(link.call)) is not None:
        session = replace(session, callback=_tie(*kept, caller=caller, heard=link.door != "out", leg=leg))
    if link.topic not in tree.topics:
        return session
    return replace(_in_line(session, link, at, tree), state=state)


def _tie(callback: str, attempt: int, *, caller: Caller, heard: bool, leg: LegId | None) -> Tie:
    """What is known of a promise without its session: SQL tells the code when the leg asks."""
    number = caller.number or E164("")
    callee = Callee(number=number, country=caller.country, zones=("UTC",), mobile=caller.mobile)
    why = Why.CALL if is_call_out(callback) else ""
    return Tie(
        callback=callback, attempt=attempt, code="", callee=callee, leg=leg, dialled=True, confirmed=heard, why=why
    )


def _queued_at(link: Link, at: datetime) -> datetime | None:
    if not link.queued_ms:
        return None
    return min(datetime.fromtimestamp(link.queued_ms / 1000, tz=UTC), at)


def _in_line(session: CallSession, link: Link, at: datetime, tree: MenuTree) -> CallSession:
    topic = tree.topic(TopicId(link.topic))
    demand = demand_of(topic, session.language, priority=link.priority)
    talking = link.door in ("room", "left")
    offer, returns = at_place(link.step)
    return replace(
        session,
        topic=topic.id,
        demand=demand,
        entered_at=session.queued_at or at,
        queued_at=session.queued_at or at,
        spoken_at=at,
        prepared=True,
        turns=link.tries if link.door == "wait" else 1,
        offer=offer if talking else None,
        returns=returns if talking else 0,
        agent=AgentId(link.agent) if talking and link.agent else None,
        connected_at=at if talking or link.door == "bye" else None,
        caller_in_room=talking,
        talked=talking or link.door in ("bye", "moment") or (link.door == "back" and link.segment > 1),
    )


def note_recovery(step: Step, *, at: datetime, tree: MenuTree) -> Step:
    """The step of a recovered call, with what its lost session had set: the facts of the wait and its alarms."""
    draft = Draft(step.session, at, tree)
    session = step.session
    draft.fact(facts.Repaired(at=at, call=session.call, what=f"session lost, recovered as {session.state}"))
    draft.tell_call(session.started_at, kind="out" if session.called_out else session.caller.kind)
    if session.state is State.QUEUED and session.topic is not None and session.demand is not None:
        draft.tell_segment(session.entered_at or at)
        set_alarms(draft, tree.topic(session.topic))
    extra = draft.step()
    wake_ups = {wake.alarm: wake for wake in (*extra.wake_ups, *step.wake_ups)}
    return replace(
        step,
        facts=(*extra.facts, *step.facts),
        wake_ups=tuple(wake_ups.values()),
        seek=step.seek or session.state is State.QUEUED,
    )
