"""Facts into call records, exactly once.

One transaction: note the facts that are new, read all facts of every call they touch, fold, write the rows. What
the rows say depends only on which facts are known, so repeated, late and shuffled portions end the same, and a
commit whose outcome is unknown is simply written again. The names of the calls and agents touched are locked first:
two recorders never fold the same call side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.ids import CallId
from ivr.core.records import CallRecord, fold, natural
from ivr.storage.sql import changes, opening_tables, tables
from ivr.storage.sql.bodies import from_body, kind_of, to_body
from ivr.storage.sql.carrier_tables import call_usage, carrier_requests
from ivr.storage.sql.engine import insert_new, reading, upsert, writing
from ivr.storage.sql.presence_rows import write_presences
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_calls import CALLS
from ivr.storage.sql.sums import mark
from ivr.storage.sql.usage import count_requests, request_rows, usage_row
from ivr.workflows.ports import FactRow

MOST_OPEN = 500


@dataclass(frozen=True)
class Records:
    """The call records. Raises Unavailable when SQL is away: nothing was written then, or all of it."""

    engine: Engine
    secret: bytes
    """The installation's secret: numbers are sealed with keys made from it."""
    old: tuple[bytes, ...] = ()
    """Secrets of before, which still open what they sealed."""

    def write(self, rows: Sequence[FactRow]) -> int:
        """Fold and store; facts seen before are passed over. How many were new."""
        noted = {row.id: row for row in rows}
        if not noted:
            return 0
        touched = {name for row in noted.values() for name in _names(row.fact)}
        with writing(self.engine, locks=touched) as connection:
            known = _known(connection, list(noted))
            new = [row for key, row in noted.items() if key not in known]
            insert_new(connection, tables.facts, [_fact_row(row) for row in new])
            self._write_calls(connection, new)
            _write_messages(connection, new)
            _write_incident_calls(connection, new)
            write_presences(connection, new)
            asked = request_rows(new)
            insert_new(connection, carrier_requests, asked)
            mark(connection, CALLS, (row["at"] for row in asked))
        return len(new)

    def refold(self, calls: Sequence[CallId]) -> None:
        """Write the rows of these calls again from their facts (after a change of the fold)."""
        with writing(self.engine, locks=[f"call:{call}" for call in calls]) as connection:
            _write_folds(connection, {}, calls)

    def record(self, call: CallId) -> CallRecord | None:
        """One call, folded from its facts."""
        with reading(self.engine) as connection:
            noted = facts_by_call(connection, [call])[call]
        return fold(call, {key: fact for key, (_, fact) in noted.items()}) if noted else None

    def facts_of(self, call: CallId) -> Sequence[Fact]:
        """All that was noted about a call, in the order in which it happened; nothing when it is unknown."""
        with reading(self.engine) as connection:
            noted = facts_by_call(connection, [call])[call]
        return sorted((fact for _, fact in noted.values()), key=lambda fact: fact.at)

    def open_since(self, *, before: datetime) -> Sequence[CallId]:
        """Calls that began before then and have no end, oldest first, at most 500."""
        t = tables.calls
        query = sa.select(t.c.call).where(t.c.ended_at.is_(None), t.c.started_at < before)
        with reading(self.engine) as connection:
            return [CallId(call) for call in connection.scalars(query.order_by(t.c.started_at).limit(MOST_OPEN))]

    def number_of(self, call: CallId) -> str | None:
        """The caller's number; empty when there was none, None when the call is unknown or the seal does not open."""
        with reading(self.engine) as connection:
            sealed = connection.scalar(sa.select(tables.calls.c.number).where(tables.calls.c.call == call))
        return None if sealed is None else self.seals.open(sealed, place=number_place(call))

    def calls_of(self, number: str) -> Sequence[CallId]:
        """The calls of a number, newest first; found by the blind index, no row is opened."""
        t = tables.calls
        query = (
            sa.select(t.c.call).where(t.c.number_index.in_(self.seals.indexes(number))).order_by(t.c.started_at.desc())
        )
        with reading(self.engine) as connection:
            return [CallId(call) for call in connection.scalars(query)] if number else []

    @property
    def seals(self) -> Seals:
        return Seals(self.secret, self.old)

    def _write_calls(self, connection: Connection, new: Sequence[FactRow]) -> None:
        numbers: dict[str, tuple[str, str]] = {}
        calls: dict[str, None] = {}
        counted = count_requests(connection, new)
        for row in new:
            call = getattr(row.fact, "call", None)
            if call is None or call in counted or isinstance(row.fact, facts.PresenceChanged):
                continue
            calls[call] = None
            if isinstance(row.fact, facts.CallStarted):
                number = row.fact.number
                numbers[call] = (self.seals.seal(number, place=number_place(call)), self.seals.index(number))
        _write_folds(connection, numbers, [CallId(call) for call in sorted(calls)])


