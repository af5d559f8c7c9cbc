"""A try takes its place in line: a live call without a leg, with the first queue time and priority of the promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ivr.core.callback_owner import Owner, first_for, waits_until
from ivr.core.callback_rules import Promise, Tie
from ivr.core.draft import Draft
from ivr.core.events import Caller, CallerKind
from ivr.core.instructions import Alarm
from ivr.core.menus import MenuTree
from ivr.core.queueing import demand_of, set_alarms
from ivr.core.session import CallSession, State, Step


def enrolled(promise: Promise, tree: MenuTree, at: datetime, *, owner: Owner | None = None) -> Step:
    """The try takes the place in line that was promised; for its owner first, if there is one to wait for."""
    topic = tree.topic(promise.topic)
    callee = promise.callee
    session = CallSession(
        call=promise.attempt_call,
        hotline=tree.hotline,
        menu_version=tree.version,
        state=State.QUEUED,
        caller=Caller(kind=CallerKind.NUMBER, number=callee.number, country=callee.country, mobile=callee.mobile),
        dialled=promise.dialled,
        language=promise.language if promise.language in tree.voices else tree.default_language,
        started_at=at,
        path=promise.path,
        topic=topic.id,
        queued_at=promise.queued_at,
        entered_at=at,
        spoken_at=at,
        segment=1,
        turns=1,
        prepared=True,
        recording_choice=promise.recording,
        callback=Tie(
            callback=promise.id,
            attempt=promise.attempts,
            code=promise.code,
            callee=callee,
            dial=promise.dial,
            told_by=promise.window.end if promise.window else promise.told_by,
        ),
    )
    demand = demand_of(topic, session.language, priority=promise.priority)
    if owner is not None and at < (until := waits_until(promise, owner)):
        demand = first_for(demand, owner.agent, until - promise.queued_at)
    draft = Draft(replace(session, demand=demand), at, tree)
    set_alarms(draft, topic)
    draft.wake(Alarm.OVERFLOW, None)  # the promise has its own end
    draft.wake(Alarm.PULSE, None)  # there is no line to ask about
    draft.seek = True
    return draft.step()
