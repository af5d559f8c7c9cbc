"""A call out begins: a live call of its agent, who is on the way into the room; nobody else has been called yet."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.agents import CalledOut, is_telephone
from ivr.core.call_out import ONLY, CallOut
from ivr.core.callback_rules import Dial, Tie
from ivr.core.cases import ANSWER
from ivr.core.draft import Draft
from ivr.core.events import Caller, CallerKind
from ivr.core.ids import OfferId
from ivr.core.instructions import Alarm, RingPhone
from ivr.core.menus import MenuTree
from ivr.core.offering import JOIN_TIME, RING_GRACE
from ivr.core.queueing import demand_of
from ivr.core.session import CallSession, State, Step


def begun(out: CallOut, offer: OfferId, phone: str, tree: MenuTree) -> Step:
    """The agent is on the way into the room: the page dials in by itself, a telephone is rung first."""
    topic, callee = tree.topic(out.topic), out.callee
    browser = not is_telephone(phone)
    session = CallSession(
        call=out.call,
        hotline=out.hotline,
        menu_version=tree.version,
        state=State.CONNECTING if browser else State.OFFERED,
        caller=Caller(kind=CallerKind.NUMBER, number=callee.number, country=callee.country, mobile=callee.mobile),
        dialled=out.dialled,
        language=out.language if out.language in tree.voices else tree.default_language,
        started_at=out.at,
        path=out.path,
        answers={ANSWER: out.case} if out.case else {},
        topic=topic.id,
        queued_at=out.at,
        entered_at=out.at,
        segment=1,
        prepared=True,
        offer=offer,
        agent=out.agent,
        agent_phone=phone,
        offered_at=out.at,
        accepted_at=out.at if browser else None,
        callback=Tie(callback=out.id, attempt=ONLY, code="", callee=callee, dial=Dial.AGENT_FIRST, why=out.why),
    )
    demand = demand_of(topic, session.language, priority=topic.priority)
    draft = Draft(replace(session, demand=demand), out.at, tree)
    draft.agent(out.agent, CalledOut(at=out.at, offer=offer, call=out.call, topic=topic.id))
    if browser:
        draft.wake(Alarm.JOIN, JOIN_TIME, offer)
    else:
        ring_s = round(topic.ring_time.total_seconds())
        draft.order(RingPhone(agent=out.agent, offer=offer, call=out.call, address=phone, ring_s=ring_s))
        draft.wake(Alarm.OFFER, topic.ring_time + RING_GRACE, offer)
    return draft.step()
