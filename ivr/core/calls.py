"""The one rule by which a call changes: a table from (state, event) to what follows.

A call lives in the menu, waits in a queue, is offered to an agent, connects, talks, and ends; a message, the closing
words and a promised callback stand beside that way. Every state answers every event: one that does not fit
(late, repeated, out of order) changes nothing, and a leg that asks out of turn is told what its call is doing now.
`advance` is pure, so a save conflict is solved by reading and deciding again; nothing needs undoing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ivr.core import (
    callback_out,
    callback_talk,
    case_progress,
    consult,
    consult_outside,
    consult_ring,
    desk_texts,
    hold,
    house_line,
    leaving,
    lookups,
    messages,
    offering,
    pass_on,
    returning,
    supervision,
    talk,
    taping,
    transfers,
    verification_talk,
    visits,
    waiting,
    walk,
    with_house,
)
from ivr.core.agents import Released
from ivr.core.callback_events import CallbackAsked, CallbackWithdrawn, CalleeAsked, CalleeFailed, CalleeRung
from ivr.core.case_events import CaseAsked
from ivr.core.draft import Draft
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    CallArrived,
    CallerLeft,
    Event,
    LegAsked,
    LegCreated,
    LegFound,
    LineRenewed,
    LinkAsked,
    Matched,
    MessageRecorded,
    NotKept,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    OutsideDialled,
    RecordingAsked,
    RecordingMade,
    ReviewAsked,
    RoomAsked,
    RoomEmptied,
    RoomLeft,
    StepAsked,
    TimeUp,
    TurnAsked,
)
from ivr.core.house_events import HouseAsked, HouseDialled, HouseGone, HouseJoined, HouseRung
from ivr.core.instructions import Alarm, GoOn, HangUp
from ivr.core.lookups import LookupAsked
from ivr.core.menus import MenuTree
from ivr.core.queueing import raise_lane, relax
from ivr.core.room_events import (
    CallbackOffered,
    CallMoved,
    CallRaised,
    PutDown,
    VisitAsked,
    VisitChanged,
    VisitorJoined,
    VisitorLeft,
)
from ivr.core.session import CallSession, State, Step
from ivr.core.talk_events import TextWanted
from ivr.core.transfer_events import (
    ConsultAsked,
    ConsultOver,
    ConsultRefused,
    HandedOver,
    HoldAsked,
    PassedOn,
    PauseAsked,
    TransferAsked,
)
from ivr.core.verification_events import VerifyAsked

__all__ = ["RULES", "CallSession", "State", "Step", "advance", "begin"]

Rule = Callable[[Draft, Event], None]

ASKS = (
    *(StepAsked, LegAsked, TurnAsked, RoomAsked, RoomLeft, MessageRecorded, OutsideDialled, CallArrived, NotKept),
    *(CallbackAsked, CalleeAsked, CaseAsked, LinkAsked, LookupAsked, ReviewAsked, VerifyAsked),
)
"""Events that the caller's own leg brings and waits for an answer to."""
EVENTS: tuple[type[Event], ...] = (
    *ASKS,
    CallerLeft,
    Matched,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    LegCreated,
    AgentJoined,
    AgentEnded,
    AgentLost,
    RoomEmptied,
    RecordingAsked,
    RecordingMade,
    LegFound,
    LineRenewed,
    TextWanted,
    TimeUp,
    CalleeRung,
    CalleeFailed,
    CallbackWithdrawn,
    HoldAsked,
    PauseAsked,
    TransferAsked,
    PassedOn,
    ConsultAsked,
    ConsultRefused,
    ConsultOver,
    HandedOver,
    HouseAsked,
    HouseDialled,
    HouseRung,
    HouseJoined,
    HouseGone,
    *(CallRaised, CallMoved, CallbackOffered, PutDown),
    *(VisitAsked, VisitorJoined, VisitChanged, VisitorLeft),
)


def begin(event: CallArrived, tree: MenuTree) -> CallSession:
    """A new call, in the menu, in the language remembered for its number, else of its country, else the default."""
    return CallSession(
        call=event.call,
        hotline=tree.hotline,
        menu_version=tree.version,
        state=State.MENU,
        caller=event.caller,
        dialled=event.dialled,
        language=tree.language_for(event.language, event.caller.country),
        slow=event.slow,
        started_at=event.at,
        open_case=event.open_case,
        calls_before=event.calls_before,
    )


def advance(session: CallSession, event: Event, tree: MenuTree) -> Step:
    """The only way a call changes. Same session, event and tree: same step."""
    if session.language not in tree.voices:  # the menu it began with is gone, and the present one has fewer languages
        session = replace(session, language=tree.default_language)
    draft = Draft(session, event.at, tree, banner=event.banner)
    if consult_ring.is_about(session, event) and not isinstance(event, Matched):
        consult_ring.carry(draft, event)
    else:
        RULES[session.state, type(event)](draft, event)
    callback_out.note(draft, session)
    return draft.step()


