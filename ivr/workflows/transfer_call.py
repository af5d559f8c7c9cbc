"""What an agent does with a caller in the talk: hold, hand to another desk, bring a colleague in.

Every request names the agent's own offer, and only the agent whose talk it is may act; a colleague who was asked for help
may leave, and nothing else. A person is claimed by name, a queue by its own order; either way one atomic script claims,
as for every other offer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.agents import Agent, Presence
from ivr.core.card_numbers import masked_cards
from ivr.core.errors import RequestError
from ivr.core.events import OfferEvent
from ivr.core.hours import is_open
from ivr.core.house_events import HouseAsked
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.menus import MenuTree, Topic
from ivr.core.notes import LONGEST
from ivr.core.session import CallSession, State, Step
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
from ivr.workflows.agent_view import Roster
from ivr.workflows.estimate_wait import EstimateWait
from ivr.workflows.match_calls import MatchCalls, tree_of
from ivr.workflows.menu_labels import named
from ivr.workflows.own_talk import own_talk
from ivr.workflows.ports import Claim, Clock, Menus, Presences, Sessions
from ivr.workflows.take_call import TakeCall


class QueueNow(Protocol):
    @property
    def topic(self) -> TopicId: ...

    @property
    def waiting(self) -> int: ...


HOUSE = "h"
"""Before the drawn digits of the line to a house: no agent's offer looks so."""


class LiveQueues(Protocol):
    def queues(self, topics: Sequence[TopicId] | None = None) -> Sequence[QueueNow]: ...


@dataclass(frozen=True, kw_only=True)
class DeskTarget:
    """A queue that the caller may be given to."""

    topic: TopicId
    name: str
    waiting: int
    estimate_s: int | None
    """Expected wait of one who joins now; None: not known."""
    free: int
    """Agents who could take the call at once."""
    open: bool


@dataclass(frozen=True, kw_only=True)
class PersonTarget:
    """A colleague who is signed in."""

    agent: AgentId
    name: str
    presence: Presence
    since: datetime
    free: bool
    language: bool
    """Speaks the caller's language."""


@dataclass(frozen=True, kw_only=True)
class Targets:
    desks: tuple[DeskTarget, ...]
    people: tuple[PersonTarget, ...]
    houses: tuple[tuple[str, str], ...] = ()
    """Destinations of the menu file: name and label."""


