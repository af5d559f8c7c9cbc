"""The agent goes and the caller stays with whoever is in the room: a colleague, or a house outside."""

from __future__ import annotations

from ivr.core import transfers, with_house
from ivr.core.draft import Draft
from ivr.core.fence import of_offer
from ivr.core.instructions import EndLeg
from ivr.core.transfer_events import HandedOver


@of_offer(HandedOver)
def handed_over(draft: Draft, _event: HandedOver) -> None:
    """The agent's button."""
    if draft.session.consult is not None and draft.session.consult.in_room:
        hand_over(draft)


def hand_over(draft: Draft) -> None:
    """The agent meant to go: the talk is the other's, and this line is over."""
    session = draft.session
    leave(draft, transfers.TRANSFER)
    if session.agent_leg is not None:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))


def leave(draft: Draft, ended_by: str) -> None:
    one = draft.session.consult
    assert one is not None
    (with_house.leave if one.outside else transfers.leave_to_colleague)(draft, ended_by)
