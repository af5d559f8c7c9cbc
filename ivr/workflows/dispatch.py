"""The dispatcher: carries out orders, wakes calls and agents, and finds what slipped.

Orders come from the outbox at least once; each looks first whether it is still wanted, so a repeated one is
harmless. A request whose outcome is unknown is looked up before it is repeated. Several dispatchers may run: orders and
wake-ups are taken by one of them at a time, and come back when their taker dies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from ivr.core.agents import LostSight, Presence
from ivr.core.calls import State
from ivr.core.errors import CarrierError, Unavailable
from ivr.core.events import CallerLeft, LegCreated, LegFound, Matched, OfferFailed, TimeUp
from ivr.core.ids import E164, AgentId, OfferId
from ivr.core.instructions import (
    Alarm,
    CallbackOrder,
    EndLeg,
    HoldCaller,
    HouseOrder,
    LookUpLeg,
    MoveCaller,
    Order,
    PauseRecording,
    RingBrowser,
    RingPhone,
    SendText,
    StartRecording,
    StopRecording,
    StopRinging,
    SurveyOrder,
)
from ivr.core.message_orders import KeepMessage, MessagePromised
from ivr.core.returning import agent_is_out, place_of, room_of
from ivr.core.session import CallSession
from ivr.core.verification import SendCode
from ivr.core.visitors import VisitOrder
from ivr.workflows.ask_to_rate import AskToRate
from ivr.workflows.call_back import CallBack
from ivr.workflows.dial_house import DialHouseOnce
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.pace import Pace
from ivr.workflows.ports import (
    Carrier,
    Claim,
    Clock,
    Due,
    Menus,
    OrderRow,
    Outbox,
    Presences,
    Rooms,
    Sessions,
    Texts,
    Timers,
)
from ivr.workflows.record_talk import RecordTalk
from ivr.workflows.take_call import TakeCall
from ivr.workflows.verify_caller import SendCodes
from ivr.workflows.visit_talk import FollowVisit
from ivr.workflows.wrap_up import EndWrapUp

TRIES = 6
"""After so many refusals an order is given up; the call's own alarm decides what follows."""
LOOK_AGAIN = timedelta(seconds=1)
HOLD_AGAIN = timedelta(seconds=0.5)
HOLD_TRIES = 60
"""Half a minute: no words before a talk are longer."""
STORE_AWAY = timedelta(seconds=5)
WANTED = {
    "room": frozenset({State.CONNECTING, State.CONNECTED}),
    "moment": frozenset({State.CONNECTED}),
    "back": frozenset({State.QUEUED, State.OFFERED}),
    "wait": frozenset({State.QUEUED, State.OFFERED}),
    "enter": frozenset({State.MENU, State.VOICEMAIL}),
    "bye": frozenset({State.SURVEY}),
}
"""In which states a move through a door is still wanted."""