def not_kept(draft: Draft, event: Event) -> None:
    """What was to be committed could not be stored: the caller is not told that it was."""
    if not verification_talk.not_kept(draft) and not callback_talk.not_kept(draft):
        walk.not_kept(draft, event)


def where_we_are(draft: Draft, event: Event) -> None:
    """Tell a leg that asks out of turn what its call is doing now."""
    session = draft.session
    match session.state:
        case State.MENU:
            walk.enter(draft, session.node or draft.tree.start)
        case State.VOICEMAIL:
            messages.where_we_are(draft, event)
        case State.QUEUED:
            talk.still_here(draft, event)
        case State.OFFERED | State.CONNECTING:
            waiting.turn_in_offer(draft, event)
        case State.CONNECTED:
            talk.back_to_room(draft)
        case State.SURVEY:
            pass_on.closing(draft, event)
        case State.CALLBACK_PROMISED | State.ENDED:
            draft.then(HangUp())


def to_closing(draft: Draft, event: Event) -> None:
    """The leg comes to a room whose talk is over: on to the closing words, or back to the house, which are asked for there."""
    draft.then(GoOn(link=draft.link("bye")))


def to_queue(draft: Draft, event: Event) -> None:
    """The leg comes to a room that is no longer its own: on to its place in line, which is asked for there."""
    draft.then(GoOn(link=draft.link("back")))


def give_back(draft: Draft, event: Event) -> None:
    """A claim for a call that no longer waits: the agent is free again."""
    assert isinstance(event, Matched)
    if event.offer != draft.session.offer:
        draft.agent(event.agent, Released(at=event.at, offer=event.offer))


def wake(draft: Draft, event: Event) -> None:
    assert isinstance(event, TimeUp)
    rule = ALARMS.get((draft.session.state, event.alarm))
    if draft.session.unheard and event.alarm in callback_out.OF_THE_LINE:
        # Nobody is on the line yet: there is nothing to move, only a try to give up.
        if event.alarm is Alarm.PULSE and rule is not None:
            callback_out.unanswered(draft, event)
    elif rule is not None:
        rule(draft, event)


ALARMS: Mapping[tuple[State, Alarm], Rule] = MappingProxyType(
    {
        (State.QUEUED, Alarm.RELAX): relax,
        (State.QUEUED, Alarm.OVERFLOW): waiting.overflow,
        (State.QUEUED, Alarm.CEILING): raise_lane,
        (State.QUEUED, Alarm.CLOSING): waiting.closing,
        **{
            (state, alarm): waiting.after_offer
            for state in (State.OFFERED, State.CONNECTING)
            for alarm in (Alarm.RELAX, Alarm.OVERFLOW, Alarm.CEILING, Alarm.CLOSING)
        },
        (State.CONNECTED, Alarm.RELAX): consult.relax,
        (State.CONNECTED, Alarm.UNPAUSE): taping.unpause,
        (State.CONNECTED, Alarm.OFFER): consult_ring.lapse,
        (State.CONNECTED, Alarm.JOIN): consult_ring.not_joined,
        (State.OFFERED, Alarm.OFFER): callback_out.offer_lapsed,
        (State.CONNECTING, Alarm.JOIN): offering.not_joined,
        (State.CONNECTED, Alarm.RETURN): talk.not_returned,
        (State.CONNECTED, Alarm.VISIT): visits.minute,
        **{(state, Alarm.PULSE): talk.check_legs for state in State if state is not State.ENDED},
    }
)
"""What a wake-up means, by state. One that is not here came too late."""

UNDER_WAY = (State.MENU, State.QUEUED, State.OFFERED, State.CONNECTING)
"""Where a promise stands while its customer is called."""
_ASKED_OUT_OF_TURN: dict[tuple[State, type[Event]], Rule] = {
    (state, ask): where_we_are for state in State for ask in ASKS
}
_NOTHING: dict[tuple[State, type[Event]], Rule] = {
    (state, event): talk.nothing for state in State for event in EVENTS if event not in ASKS
}

