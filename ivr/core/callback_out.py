"""A promise being kept: the live call of one try, from its place in the queue to the talk.

A try is a call like any other, with the first queue time and the priority of the caller who was promised it, so one
queue holds both and nobody overtakes. It has no leg until an agent is found; then the customer is called (`callback_dial`)
and says with a key whether to talk now, later or not at all. No key after two prompts is a machine: it hears
neither topic nor code. From key 1 on the customer waits, is connected and says goodbye by the ordinary rules.

What becomes of a try is written to SQL by orders (`note`), which the same write holds as the change itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.core import call_out, facts, taping
from ivr.core.agents import Accepted
from ivr.core.callback_dial import GRACE, order_dial
from ivr.core.callback_events import CallbackWithdrawn, CalleeAsked, CalleeFailed, CalleeRung
from ivr.core.callback_orders import NoteCallback, ReachedByPhone
from ivr.core.callback_owner import for_anybody
from ivr.core.callback_rules import Dial, Tie, next_fit
from ivr.core.callback_words import next_words
from ivr.core.draft import Draft
from ivr.core.events import AgentJoined, Event, TimeUp
from ivr.core.ids import PromptId
from ivr.core.instructions import Alarm, EndLeg, Gather, GoOn, HangUp, LookUpLeg, RingPhone
from ivr.core.menus import Topic
from ivr.core.offer_end import offer_over
from ivr.core.offering import JOIN_TIME, RING_GRACE, agent_joined, lapse
from ivr.core.queueing import PULSE, turn
from ivr.core.returning import room_link
from ivr.core.session import CallSession, State
from ivr.core.talk import GONE, abandon

OF_THE_LINE = frozenset({Alarm.PULSE, Alarm.OVERFLOW, Alarm.CLOSING})
"""Alarms that are about somebody on the line."""
PROMPTS = 2
"""Times that the call-out is said before nobody is taken to be there."""
KEY_S = 5
HELD_IN_ROOM = timedelta(seconds=90)
"""Ringing and two prompts, with the agent waiting in the room."""
ANSWERED_HELD = timedelta(seconds=60)
"""Longest that an agent is held while the customer listens to the two prompts."""


def asked(draft: Draft, event: Event) -> None:
    """The customer's telephone was answered, or a key was pressed on it."""
    assert isinstance(event, CalleeAsked)
    tie = _tie(draft, event)
    if tie is None or tie.confirmed or (tie.leg is not None and tie.leg != event.leg):
        draft.then(HangUp())
        return
    draft.set(callback=replace(tie, leg=event.leg, dialled=True))
    if tie.why:
        if draft.session.offer is None:
            _farewell(draft, "lost", PromptId("bye"))  # nobody knows any more which agent calls
        else:
            _confirm(draft)  # somebody is there, and the agent hears who
        return
    match event.keys[:1]:
        case "1":
            _confirm(draft)
        case "2":
            later(draft)
        case "3":
            _farewell(draft, "not_needed", PromptId("bye"))
        case _ if tie.prompts >= PROMPTS:
            _farewell(draft, "machine", PromptId("cb_out_machine"))
        case _:
            _offer_talk(draft)


def _tie(draft: Draft, event: CalleeAsked) -> Tie | None:
    """What binds this call to its promise; a lost session gets it back from SQL."""
    tie, promise = draft.session.callback, event.promise
    if tie is not None and not tie.code and promise is not None:
        tie = replace(tie, code=promise.code, callee=promise.callee, dial=promise.dial)
        language = promise.language if promise.language in draft.tree.voices else draft.session.language
        draft.set(language=language, recording_choice=promise.recording)
    return tie


