"""Changes of a promise's row, each of which names the state that it expects: compare and set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_rules import CallbackState, Promise
from ivr.core.callback_tries import TryEnd
from ivr.storage.sql.sum_promises import mark_promise
from ivr.storage.sql.tables import callback_attempts, callbacks

t, tries = callbacks, callback_attempts


def moved(connection: Connection, promise: Promise, states: Iterable[CallbackState], **values: object) -> bool:
    """Compare and set: only this try, only from these states."""
    done = connection.execute(
        t.update()
        .where(t.c.id == promise.id, t.c.attempts == promise.attempts, t.c.state.in_(list(states)))
        .values(**values)
    )
    return bool(done.rowcount)


def closing(result: CallbackResult, reason: str, at: datetime) -> dict[str, object]:
    return {"state": CallbackState.CLOSED, "result": result, "reason": reason, "closed_at": at, "look_at": None}


def close_row(connection: Connection, callback: str, result: CallbackResult, reason: str, at: datetime) -> bool:
    done = connection.execute(
        t.update()
        .where(t.c.id == callback, t.c.state.not_in([CallbackState.CONNECTED, CallbackState.CLOSED]))
        .values(**closing(result, reason, at))
    )
    if done.rowcount:
        mark_promise(connection, callback)
    return bool(done.rowcount)


def end_try(connection: Connection, promise: Promise, outcome: TryEnd) -> None:
    """A try in which nobody was dialled has no row."""
    values = {
        "ended_at": outcome.at,
        "result": outcome.result,
        "agent": outcome.agent,
        "agent_idle_s": outcome.idle_s,
    }
    mine = (tries.c.callback == promise.id, tries.c.attempt == promise.attempts, tries.c.ended_at.is_(None))
    connection.execute(tries.update().where(*mine).values(**values))
    mark_promise(connection, promise.id)