RULES: Mapping[tuple[State, type[Event]], Rule] = MappingProxyType(
    {
        **_NOTHING,
        **_ASKED_OUT_OF_TURN,
        **{(state, TimeUp): wake for state in State},
        **{(state, Matched): give_back for state in State},
        **{(state, LegCreated): offering.leg_created for state in State},
        **{(state, HouseRung): house_line.rung_late for state in State},
        **{(state, CallerLeft): rule for state, rule in talk.GONE.items()},
        **{(state, LegFound): talk.leg_found for state in State if state is not State.ENDED},
        **{(state, CalleeRung): callback_out.rung for state in State},
        **{(state, CalleeFailed): callback_out.failed for state in State if state is not State.ENDED},
        **{(state, CallbackWithdrawn): callback_out.withdrawn for state in UNDER_WAY},
        **{(state, CalleeAsked): callback_out.asked for state in UNDER_WAY},
        (State.MENU, CallbackAsked): callback_talk.take,
        (State.MENU, VerifyAsked): verification_talk.take,
        (State.MENU, LookupAsked): lookups.take,
        (State.MENU, CaseAsked): case_progress.take,
        (State.MENU, CallArrived): walk.greet,
        (State.MENU, StepAsked): walk.take_keys,
        (State.MENU, LinkAsked): walk.link_asked,
        (State.MENU, OutsideDialled): walk.take_outside,
        (State.MENU, NotKept): not_kept,
        (State.VOICEMAIL, MessageRecorded): messages.keep,
        (State.VOICEMAIL, NotKept): messages.not_kept,
        (State.VOICEMAIL, ReviewAsked): messages.review,
        (State.VOICEMAIL, CallerLeft): messages.hung_up,
        (State.QUEUED, TurnAsked): waiting.take_turn,
        (State.QUEUED, Matched): offering.offer,
        (State.QUEUED, RoomAsked): to_queue,
        (State.QUEUED, RoomLeft): to_queue,
        (State.OFFERED, TurnAsked): waiting.turn_in_offer,
        (State.OFFERED, RoomAsked): to_queue,
        (State.OFFERED, RoomLeft): to_queue,
        (State.OFFERED, OfferAccepted): offering.accept,
        (State.OFFERED, OfferDeclined): offering.decline,
        (State.OFFERED, OfferFailed): offering.fail_offer,
        (State.CONNECTING, TurnAsked): waiting.turn_in_offer,
        (State.CONNECTING, AgentJoined): callback_out.agent_is_there,
        (State.CONNECTING, RoomAsked): talk.connect,
        (State.CONNECTING, OfferFailed): offering.fail_accepted,
        (State.CONNECTING, AgentEnded): offering.end_before,
        (State.CONNECTING, AgentLost): offering.agent_lost_before,
        **{(state, RecordingMade): taping.kept for state in State},
        (State.CONNECTED, RecordingAsked): taping.asked,
        (State.CONNECTED, RoomLeft): talk.room_lost,
        (State.CONNECTED, AgentEnded): talk.agent_ended,
        (State.CONNECTED, AgentLost): talk.agent_lost,
        (State.CONNECTED, AgentJoined): returning.come_back,
        (State.CONNECTED, LineRenewed): returning.renew,
        (State.CONNECTED, TextWanted): desk_texts.send,
        (State.CONNECTED, Matched): consult_ring.matched,
        (State.CONNECTED, HoldAsked): hold.asked,
        (State.CONNECTED, PauseAsked): taping.pause_asked,
        (State.CONNECTED, TransferAsked): transfers.asked,
        (State.CONNECTED, PassedOn): pass_on.asked,
        (State.CONNECTED, ConsultAsked): consult.ask,
        (State.CONNECTED, ConsultRefused): consult.refused,
        (State.CONNECTED, ConsultOver): consult.over,
        (State.CONNECTED, HandedOver): leaving.handed_over,
        (State.CONNECTED, HouseAsked): consult_outside.ask,
        (State.CONNECTED, RoomEmptied): talk.room_emptied,
        (State.QUEUED, CallRaised): supervision.raised,
        (State.QUEUED, CallMoved): supervision.moved,
        (State.QUEUED, CallbackOffered): supervision.callback_offered,
        (State.QUEUED, PutDown): supervision.put_down_waiting,
        (State.CONNECTED, PutDown): supervision.put_down_talk,
        (State.CONNECTED, VisitAsked): visits.asked,
        (State.CONNECTED, VisitorJoined): visits.joined,
        (State.CONNECTED, VisitChanged): visits.changed,
        (State.CONNECTED, VisitorLeft): visits.left,
        (State.SURVEY, StepAsked): pass_on.closing,
        (State.SURVEY, OutsideDialled): pass_on.dialled,
        (State.SURVEY, NotKept): talk.not_asked,
        (State.SURVEY, HouseGone): with_house.gone,
        (State.SURVEY, RoomLeft): with_house.caller_out,
        (State.SURVEY, RoomAsked): to_closing,
        (State.ENDED, MessageRecorded): messages.late,
    }
)
"""Every state answers every event."""
