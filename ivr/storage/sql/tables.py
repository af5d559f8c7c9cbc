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


def _id(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, String(160), primary_key=key, nullable=null)


def _word(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, String(80), nullable=null)


def _at(name: str, *, null: bool = True) -> Column[object]:
    return Column(name, UTCDateTime, nullable=null)


facts = Table(
    "facts",
    metadata,
    _id("id", key=True),
    _id("hotline"),
    _id("call", null=True),
    _id("agent", null=True),
    _word("kind"),
    _at("at", null=False),
    Column("body", sa.JSON, nullable=False),
    Index(None, "call"),
    Index(None, "hotline", "at"),
)

calls = Table(
    "calls",
    metadata,
    _id("call", key=True),
    _id("hotline"),
    _word("kind"),
    _word("dialled"),
    _word("country"),
    _word("menu_version"),
    _word("language"),
    Column("number", String(200), nullable=False),
    Column("number_index", String(64), nullable=False),
    Column("answers", sa.JSON, nullable=False),
    Column("path", sa.JSON, nullable=False),
    _at("started_at"),
    _at("ended_at"),
    _word("end"),
    _id("left"),
    _word("hung_up_by"),
    Column("segments", BigInteger, nullable=False),
    Column("offers", BigInteger, nullable=False),
    Column("texts", BigInteger, nullable=False),
    Column("repairs", BigInteger, nullable=False),
    Column("verified", String(80), nullable=False, server_default=""),
    Index(None, "hotline", "started_at"),
    Index(None, "number_index", "started_at"),
)

segments = Table(
    "segments",
    metadata,
    _id("call", key=True),
    Column("segment", BigInteger, primary_key=True, autoincrement=False),
    _id("hotline"),
    _id("topic"),
    Column("path", sa.JSON, nullable=False),
    _word("language"),
    Column("priority", Integer, nullable=False),
    _at("queued_at"),
    _at("entered_at", null=False),
    _at("answered_at"),
    _at("left_at"),
    _at("ended_at"),
    _word("outcome", null=True),
    _word("reason"),
    Column("wait_s", Double, nullable=True),
    Column("talk_s", Double, nullable=True),
    Column("hold_s", Double, nullable=True),
    Column("wrap_s", Double, nullable=True),
    _id("agent", null=True),
    _id("offer", null=True),
    Column("offers", BigInteger, nullable=False),
    _word("ended_by"),
    _word("disposition"),
    _word("agent_topic"),
    Column("by_default", Boolean, nullable=False),
    Column("notes", Text, nullable=False),
    Index(None, "hotline", "entered_at"),
    Index(None, "hotline", "topic", "entered_at"),
    Index(None, "hotline", "topic", "answered_at"),
    Index(None, "agent", "answered_at"),
)

offers = Table(
    "offers",
    metadata,
    _id("call", key=True),
    _id("offer", key=True),
    _id("hotline"),
    Column("segment", BigInteger, nullable=True),
    _id("topic"),
    _id("agent"),
    _at("made_at"),
    _at("ended_at"),
    _word("result", null=True),
    _word("end_reason"),
    Column("reason", sa.JSON, nullable=False),
    Index(None, "agent", "made_at"),
    Index(None, "hotline", "made_at"),
)

announcements = Table(
    "announcements",
    metadata,
    _id("call", key=True),
    Column("segment", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, primary_key=True),
    _id("hotline"),
    _id("topic"),
    _word("estimator"),
    Column("seconds", Integer, nullable=True),
    Column("estimates", sa.JSON, nullable=False),
    Column("actual_s", Double, nullable=True),
    Index(None, "hotline", "topic", "at"),
)

messages = Table(
    "messages",
    metadata,
    _id("id", key=True),
    _id("call"),
    _id("hotline"),
    _id("topic"),
    _at("at", null=False),
    Column("duration_s", Integer, nullable=False),
    Column("recording", String(400), nullable=False),
    Index(None, "hotline", "at"),
    Index(None, "call"),
)

