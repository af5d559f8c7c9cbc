"""The agent's line is lost in a talk, and comes back: a page loaded anew, another computer, a network that was away.

The talk goes on as one: the caller is told "one moment" and hears music until the agent is there again, and only when
nobody came back in time is the talk over and the caller first in line. Each time the two meet again it is in a room of
a new name: the old one closes when the caller leaves it, and whoever is still in it must not be taken along, nor stand
in the way of the new line.

`lost_at` is set from the loss until both are in the room again; `agent_in_room` tells who of them is awaited.
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import consult, hold, visits
from ivr.core.draft import Draft
from ivr.core.events import AgentJoined, LineRenewed
from ivr.core.fence import of_offer
from ivr.core.ids import LegId, OfferId, PromptId
from ivr.core.instructions import Alarm, EndLeg, JoinRoom, Link, LookUpLeg, MoveCaller
from ivr.core.queueing import turn
from ivr.core.session import CallSession

RETURN_TIME = timedelta(seconds=8)
"""A page that is loaded anew is back in the talk within 5 s, a browser that was closed and opened again in about as many;
callers who hear nobody for longer believe that they were cut off, so somebody else is found for them then."""
ONE_MOMENT = PromptId("one_moment")
ROOM = "room-"


def room_of(session: CallSession) -> str:
    """The talk's name at the carrier: no personal data, and a new one each time the agent's line was lost."""
    return f"{ROOM}{session.call}.{session.returns}" if session.returns else f"{ROOM}{session.call}"


def in_room(name: str) -> tuple[str, int]:
    """Call and number of returns of a room's name."""
    call, _, returns = name.removeprefix(ROOM).partition(".")
    return call, int(returns) if returns.isdigit() else 0


def place_of(session: CallSession) -> str:
    """The step of the links about the room: its offer, and how often it was come back to."""
    return f"{session.offer}.{session.returns}" if session.returns else str(session.offer)


def at_place(step: str) -> tuple[OfferId, int]:
    """Offer and number of returns of such a step."""
    offer, _, returns = step.partition(".")
    return OfferId(offer), int(returns) if returns.isascii() and returns.isdigit() else 0


def agent_is_out(session: CallSession) -> bool:
    """The agent's line was lost, and nobody has come back yet."""
    return session.lost_at is not None and not session.agent_in_room


def lose(draft: Draft) -> None:
    """The agent's line is gone, and may come back: out of the room with the caller, and kept company meanwhile.

    Hold, and the search for a colleague, are over: the two begin anew when they meet again.
    """
    visits.over(draft)
    consult.dissolve(draft)
    hold.over(draft)
    session = draft.session
    if session.caller_in_room:
        draft.order(MoveCaller(call=session.call, link=draft.link("moment"), offer=session.offer))
    elif session.line is not None:
        draft.order(LookUpLeg(call=session.call, leg=session.line))
    draft.set(
        agent_leg=None,
        agent_in_room=False,
        caller_in_room=False,
        lost_at=session.lost_at or draft.at,
        returns=session.returns + 1,
    )
    draft.wake(Alarm.RETURN, RETURN_TIME, str(session.offer))


def say_moment(draft: Draft) -> None:
    """What the caller hears while the agent is out."""
    draft.set(caller_in_room=False)
    draft.say_if_there(ONE_MOMENT)
    topic = draft.tree.topics.get(draft.session.topic) if draft.session.topic else None
    turn(draft, topic, door="moment")


@of_offer(LineRenewed)
def renew(draft: Draft, _event: LineRenewed) -> None:
    """The agent's page has no line in this talk (loaded anew, or it took over): the old line is over, a new one comes."""
    session = draft.session
    if session.agent_on_telephone or agent_is_out(session):
        return
    if session.agent_leg is not None:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))
    if not session.accompanied:  # to whom the caller is left when the line ends
        lose(draft)


@of_offer(AgentJoined)
def come_back(draft: Draft, event: AgentJoined) -> None:
    """The agent dials into the talk on a new line: the caller is fetched, and the line of before is ended."""
    session = draft.session
    if session.agent_on_telephone or event.leg == session.agent_leg or session.accompanied:
        return
    if not agent_is_out(session):
        if session.agent_leg is not None:
            draft.order(EndLeg(call=session.call, leg=session.agent_leg))
        lose(draft)
    draft.set(agent_leg=event.leg, agent_in_room=True)
    _fetch(draft)


def _fetch(draft: Draft) -> None:
    session = draft.session
    draft.order(MoveCaller(call=session.call, link=room_link(draft), offer=session.offer))
    draft.wake(Alarm.RETURN, RETURN_TIME, str(session.offer))


def room_link(draft: Draft) -> Link:
    return draft.link("room", step=place_of(draft.session))


def enter_room(draft: Draft) -> None:
    """The caller's leg goes into the room of the talk."""
    session = draft.session
    draft.set(seat=session.offer)
    draft.then(
        JoinRoom(room=room_of(session), label="caller", link=draft.link("left", step=place_of(session)), ends=True)
    )


def met_again(draft: Draft) -> None:
    """The caller is in the room with the agent: as if nothing had been."""
    if draft.session.lost_at is not None:
        draft.set(lost_at=None)
        draft.wake(Alarm.RETURN, None)


def fetch_again(draft: Draft) -> None:
    """The agent is back and the caller has not come: ask the carrier about both, and move again."""
    session = draft.session
    for leg in (session.line, session.agent_leg):
        if leg is not None:
            draft.order(LookUpLeg(call=session.call, leg=LegId(leg)))
    _fetch(draft)
