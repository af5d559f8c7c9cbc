"""Rows for the reports to read: a database of as many calls as asked for, by set-based statements.

90 days, 20 topics, 200 agents, waits up to ten minutes; a number calls five times, mostly about the same; every call walks two
menus, is offered to an agent, told a wait, and leaves presences, usage and a request; every third is asked for a rating, every twentieth
promised a callback, every fiftieth leaves a case. A database that was filled before is used as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.engine import open_database
from ivr.storage.sql.migrate import upgrade
from ivr.storage.sql.schema import metadata

DAYS, TOPICS = 90, 20
START = datetime(2026, 7, 31, 16, tzinfo=UTC)
"""A midnight of Shanghai."""
END = START + timedelta(days=DAYS)
SECRET = b"a secret of the benchmark, 32 by"

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :calls)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(0, CAST(:calls AS bigint) - 1))",
}
INSTANT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {at}, 'unixepoch')",
    "postgresql": "to_timestamp({at})",
}
CALLS = """, d AS (SELECT i, (i * 7919) % 1000003 AS r, (i * 7) % (CAST(:calls AS bigint) / 5 + 1) AS who,
    :start + CAST(i AS double precision) * :step AS at FROM n),
  w AS (SELECT i, r, who, at, 'topic-' || ((who + CASE WHEN r % 4 = 0 THEN i ELSE 0 END) % {topics}) AS topic,
    (r % 600) * (r % 7) / 6.0 + (r % 10) * 0.1 AS wait, 180.0 + r % 100 AS talk, 'a' || (r % 200) AS agent,
    CASE r % 4 WHEN 0 THEN 'transfers' WHEN 1 THEN 'deposits' WHEN 2 THEN 'refunds' ELSE 'other' END AS node,
    CASE WHEN r % 20 < 17 THEN 'answered' WHEN r % 20 < 19 THEN 'abandoned' ELSE 'callback' END AS outcome FROM d)
