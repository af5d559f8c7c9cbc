"""The promises: SQL is where a callback lives, Redis only holds the place in line of the present try.

Every change is one `UPDATE … WHERE` that names the state it expects (compare and set), so that whatever runs twice, late or
side by side changes a row at most once. `look_at` says when somebody must look at a row next; taking a row moves it
on, which is the lease of who took it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.callback_metrics import CONNECTED, CallbackResult
from ivr.core.callback_orders import CallbackCancelled, CallbackPromised
from ivr.core.callback_rules import SLOT_EXPIRES, WAITING, CallbackState, OpenCallback, Promise, Window
from ivr.core.callback_tries import Again, Close, TryEnd
from ivr.core.commitments import Commitment
from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, LegId, TopicId
from ivr.core.room import LATE, Due
from ivr.storage.sql.call_out_table import ringing
from ivr.storage.sql.callback_changes import close_row, closing, end_try, moved
from ivr.storage.sql.callback_rows import promise_of, row_of
from ivr.storage.sql.engine import UTCDateTime, insert_new, reading, writing
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_promises import mark_promise
from ivr.storage.sql.tables import callback_attempts, callbacks

LEASE = timedelta(seconds=15)
"""Who takes a row looks at it within this, else it is taken again."""
ON_THE_LINE = (CallbackState.DIALLING, CallbackState.CONFIRMED, CallbackState.CONNECTED)
DIALS = "callbacks dial"
"""Name of the lock under which it is decided whom we call."""
HOUR = timedelta(hours=1)
t, tries = callbacks, callback_attempts


@dataclass(frozen=True)
class Callbacks:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    # ---- making promises -------------------------------------------------------------------------------------

    def write_promise(self, connection: Connection, commitment: Commitment) -> None:
        """The row of a new promise; the same one again changes nothing. A second open one is not stored, and raises."""
        assert isinstance(commitment, CallbackPromised)
        insert_new(connection, t, [row_of(commitment.promise, self.seals)])
        if connection.scalar(sa.select(t.c.id).where(t.c.id == commitment.promise.id)) is None:
            raise Unavailable("another promise to this number stands already")
        mark_promise(connection, commitment.promise.id)

    def write_cancel(self, connection: Connection, commitment: Commitment) -> None:
        assert isinstance(commitment, CallbackCancelled)
        close_row(connection, commitment.callback, CallbackResult.CANCELLED, "cancelled by the caller", commitment.at)

    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]:
        """Open promises to this number, oldest first."""
        query = sa.select(t).where(self._of(number), t.c.hotline == hotline, t.c.state != CallbackState.CLOSED)
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(t.c.requested_at)).all()
        return [
            OpenCallback(id=row.id, topic=TopicId(row.topic), queued_at=row.queued_at, priority=row.priority)
            for row in rows
        ]

    def asked(self, number: str, hotline: str, at: datetime) -> tuple[int, int]:
        """Requests of this number in the last hour, and open promises of the hotline in all."""
        mine = sa.select(sa.func.count()).where(self._of(number), t.c.requested_at > at - HOUR)
        every = sa.select(sa.func.count()).where(t.c.hotline == hotline, t.c.state != CallbackState.CLOSED)
        with reading(self.engine) as connection:
            return int(connection.scalar(mine) or 0), int(connection.scalar(every) or 0)

    def find(self, callback: str) -> Promise | None:
        with reading(self.engine) as connection:
            return self._found(connection, callback)

    def due(self, hotline: str, at: datetime) -> Mapping[str, Due]:
        """By topic."""
        is_due = sa.case((t.c.due_at <= at, 1), else_=0)
        is_late = sa.case((sa.func.coalesce(t.c.promised_to, t.c.due_at) < at - LATE, 1), else_=0)
        query = (
            sa.select(
                t.c.topic,
                sa.func.sum(is_due).label("due"),
                sa.func.sum(is_late).label("late"),
                sa.func.min(t.c.promised_to, type_=UTCDateTime()).label("named"),
                sa.func.min(sa.case((t.c.promised_to.is_(None), t.c.due_at)), type_=UTCDateTime()).label("unnamed"),
            )
            .where(t.c.hotline == hotline, t.c.state.in_(WAITING))
            .group_by(t.c.topic)
        )
        with reading(self.engine) as connection:
            return {row.topic: _due(row) for row in connection.execute(query)}

    # ---- the dispatcher's looks --------------------------------------------------------------------------------

    def take(self, at: datetime, limit: int) -> Sequence[Promise]:
        """Rows that are to be looked at now; each is taken by one dispatcher, and again after the lease."""
        due = (
            sa.select(t.c.id, t.c.look_at)
            .where(t.c.look_at <= at, t.c.state != CallbackState.CLOSED)
            .order_by(t.c.look_at)
            .limit(limit)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(due).all()
        if not rows:
            return []
        with writing(self.engine) as connection:
            mine = [
                row.id
                for row in rows
                if connection.execute(
                    t.update().where(t.c.id == row.id, t.c.look_at == row.look_at).values(look_at=at + LEASE)
                ).rowcount
            ]
            return [found for callback in mine if (found := self._found(connection, callback)) is not None]

    def look_again(self, callback: str, at: datetime) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                t.update().where(t.c.id == callback, t.c.state != CallbackState.CLOSED).values(look_at=at)
            )

    def start_try(self, promise: Promise, at: datetime) -> Promise | None:
        """`requested` → `due`, with the number of the new try. None: somebody was faster."""
        with writing(self.engine) as connection:
            changed = moved(
                connection,
                promise,
                (CallbackState.REQUESTED,),
                state=CallbackState.DUE,
                attempts=promise.attempts + 1,
                look_at=at + LEASE,
            )
            return self._found(connection, promise.id) if changed else None

    def enrolled(self, promise: Promise) -> bool:
        """`due` → `reserving`. False: it stood in line already, or has gone on."""
        with writing(self.engine) as connection:
            return moved(connection, promise, (CallbackState.DUE,), state=CallbackState.RESERVING)

    def put_off(self, promise: Promise, due_at: datetime) -> bool:
        """Back to `requested`: nobody is dialled before `due_at`. A promise that would be over by then lasts two hours longer.

        False: it has gone on, or was put off by somebody else, since this was read.
        """
        values: dict[str, object] = {"state": CallbackState.REQUESTED, "due_at": due_at, "look_at": due_at}
        if due_at >= promise.expires_at:
            values["expires_at"] = due_at + SLOT_EXPIRES
        with writing(self.engine, locks=[f"put off {promise.id}"]) as connection:
            due_now = connection.scalar(sa.select(t.c.due_at).where(t.c.id == promise.id))
            return due_now == promise.due_at and moved(connection, promise, WAITING, **values)

    def move(self, promise: Promise, topic: TopicId) -> bool:
        """For another queue from now on, this try and all that follow. While nobody was dialled for it: back to `requested`, so that
        the next try begins there at once, at the place that was kept.

        False: it has gone on, or was moved or put off by somebody else, since this was read.
        """
        values: dict[str, object] = {"topic": topic}
        if promise.state in WAITING:
            values |= {"state": CallbackState.REQUESTED, "look_at": promise.due_at}
        states = WAITING if promise.state in WAITING else (promise.state,)
        with writing(self.engine, locks=[f"put off {promise.id}"]) as connection:
            now = connection.execute(sa.select(t.c.due_at, t.c.topic).where(t.c.id == promise.id)).first()
            if now is None or (now.due_at, now.topic) != (promise.due_at, promise.topic):
                return False
            changed = moved(connection, promise, states, **values)
            if changed:
                mark_promise(connection, promise.id)
            return changed

    def name_time(self, promise: Promise, window: Window, *, at: datetime) -> None:
        """This is what the customer was told last. A time that was named before is kept, to be judged by itself."""
        with writing(self.engine) as connection:
            before = connection.execute(
                sa.select(t).where(t.c.id == promise.id, t.c.state != CallbackState.CLOSED)
            ).first()
            if before is None:
                return
            if before.promised_to is not None:
                named = {"promised_from": before.promised_from, "promised_to": before.promised_to}
                insert_new(connection, callback_times, [{"callback": promise.id, "at": at, **named}])
            connection.execute(
                t.update()
                .where(t.c.id == promise.id)
                .values(
                    promised_from=window.start,
                    promised_to=window.end,
                    expires_at=max(before.expires_at or at, window.end + SLOT_EXPIRES),
                )
            )
            mark_promise(connection, promise.id)

    # ---- one try -------------------------------------------------------------------------------------------------

    def begin_dial(self, callback: str, attempt: int, at: datetime) -> str:
        """The one permission to create a leg for this try: `go`; `already` given; `over`; `elsewhere` (the number is on
        another line of ours).
        """
        with writing(self.engine, locks=[DIALS]) as connection:
            promise = self._found(connection, callback)
            if promise is None or promise.attempts != attempt or promise.state is CallbackState.CLOSED:
                return "over"
            if promise.state in ON_THE_LINE:
                return "already"
            index = self.seals.index(promise.callee.number)
            others = sa.select(t.c.id).where(t.c.number_index == index, t.c.id != callback, t.c.state.in_(ON_THE_LINE))
            if any(connection.scalar(query.limit(1)) is not None for query in (others, ringing(index, at))):
                return "elsewhere"
            waiting = (CallbackState.DUE, CallbackState.RESERVING)
            if not moved(connection, promise, waiting, state=CallbackState.DIALLING, look_at=at + 4 * LEASE):
                return "over"
            insert_new(connection, tries, [{"callback": callback, "attempt": attempt, "at": at}])
            mark_promise(connection, callback)
            return "go"

    def undo_dial(self, callback: str, attempt: int) -> None:
        """The carrier refused before it did anything: the permission is given back."""
        with writing(self.engine) as connection:
            promise = self._found(connection, callback)
            if promise is None or promise.attempts != attempt:
                return
            if moved(connection, promise, (CallbackState.DIALLING,), state=CallbackState.RESERVING):
                connection.execute(tries.delete().where(tries.c.callback == callback, tries.c.attempt == attempt))
                mark_promise(connection, callback)

    def note_leg(self, callback: str, attempt: int, leg: LegId) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                tries.update().where(tries.c.callback == callback, tries.c.attempt == attempt).values(leg=leg)
            )

    def confirmed(self, callback: str, attempt: int) -> None:
        with writing(self.engine) as connection:
            promise = self._found(connection, callback)
            if promise is not None and promise.attempts == attempt:
                moved(connection, promise, (CallbackState.DIALLING,), state=CallbackState.CONFIRMED)

    def connected(self, callback: str, attempt: int, at: datetime, agent: AgentId | None) -> bool:
        """The two talk: kept. True the first time."""
        with writing(self.engine) as connection:
            promise = self._found(connection, callback)
            if promise is None or promise.attempts != attempt:
                return False
            changed = moved(
                connection,
                promise,
                (CallbackState.DIALLING, CallbackState.CONFIRMED),
                state=CallbackState.CONNECTED,
                result=CallbackResult.COMPLETED,
                connected_at=at,
            )
            if changed:
                end_try(connection, promise, TryEnd(at=at, result=CONNECTED, agent=agent))
            return changed

    def ended(self, promise: Promise, what: Again | Close, outcome: TryEnd) -> bool:
        """A try is over; the row goes on as `what` says. False: it had gone on already."""
        with writing(self.engine) as connection:
            # Judged while nobody was dialled: then it must still be so.
            unclosed = tuple(state for state in CallbackState if state is not CallbackState.CLOSED)
            states = WAITING if promise.state in WAITING else unclosed
            if isinstance(what, Close):
                changed = moved(connection, promise, states, **closing(what.result, what.reason, outcome.at))
            else:
                changed = moved(
                    connection,
                    promise,
                    states,
                    state=CallbackState.REQUESTED,
                    due_at=what.due_at,
                    look_at=what.due_at,
                    failures=promise.failures + what.failed,
                    code=outcome.code or promise.code,
                )
            if changed:
                end_try(connection, promise, outcome)
            return changed

    def close(self, callback: str, result: CallbackResult, reason: str, at: datetime) -> bool:
        """Closed without (another) try. A promise that is being talked about, or closed, is left alone."""
        with writing(self.engine) as connection:
            return close_row(connection, callback, result, reason, at)

    def close_waiting(self, promise: Promise, result: CallbackResult, reason: str, at: datetime) -> bool:
        """Closed as it was read: of this try, with nobody dialled for it."""
        with writing(self.engine) as connection:
            changed = moved(connection, promise, WAITING, **closing(result, reason, at))
            if changed:
                mark_promise(connection, promise.id)
            return changed

    def talk_over(self, callback: str, at: datetime) -> None:
        """`connected` → `closed`."""
        with writing(self.engine) as connection:
            connection.execute(
                t.update()
                .where(t.c.id == callback, t.c.state == CallbackState.CONNECTED)
                .values(state=CallbackState.CLOSED, closed_at=at, look_at=None, reason="talked to an agent")
            )

    # ---- rows ----------------------------------------------------------------------------------------------------

    def _of(self, number: str) -> sa.ColumnElement[bool]:
        return t.c.number_index.in_(self.seals.indexes(number))

    def _found(self, connection: Connection, callback: str) -> Promise | None:
        row = connection.execute(
            sa.select(t, tries.c.at.label("tried_at"), tries.c.leg)
            .join_from(t, tries, (tries.c.callback == t.c.id) & (tries.c.attempt == t.c.attempts), isouter=True)
            .where(t.c.id == callback)
        ).first()
        return promise_of(row, self.seals) if row is not None and row.number else None


def _due(row: Any) -> Due:
    ends = [row.named, row.unnamed + LATE if row.unnamed else None]
    return Due(due=int(row.due), late=int(row.late), late_since=min((one for one in ends if one), default=None))
