"""The moment at which a promise's turn has come: who is held while the customer's telephone rings.

`reserve`: the agent that the match found is held, sees whom we call, and joins when the customer pressed 1.
`customer_first`: the agent goes on to the next caller; the customer waits a little after pressing 1, first in line.
`agent_first`: the agent takes the offer like any other and is in the room before the customer is called.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.core.agents import Released
from ivr.core.callback_orders import DialCallback
from ivr.core.callback_rules import Dial
from ivr.core.draft import Draft
from ivr.core.instructions import Alarm
from ivr.core.queues import Lane
from ivr.core.session import State

HELD = timedelta(seconds=30)
"""Longest that an agent is held for a telephone that nobody answers (`DOMAIN.md` 5.1)."""
GRACE = timedelta(seconds=60)
"""After this nothing is under way any more, whatever was not reported."""


def ring_callee(draft: Draft) -> bool:
    """The match found an agent for a promise whose customer is not on the line. False: ring the agent as usual."""
    session, tie = draft.session, draft.session.callback
    if tie is None or tie.confirmed or tie.dial is Dial.AGENT_FIRST:
        return False
    order_dial(draft)
    if tie.dial is Dial.CUSTOMER_FIRST and session.agent is not None and session.offer is not None:
        draft.agent(session.agent, Released(at=draft.at, offer=session.offer))
        draft.set(state=State.MENU, offer=None, agent=None, agent_phone="", offered_at=None)
    else:
        draft.wake(Alarm.OFFER, HELD, str(session.offer))
    return True


def order_dial(draft: Draft) -> None:
    """Have the customer called; asked again (another agent was found meanwhile), nothing happens."""
    session, tie = draft.session, draft.session.callback
    if tie is None or tie.dialled:
        return
    draft.set(callback=replace(tie, dialled=True))
    draft.order(
        DialCallback(
            call=session.call,
            callback=tie.callback,
            attempt=tie.attempt,
            ring_s=round(draft.tree.callbacks.ring.total_seconds()),
            urgent=session.demand is not None and session.demand.lane is Lane.CRITICAL,
        )
    )
    draft.wake(Alarm.PULSE, GRACE)