"""
ROWS = (
    """calls (call, hotline, kind, dialled, country, menu_version, language, number, number_index, answers, path, started_at,
      ended_at, "end", "left", hung_up_by, segments, offers, texts, repairs, verified)
    SELECT 'CA' || (10000000 + i), 'wallet', 'human', '', 'CN', 'v1', 'zh', '', CASE WHEN r % 50 = 0 THEN '' ELSE 'n' || who END, '{{}}'{json},
      ('["' || node || '"]'){json}, {at-40}, {at+wait+200}, outcome, '', 'caller', 1, 1, 0, 0, '' FROM w""",
    """segments (call, segment, hotline, topic, path, language, priority, queued_at, entered_at, answered_at, left_at,
      ended_at, outcome, reason, wait_s, talk_s, hold_s, wrap_s, agent, offer, offers, ended_by, cause, disposition,
      disposition_reason, agent_topic, by_default, notes)
    SELECT 'CA' || (10000000 + i), 1, 'wallet', topic, ('["' || node || '"]'){json}, 'zh', 0, {at}, {at},
      CASE WHEN outcome = 'answered' THEN {at+wait} END, {at+wait}, {at+wait+200}, outcome, '', wait,
      CASE WHEN outcome = 'answered' THEN talk END, CASE WHEN outcome = 'answered' THEN (r % 3) * 10.0 END,
      CASE WHEN outcome = 'answered' THEN 20.0 END, CASE WHEN outcome = 'answered' THEN agent END, NULL, 1, '', '',
      CASE WHEN outcome <> 'answered' THEN '' WHEN r % 3 = 0 THEN 'pending' ELSE 'solved' END, '',
      CASE WHEN outcome = 'answered' AND r % 11 = 0 THEN 'topic-' || (r % 7) ELSE '' END, {false}, '' FROM w""",
    """offers (call, offer, hotline, segment, topic, agent, made_at, ended_at, result, end_reason, reason)
    SELECT 'CA' || (10000000 + i), 'o' || (10000000 + i), 'wallet', 1, topic, agent, {at+wait-5}, {at+wait},
      CASE WHEN outcome = 'answered' THEN 'accepted' ELSE 'cancelled' END,
      CASE WHEN outcome = 'answered' THEN '' ELSE 'caller left' END, '{{}}'{json} FROM w""",
    """announcements (call, segment, at, hotline, topic, estimator, seconds, estimates, actual_s)
    SELECT 'CA' || (10000000 + i), 1, {at}, 'wallet', topic, 'ql', 60 * (r % 7), '{{"ql": 61.5, "les": 95.25, "hol": 80.0}}'{json},
      CASE WHEN outcome = 'answered' THEN wait END FROM w WHERE r % 2 = 0""",
    """call_usage (call, hotline, topic, started_at, caller_minutes, dialled_minutes, browser_minutes, room_minutes,
      recorded_minutes, texts, requests)
    SELECT 'CA' || (10000000 + i), 'wallet', topic, {at-40}, 5, 0, 4, 8, 4, 0, 2 FROM w""",
    """carrier_requests (id, at, call, what)
    SELECT 'CA' || (10000000 + i), {at+wait}, 'CA' || (10000000 + i), CASE WHEN r % 20 = 0 THEN 'new_call' ELSE 'move' END FROM w""",
    """surveys (id, call, hotline, topic, agent, number, number_index, language, channel, asked_at, score, solved, answered_at)
    SELECT 's' || (10000000 + i), 'CA' || (10000000 + i), 'wallet', topic, agent, '', 'n' || who, 'zh', CASE WHEN r % 2 = 0 THEN 'phone' ELSE 'text' END,
      {at+wait+200}, CASE WHEN r % 5 < 3 THEN 1 + r % 5 END, CASE WHEN r % 5 = 0 THEN 'yes' ELSE '' END, {at+wait+220}
    FROM w WHERE r % 3 = 0 AND outcome = 'answered'""",
    """follow_ups (id, call, hotline, topic, agent, at, score, solved, comment, wished, status, handled_by, due_at)
    SELECT 'f' || (10000000 + i), 'CA' || (10000000 + i), 'wallet', topic, agent, {at+wait+220}, 1, 'no', 'slow', {false},
      CASE WHEN r % 2 = 0 THEN 'open' ELSE 'looked_at' END, '', {at+86400} FROM w WHERE r % 60 = 0""",
    """message_box (id, call, hotline, topic, language, at, duration_s, recording, due_at, status, owner, answered_at)
    SELECT 'm' || (10000000 + i), 'CA' || (10000000 + i), 'wallet', topic, 'zh', {at}, 20, '', {at+86400}, 'answered', '', {at+7200} FROM w
    WHERE r % 200 = 0""",
    """callbacks (id, hotline, topic, call, queued_at, requested_at, promised_from, promised_to, state, result, connected_at,
      closed_at, number_index, attempts, due_at, expires_at)
    SELECT 'cb' || (10000000 + i), 'wallet', topic, 'CA' || (10000000 + i), {at}, {at}, {at}, {at+3600}, 'closed',
      CASE WHEN r % 3 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN r % 3 <> 0 THEN {at+1800} END, {at+1800}, 'n' || who, 1,
      {at+1800}, {at+86400} FROM w WHERE outcome = 'callback'""",
    """callback_attempts (callback, attempt, at, ended_at, result, agent, agent_idle_s)
    SELECT 'cb' || (10000000 + i), 1, {at+1800}, {at+1830}, CASE WHEN r % 3 = 0 THEN 'no_answer' ELSE 'connected' END, agent, 12.0 FROM w
    WHERE outcome = 'callback'""",
    """cases (id, hotline, number, caller, caller_index, topic, path, answers, language, opened_at, status, note, changed_at,
      closed_at, changed_by, due_by)
    SELECT 'k' || (10000000 + i), 'wallet', CAST(10000000 + i AS varchar(16)), '', 'n' || who, CASE WHEN r % 20 = 0 THEN 'complaints' ELSE topic END,
      '[]'{json}, '{{}}'{json}, 'zh', {at}, CASE WHEN r % 3 = 0 THEN 'open' ELSE 'closed' END, '', {at+86400},
      CASE WHEN r % 3 <> 0 THEN {at+86400} END, '', '' FROM w WHERE r % 50 = 7""",
    """case_calls (call, "case", at) SELECT 'CA' || (10000000 + i), 'k' || (10000000 + i), {at} FROM w WHERE r % 50 = 7""",
    """agent_states (id, hotline, agent, presence, reason, started_at, ended_at)
    SELECT 'pc' || (10000000 + i), 'wallet', agent, 'on_call', '', {at+wait}, {at+wait+talk} FROM w WHERE outcome = 'answered'""",
    """agent_states (id, hotline, agent, presence, reason, started_at, ended_at)
    SELECT 'pw' || (10000000 + i), 'wallet', agent, 'wrap_up', '', {at+wait+talk}, {at+wait+talk+20} FROM w WHERE outcome = 'answered'""",
    """agent_states (id, hotline, agent, presence, reason, started_at, ended_at)
    SELECT 'pa' || (10000000 + i), 'wallet', agent, 'available', '', {at+wait+talk+20}, {at+wait+talk+60} FROM w
    WHERE outcome = 'answered'""",
    """facts (id, hotline, call, agent, kind, at, body)
    SELECT 'CA' || (10000000 + i) || ':' || s.k || '-0', 'wallet', 'CA' || (10000000 + i), NULL, CASE s.k % 2 WHEN 1 THEN 'node_entered' ELSE 'key_pressed' END,
      {at-40+5*s.k}, (CASE s.k WHEN 1 THEN '{{"call": "CA' || (10000000 + i) || '", "node": "main"}}'
        WHEN 2 THEN '{{"call": "CA' || (10000000 + i) || '", "node": "main", "key": "' || (1 + r % 4) || '", "result": "choice"}}'
        WHEN 3 THEN '{{"call": "CA' || (10000000 + i) || '", "node": "' || node || '"}}'
        ELSE '{{"call": "CA' || (10000000 + i) || '", "node": "' || node || '", "key": "' || (1 + r % 3) || '", "result": "choice"}}' END){json}
    FROM w, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) AS s""",
    """audit (number, at, who, what, object, detail, hash)
    SELECT i + 1, {at}, 'u' || (r % 20), CASE r % 4 WHEN 0 THEN 'call.see' WHEN 1 THEN 'report.export' WHEN 2 THEN 'recording.hear'
      ELSE 'number.reveal' END, '', '{{}}', '' FROM w WHERE r % 100 = 0""",
)  # fmt: skip

ONE_AT_A_TIME = """UPDATE agent_states SET ended_at = following.at
  FROM (SELECT id AS own, lead(started_at) OVER (PARTITION BY agent ORDER BY started_at, id) AS at FROM agent_states) AS following
  WHERE following.own = agent_states.id AND following.at < agent_states.ended_at"""
"""The recorder ends a presence where the agent's next one begins, and the sums of presences rely on it."""