def _offer_talk(draft: Draft) -> None:
    tie = draft.session.callback
    assert tie is not None
    if not tie.code:
        # The code is what tells us from a swindler: without it nothing may be asked.
        _farewell(draft, "failed", PromptId("cb_out_machine"))
        return
    draft.set(callback=replace(tie, prompts=tie.prompts + 1))
    draft.say(PromptId("cb_out"), code=tie.code)
    draft.instructions.append(Gather(sounds=draft.take_held(), link=draft.link("out"), timeout_s=KEY_S))
    draft.wake(Alarm.PULSE, GRACE)
    if draft.session.state is State.OFFERED and tie.prompts == 0:
        draft.wake(Alarm.OFFER, ANSWERED_HELD, str(draft.session.offer))


def _confirm(draft: Draft) -> None:
    """Key 1: from here on this is a call, told of in facts, and the customer is on its line."""
    tie = draft.session.callback
    assert tie is not None
    draft.set(callback=replace(tie, confirmed=True), started_at=draft.at, entered_at=draft.at)
    for_anybody(draft)
    _tell_start(draft)
    session = draft.session
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    if not tie.why:
        draft.say(PromptId("cb_out_hold"))
    taping.tell_called(draft)
    if session.state is State.CONNECTING:
        draft.then(GoOn(link=room_link(draft)))
        return
    if session.state is State.OFFERED:
        _fetch_agent(draft, topic)
    else:
        draft.set(state=State.QUEUED)
        draft.seek = True
    draft.wake(Alarm.PULSE, PULSE)
    if topic is not None:
        turn(draft, topic)
    else:
        draft.then(GoOn(link=draft.link("wait")))


def _tell_start(draft: Draft) -> None:
    session = draft.session
    draft.tell_call(draft.at, kind="out" if session.called_out else "callback")
    if session.topic is None:
        return
    draft.tell_segment(draft.at)
    if session.offer is not None and session.agent is not None:
        draft.fact(
            facts.OfferMade(
                at=draft.at,
                call=session.call,
                segment=session.segment,
                offer=session.offer,
                agent=session.agent,
                topic=session.topic,
                reason={"callback": True},
            )
        )
        if session.state is State.CONNECTING:  # taken before there was a call to tell of
            offer_over(draft, "accepted")


def _fetch_agent(draft: Draft, topic: Topic | None) -> None:
    """The agent was held for this: the page dials in by itself, a telephone is rung now."""
    session = draft.session
    assert session.agent is not None
    assert session.offer is not None
    if not session.agent_on_telephone:
        draft.set(state=State.CONNECTING, accepted_at=draft.at)
        draft.agent(session.agent, Accepted(at=draft.at, offer=session.offer))
        offer_over(draft, "accepted")
        draft.wake(Alarm.OFFER, None)
        draft.wake(Alarm.JOIN, JOIN_TIME, session.offer)
        return
    ring = topic.ring_time if topic else timedelta(seconds=15)
    draft.order(
        RingPhone(
            agent=session.agent,
            offer=session.offer,
            call=session.call,
            address=session.agent_phone,
            ring_s=round(ring.total_seconds()),
            urgent=True,
        )
    )
    draft.wake(Alarm.OFFER, ring + RING_GRACE, session.offer)


def later(draft: Draft) -> None:
    """The customer would rather be called again: key 2, or the callback option while they wait on the line after key 1."""
    tie = draft.session.callback
    assert tie is not None
    rules = draft.tree.callbacks
    calendar = draft.tree.calendar_of(draft.session.topic)
    due = next_fit(draft.at + rules.later, tie.callee, rules, calendar) or draft.at + rules.later
    when = next_words(due, tie.callee, draft.tree, draft.session.language, now=draft.at)
    _farewell(draft, "later", PromptId("cb_later_done"), when=when)


def _farewell(draft: Draft, result: str, prompt: PromptId, **slots: str) -> None:
    if prompt in draft.tree.prompts:
        draft.say(prompt, **slots)
    draft.then(HangUp())
    _over(draft, result, end_leg=False)