def number_place(call: str) -> str:
    """What the seal of a call's number is bound to."""
    return f"calls.number:{call}"


def _write_folds(connection: Connection, numbers: Mapping[str, tuple[str, str]], calls: Sequence[CallId]) -> None:
    call_rows: list[dict[str, Any]] = []
    used: list[dict[str, Any]] = []
    below: dict[sa.Table, list[dict[str, Any]]] = {tables.segments: [], tables.offers: [], tables.announcements: []}
    for call, noted in facts_by_call(connection, calls).items():
        if not noted:
            continue
        hotline = next((of for of, _ in noted.values() if of), "")  # facts from outside a session may not know theirs
        record = fold(call, {key: fact for key, (_, fact) in noted.items()})
        number, index = numbers.get(call, ("", ""))
        used.append(usage_row(record, hotline, (fact for _, fact in noted.values())))
        call_rows.append({**_call_row(record, hotline), "number": number, "number_index": index})
        below[tables.segments] += _segment_rows(record, hotline)
        below[tables.offers] += _offer_rows(record, hotline)
        below[tables.announcements] += _announcement_rows(record, hotline)
    before = changes.standing(connection, calls)
    upsert(connection, tables.calls, [row for row in call_rows if row["call"] in numbers])
    kept = [row for row in call_rows if row["call"] not in numbers]
    upsert(connection, tables.calls, kept, keep=("number", "number_index"))
    for table, rows in below.items():
        upsert(connection, table, rows)
    upsert(connection, call_usage, used)
    changes.note(connection, before, call_rows, below, begun=numbers)


def _names(fact: Fact) -> Iterable[str]:
    """What must not be folded side by side."""
    if isinstance(fact, facts.PresenceChanged):
        yield f"agent:{fact.agent}"
    elif getattr(fact, "call", None) is not None:
        yield f"call:{getattr(fact, 'call', '')}"


def _known(connection: Connection, keys: Sequence[str]) -> set[str]:
    return set(connection.scalars(sa.select(tables.facts.c.id).where(tables.facts.c.id.in_(keys))))


def facts_by_call(connection: Connection, calls: Sequence[CallId]) -> dict[CallId, dict[str, tuple[str, Fact]]]:
    """All facts of each call by id, with their hotline, in the order of their ids."""
    t = tables.facts
    query = sa.select(t.c.id, t.c.hotline, t.c.call, t.c.kind, t.c.at, t.c.body).where(t.c.call.in_(calls))
    found: dict[CallId, dict[str, tuple[str, Fact]]] = {call: {} for call in calls}
    for row in sorted(connection.execute(query), key=lambda row: natural(row.id)):
        fact = from_body(row.kind, row.at, row.body)
        if fact is not None and not isinstance(fact, facts.PresenceChanged):
            found[CallId(row.call)][row.id] = (row.hotline, fact)
    return found


def _fact_row(row: FactRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "hotline": row.hotline,
        "call": getattr(row.fact, "call", None),
        "agent": getattr(row.fact, "agent", None),
        "kind": kind_of(row.fact),
        "at": row.fact.at,
        "body": to_body(row.fact),
    }