def fill(url: str, calls: int) -> Engine:
    """Bring the database to this version, and fill it if it is empty."""
    upgrade(url, secret=SECRET)
    engine = open_database(url, statement_timeout=timedelta(hours=2))
    sa.event.listen(engine, "connect", _hurry)
    with engine.connect() as connection:
        if connection.exec_driver_sql("SELECT call FROM segments LIMIT 1").first() is not None:
            sa.event.remove(engine, "connect", _hurry)
            engine.dispose()
            return open_database(url, statement_timeout=timedelta(minutes=30))
    values = {"calls": calls, "start": START.timestamp(), "step": DAYS * 86400 / calls}
    filled = {rows.split(" ", 1)[0] for rows in ROWS}
    indexes = [one for table in metadata.tables.values() if table.name in filled for one in table.indexes]
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    for rows in ROWS:
        with engine.begin() as connection:
            connection.execute(sa.text(_statement(rows, engine.dialect.name)), values)
    with engine.begin() as connection:
        connection.exec_driver_sql(ONE_AT_A_TIME)
    for index in indexes:
        with engine.begin() as connection:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    sa.event.remove(engine, "connect", _hurry)
    engine.dispose()
    return open_database(url, statement_timeout=timedelta(minutes=30))


def _hurry(connection: Any, _record: object) -> None:
    """Only the filling may lose what it wrote."""
    if not hasattr(connection, "pgconn"):
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000")


def _statement(rows: str, kind: str) -> str:
    into, select = rows.split("\n    SELECT", 1) if "\n    SELECT" in rows else rows.split(" SELECT", 1)
    body = f"INSERT INTO {into} {NUMBERS[kind]}{CALLS} SELECT{select}".replace("{topics}", str(TOPICS))
    body = body.replace("{json}", "::json" if kind == "postgresql" else "")
    while "{at" in body:
        before, rest = body.split("{at", 1)
        more, after = rest.split("}", 1)
        body = f"{before}{INSTANT[kind].format(at='at' + more)}{after}"
    body = body.replace("{false}", "0" if kind == "sqlite" else "false").replace("{{", "{").replace("}}", "}")
    return body.replace('": "', '"\\: "')
