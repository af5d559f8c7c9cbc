"""The talk, its end, and every way in which one of the two can vanish.

Answered is when both are in the room, not when Accept was pressed. An end by the agent's own button is meant and leads
to the closing words; an agent's line that is lost puts the caller first in line again; a telephone's hang-up may be
either, so the caller is asked once (`DESIGN.md` 3.5).
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import (
    call_out,
    case_talk,
    consult_ring,
    facts,
    hold,
    leaving,
    messages,
    returning,
    survey,
    taping,
    transfers,
    visits,
    with_house,
)
from ivr.core.agents import Released
from ivr.core.callback_orders import BringCallback
from ivr.core.draft import Draft
from ivr.core.events import AgentEnded, AgentLost, Event, LegFound, RoomAsked, RoomEmptied, RoomLeft, StepAsked, TimeUp
from ivr.core.fence import of_offer
from ivr.core.first_in_line import first_in_line
from ivr.core.ids import LegId, PromptId
from ivr.core.instructions import Alarm, EndLeg, Gather, GoOn, LookUpLeg, MoveCaller
from ivr.core.offer_end import offer_over, stop_ringing
from ivr.core.offering import agent_lost_before
from ivr.core.queueing import PULSE, WAITING_ALARMS, announce_entry, leave, topic_of, turn
from ivr.core.session import State
from ivr.core.talk_over import PUT_DOWN, SURVEY_PULSE, talk_over
from ivr.core.walk import end_of, finish

TALK_PULSE = timedelta(seconds=60)
WITH_AGENT = (State.OFFERED, State.CONNECTING, State.CONNECTED)
"""Where the agent's line matters. After the talk it is over by right, and its end is no news."""
AT_ONCE = timedelta(seconds=3)
"""A caller who is gone so soon after the agent hung up with the agent: an answered call, not an abandoned one (F47)."""
CUT_OFF = PromptId("cut_off")
BYE = PromptId("bye")


def connect(draft: Draft, event: Event) -> None:
    """The caller is in the room with the agent: answered."""
    assert isinstance(event, RoomAsked)
    session = draft.session
    if event.offer != session.offer or session.agent is None:
        draft.then(GoOn(link=draft.link("back")))
        return
    draft.set(state=State.CONNECTED, connected_at=event.at, caller_in_room=True, talked=True)
    assert session.topic is not None
    case_talk.keep(draft, event.case)
    draft.fact(
        facts.Answered(
            at=event.at,
            call=session.call,
            segment=session.segment,
            offer=event.offer,
            agent=session.agent,
            topic=session.topic,
            by_phone=session.agent_on_telephone,
        )
    )
    draft.fact(
        facts.SegmentEnded(at=event.at, call=session.call, segment=session.segment, outcome=facts.Outcome.ANSWERED)
    )
    for alarm in WAITING_ALARMS:
        draft.wake(alarm, None)
    draft.wake(Alarm.PULSE, TALK_PULSE)
    topic = draft.tree.topics.get(session.topic)
    if topic is not None:
        draft.say(topic.announcements.connect, agent_id=session.agent)
    returning.enter_room(draft)
    taping.both_are_in(draft)


def back_to_room(draft: Draft) -> None:
    """The leg asks again in mid-talk (it lost its way): back to the room, and is the agent still there?"""
    session = draft.session
    if returning.agent_is_out(session):
        returning.say_moment(draft)
        return
    returning.met_again(draft)
    draft.set(caller_in_room=True)
    if session.agent_leg is not None and not session.caller_in_room:
        draft.order(LookUpLeg(call=session.call, leg=session.agent_leg))
    returning.enter_room(draft)


@of_offer(AgentEnded)
def agent_ended(draft: Draft, _event: AgentEnded) -> None:
    """The agent pressed End: the closing words for the caller, wrap-up for the agent. With a colleague in the room the
    caller is left to them; a house goes with the agent, unless the caller was handed over.
    """
    one = draft.session.consult
    if one is not None and one.in_room and not one.outside:
        leaving.hand_over(draft)
        return
    talk_over(draft, "agent")
    close(draft)


def close(draft: Draft, *, ask_cut_off: bool = False) -> None:
    """On to what follows a talk that is over: the caller is moved there, the agent's line ends."""
    session = draft.session
    draft.set(state=State.SURVEY, closing="ask" if ask_cut_off else "", caller_in_room=False)
    draft.order(MoveCaller(call=session.call, link=draft.link("bye")))
    if session.agent_leg is not None and not ask_cut_off:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))
    draft.wake(Alarm.PULSE, SURVEY_PULSE)


