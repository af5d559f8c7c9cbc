"""What is joined for the supervisor's room. Part of the switchboard."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.people import Role
from ivr.core.session import CallSession, State
from ivr.storage.redis.board import RedisBoard
from ivr.storage.redis.live import RedisLive
from ivr.storage.redis.supervisor_notes import SupervisorNotes
from ivr.telephony.numbers import masked
from ivr.web.room_doors import RoomDoors, visitor_identity
from ivr.workflows.gone_queues import GoneQueues
from ivr.workflows.queue_outlook import QueueOutlook
from ivr.workflows.recent_waits import RecentWaits
from ivr.workflows.room_figures import RoomFigures
from ivr.workflows.set_limits import SetLimits
from ivr.workflows.show_day import ShowDay
from ivr.workflows.supervise_agents import SuperviseAgents
from ivr.workflows.supervise_calls import SuperviseCalls
from ivr.workflows.supervise_promises import SupervisePromises
from ivr.workflows.visit_talk import FollowVisit, VisitTalk
from ivr.workflows.watch_board import Board, Today
from ivr.workflows.watch_room import Room

if TYPE_CHECKING:
    from ivr.storage.sql.room import RoomRows
    from ivr.web.doors import Softphone
    from ivr.wiring import Switchboard

ESTIMATES_KEPT = timedelta(seconds=2)


class RoomParts:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of
        self._lock = threading.Lock()
        self._estimates: dict[str, tuple[datetime, Mapping[TopicId, int]]] = {}

    @cached_property
    def rows(self) -> RoomRows:
        from ivr.storage.sql.room import RoomRows

        return RoomRows(self._of.engine, self._of.seals)

    @cached_property
    def recent(self) -> RecentWaits:
        return RecentWaits(self.rows, self._of.clock, self._of.reports.limits)

    def estimates(self, tree: MenuTree, now: datetime) -> Mapping[TopicId, int]:
        """What the next caller of each topic may be told, in seconds; asked every other second at most."""
        with self._lock:
            at, found = self._estimates.get(tree.hotline, (None, {}))
            if at is None or not timedelta() <= now - at < ESTIMATES_KEPT:
                found = {topic: round(wait) for topic in tree.topics if (wait := self._estimate(tree, topic, now))}
                self._estimates[tree.hotline] = (now, found)
            return found

    def _estimate(self, tree: MenuTree, topic: TopicId, now: datetime) -> float | None:
        nobody = CallSession(
            call=CallId(""),
            hotline=tree.hotline,
            menu_version=tree.version,
            state=State.MENU,
            language=tree.default_language,
            started_at=now,
            queued_at=now,
        )
        said = self._of.estimates.for_place(nobody, topic, tree, now, priority=tree.topic(topic).priority)
        return said.wait.total_seconds() if said else None

    @cached_property
    def figures(self) -> RoomFigures:
        from ivr.storage.sql.my_day import MyDayRows
        from ivr.storage.sql.planned_breaks import PlannedBreaks

        of = self._of
        return RoomFigures(
            rows=self.rows,
            days=MyDayRows(of.engine),
            breaks=PlannedBreaks(of.engine),
            shifts=of.rules.keep.shifts.book,
            staff=of.people_roster,
            message_box=of.after.messages,
            trees=lambda: of.menus.trees,
            mask=masked,
            clock=of.clock,
        )

    @cached_property
    def board(self) -> Board:
        of = self._of
        return Board(
            live=RedisBoard(of.link),
            callbacks=of.promises.due,
            incident=of.incident,
            alerts=of.rules.book.standing,
            today=Today(of.reports.waits, of.clock),
            presences=of.presences,
            roster=of.people_roster,
            trees=lambda: of.menus.trees,
            clock=of.clock,
            estimate=self.estimates,
            recent=self.recent,
            outlook=QueueOutlook(self.rows, of.clock),
            unheard=self.rows.unheard,
            limits=self.rows.limits,
            gone=GoneQueues(live=RedisBoard(of.link), menus=of.menus, find=of.sessions.find),
        )

    @cached_property
    def room(self) -> Room:
        of = self._of
        return Room(
            board=self.board,
            live=RedisLive(of.link),
            presences=of.presences,
            menus=of.menus,
            roster=of.people_roster,
            figures=self.figures,
            mask=masked,
            clock=of.clock,
            find=of.sessions.find,
        )

    @cached_property
    def visit(self) -> VisitTalk:
        of = self._of
        return VisitTalk(
            take_call=of.take_call,
            sessions=of.sessions,
            menus=of.menus,
            audit=self._audit,
            draw=lambda: secrets.token_hex(8),
            clock=of.clock,
        )

    @cached_property
    def follow_visit(self) -> FollowVisit:
        of = self._of
        return FollowVisit(
            rooms=of.rooms,
            sessions=of.sessions,
            audit=self._audit,
            may=self._supervises,
            tell=of.take_call.tell,
            clock=of.clock,
        )

    def _supervises(self, login: str) -> bool:
        return any(one.login == login and one.may(Role.SUPERVISOR) for one in self._of.people.accounts())

    @cached_property
    def notes(self) -> SupervisorNotes:
        return SupervisorNotes(self._of.link)

    @cached_property
    def doors(self) -> RoomDoors:
        of = self._of
        return RoomDoors(
            room=self.room,
            calls=SuperviseCalls(
                take_call=of.take_call,
                sessions=of.sessions,
                presences=of.presences,
                menus=of.menus,
                match=of.match,
                audit=of.people.audit,
                clock=of.clock,
            ),
            agents=SuperviseAgents(
                desk=of.desk,
                end_wrap_up=of.end_wrap_up,
                notes=self.notes,
                audit=of.people.audit,
                draw=lambda: secrets.token_hex(8),
                clock=of.clock,
            ),
            promises=SupervisePromises(
                promises=of.promises_of(of.engine),
                owners=self.rows,
                names=of.people_roster.names,
                presences=of.presences,
                texts=of.evidence.texts,
                messages=of.after.messages,
                take_call=of.take_call,
                sessions=of.sessions,
                menus=of.menus,
                audit=of.people.audit,
                forget=self.figures.forget,
                clock=of.clock,
            ),
            visit=self.visit,
            limits=SetLimits(kept=self.rows, trees=lambda: list(of.menus.trees), audit=of.people.audit, clock=of.clock),
            day=ShowDay(rows=self.rows, trees=lambda: of.menus.trees, clock=of.clock),
            softphone=self._softphone,
            note_for=self.notes.find,
            put_away=self.notes.drop,
        )

    def _audit(self, **row: Any) -> None:
        """People are loaded with the first row: who answers webhooks seldom writes one."""
        self._of.people.audit(**row)

    def _softphone(self, login: str) -> Softphone:
        from ivr.wiring_site import softphone

        return softphone(self._of, AgentId(visitor_identity(login)))