def _call_row(record: CallRecord, hotline: str) -> dict[str, Any]:
    return {
        "call": record.call,
        "hotline": hotline,
        "kind": record.kind,
        "dialled": record.dialled,
        "country": record.country,
        "menu_version": record.menu_version,
        "language": record.language,
        "answers": dict(record.answers),
        "path": list(record.path),
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "end": record.end.value if record.end else "",
        "left": record.left,
        "hung_up_by": record.hung_up_by,
        "segments": len(record.segments),
        "offers": len(record.offers),
        "texts": record.texts,
        "repairs": record.repairs,
        "verified": record.verified,
        "test": record.test,
    }


def _segment_rows(record: CallRecord, hotline: str) -> Iterable[dict[str, Any]]:
    for segment in record.segments:
        yield {
            "call": record.call,
            "segment": segment.segment,
            "hotline": hotline,
            "topic": segment.topic,
            "path": list(segment.path),
            "language": segment.language,
            "priority": segment.priority,
            "queued_at": segment.queued_at,
            "entered_at": segment.entered_at,
            "answered_at": segment.answered_at,
            "left_at": segment.left_at,
            "ended_at": segment.ended_at,
            "outcome": segment.outcome.value if segment.outcome else None,
            "reason": segment.reason,
            "wait_s": _seconds(segment.wait),
            "talk_s": _seconds(segment.talk),
            "hold_s": _seconds(segment.hold),
            "wrap_s": _seconds(segment.wrap),
            "agent": segment.agent,
            "offer": segment.offer,
            "offers": segment.offers,
            "ended_by": segment.ended_by,
            "cause": segment.cause,
            "disposition": segment.disposition,
            "disposition_reason": segment.disposition_reason,
            "agent_topic": segment.agent_topic,
            "by_default": segment.by_default,
            "notes": segment.notes,
            "by_phone": segment.by_phone,
        }


def _offer_rows(record: CallRecord, hotline: str) -> Iterable[dict[str, Any]]:
    for offer in record.offers:
        yield {
            "call": record.call,
            "offer": offer.offer,
            "hotline": hotline,
            "segment": offer.segment,
            "topic": offer.topic,
            "agent": offer.agent,
            "made_at": offer.made_at,
            "ended_at": offer.ended_at,
            "result": offer.result,
            "end_reason": offer.end_reason,
            "reason": dict(offer.reason),
        }


def _announcement_rows(record: CallRecord, hotline: str) -> Iterable[dict[str, Any]]:
    segments = {segment.segment: segment for segment in record.segments}
    for told in record.announcements:
        segment = segments[told.segment]
        yield {
            "call": record.call,
            "segment": told.segment,
            "at": told.at,
            "hotline": hotline,
            "topic": segment.topic,
            "estimator": told.estimator,
            "seconds": told.seconds,
            "estimates": dict(told.estimates),
            "actual_s": _seconds(segment.answered_at - told.at) if segment.answered_at else None,
        }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(max(0.0, span.total_seconds()), 3)


def _write_messages(connection: Connection, new: Iterable[FactRow]) -> None:
    rows = [
        {
            "id": row.id,
            "call": row.fact.call,
            "hotline": row.hotline,
            "topic": row.fact.topic,
            "at": row.fact.at,
            "duration_s": row.fact.duration_s,
            "recording": row.fact.recording,
        }
        for row in new
        if isinstance(row.fact, facts.MessageLeft)
    ]
    insert_new(connection, tables.messages, rows)


def _write_incident_calls(connection: Connection, new: Iterable[FactRow]) -> None:
    rows = [
        {"incident": row.fact.incident, "call": row.fact.call, "hotline": row.hotline, "at": row.fact.at}
        for row in new
        if isinstance(row.fact, facts.IncidentHeard)
    ]
    insert_new(connection, opening_tables.incident_calls, rows)
