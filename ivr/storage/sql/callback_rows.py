"""A promise to call back as a row, and back. The number stands there sealed."""

from __future__ import annotations

from typing import Any

from ivr.core.callback_rules import CallbackState, Callee, Dial, Promise, Window
from ivr.core.ids import E164, CallId, Language, LegId, TopicId
from ivr.storage.sql.seals import Seals


def callback_place(callback: str) -> str:
    """Where the number of a promise is sealed for."""
    return f"callbacks.number:{callback}"


def promise_of(row: Any, seals: Seals) -> Promise:
    """The promise of a row, joined with its present try (`tried_at`, `leg`)."""
    window = Window(start=row.promised_from, end=row.promised_to) if row.promised_from else None
    callee = Callee(
        number=E164(seals.open(row.number, place=callback_place(row.id)) or ""),
        country=row.country,
        zones=tuple(row.zones or ("UTC",)),
        mobile=row.mobile,
    )
    return Promise(
        id=row.id,
        hotline=row.hotline,
        topic=TopicId(row.topic),
        callee=callee,
        dialled=row.dialled,
        call=CallId(row.call) if row.call else None,
        language=Language(row.language),
        path=tuple(row.path or ()),
        priority=row.priority,
        queued_at=row.queued_at,
        requested_at=row.requested_at,
        due_at=row.due_at,
        expires_at=row.expires_at,
        window=window,
        code=row.code,
        told_by=row.promised_to,
        dial=Dial(row.dial),
        state=CallbackState(row.state),
        attempts=row.attempts,
        failures=row.failures,
        recording=row.recording,
        look_at=row.look_at,
        dialled_at=row.tried_at,
        leg=LegId(row.leg) if row.leg else None,
    )


def row_of(made: Promise, seals: Seals) -> dict[str, Any]:
    """The row of a new promise."""
    return {
        "id": made.id,
        "hotline": made.hotline,
        "topic": made.topic,
        "call": made.call,
        "queued_at": made.queued_at,
        "requested_at": made.requested_at,
        "promised_from": made.window.start if made.window else None,
        "promised_to": made.window.end if made.window else made.told_by,
        "state": made.state,
        "number": seals.seal(made.callee.number, place=callback_place(made.id)),
        "number_index": seals.index(made.callee.number),
        "country": made.callee.country,
        "mobile": made.callee.mobile,
        "zones": list(made.callee.zones),
        "dialled": made.dialled,
        "language": made.language,
        "path": list(made.path),
        "priority": made.priority,
        "dial": made.dial,
        "code": made.code,
        "recording": made.recording,
        "due_at": made.due_at,
        "expires_at": made.expires_at,
        "look_at": made.due_at,
    }
