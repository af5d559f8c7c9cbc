"""Indexes for what reports look for: rows that should not be, which are few, and times of the others."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Index

from ivr.storage.sql.after_tables import surveys
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.tables import agent_states, announcements, callbacks, calls, cases, facts, offers, segments

COMPLAINTS = "substr(agent_topic, 1, 9) = 'complaint' OR substr(disposition, 1, 9) = 'complaint'"
BACKWARDS = "answered_at < entered_at OR left_at < entered_at OR ended_at < answered_at"

SERVED = "calls.\"end\" = 'self_served'"


def _rare(name: str, *columns: sa.Column[object], where: str) -> Index:
    """Only of the rows that fulfil it; a statement that asks in the same words finds them at once."""
    condition = sa.text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


s = segments.c
RARE = (
    _rare("ix_calls_open", calls.c.started_at, calls.c.call, where="ended_at IS NULL"),
    _rare("ix_calls_repaired", calls.c.started_at, calls.c.call, where="repairs > 0"),
    _rare("ix_calls_served", calls.c.started_at, calls.c.call, where=SERVED.removeprefix("calls.")),
    _rare("ix_calls_backwards", calls.c.started_at, calls.c.call, where="ended_at < started_at"),
    _rare("ix_segments_without_topic", s.entered_at, s.call, where="topic = ''"),
    _rare("ix_segments_open", s.entered_at, s.call, where="outcome IS NULL"),
    _rare("ix_segments_without_agent", s.entered_at, s.call, where="answered_at IS NOT NULL AND agent IS NULL"),
    _rare("ix_segments_backwards", s.entered_at, s.call, where=BACKWARDS),
    _rare("ix_segments_complaints", s.call, where=COMPLAINTS),
    _rare("ix_offers_open", offers.c.made_at, offers.c.call, where="ended_at IS NULL"),
    _rare("ix_facts_repaired", facts.c.at, where="kind = 'repaired'"),
    _rare("ix_agent_states_open", agent_states.c.started_at, where="ended_at IS NULL"),
)
PLAIN = (
    Index(None, s.answered_at, s.entered_at),
    Index(None, cases.c.opened_at),
    Index(None, announcements.c.at),
    Index(None, surveys.c.call),
    Index(None, callbacks.c.promised_to),
    Index(None, callback_times.c.promised_to),
)
