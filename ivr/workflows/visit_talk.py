"""A supervisor's line into a talk: asked for, admitted, seated, written down minute by minute.

The line belongs to a person and to one visit of one call; it is never an agent's. What the page asks for is written to the
audit before the line can hear anything, and each full minute after; the end of the visit is written when the call learns of it,
be it from the page, from the carrier or because the talk is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ivr.core.errors import RequestError
from ivr.core.events import Event
from ivr.core.ids import CallId, LegId, OfferId
from ivr.core.instructions import HangUp, JoinRoom, Link
from ivr.core.returning import room_of
from ivr.core.room_events import VisitAsked, VisitChanged, VisitorJoined, VisitorLeft
from ivr.core.session import CallSession
from ivr.core.visitors import Mode, NoteVisit, NoteVisitOver, SeatVisitor, VisitOrder
from ivr.core.visits import coached, refusal
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Clock, Menus, Rooms, Sessions
from ivr.workflows.supervise_calls import NOT_DONE, Audit, Outcome, done, not_done
from ivr.workflows.take_call import Answer, TakeCall

LABEL = "visitor-"
"""Of the seat in the room."""
DOOR = "visitor-left"
SEAT_AGAIN = timedelta(seconds=0.5)
SEAT_TRIES = 20


@dataclass(frozen=True, kw_only=True)
class VisitTalk:
    take_call: TakeCall
    sessions: Sessions
    menus: Menus
    audit: Audit
    draw: Callable[[], str]
    """Sixteen random hex digits."""
    clock: Clock

    def ask(self, call: CallId, mode: str, *, who: str, name: str) -> tuple[Outcome, str]:
        """The line that the page is to dial in with; empty when nobody is admitted. Raises RequestError (422)."""
        wanted = mode_of(mode)
        session = self.sessions.find(call)
        why = refusal(session, tree_of(self.menus, session)) if session else "gone"
        if not why and session and session.visitor is not None and session.visitor.who != who:
            why = "seat_taken"
        if why:
            self._not_admitted(who, wanted, call, why)
            return not_done(why), ""
        self._note(who, f"talk: {wanted}", call)
        line = OfferId(f"v{self.draw()}")
        event = VisitAsked(at=self.clock.now(), line=line, who=who, name=name, mode=wanted)
        step = self.take_call.tell(call, event)
        visitor = step.session.visitor if step else None
        if visitor is None or visitor.line != line:
            why = "seat_taken" if visitor else "no_talk"
            self._not_admitted(who, wanted, call, why)
            return not_done(why), ""
        return done("admitted"), f"{line}.{call}"

    def change(self, call: CallId, mode: str, *, who: str) -> Outcome:
        """Listen, whisper or join from now on. Raises RequestError (422)."""
        wanted, session = mode_of(mode), self.sessions.find(call)
        visitor = session.visitor if session else None
        if visitor is None or visitor.who != who:
            return not_done("visit_over")
        self._note(who, f"talk: {wanted}", call)
        event = VisitChanged(at=self.clock.now(), line=visitor.line, mode=wanted)
        step = self.take_call.tell(call, event)
        after = step.session.visitor if step else None
        return done("mode_set") if after is not None and after.mode is wanted else not_done("visit_over")

    def leave(self, call: CallId, *, who: str) -> Outcome:
        session = self.sessions.find(call)
        visitor = session.visitor if session else None
        if visitor is not None and visitor.who == who:
            self.take_call.tell(call, VisitorLeft(at=self.clock.now(), line=visitor.line))
        return done("left")

    # ---- the line ----------------------------------------------------------------------------------------------

    def join(self, named: str, leg: LegId, *, who: str) -> Answer:
        """The page's line asks for the room. `who`: from its signed token."""
        line, call = parted(named)
        session = self.sessions.find(call)
        if session is None or session.visitor is None or session.visitor.who != who or session.visitor.line != line:
            return self._over(session)
        step = self.take_call.tell(call, VisitorJoined(at=self.clock.now(), line=line, leg=leg))
        if step is None or step.session.visitor is None or step.session.visitor.leg != leg:
            return self._over(step.session if step else session)
        return Answer(instructions=(_room(step.session, line),), tree=tree_of(self.menus, step.session))

    def left(self, call: CallId, line: OfferId, leg: LegId) -> None:
        """The supervisor's line is out of the room, or over."""
        self.take_call.tell(call, VisitorLeft(at=self.clock.now(), line=line, leg=leg))

    def _over(self, session: CallSession | None) -> Answer:
        tree = tree_of(self.menus, session) if session else self.menus.by_number("")
        return Answer(instructions=(HangUp(),), tree=tree)

    def _note(self, who: str, what: str, call: CallId, **detail: object) -> None:
        self.audit(at=self.clock.now(), who=who, what=what, object=call, detail=detail)

    def _not_admitted(self, who: str, wanted: Mode, call: CallId, why: str) -> None:
        """Nothing was heard, and the row says so."""
        self._note(who, NOT_DONE, call, deed=f"talk: {wanted}", why=why)


@dataclass(frozen=True, kw_only=True)
class FollowVisit:
    """Carries out the orders of a visit, in the dispatcher."""

    rooms: Rooms
    sessions: Sessions
    audit: Audit
    may: Callable[[str], bool]
    """Whether this sign-in name may sit in on talks today."""
    tell: Callable[[CallId, Event], object]
    clock: Clock

    def __call__(self, order: VisitOrder, *, tries: int) -> timedelta | None:
        """A duration: not yet, come again after it."""
        if isinstance(order, NoteVisitOver):
            detail = {"mode": order.mode, "heard": order.heard, "minutes": order.minutes}
            self.audit(at=order.at, who=order.who, what="talk: left", object=order.call, detail=detail)
            return None
        if isinstance(order, NoteVisit):
            detail = {"mode": order.mode, "minute": order.minute}
            self.audit(at=order.at, who=order.who, what="talk: a minute", object=order.call, detail=detail)
            if not self.may(order.who):  # who was disabled meanwhile, or is no supervisor any more, hears no further
                self.tell(order.call, VisitorLeft(at=self.clock.now(), line=order.line))
            return None
        return self._seat(order, tries=tries)

    def _seat(self, order: SeatVisitor, *, tries: int) -> timedelta | None:
        """The seat as the call wants it now, whatever it wanted when this was ordered."""
        session = self.sessions.find(order.call)
        visitor = session.visitor if session else None
        if session is None or visitor is None or visitor.line != order.line or visitor.leg is None:
            return None
        coach = coached(session, order.line)
        muted = visitor.mode is Mode.LISTEN
        there = self.rooms.seat(room=room_of(session), leg=visitor.leg, muted=muted, coach=coach)
        return None if there or tries >= SEAT_TRIES else SEAT_AGAIN


def _room(session: CallSession, line: OfferId) -> JoinRoom:
    assert session.visitor is not None
    return JoinRoom(
        room=room_of(session),
        label=f"{LABEL}{line}",
        link=Link(door=DOOR, call=session.call, step=line),
        muted=session.visitor.mode is Mode.LISTEN,
        coach=coached(session, line),
        starts=False,
    )


def mode_of(word: str) -> Mode:
    try:
        return Mode(word)
    except ValueError:
        raise RequestError(f"{word!r} is no way to sit in", status=422, error_id="unknown_mode") from None


def parted(named: str) -> tuple[OfferId, CallId]:
    """Line and call of the name that the page dials in with."""
    line, _, call = named.partition(".")
    return OfferId(line), CallId(call)