@of_offer(AgentLost)
def agent_lost(draft: Draft, event: AgentLost) -> None:
    """The agent's leg ended in the talk without a word. A page has a moment to come back; a telephone's end may be meant."""
    session = draft.session
    if session.agent_leg is None or event.leg != session.agent_leg:
        return
    if (event.by_phone or session.accompanied) and not session.caller_in_room:
        # the room closed first, so the caller ended it: nobody is left to a colleague, and nobody is cut off
        draft.order(LookUpLeg(call=session.call, leg=session.line or LegId(session.call)))
    elif session.accompanied:
        leaving.leave(draft, "agent" if event.by_phone else "agent_lost")
    elif not event.by_phone:
        returning.lose(draft)
    else:
        talk_over(draft, "agent")
        close(draft, ask_cut_off=not session.called_out)  # who was called has no call of theirs to be cut off


@of_offer(TimeUp)
def not_returned(draft: Draft, _event: TimeUp) -> None:
    """Nobody came back in time: the talk was over when the line was lost. Or only the caller is awaited."""
    session = draft.session
    if session.lost_at is None:
        return
    if session.agent_in_room:
        returning.fetch_again(draft)
        return
    talk_over(draft, "agent_lost", at=session.lost_at)
    if call_out.to_house(session):
        close(draft)
    else:
        first_in_line(draft, move=True)


@of_offer(RoomEmptied)
def room_emptied(draft: Draft, event: RoomEmptied) -> None:
    """The room closed under the agent: the caller's leg ends it by leaving. Make sure, and do not call the agent lost."""
    session = draft.session
    if event.leg not in (None, session.agent_leg):
        return  # a line of before, in a room of before
    draft.set(caller_in_room=False)
    draft.order(LookUpLeg(call=session.call, leg=session.line or LegId(session.call)))


def room_lost(draft: Draft, event: Event) -> None:
    """The caller came out of the room alive, and nobody ended the talk: the agent's side is gone.

    Out of a room of before, the one whose agent's line was lost, it is no news: the carrier asks for what follows that
    room while it moves the caller, throws the answer away, and may be heard after the caller's arrival in the next one.
    Should the answer be followed all the same, the caller asks again.
    """
    assert isinstance(event, RoomLeft)
    session = draft.session
    if event.offer not in (session.offer, session.seat):
        draft.set(caller_in_room=False)
        draft.then(GoOn(link=draft.link("back")))
    elif event.returns < session.returns:
        draft.then(GoOn(link=draft.link("back")))
    elif session.lost_at is not None:
        back_to_room(draft)
    else:
        talk_over(draft, "agent_lost")
        first_in_line(draft, move=False)


def still_here(draft: Draft, event: Event) -> None:
    """A leg that was moved into the queue asks what to hear: the apology, then the loop."""
    session = draft.session
    topic = topic_of(draft)
    if session.cause == transfers.TRANSFER:
        if session.turns == 0:
            transfers.welcome(draft)
    elif session.talked:
        draft.say(topic.announcements.still)
    elif session.turns == 0:
        announce_entry(draft, topic, None)
    draft.set(turns=max(1, session.turns))
    turn(draft, topic)
    draft.wake(Alarm.PULSE, PULSE)


def abandon(draft: Draft, event: Event) -> None:
    """Gone while waiting, ringing or connecting: whoever rang is free again."""
    session = draft.session
    if session.offer is not None and session.agent is not None:
        draft.agent(session.agent, Released(at=draft.at, offer=session.offer))
        offer_over(draft, "cancelled", "caller left")
        stop_ringing(draft)
    left = "offer" if session.offer else "queue"
    both = session.talked and session.entered_at is not None and draft.at - session.entered_at <= AT_ONCE
    leave(draft, facts.Outcome.ABANDONED)
    if both:
        survey.ask_by_text(draft)
    _ended(draft, facts.CallEnd.ANSWERED if both else facts.CallEnd.ABANDONED, left)


def caller_hung_up(draft: Draft, event: Event) -> None:
    """The caller ended the talk."""
    session = draft.session
    case_talk.send(draft)
    talk_over(draft, "caller")
    if session.agent_leg is not None:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))
    survey.ask_by_text(draft)
    _ended(draft, facts.CallEnd.ANSWERED, "talk")


def _ended(draft: Draft, end: facts.CallEnd, left: str) -> None:
    draft.set(state=State.ENDED, ended_at=draft.at, offer=None, agent=None)
    draft.fact(facts.CallEnded(at=draft.at, call=draft.session.call, end=end, left=left, hung_up_by="caller"))
    draft.wake(Alarm.PULSE, None)


