"""The sweep: compares carrier, SQL and Redis, and puts right what should not be (`RELIABILITY.md` 2.5).

Every rule can run at any time, as often as it likes, in several dispatchers at once: it does nothing where all is well,
and what it did once it does not do again. Each repair leaves a `Repaired` fact; `/metrics` counts those.

- An agent held by an offer that its call does not know is let go.
- A room at the carrier whose call Redis forgot becomes that call again, from its record; the agent is on that call
  again, the caller off hold, and a colleague or a house that helped is let go. A caller who is there with a house alone
  talks on, and hears the closing words after it. One whose agent has gone meanwhile gives the caller
  the first place in line.
- A room that stays open after the end of its call is emptied.
- A call that is open in the records, unknown in Redis and over at the carrier is closed with the carrier's time.

The other deadlines have owners of their own: a waiting or talking line is asked about by its call's `PULSE`, a wrap-up
ends by its wake-up and by `Dispatch.watch_agents`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.core import hold
from ivr.core.agents import BROWSER, FoundTalking, Presence, Released
from ivr.core.callback_rules import attempt_of
from ivr.core.draft import Draft, ms_of
from ivr.core.errors import RequestError
from ivr.core.events import AgentLost, Caller, CallerKind
from ivr.core.facts import CallEnd, CallEnded, Fact, Repaired
from ivr.core.ids import AgentId, CallId, LegId, OfferId
from ivr.core.instructions import Alarm, EndLeg, Link, WakeAt
from ivr.core.menus import MenuTree
from ivr.core.records import CallRecord, Segment
from ivr.core.recover import recover
from ivr.core.session import CallSession, Step
from ivr.core.talk import TALK_PULSE
from ivr.core.transfer_facts import HoldEnded
from ivr.workflows.match_calls import MatchCalls
from ivr.workflows.ports import Carrier, Clock, FactStream, Menus, OpenCalls, Presences, RoomRow, Rooms, Sessions
from ivr.workflows.repair_house import houses_in, left_with
from ivr.workflows.take_call import TakeCall

FORGOTTEN = timedelta(seconds=10)
"""A claim is followed by its offer within milliseconds, at the latest by the wake-up after 3 s."""
SETTLED = timedelta(minutes=1)
"""A call that Redis forgot is back by its own next turn well before."""
NOBODY = LegId("gone")
"""The leg of an agent who had left the room before it was found."""
CALLER, AGENT, VISITOR = "caller", "agent-", "visitor-"
"""Labels in a room."""


@dataclass(frozen=True, kw_only=True)
class Repair:
    sessions: Sessions
    presences: Presences
    menus: Menus
    carrier: Carrier
    rooms: Rooms
    open_calls: OpenCalls
    sign_in: Callable[[AgentId], None]
    """Brings an agent whom Redis forgot back from the roster. Raises `RequestError` for one who is on none."""
    take_call: TakeCall
    match: MatchCalls
    facts: FactStream
    clock: Clock

    def release_forgotten(self) -> int:
        """Agents held by an offer that their call does not know (any more). How many; normally none."""
        now, found = self.clock.now(), 0
        for agent in self.presences.all():
            if agent.offer is None or agent.presence is Presence.WRAP_UP or now - agent.since < FORGOTTEN:
                continue
            session = self.sessions.find(agent.call) if agent.call else None
            if session is not None and agent.offer in session.offers_held:
                continue
            after = self.presences.change(agent.id, Released(at=now, offer=agent.offer))
            self._note(agent.call, "agent held by a forgotten offer", key=f"repair-{agent.offer}")
            found += 1
            if after.free:
                self.match.for_agent(agent.id)
        return found

    def find_rooms(self) -> int:
        """Rooms at the carrier that go on without their call: forgotten, or over. How many; normally none."""
        found = 0
        for room in self.rooms.open():
            session = self.sessions.find(room.call)
            if session is None:
                found += self._take_back(room, self.rooms.seats(room.id))
            elif session.ended_at is not None and self.clock.now() - session.ended_at > SETTLED:
                found += self._empty(room)
        return found

    def _empty(self, room: RoomRow) -> bool:
        """The order that should have ended this line did not come through."""
        ended = [leg for leg in self.rooms.seats(room.id).values() if self.carrier.end(leg)]
        if ended:
            self._note(room.call, "room of an ended call emptied", key=f"repair-{room.id}")
        return bool(ended)

    def _take_back(self, room: RoomRow, seats: Mapping[str, LegId]) -> bool:
        call = room.call
        record, line = self.open_calls.record(call), seats.get(CALLER)
        if line is None:
            return False
        talk = next((one for one in record.segments if one.answered_at and not one.ended_at), None) if record else None
        houses = houses_in(seats)
        agents = {label: leg for label, leg in seats.items() if label.startswith(AGENT)}
        visitors = [leg for label, leg in seats.items() if label.startswith(VISITOR)]
        own = agents.get(f"{AGENT}{talk.offer}") if talk else None
        agent_leg = own or next(iter(agents.values()), None)
        if houses and agent_leg is None:
            return self._leave_with_house(room, seats, record)
        if record is None or talk is None or talk.agent is None or talk.offer is None:
            # Nothing is known of it. Two who talk are left alone; one who is left over is led back into the menu.
            return agent_leg is None and self.carrier.move(leg=line, link=Link(door="enter", call=call, step="1"))
        self._sign_in(talk.agent)
        agent = self.presences.find(talk.agent)
        by_phone = agent is not None and agent.on_telephone
        found = self._again(record, talk, line=line, agent_leg=agent_leg or NOBODY, by_phone=by_phone)
        session = replace(found, returns=room.returns)
        follow = Draft(session, self.clock.now(), self._tree(record))
        hold.follow(follow)
        back = FoundTalking(at=self.clock.now(), offer=talk.offer, call=call, topic=talk.topic)
        step = Step(
            session=session,
            facts=(
                Repaired(at=self.clock.now(), call=call, what="talk found in a forgotten room"),
                *_off_hold(call, talk, self.clock.now()),
            ),
            orders=(
                *follow.orders,
                *(
                    EndLeg(call=call, leg=leg)
                    for leg in (*agents.values(), *houses.values(), *visitors)
                    if leg != agent_leg
                ),
            ),
            wake_ups=(WakeAt(alarm=Alarm.PULSE, at=self.clock.now() + TALK_PULSE),),
            agents=((talk.agent, back),),
        )
        saved = self.sessions.change(call, lambda known: None if known else step)
        if saved is not None and agent_leg is None:
            lost = AgentLost(at=self.clock.now(), offer=talk.offer, leg=NOBODY, by_phone=by_phone)
            self.take_call.tell(call, lost)
        return saved is not None

    def _leave_with_house(self, room: RoomRow, seats: Mapping[str, LegId], record: CallRecord | None) -> bool:
        """The agent has gone; the two talk on. Of a call of which nothing is known there is nothing to see through."""
        talk = next((one for one in reversed(record.segments) if one.answered_at), None) if record else None
        if record is None or talk is None:
            return False
        found = self._again(record, talk, line=seats[CALLER], agent_leg=NOBODY, by_phone=False)
        session = replace(found, returns=room.returns)
        step = left_with(session, seats, talk, self._tree(record), at=self.clock.now())
        return step is not None and self.sessions.change(room.call, lambda known: None if known else step) is not None

    def _sign_in(self, agent: AgentId) -> None:
        present = self.presences.find(agent)
        if present is None or present.presence is Presence.SIGNED_OUT:
            try:
                self.sign_in(agent)
            except RequestError:
                return  # taken off the roster meanwhile: the talk goes on, the account does not come back

    def _again(
        self, record: CallRecord, talk: Segment, *, line: LegId, agent_leg: LegId, by_phone: bool
    ) -> CallSession:
        """The call as its record knows it, in the room."""
        tree = self._tree(record)
        link = Link(
            door="left",
            call=record.call,
            step=str(talk.offer),
            version=tree.version,
            language=record.language,
            topic=talk.topic,
            priority=talk.priority,
            queued_ms=ms_of(talk.queued_at or talk.entered_at),
            segment=talk.segment,
            path=".".join(talk.path),
            agent=talk.agent or "",
        )
        caller = Caller(kind=CallerKind.UNKNOWN, country=record.country)
        found = recover(link, caller=caller, dialled=record.dialled, at=self.clock.now(), tree=tree, leg=line)
        return _seated(found, record, talk, agent_leg=agent_leg, by_phone=by_phone)

    def _tree(self, record: CallRecord) -> MenuTree:
        return self.menus.by_version(record.menu_version) or self.menus.by_number(record.dialled)

    def close_ended(self) -> int:
        """Calls open in the records whose line is over and of which Redis knows nothing. How many; normally none."""
        now, found = self.clock.now(), 0
        for call in self.open_calls.open_since(before=now - SETTLED):
            if self.sessions.find(call) is not None:
                continue
            ended_at = self._end_of(call, now)
            record = self.open_calls.record(call) if ended_at else None
            if record is None or ended_at is None or record.end is not None:
                continue
            end = CallEnded(at=ended_at, call=call, end=_end(record), left="", hung_up_by="unknown")
            self.facts.add([end], key=f"close-{call}")
            self._note(call, "call over at the carrier closed", key=f"repair-close-{call}")
            found += 1
        return found

    def _end_of(self, call: CallId, now: datetime) -> datetime | None:
        """When the line ended. None while it lives. A callback without a session has no line to ask about."""
        return now if attempt_of(call) is not None else self.rooms.ended_at(LegId(call))

    def _note(self, call: CallId | None, what: str, *, key: str) -> None:
        self.facts.add([Repaired(at=self.clock.now(), call=call, what=what)], key=key)


def _off_hold(call: CallId, talk: Segment, at: datetime) -> tuple[Fact, ...]:
    if talk.held_at is None or talk.agent is None:
        return ()
    return (HoldEnded(at=at, call=call, segment=talk.segment, agent=talk.agent),)


def _seated(found: CallSession, record: CallRecord, talk: Segment, *, agent_leg: LegId, by_phone: bool) -> CallSession:
    return replace(
        found,
        offer=OfferId(str(talk.offer)),
        agent_leg=agent_leg,
        agent_phone="phone" if by_phone else BROWSER,
        agent_in_room=True,
        was_held=True,
        connected_at=talk.answered_at,
        started_at=record.started_at or found.started_at,
        answers=record.answers,
    )


def _end(record: CallRecord) -> CallEnd:
    """How a call ended that nobody saw end."""
    if any(segment.answered_at for segment in record.segments):
        return CallEnd.ANSWERED
    return CallEnd.ABANDONED if record.segments else CallEnd.LEFT_MENU
