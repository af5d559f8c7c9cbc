"""The supervisor's desk: who waits and why, who talks, what each agent did today, which promises are open.

Everything is read, nothing is stored: live calls as the store has them (one whose version is known is not read twice), and
the slow figures from SQL, kept for a few seconds per process. Numbers are masked here, before anything leaves the service.
What a row cannot know is None, and the page shows a dash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Protocol

from ivr.core.agents import Agent, Presence
from ivr.core.errors import RequestError
from ivr.core.events import CallerKind
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.menus import MenuTree
from ivr.core.obstacles import Fits, Obstacle, Reason, expected, reasons
from ivr.core.queues import Lane, QueuedCall
from ivr.core.room import LATE
from ivr.core.session import CallSession, State
from ivr.core.supervision import callback_node
from ivr.core.visits import refusal
from ivr.workflows.agent_view import AllMenus, Mask, Roster, is_urgent, recording_of
from ivr.workflows.match_calls import tree_of
from ivr.workflows.menu_labels import named, path_labels
from ivr.workflows.ports import Clock, Presences
from ivr.workflows.room_figures import DeskFigures, MessageRow, PromiseRow, RoomFigures, TeamRow
from ivr.workflows.told_wait import ToldWait, told_wait
from ivr.workflows.watch_board import Board, BoardView

MOST = 100
"""Waiting callers in one view, in the order in which they are served; who has waited longest in a queue is shown beyond it."""
IN_LINE = frozenset({State.QUEUED, State.OFFERED, State.CONNECTING})


class LiveCalls(Protocol):
    def calls(self) -> Sequence[CallSession]:
        """Every call that has not ended."""


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """A caller in line, or one for whom an agent rings."""

    call: CallId
    position: int | None
    """In the line of the topic, from 1; None: an agent rings already."""
    caller: str
    """Masked; empty when there is none, see `caller_kind`."""
    caller_kind: CallerKind
    topic: TopicId
    topic_name: str
    path: tuple[str, ...]
    language: Language
    language_name: str
    urgent: bool
    why: str
    """`critical`, `menu` (the caller's choice), `raised` (called again, or by a supervisor), or nothing."""
    priority: int
    queued_at: datetime
    """First queue time; the wait counts from here."""
    entered_at: datetime
    """Joined this queue."""
    started_at: datetime
    told: ToldWait | None
    no_answers: int
    """Offers that came back in this queue."""
    rings_at: str
    """Name of the agent who is rung, or on the way; empty: nobody."""
    callback: bool
    """We call: the caller is not on the line."""
    may_call_back: bool
    """The menu has a place where this caller can be asked about a callback."""
    blocked: Mapping[str, int]
    """Agents with the skill, by what stands in their way; empty for one who is offered."""


@dataclass(frozen=True, kw_only=True)
class VisitorView:
    name: str
    mode: str
    inside: bool
    """Their line is in the room."""
    who: str
    """Sign-in name."""


@dataclass(frozen=True, kw_only=True)
class TalkRow:
    call: CallId
    caller: str
    caller_kind: CallerKind
    agent: AgentId
    agent_name: str
    topic_name: str
    language_name: str
    connected_at: datetime | None
    held_at: datetime | None
    holds: int
    """In this call, whoever held it."""
    recording: str
    """As the agent sees it: `off`, `refused`, `can`, `on`, `paused`."""
    transfers: int
    with_whom: str
    """A colleague or a house that is asked or in the room."""
    visitor: VisitorView | None
    visit_refused: str
    """Why nobody may listen: `not_allowed`, `not_told`, `no_talk`, `stranger`; empty: somebody may."""


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    """Why it is not this agent."""

    agent: AgentId
    name: str
    obstacle: Obstacle
    since: datetime | None
    until: datetime | None
    detail: str
    """In words: the missing language, the topic in hand. Of a break its reason, as a word."""


@dataclass(frozen=True, kw_only=True)
class RoomView:
    board: BoardView
    waiting: tuple[WaitingRow, ...]
    waiting_more: int
    """Callers in line beyond those shown."""
    talks: tuple[TalkRow, ...]
    desks: Mapping[AgentId, DeskFigures]
    """Figures of the day, of agents who are signed in; empty while they cannot be read."""
    team_handle_s: float | None
    """Median of the agents' means."""
    teams: tuple[TeamRow, ...]
    """By which the agents' part can be narrowed."""
    promises: tuple[PromiseRow, ...] | None
    """Open callbacks; None while they cannot be read."""
    late_after_s: float
    """After which the board counts one of them as late."""
    messages: tuple[MessageRow, ...] | None


@dataclass(frozen=True, kw_only=True)
class Room:
    board: Board
    live: LiveCalls
    presences: Presences
    menus: AllMenus
    roster: Roster
    figures: RoomFigures
    mask: Mask
    clock: Clock
    find: Callable[[CallId], CallSession | None]

    def view(self, language: Language) -> RoomView:
        """The whole room, as it is now."""
        board = self.board.view(language)
        shown = _Shown(self, language)
        calls = self.live.calls()
        waiting = shown.waiting(calls)
        first = _first(waiting)
        desks = self.figures.desks()
        known = [one.handle_s for one in desks.values() if one.handle_s is not None]
        return RoomView(
            board=board,
            waiting=first,
            waiting_more=len(waiting) - len(first),
            talks=tuple(shown.talks(calls)),
            desks=desks,
            team_handle_s=median(known) if known else None,
            teams=self.figures.teams(),
            promises=self.figures.promises(language),
            late_after_s=LATE.total_seconds(),
            messages=self.figures.messages(language),
        )

    def why(self, call: CallId, language: Language) -> tuple[ReasonRow, ...]:
        """Why it is none of the agents with the skill. Raises RequestError (409) for a caller who does not wait."""
        session = self.find(call)
        queued = queued_call(session) if session else None
        if session is None or queued is None or session.state is not State.QUEUED:
            raise RequestError("this caller does not wait any more", status=409, error_id="caller_gone")
        shown = _Shown(self, language)
        found = reasons(queued, shown.agents, at_ms=shown.now_ms)
        return tuple(shown.reason(one, tree_of(self.menus, session)) for one in found)


def _first(rows: Sequence[WaitingRow]) -> tuple[WaitingRow, ...]:
    """The first in line, and wherever they stand those who have waited longest in their queue: a figure of the board is about them."""
    longest: dict[TopicId, WaitingRow] = {}
    for row in rows:
        if row.position is not None and (row.topic not in longest or row.queued_at < longest[row.topic].queued_at):
            longest[row.topic] = row
    return (*rows[:MOST], *(row for row in rows[MOST:] if longest.get(row.topic) is row))


def queued_call(session: CallSession) -> QueuedCall | None:
    if session.demand is None or session.queued_at is None:
        return None
    return QueuedCall(call=session.call, demand=session.demand, queued_ms=round(session.queued_at.timestamp() * 1000))


@dataclass
class _Shown:
    """One look at the room, in one language."""

    room: Room
    language: Language
    names: Mapping[AgentId, str] = field(init=False)
    agents: Sequence[Agent] = field(init=False)
    now_ms: int = field(init=False)
    fits: Fits = field(default_factory=Fits)

    def __post_init__(self) -> None:
        self.names = self.room.roster.names()
        self.agents = [one for one in self.room.presences.all() if one.presence is not Presence.SIGNED_OUT]
        self.now_ms = round(self.room.clock.now().timestamp() * 1000)

    def name(self, agent: AgentId | None) -> str:
        return self.names.get(agent, agent) if agent else ""

    def waiting(self, calls: Sequence[CallSession]) -> list[WaitingRow]:
        """In the order in which they are served; those for whom an agent rings come last."""
        found = [(queued, one) for one in calls if one.state in IN_LINE and (queued := queued_call(one)) is not None]
        found.sort(key=lambda pair: (pair[1].state is not State.QUEUED, pair[0].rank, pair[0].call))
        places: Counter[str] = Counter()
        rows: list[WaitingRow] = []
        for queued, session in found:
            if session.called_out:
                continue
            place = None
            if session.state is State.QUEUED:
                places[queued.demand.topic] += 1
                place = places[queued.demand.topic]
            rows.append(self._waiting(queued, session, place, counted=len(rows) < MOST))
        return rows

    def _waiting(self, queued: QueuedCall, session: CallSession, place: int | None, *, counted: bool) -> WaitingRow:
        tree = tree_of(self.room.menus, session)
        topic, number = tree.topics.get(queued.demand.topic), session.caller.number
        voice = tree.voices.get(session.language)
        assert session.queued_at is not None
        return WaitingRow(
            call=session.call,
            position=place,
            caller=self.room.mask(number) if number else "",
            caller_kind=session.caller.kind,
            topic=queued.demand.topic,
            topic_name=named(topic.names, self.language) if topic else queued.demand.topic,
            path=path_labels(tree, session.path, self.language),
            language=session.language,
            language_name=voice.name if voice else session.language,
            urgent=is_urgent(session) or session.raised > 0 or queued.demand.lane is Lane.CRITICAL,
            why=_why(session, queued),
            priority=queued.demand.priority,
            queued_at=session.queued_at,
            entered_at=session.entered_at or session.queued_at,
            started_at=session.started_at,
            told=told_wait(session, tree, self.language),
            no_answers=session.offers - (place is None),
            rings_at=self.name(session.agent) if place is None else "",
            callback=session.callback is not None,
            may_call_back=place is not None and callback_node(session, tree) is not None,
            blocked=self._blocked(queued) if place is not None and counted else {},
        )

    def _blocked(self, queued: QueuedCall) -> Mapping[str, int]:
        found = reasons(queued, self.agents, at_ms=self.now_ms, fits=self.fits)
        counts = Counter(one.obstacle.value for one in found)
        if not any(expected(queued, one) for one in self.agents):
            counts["nobody"] = 1
        return counts

    def talks(self, calls: Sequence[CallSession]) -> list[TalkRow]:
        """The longest first."""
        found = [one for one in calls if one.state is State.CONNECTED and one.agent is not None]
        found.sort(key=lambda one: (one.connected_at or one.started_at, one.call))
        return [self._talk(one) for one in found]

    def _talk(self, session: CallSession) -> TalkRow:
        tree = tree_of(self.room.menus, session)
        topic, number = tree.topics.get(session.topic) if session.topic else None, session.caller.number
        voice, visitor = tree.voices.get(session.language), session.visitor
        view = (
            VisitorView(name=visitor.name, mode=visitor.mode, inside=visitor.leg is not None, who=visitor.who)
            if visitor
            else None
        )
        return TalkRow(
            call=session.call,
            caller=self.room.mask(number) if number else "",
            caller_kind=session.caller.kind,
            agent=session.agent or AgentId(""),
            agent_name=self.name(session.agent),
            topic_name=named(topic.names, self.language) if topic else (session.topic or ""),
            language_name=voice.name if voice else session.language,
            connected_at=session.connected_at,
            held_at=session.held_at,
            holds=session.holds,
            recording=recording_of(session, topic),
            transfers=session.transferred,
            with_whom=self._with_whom(session, tree),
            visitor=view,
            visit_refused=refusal(session, tree),
        )

    def _with_whom(self, session: CallSession, tree: MenuTree) -> str:
        one = session.consult
        if one is None:
            return ""
        house = tree.destination(one.outside) if one.outside else None
        return named(house.names, self.language) if house else self.name(one.agent or one.wanted)

    def reason(self, one: Reason, tree: MenuTree) -> ReasonRow:
        detail = one.detail
        if one.obstacle is Obstacle.LANGUAGE:
            voice = tree.voices.get(Language(detail))
            detail = voice.name if voice else detail
        elif one.obstacle in (Obstacle.ON_CALL, Obstacle.RINGING, Obstacle.WRAP_UP) and detail:
            topic = tree.topics.get(TopicId(detail))
            detail = named(topic.names, self.language) if topic else detail
        return ReasonRow(
            agent=one.agent,
            name=self.name(one.agent),
            obstacle=one.obstacle,
            since=one.since,
            until=one.until,
            detail=detail,
        )


def _why(session: CallSession, queued: QueuedCall) -> str:
    if queued.demand.lane is Lane.CRITICAL:
        return "critical"
    if queued.demand.lane is Lane.FIRST:
        return "first"
    if is_urgent(session):
        return "menu"
    return "raised" if session.raised else ""