def left_menu(draft: Draft, event: Event) -> None:
    if draft.session.demand is not None or draft.session.unheard:
        # On the way to a callback the place in line is still held; a try whose customer went is over.
        abandon(draft, event)
        return
    finish(draft, hung_up_by="caller", end=end_of(draft))


def left_message(draft: Draft, event: Event) -> None:
    messages.send(draft)
    left_menu(draft, event)


def closing(draft: Draft, event: Event) -> None:
    """After the talk: ask a caller whose agent's telephone hung up whether that was meant, then for a rating."""
    session = draft.session
    keys = event.keys if isinstance(event, StepAsked) else ""
    if session.closing == "ask" and CUT_OFF in draft.tree.prompts:
        draft.say(CUT_OFF)
        draft.set(closing="asked")
        draft.instructions.append(Gather(sounds=draft.take_held(), link=draft.link("bye"), timeout_s=5))
        return
    if session.closing == "asked" and keys[:1] == "1":
        first_in_line(draft, move=False)
        return
    if not survey.asks(draft, event):
        goodbye(draft)


def not_asked(draft: Draft, event: Event) -> None:
    """What was to be stored could not be: nothing is asked or promised, and the call ends well."""
    goodbye(draft)


def goodbye(draft: Draft, *, hung_up_by: str = "agent") -> None:
    """The last words of an answered call. Somebody whom an agent called has heard them from the agent."""
    if not draft.session.called_out:
        case_talk.read(draft)
        draft.say_if_there(BYE)
    finish(draft, hung_up_by=hung_up_by, end=facts.CallEnd.ANSWERED)


def check_legs(draft: Draft, event: Event) -> None:
    """Nothing was heard for a while: ask the carrier whether the lines live, and come again."""
    session = draft.session
    agents = session.agent_leg if session.state in WITH_AGENT else None
    others = (
        session.consult.leg if session.consult else None,
        session.house.leg if session.house else None,
        session.visitor.leg if session.visitor else None,
    )
    for leg in (session.line, agents, *others):
        if leg is not None:
            draft.order(LookUpLeg(call=session.call, leg=leg))
    hold.follow(draft)
    with_house.fetch_again(draft)
    draft.wake(Alarm.PULSE, TALK_PULSE)


def leg_found(draft: Draft, event: Event) -> None:
    """The carrier's answer about a leg: a dead one is treated as if its end had been reported."""
    assert isinstance(event, LegFound)
    session = draft.session
    if event.alive:
        return
    if event.leg == session.line:
        draft.fact(facts.Repaired(at=event.at, call=session.call, what="caller's line found dead"))
        GONE[session.state](draft, event)
    elif with_house.line_dead(draft, event.leg):
        draft.fact(facts.Repaired(at=event.at, call=session.call, what="house's line found dead"))
    elif visits.line_dead(draft, event.leg):
        pass  # nobody was on that line but a supervisor
    elif consult_ring.line_dead(draft, event.leg):
        draft.fact(facts.Repaired(at=event.at, call=session.call, what="colleague's line found dead"))
    elif event.leg == session.agent_leg and session.state in WITH_AGENT:
        assert session.offer is not None
        draft.fact(facts.Repaired(at=event.at, call=session.call, what="agent's line found dead"))
        lost = AgentLost(at=event.at, offer=session.offer, leg=event.leg, by_phone=session.agent_on_telephone)
        (agent_lost if session.state is State.CONNECTED else agent_lost_before)(draft, lost)


def promised(draft: Draft, event: Event) -> None:
    """The line of a caller who was promised a callback is gone: the call ends, the promise begins."""
    session = draft.session
    _ended(draft, facts.CallEnd.CALLBACK, session.node or "")
    if session.registration is not None and session.registration.open is not None:
        draft.order(BringCallback(call=session.call, callback=session.registration.open.id))


def left_closing(draft: Draft, event: Event) -> None:
    if draft.session.closing == PUT_DOWN:  # gone before the words
        finish(draft, hung_up_by="caller", end=facts.CallEnd.FAILED)
        return
    with_house.put_down(draft)
    case_talk.send(draft)
    survey.ask_by_text(draft)
    finish(draft, hung_up_by="caller", end=facts.CallEnd.ANSWERED)


def nothing(draft: Draft, event: Event) -> None:
    """Carriers repeat and reorder webhooks; a late one changes nothing."""


GONE = {
    State.MENU: left_menu,
    State.QUEUED: abandon,
    State.OFFERED: abandon,
    State.CONNECTING: abandon,
    State.CONNECTED: caller_hung_up,
    State.VOICEMAIL: left_message,
    State.SURVEY: left_closing,
    State.CALLBACK_PROMISED: promised,
    State.ENDED: nothing,
}
"""What the end of the caller's line means, state by state."""