class Messages(Protocol):
    def keep(self, message: MessagePromised) -> None:
        """Write it down, once. Raises `Unavailable`: the order comes again."""


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """One round of each of the dispatcher's jobs; `run` of the process calls them for ever."""

    outbox: Outbox
    timers: Timers
    sessions: Sessions
    presences: Presences
    menus: Menus
    carrier: Carrier
    rooms: Rooms
    texts: Texts
    take_call: TakeCall
    match: MatchCalls
    end_wrap_up: EndWrapUp
    call_back: CallBack
    dial_house: DialHouseOnce
    record_talk: RecordTalk
    ask_to_rate: AskToRate
    messages: Messages
    send_code: SendCodes
    follow_visit: FollowVisit
    pace: Pace
    clock: Clock
    unknown: set[OfferId] = field(default_factory=set)
    """Offers whose telephone leg may or may not exist."""

    def orders(self, *, wait: timedelta) -> int:
        """Carry out what is in the outbox; waits up to `wait` when there is nothing."""
        rows = self.outbox.take(wait=wait)
        for row in sorted(rows, key=lambda row: not getattr(row.order, "urgent", False)):
            self._carry_out(row)
        return len(rows)

    def _carry_out(self, row: OrderRow) -> None:
        try:
            with structlog.contextvars.bound_contextvars(call=getattr(row.order, "call", None)):
                later = self._act(row.order, tries=row.tries)
        except CarrierError as err:
            later = self._failed(row, err)
        except Unavailable:
            later = STORE_AWAY  # SQL; without Redis the order cannot even be put off, and comes back by itself
        if later is None:
            self.outbox.done(row)
        else:
            self.outbox.retry(row, after=later)

    def _failed(self, row: OrderRow, err: CarrierError) -> timedelta | None:
        """Again later, or given up. A telephone that cannot be called is a failed offer."""
        order = row.order
        if isinstance(order, RingPhone) and err.unknown:
            self.unknown.add(order.offer)
            return LOOK_AGAIN
        if err.retry and row.tries + 1 < TRIES:
            return timedelta(milliseconds=250 * 2 ** min(row.tries, 4))
        if isinstance(order, RingPhone):
            failed = OfferFailed(at=self.clock.now(), offer=order.offer, reason=str(err))
            self.take_call.tell(order.call, failed)
        if isinstance(order, StartRecording | PauseRecording):
            self.record_talk.refused(order)
        return None

    def _act(self, order: Order, *, tries: int) -> timedelta | None:
        """Do it. A duration means: not yet, come again after it."""
        match order:
            case RingBrowser():
                return None  # the page was told by the write that made the offer
            case RingPhone():
                return self._ring(order, tries=tries)
            case StopRinging(leg=leg) | EndLeg(leg=leg):
                if leg is not None:
                    self.carrier.end(leg)
            case MoveCaller() | HoldCaller():
                return self._steer(order, tries=tries)
            case LookUpLeg(call=call, leg=leg):
                alive = self.carrier.alive(leg)
                self.take_call.tell(call, LegFound(at=self.clock.now(), leg=leg, alive=alive))
            case StartRecording() | StopRecording() | PauseRecording():
                self.record_talk(order)
            case SendText():
                self._send(order)
            case SendCode():
                return self.send_code(order, tries=tries)
            case _ if isinstance(order, CallbackOrder | HouseOrder | VisitOrder):
                return self._others(order, tries=tries)
            case KeepMessage(message=message):
                self.messages.keep(message)
            case _ if isinstance(order, SurveyOrder):
                self.ask_to_rate(order)
        return None

    def _others(self, order: CallbackOrder | HouseOrder | VisitOrder, *, tries: int) -> timedelta | None:
        """Somebody outside, or a supervisor in the room."""
        if isinstance(order, VisitOrder):
            return self.follow_visit(order, tries=tries)
        if isinstance(order, HouseOrder):
            return self.dial_house(order, tries=tries)
        return self.call_back(order, tries=tries)

    def _ring(self, order: RingPhone, *, tries: int) -> timedelta | None:
        session = self._offered(order)
        if session is None:
            return None
        if order.offer in self.unknown:
            return self._look_for(order, session, tries=tries)
        wait = self.pace.take(self.clock.now())
        if wait > timedelta(0):
            return wait
        leg = self.carrier.ring_phone(
            address=order.address,
            offer=order.offer,
            call=order.call,
            ring=timedelta(seconds=order.ring_s),
            sender=self._own_number(session),
        )
        self.take_call.tell(order.call, LegCreated(at=self.clock.now(), offer=order.offer, leg=leg))
        return None

    def _look_for(self, order: RingPhone, session: CallSession, *, tries: int) -> timedelta | None:
        """The answer to a create never came. The leg may ring, or come to ring: it is looked for, never made again.

        One that is answered meanwhile finds its offer by its own address; one that never was ends with the ring time.
        """
        since = session.offered_at or self.clock.now()
        leg = self.carrier.find_offer_leg(address=order.address, offer=order.offer, since=since)
        if leg is None and tries < TRIES:
            return LOOK_AGAIN
        self.unknown.discard(order.offer)
        if leg is not None:
            self.take_call.tell(order.call, LegCreated(at=self.clock.now(), offer=order.offer, leg=leg))
        return None

    def _offered(self, order: RingPhone) -> CallSession | None:
        session = self.sessions.find(order.call)
        if session is None or not session.rings(order.offer):
            return None
        return session

    def _own_number(self, session: CallSession) -> E164:
        """The hotline's number: the only one that a caller or an agent ever sees."""
        return tree_of(self.menus, session).own_number(session.dialled)

    def _steer(self, order: MoveCaller | HoldCaller, *, tries: int) -> timedelta | None:
        if isinstance(order, HoldCaller):
            return self._hold(order, tries=tries)
        session = self.sessions.find(order.call)
        if session is None or session.state not in WANTED.get(order.link.door, frozenset()):
            return None
        if order.link.door == "room" and (order.link.step != place_of(session) or session.caller_in_room):
            return None
        if order.link.door == "moment" and not agent_is_out(session):
            return None
        if order.link.door == "bye" and session.house is not None:
            return None  # the caller talks there
        if session.line is not None and not self.carrier.move(leg=session.line, link=order.link):
            self.take_call.tell(order.call, CallerLeft(at=self.clock.now()))
        return None

    def _hold(self, order: HoldCaller, *, tries: int) -> timedelta | None:
        """The room as the call wants it now, whatever it wanted when this was ordered.

        An agent may be quicker than the words that the caller hears before the room: then again, until they are over.
        """
        session = self.sessions.find(order.call)
        if session is None or not session.together or session.offer is None or session.line is None:
            return None
        there = self.rooms.hold(room=room_of(session), leg=session.line, link=order.link if session.held_at else None)
        now = self.sessions.find(order.call)
        if now is not None and (now.held_at is None) is not (session.held_at is None):
            return HOLD_AGAIN  # another dispatcher had that order meanwhile, and found nothing to do yet
        return HOLD_AGAIN if session.held_at and not there and tries < HOLD_TRIES else None

    def _send(self, order: SendText) -> None:
        session = self.sessions.find(order.call)
        sender = self._own_number(session) if session else self.menus.by_number("").numbers[0]
        self.texts.send_text(to=order.number, body=order.body, sender=sender)

    def wake_ups(self) -> int:
        """Bring every wake-up whose time has come to its call or agent."""
        due = self.timers.due()
        for wake_up in due:
            self._wake(wake_up)
            self.timers.done(wake_up)
        return len(due)

    def _wake(self, due: Due) -> None:
        now = self.clock.now()
        if due.agent is not None and due.alarm is Alarm.WRAP_UP:
            self.end_wrap_up(due.agent)
        elif due.call is not None:
            if due.alarm is Alarm.OFFER and self._finish_claim(due):
                return
            self.take_call.tell(due.call, TimeUp(at=now, alarm=due.alarm, ref=due.ref))

    def _finish_claim(self, due: Due) -> bool:
        """A claim whose second half never came (its process died): do it now."""
        assert due.call is not None
        session = self.sessions.find(due.call)
        row = self.presences.offer(OfferId(due.ref))
        if session is None or row is None or not row.live or session.sought is None:
            return False
        agent = self.presences.find(row.agent)
        if agent is None or agent.offer != row.offer:
            return False
        matched = Matched(
            at=self.clock.now(), offer=row.offer, agent=row.agent, phone=agent.phone, reason={"late": True}
        )
        self.match.offer(Claim(call=row.call, matched=matched))
        return True

    def watch_agents(self, *, unseen: timedelta) -> None:
        """Wrap-ups past their deadline, and pages that went silent."""
        now = self.clock.now()
        for agent in self.presences.all():
            if agent.wrap_up_until is not None and agent.wrap_up_until <= now:
                self.end_wrap_up(agent.id)
            elif agent.seen is not None and now - agent.seen > unseen:
                self._lost_sight(agent.id, agent.presence, agent.offer)

    def _lost_sight(self, agent: AgentId, presence: Presence, offer: OfferId | None) -> None:
        """The page is gone. One that was ringing gives its offer back; a talk goes on as long as its line lives."""
        now = self.clock.now()
        if presence is Presence.RESERVED and offer is not None:
            row = self.presences.offer(offer)
            if row is not None:
                failed = OfferFailed(at=now, offer=offer, missed=True, reason="page gone")
                self.take_call.tell(row.call, failed)
        if presence not in (Presence.ON_CALL, Presence.SIGNED_OUT, Presence.AWAY):
            self.presences.change(agent, LostSight(at=now))
