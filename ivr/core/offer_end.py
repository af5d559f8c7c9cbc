"""The end of an offer, however it came: told once, and whatever rings for it is put down."""

from __future__ import annotations

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.instructions import StopRinging


def offer_over(draft: Draft, result: str, reason: str = "") -> None:
    session = draft.session
    assert session.offer is not None
    assert session.agent is not None
    draft.fact(
        facts.OfferEnded(
            at=draft.at,
            call=session.call,
            offer=session.offer,
            agent=session.agent,
            result=result,
            reason=reason,
        )
    )


def stop_ringing(draft: Draft) -> None:
    session = draft.session
    assert session.offer is not None
    assert session.agent is not None
    draft.order(StopRinging(agent=session.agent, offer=session.offer, call=session.call, leg=session.agent_leg))