def _over(draft: Draft, result: str, *, end_leg: bool = True) -> None:
    """This try has come to nothing: the agent is free again, and was not unheard of."""
    session, tie = draft.session, draft.session.callback
    assert tie is not None
    if tie.why:
        call_out.over(draft, result, end_leg=end_leg)
        return
    draft.set(callback=replace(tie, result=result))
    if end_leg and tie.leg is not None:
        draft.order(EndLeg(call=session.call, leg=tie.leg))
    if session.agent_leg is not None:
        draft.order(EndLeg(call=session.call, leg=session.agent_leg))
    abandon(draft, CalleeFailed(at=draft.at, result=result))


def rung(draft: Draft, event: Event) -> None:
    """The carrier calls the customer on this leg; one that comes too late is ended."""
    assert isinstance(event, CalleeRung)
    tie = draft.session.callback
    if tie is None or draft.session.state is State.ENDED or tie.leg not in (None, event.leg):
        draft.order(EndLeg(call=draft.session.call, leg=event.leg))
    elif tie.leg is None:
        draft.set(callback=replace(tie, leg=event.leg))


def failed(draft: Draft, event: Event) -> None:
    """Nobody was reached."""
    assert isinstance(event, CalleeFailed)
    tie = draft.session.callback
    if tie is None or (event.leg is not None and tie.leg not in (None, event.leg)):
        return
    if not tie.confirmed:
        _over(draft, event.result, end_leg=False)
    elif event.leg is not None:
        GONE[draft.session.state](draft, event)


def withdrawn(draft: Draft, event: Event) -> None:
    """The promise was kept otherwise, cancelled or put off. Somebody who is on the line already is not cut off."""
    assert isinstance(event, CallbackWithdrawn)
    if draft.session.callback is not None and not draft.session.callback.confirmed:
        _over(draft, event.reason)


def offer_lapsed(draft: Draft, event: Event) -> None:
    """Held long enough: the agent is let go without a mark against them."""
    assert isinstance(event, TimeUp)
    tie = draft.session.callback
    if tie is None or tie.confirmed or tie.dial is Dial.AGENT_FIRST:
        lapse(draft, event)
    elif event.ref == draft.session.offer:
        _over(draft, "no_answer" if tie.leg else "not_dialled")


def agent_is_there(draft: Draft, event: Event) -> None:
    """The agent is in the room. In `agent_first` the customer is called only now."""
    tie = draft.session.callback
    if tie is None or tie.confirmed or not isinstance(event, AgentJoined) or event.offer != draft.session.offer:
        agent_joined(draft, event)
        return
    draft.set(agent_leg=event.leg, agent_in_room=True)
    order_dial(draft)
    draft.wake(Alarm.JOIN, HELD_IN_ROOM, str(draft.session.offer))


def unanswered(draft: Draft, event: Event) -> None:
    """`PULSE` of a try without a customer: the leg is asked about, or was never there."""
    tie = draft.session.callback
    assert tie is not None
    if tie.leg is not None:
        draft.order(LookUpLeg(call=draft.session.call, leg=tie.leg))
        draft.wake(Alarm.PULSE, GRACE)
    elif tie.dialled:
        _over(draft, "not_dialled")


def note(draft: Draft, before: CallSession) -> None:
    """Have written down what this step made of a promise. Called once per step, by `advance`."""
    session, tie = draft.session, draft.session.callback
    now_connected = session.state is State.CONNECTED and before.state is not State.CONNECTED
    if (tie is None or tie.why) and now_connected and session.caller.number is not None:
        draft.order(ReachedByPhone(call=session.call))
    if tie is None:
        return
    what, result = "", ""
    if session.state is State.ENDED and before.state is not State.ENDED:
        what = "ended"
        result = tie.result or ("gone" if tie.confirmed else "no_answer")
    elif now_connected:
        what = "connected"
    elif tie.confirmed and before.callback is not None and not before.callback.confirmed:
        what = "confirmed"
    if not what:
        return
    held_since = before.offered_at if before.agent and before.unheard else None
    draft.order(
        NoteCallback(
            call=session.call,
            callback=tie.callback,
            attempt=tie.attempt,
            what=what,
            at=draft.at,
            result=result,
            agent=before.agent,
            idle_s=(draft.at - held_since).total_seconds() if held_since else None,
        )
    )