agent_states = Table(
    "agent_states",
    metadata,
    _id("id", key=True),
    _id("hotline"),
    _id("agent"),
    _word("presence"),
    _word("reason"),
    _at("started_at", null=False),
    _at("ended_at"),
    _id("call", null=True),
    _id("offer", null=True),
    Index(None, "agent", "started_at"),
    Index(None, "hotline", "started_at"),
)

callbacks = Table(
    "callbacks",
    metadata,
    _id("id", key=True),
    _id("hotline"),
    _id("topic"),
    _id("call", null=True),
    _at("queued_at"),
    _at("requested_at", null=False),
    _at("promised_from"),
    _at("promised_to"),
    _word("state"),
    _word("result", null=True),
    _id("merged_into", null=True),
    _at("connected_at"),
    _at("closed_at"),
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
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    _at("due_at"),
    _at("expires_at"),
    _at("look_at"),
    Column("reason", String(200), nullable=False, server_default=""),
    Index(None, "hotline", "requested_at"),
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
    _id("callback", key=True),
    Column("attempt", BigInteger, primary_key=True, autoincrement=False),
    _at("at", null=False),
    _at("ended_at"),
    _word("result", null=True),
    _id("agent", null=True),
    Column("agent_idle_s", Double, nullable=True),
    _id("leg", null=True),
    Index(None, "at"),
)

cases = Table(
    "cases",
    metadata,
    _id("id", key=True),
    _id("hotline"),
    Column("number", String(16), nullable=False),
    Column("caller", String(200), nullable=False),
    Column("caller_index", String(64), nullable=False),
    _id("topic"),
    Column("path", sa.JSON, nullable=False),
    Column("answers", sa.JSON, nullable=False),
    _word("language"),
    _at("opened_at", null=False),
    _word("status"),
    _at("due_at"),
    Column("note", Text, nullable=False),
    _at("changed_at", null=False),
    _id("changed_by"),
    Index("uq_cases_number", "hotline", "number", unique=True),
    Index(None, "caller_index", "status"),
    Index(None, "hotline", "status", "due_at"),
)
"""`number` is the case's own; the caller's is sealed in `caller`. `changed_by` is an agent or a sign-in name, or empty."""

case_calls = Table(
    "case_calls",
    metadata,
    _id("call", key=True),
    _id("case"),
    _at("at", null=False),
    Index(None, "case"),
)
"""One case a call; a case may have many calls."""

codes = Table(
    "codes",
    metadata,
    _id("id", key=True),
    _id("hotline"),
    _id("call"),
    Column("number_index", String(64), nullable=False),
    _at("at", null=False),
    Column("code_hash", String(64), nullable=False, server_default=""),
    _at("expires_at"),
    _word("result", null=True),
    _at("ended_at"),
    Index(None, "number_index", "at"),
    Index(None, "expires_at"),
)
"""Codes promised to callers. `code_hash` is keyed, and is gone once the code is used, skipped or too old."""

case_guesses = Table(
    "case_guesses",
    metadata,
    _id("id", key=True),
    _id("who"),
    _at("at", null=False),
    Index(None, "who", "at"),
    Index(None, "at"),
)
"""Case numbers asked for that do not exist: by whose number (its blind index), or by which call when it is withheld."""

number_memory = Table(
    "number_memory",
    metadata,
    Column("number_index", String(64), primary_key=True),
    _id("hotline", key=True),
    _word("language"),
    Column("slow", Boolean, nullable=False, server_default=sa.false()),
    _at("at", null=False),
)

menu_versions = Table(
    "menu_versions",
    metadata,
    _id("hotline", key=True),
    _id("version", key=True),
    Column("file", String(200), nullable=False),
    Column("source", Text, nullable=False),
    _at("first_used", null=False),
    _at("last_used", null=False),
    Index(None, "version"),
)
"""Menus that have been in service, as they were written."""
