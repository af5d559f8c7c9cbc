"""The tables. Facts are what was noted; calls, segments, offers, announcements and messages are their fold.

Any of the folded tables can be emptied and written again from `facts`, except `calls.number`: the only place
where a caller's number stands, sealed (`seals.py`). Rates and flags that depend on a setting (short abandon, service level) have no
column: they are computed on reading. Ids are text; counts of segments and versions are 64-bit.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Table, Text

from ivr.storage.sql.engine import UTCDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    """An id, or a name that people give."""
    return Column(name, String(160), primary_key=key, nullable=null)


def word_column(name: str, *, null: bool = False) -> Column[str]:
    """One word of ours: a state, a language, a reason."""
    return Column(name, String(80), nullable=null)


def time_column(name: str, *, null: bool = True) -> Column[object]:
    """An instant; most of them come later than their row."""
    return Column(name, UTCDateTime, nullable=null)


facts = Table(
    "facts",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("call", null=True),
    id_column("agent", null=True),
    word_column("kind"),
    time_column("at", null=False),
    Column("body", sa.JSON, nullable=False),
    Index(None, "call"),
    Index(None, "hotline", "at"),
)

calls = Table(
    "calls",
    metadata,
    id_column("call", key=True),
    id_column("hotline"),
    word_column("kind"),
    word_column("dialled"),
    word_column("country"),
    word_column("menu_version"),
    word_column("language"),
    Column("number", String(200), nullable=False),
    Column("number_index", String(64), nullable=False),
    Column("answers", sa.JSON, nullable=False),
    Column("path", sa.JSON, nullable=False),
    time_column("started_at"),
    time_column("ended_at"),
    word_column("end"),
    id_column("left"),
    word_column("hung_up_by"),
    Column("segments", BigInteger, nullable=False),
    Column("offers", BigInteger, nullable=False),
    Column("texts", BigInteger, nullable=False),
    Column("repairs", BigInteger, nullable=False),
    Column("verified", String(80), nullable=False, server_default=""),
    Column("test", Boolean, nullable=False, server_default=sa.false()),
    Index("ix_calls_test", "call", sqlite_where=sa.text("test"), postgresql_where=sa.text("test")),
    Index(None, "hotline", "started_at"),
    Index(None, "number_index", "started_at"),
    Index(
        "ix_calls_without_stay",
        "started_at",
        "call",
        sqlite_where=sa.text("segments = 0"),
        postgresql_where=sa.text("segments = 0"),
    ),
)

segments = Table(
    "segments",
    metadata,
    id_column("call", key=True),
    Column("segment", BigInteger, primary_key=True, autoincrement=False),
    id_column("hotline"),
    id_column("topic"),
    Column("path", sa.JSON, nullable=False),
    word_column("language"),
    Column("priority", Integer, nullable=False),
    time_column("queued_at"),
    time_column("entered_at", null=False),
    time_column("answered_at"),
    time_column("left_at"),
    time_column("ended_at"),
    word_column("outcome", null=True),
    word_column("reason"),
    Column("wait_s", Double, nullable=True),
    Column("talk_s", Double, nullable=True),
    Column("hold_s", Double, nullable=True),
    Column("wrap_s", Double, nullable=True),
    id_column("agent", null=True),
    id_column("offer", null=True),
    Column("offers", BigInteger, nullable=False),
    word_column("ended_by"),
    word_column("cause"),
    word_column("disposition"),
    word_column("disposition_reason"),
    word_column("agent_topic"),
    Column("by_default", Boolean, nullable=False),
    Column("notes", Text, nullable=False),
    Column("by_phone", Boolean, nullable=False, server_default=sa.false()),
    Index(None, "hotline", "entered_at"),
    Index(None, "hotline", "topic", "entered_at"),
    Index(None, "hotline", "topic", "answered_at"),
    Index(None, "agent", "answered_at"),
    Index(None, "entered_at", "call", "segment"),
    Index(None, "left_at", "call", "segment"),
    Index(None, "topic", "entered_at", "call", "segment"),
    Index(None, "outcome", "entered_at", "call", "segment"),
)

offers = Table(
    "offers",
    metadata,
    id_column("call", key=True),
    id_column("offer", key=True),
    id_column("hotline"),
    Column("segment", BigInteger, nullable=True),
    id_column("topic"),
    id_column("agent"),
    time_column("made_at"),
    time_column("ended_at"),
    word_column("result", null=True),
    word_column("end_reason"),
    Column("reason", sa.JSON, nullable=False),
    Index(None, "agent", "made_at"),
    Index(None, "hotline", "made_at"),
)

announcements = Table(
    "announcements",
    metadata,
    id_column("call", key=True),
    Column("segment", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, primary_key=True),
    id_column("hotline"),
    id_column("topic"),
    word_column("estimator"),
    Column("seconds", Integer, nullable=True),
    Column("estimates", sa.JSON, nullable=False),
    Column("actual_s", Double, nullable=True),
    Index(None, "hotline", "topic", "at"),
)

messages = Table(
    "messages",
    metadata,
    id_column("id", key=True),
    id_column("call"),
    id_column("hotline"),
    id_column("topic"),
    time_column("at", null=False),
    Column("duration_s", Integer, nullable=False),
    Column("recording", String(400), nullable=False),
    Index(None, "hotline", "at"),
    Index(None, "call"),
)

agent_states = Table(
    "agent_states",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("agent"),
    word_column("presence"),
    word_column("reason"),
    time_column("started_at", null=False),
    time_column("ended_at"),
    id_column("call", null=True),
    id_column("offer", null=True),
    Index(None, "agent", "started_at"),
    Index(None, "hotline", "started_at"),
)

callbacks = Table(
    "callbacks",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("topic"),
    id_column("call", null=True),
    time_column("queued_at"),
    time_column("requested_at", null=False),
    time_column("promised_from"),
    time_column("promised_to"),
    word_column("state"),
    word_column("result", null=True),
    id_column("merged_into", null=True),
    time_column("connected_at"),
    time_column("closed_at"),
    Column("number", String(200), nullable=False, server_default=""),
    Column("number_index", String(64), nullable=False, server_default=""),
    Column("country", String(80), nullable=False, server_default=""),
    Column("mobile", Boolean, nullable=False, server_default=sa.false()),
    Column("zones", sa.JSON, nullable=True),
    Column("dialled", String(80), nullable=False, server_default=""),
    Column("language", String(80), nullable=False, server_default=""),
    Column("path", sa.JSON, nullable=True),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("dial", String(80), nullable=False, server_default="reserve"),
    Column("code", String(8), nullable=False, server_default=""),
    Column("recording", String(80), nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    time_column("due_at"),
    time_column("expires_at"),
    time_column("look_at"),
    Column("reason", String(200), nullable=False, server_default=""),
    Index(None, "hotline", "requested_at"),
    Index(None, "call"),
    Index(None, "look_at"),
    Index(None, "number_index", "requested_at"),
    Index(
        "uq_callbacks_open",
        "hotline",
        "number_index",
        "topic",
        unique=True,
        sqlite_where=sa.text("state <> 'closed' AND number_index <> ''"),
        postgresql_where=sa.text("state <> 'closed' AND number_index <> ''"),
    ),
)
"""Promises to call back. `number` is sealed; `look_at` is when the dispatcher looks at the row next."""

callback_attempts = Table(
    "callback_attempts",
    metadata,
    id_column("callback", key=True),
    Column("attempt", BigInteger, primary_key=True, autoincrement=False),
    time_column("at", null=False),
    time_column("ended_at"),
    word_column("result", null=True),
    id_column("agent", null=True),
    Column("agent_idle_s", Double, nullable=True),
    id_column("leg", null=True),
    Index(None, "at"),
)

cases = Table(
    "cases",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    Column("number", String(16), nullable=False),
    Column("caller", String(200), nullable=False),
    Column("caller_index", String(64), nullable=False),
    id_column("topic"),
    Column("path", sa.JSON, nullable=False),
    Column("answers", sa.JSON, nullable=False),
    word_column("language"),
    time_column("opened_at", null=False),
    word_column("status"),
    time_column("due_at"),
    Column("note", Text, nullable=False),
    time_column("changed_at", null=False),
    id_column("changed_by"),
    id_column("due_by"),
    time_column("closed_at"),
    Index("uq_cases_number", "hotline", "number", unique=True),
    Index(None, "caller_index", "status"),
    Index(None, "hotline", "status", "due_at"),
    Index(None, "due_by", "status", "due_at"),
)
"""`number` is the case's own; the caller's is sealed in `caller`. `changed_by` is an agent or a sign-in name, or empty;
`due_by` the agent who named the day of the follow-up. `closed_at`: since when it has been solved or closed.
"""

case_calls = Table(
    "case_calls",
    metadata,
    id_column("call", key=True),
    id_column("case"),
    time_column("at", null=False),
    Index(None, "case"),
)
"""One case a call; a case may have many calls."""

codes = Table(
    "codes",
    metadata,
    id_column("id", key=True),
    id_column("hotline"),
    id_column("call"),
    Column("number_index", String(64), nullable=False),
    time_column("at", null=False),
    Column("code_hash", String(64), nullable=False, server_default=""),
    time_column("expires_at"),
    word_column("result", null=True),
    time_column("ended_at"),
    Index(None, "number_index", "at"),
    Index(None, "expires_at"),
)
"""Codes promised to callers. `code_hash` is keyed, and is gone once the code is used, skipped or too old."""

case_guesses = Table(
    "case_guesses",
    metadata,
    id_column("id", key=True),
    id_column("who"),
    time_column("at", null=False),
    Index(None, "who", "at"),
    Index(None, "at"),
)
"""Case numbers asked for that do not exist: by whose number (its blind index), or by which call when it is withheld."""

number_memory = Table(
    "number_memory",
    metadata,
    Column("number_index", String(64), primary_key=True),
    id_column("hotline", key=True),
    word_column("language"),
    Column("slow", Boolean, nullable=False, server_default=sa.false()),
    time_column("at", null=False),
)

menu_versions = Table(
    "menu_versions",
    metadata,
    id_column("hotline", key=True),
    id_column("version", key=True),
    Column("file", String(200), nullable=False),
    Column("source", Text, nullable=False),
    time_column("first_used", null=False),
    time_column("last_used", null=False),
    Index(None, "version"),
)
"""Menus that have been in service, as they were written."""
