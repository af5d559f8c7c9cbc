"""A call that an agent makes: to the number of an own case or call, or to a destination that the menu file allows.

It goes the way of a callback whose agent is on the line first (`callback_out`), and differs in what was promised: nothing.
So the one who answers is asked for no key and told no code, nobody is tried twice, and whatever goes wrong before the
two talk ends the call and frees the agent, for there is no line to go back to. What `Tie.why` says tells the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.core import facts
from ivr.core.agents import Released
from ivr.core.callback_rules import PREFIX as CALLS
from ivr.core.callback_rules import Callee, attempt_call
from ivr.core.draft import Draft
from ivr.core.ids import AgentId, CallId, Language, LegId, TopicId
from ivr.core.instructions import Alarm, EndLeg
from ivr.core.offer_end import offer_over, stop_ringing
from ivr.core.session import CallSession, State

PREFIX = "out"
"""Of the id of a call out; one of a promise is sixteen hex digits."""
CALLS_OUT = f"{CALLS}{PREFIX}"
"""Of the id of its live call."""
ONLY = 1
"""Number of the one try."""
RINGS = timedelta(minutes=2)
"""A telephone that was dialled longer ago and of which nothing was heard does not ring any more."""


class Why(StrEnum):
    """What gives an agent a number to call."""

    CASE = "case"
    """A case in which the agent has talked, or which they keep."""
    CALL = "call"
    """A call that was offered to the agent: talked to, or missed."""
    DESTINATION = "destination"
    """Allowed by the menu file."""


@dataclass(frozen=True, kw_only=True)
class OwnNumber:
    """The number behind something of the agent's, and what the call is about."""

    hotline: str
    number: str
    """Empty for a withheld one."""
    topic: TopicId
    language: Language
    path: tuple[str, ...] = ()
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class CallOut:
    """Whom an agent calls, as SQL holds it."""

    id: str
    hotline: str
    agent: AgentId
    why: Why
    ref: str
    """Number of the case, id of the call, or name of the destination."""
    callee: Callee
    dialled: str
    """The hotline's number: the one that the callee sees."""
    topic: TopicId
    language: Language
    path: tuple[str, ...] = ()
    case: str = ""
    """Number of the case that this call belongs to."""
    at: datetime
    leg: LegId | None = None
    dialled_at: datetime | None = None
    ended_at: datetime | None = None
    result: str = ""
    """`answered`, or why the two did not talk (`CalleeFailed`); empty while it goes on."""

    @property
    def call(self) -> CallId:
        """The live call."""
        return attempt_call(self.id, ONLY)


def is_call_out(callback: str) -> bool:
    """Whether what is dialled is a call out, and no promise."""
    return callback.startswith(PREFIX)


def calling(session: CallSession) -> bool:
    """An agent calls, and the two do not talk yet."""
    return session.called_out and not session.talked


def to_house(session: CallSession) -> bool:
    """A house of the menu file was called: it is no customer, and waits in no line."""
    return session.callback is not None and session.callback.why == Why.DESTINATION


def over(draft: Draft, result: str, *, end_leg: bool = True) -> None:
    """The two did not come together: whatever rings is put down, and the agent is where they were."""
    session, tie = draft.session, draft.session.callback
    assert tie is not None
    draft.set(callback=replace(tie, result="" if tie.confirmed else result))
    if end_leg and tie.leg is not None:
        draft.order(EndLeg(call=session.call, leg=tie.leg))
    if session.agent is not None and session.offer is not None:
        draft.agent(session.agent, Released(at=draft.at, offer=session.offer))
        stop_ringing(draft)
        offer_over(draft, "cancelled", result)
    segment, gone = session.segment, facts.Outcome.ABANDONED
    draft.fact(facts.SegmentEnded(at=draft.at, call=session.call, segment=segment, outcome=gone, reason=result))
    end = facts.CallEnd.ABANDONED
    draft.fact(facts.CallEnded(at=draft.at, call=session.call, end=end, left="offer", hung_up_by="agent"))
    for alarm in (Alarm.OFFER, Alarm.JOIN, Alarm.PULSE):
        draft.wake(alarm, None)
    draft.set(state=State.ENDED, ended_at=draft.at, offer=None, agent=None)