@dataclass(frozen=True, kw_only=True)
class TransferCall:
    take_call: TakeCall
    presences: Presences
    sessions: Sessions
    menus: Menus
    match: MatchCalls
    queues: LiveQueues
    roster: Roster
    clock: Clock
    estimates: EstimateWait
    draw: Callable[[], str]
    """Sixteen random hex digits."""

    def hold(self, agent: AgentId, offer: OfferId, *, on: bool) -> None:
        """The caller hears music, or the agent again. Asked twice, it changes nothing."""
        self._tell(agent, offer, HoldAsked(at=self.clock.now(), offer=offer, on=on))

    def pause_recording(self, agent: AgentId, offer: OfferId, *, on: bool) -> None:
        """What is not recorded is left as it is."""
        self._tell(agent, offer, PauseAsked(at=self.clock.now(), offer=offer, on=on))

    def transfer(self, agent: AgentId, offer: OfferId, *, topic: str = "", to: str = "", note: str = "") -> None:
        """Cold: the caller goes on, the agent to wrap-up. Raises RequestError when the desk is closed or `to` is not free."""
        session, tree = self._talk(agent, offer)
        where = self._desk(session, tree, topic)
        person = self._person(agent, to)
        if person is None:
            self._must_be_open(where, tree)
        event = TransferAsked(at=self.clock.now(), offer=offer, topic=where.id, agent=person, note=checked(note))
        step = self._tell(agent, offer, event)
        if person is None or step.session.state is not State.QUEUED:
            return
        claim = self.match.matcher.directed(session.call, person)
        if isinstance(claim, Claim):
            self.match.offer(claim)
        else:
            self.match.for_call(session.call)

    def pass_on(self, agent: AgentId, offer: OfferId, *, destination: str, note: str = "") -> None:
        """To a house of the menu file; the agent goes to wrap-up. Raises RequestError."""
        _allowed(self._talk(agent, offer)[1], destination)
        now = self.clock.now()
        self._tell(agent, offer, PassedOn(at=now, offer=offer, destination=destination, note=checked(note)))

    def consult(self, agent: AgentId, offer: OfferId, *, topic: str = "", to: str = "", note: str = "") -> None:
        """The caller on hold, a colleague rung. Raises RequestError as `transfer` does, and when one is asked for already."""
        session, tree = self._talk(agent, offer)
        _nobody_asked(session)
        where = self._desk(session, tree, topic)
        person = self._person(agent, to)
        if person is None:
            self._must_be_open(where, tree)
        event = ConsultAsked(at=self.clock.now(), offer=offer, topic=where.id, agent=person, note=checked(note))
        step = self._tell(agent, offer, event)
        one = step.session.consult
        if person is None or one is None or one.asked_at != event.at:
            return  # found by the desk's own queue, or asked for by another click
        claim = self.match.matcher.directed(session.call, person)
        if isinstance(claim, Claim):
            self.match.offer(claim)
        else:
            self._tell(agent, offer, ConsultRefused(at=self.clock.now(), offer=offer, asked_at=event.at, reason="busy"))

    def consult_outside(self, agent: AgentId, offer: OfferId, *, destination: str, note: str = "") -> None:
        """The caller on hold, a house of the menu file dialled. Raises RequestError as `pass_on` and `consult` do."""
        session, tree = self._talk(agent, offer)
        _nobody_asked(session)
        _allowed(tree, destination)
        event = HouseAsked(
            at=self.clock.now(),
            offer=offer,
            destination=destination,
            line=OfferId(f"{HOUSE}{self.draw()}"),
            note=checked(note),
        )
        self._tell(agent, offer, event)

    def alone(self, agent: AgentId, offer: OfferId) -> None:
        """The colleague is let go, or not looked for any more; the caller is back in the talk."""
        self._tell(agent, offer, ConsultOver(at=self.clock.now(), offer=offer))

    def hand_over(self, agent: AgentId, offer: OfferId) -> None:
        """The caller stays with the colleague or the house in the room. Raises RequestError when nobody is there."""
        session, _ = self._talk(agent, offer)
        if session.consult is None or not session.consult.in_room:
            raise RequestError("nobody else is in the talk", status=409, error_id="nobody_there")
        self._tell(agent, offer, HandedOver(at=self.clock.now(), offer=offer))

    def targets(self, agent: AgentId, offer: OfferId, language: Language) -> Targets:
        """Where the caller may go, as things stand now."""
        session, tree = self._talk(agent, offer)
        present = [one for one in self.presences.all() if one.presence is not Presence.SIGNED_OUT and one.id != agent]
        waiting = {row.topic: row.waiting for row in self.queues.queues(list(tree.topics))}
        names = self.roster.names()
        desks = tuple(
            DeskTarget(
                topic=topic.id,
                name=named(topic.names, language),
                waiting=waiting.get(topic.id, 0),
                estimate_s=self._wait(session, topic, tree),
                free=sum(one.free and serves(one, topic, session.language) for one in present),
                open=self._is_open(topic, tree),
            )
            for topic in tree.topics.values()
        )
        people = tuple(
            PersonTarget(
                agent=one.id,
                name=names.get(one.id, one.id),
                presence=one.presence,
                since=one.since,
                free=one.free,
                language=one.languages.get(session.language, 0) > 0,
            )
            for one in sorted(present, key=lambda one: (not one.free, names.get(one.id, one.id)))
        )
        houses = tuple((one.name, named(one.names, language)) for one in tree.destinations)
        return Targets(desks=desks, people=people, houses=houses)

    def _talk(self, agent: AgentId, offer: OfferId) -> tuple[CallSession, MenuTree]:
        """The call in which this agent talks by this offer."""
        session = own_talk(self.presences, self.sessions, agent, offer)
        return session, tree_of(self.menus, session)

    def _tell(self, agent: AgentId, offer: OfferId, event: OfferEvent) -> Step:
        session, _ = self._talk(agent, offer)
        step = self.take_call.tell(CallId(session.call), event)
        if step is None:
            raise RequestError("this talk is over", status=409, error_id="offer_over")
        return step

    def _desk(self, session: CallSession, tree: MenuTree, topic: str) -> Topic:
        """The topic that is named; without one, that of the call."""
        found = tree.topics.get(TopicId(topic)) if topic else tree.topics.get(session.topic or TopicId(""))
        if found is None:
            raise RequestError(f"topic {topic!r} is not known", status=422, error_id="unknown_topic")
        return found

    def _person(self, agent: AgentId, to: str) -> AgentId | None:
        if not to:
            return None
        present = self.presences.find(AgentId(to))
        if to == agent or present is None or not present.free:
            raise RequestError("this colleague is not free now", status=409, error_id="not_free")
        return AgentId(to)

    def _must_be_open(self, topic: Topic, tree: MenuTree) -> None:
        if not self._is_open(topic, tree):
            raise RequestError("this desk is closed now", status=409, error_id="closed")

    def _wait(self, session: CallSession, topic: Topic, tree: MenuTree) -> int | None:
        """Expected, at the caller's own first queue time; None: not known."""
        anew = replace(session, demand=None)
        said = self.estimates.for_place(anew, topic.id, tree, self.clock.now(), priority=topic.priority)
        return round(said.wait.total_seconds()) if said else None

    def _is_open(self, topic: Topic, tree: MenuTree) -> bool:
        calendar = tree.calendars.get(topic.calendar or "")
        return calendar is None or is_open(calendar, self.clock.now())


def _allowed(tree: MenuTree, destination: str) -> None:
    if tree.destination(destination) is None:
        raise RequestError("no such destination", status=422, error_id="no_destination")


def _nobody_asked(session: CallSession) -> None:
    if session.consult is not None:
        raise RequestError("somebody is asked already", status=409, error_id="consulting")


def serves(agent: Agent, topic: Topic, language: Language) -> bool:
    """At some level each: what the last step of relaxation would take."""
    return agent.languages.get(language, 0) > 0 and all(agent.skills.get(skill, 0) > 0 for skill in topic.skills)


def checked(note: str) -> str:
    """A note as it may be kept. Raises RequestError when it is too long."""
    if len(note) > LONGEST:
        raise RequestError(f"a note is longer than {LONGEST}", status=422, error_id="notes_too_long")
    return masked_cards(note.strip())
