"""A caller with a number and digits like no other goes all the way; then every place is searched for them (S-99).

Personal data stand where they are needed (the live session, the orders and facts in flight, the sealed column, the
answers of the case, the agent's own notes) and nowhere else: not in logs, also not in those of faults, nor in
metrics, URLs, names of keys, jobs, or other columns.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest

from ivr.core.ids import CallId
from ivr.core.session import State
from ivr.storage.sql.engine import reading
from ivr.storage.sql.schema import metadata

NUMBER = "+8613947261853"
CASE = "48273916"
NOTE = "canary-note-zq7"
ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}
NUMBER_TRACES = re.compile("3947261853|472618|139[^0-9]?4726[^0-9]?1853|1853742639")
CASE_TRACES = re.compile("48273916|4827[^0-9]{0,3}3916")


def whole_story(town: Any) -> Any:
    """Case number keyed, queue, talk, notes."""
    ana = town.agent("ana", skills=ANY)
    call = town.caller(NUMBER)
    town.presses(call, "1" + "2" + "1" + "1")
    call.presses(CASE + "#")
    town.settle()
    town.presses(call, "1" + "2")
    town.until(lambda: town.session(call).state is State.QUEUED, what="the queue")
    town.passes(40)
    ana.available()
    leg = ana.accepts()
    town.until(lambda: town.session(call).state is State.CONNECTED, within_s=8, what="the talk")
    call.meets(leg)
    town.passes(5)
    call.hangs_up()
    town.settle()
    offer = ana.offer
    town.switchboard.desk.finish(ana.id, offer, disposition="solved", notes=NOTE)
    town.settle()
    return call


def urgent_story_with_faults(town: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The text message is refused by the carrier, and a handler breaks with the number in its hands."""
    town.network.faults.add("refuse", match="Messages", status=503, times=2)
    call = town.caller(NUMBER)
    town.presses(call, "1" + "1" + "1")
    town.passes(5)
    take_call = type(town.switchboard.take_call)
    whole = take_call.carry

    def broken(self: Any, *args: Any, **more: Any) -> Any:
        raise RuntimeError(f"cannot carry {more['caller']!r} who keyed {CASE}")

    asked = iter((broken,))

    def broken_once(*args: Any, **more: Any) -> Any:
        return next(asked, whole)(*args, **more)

    monkeypatch.setattr(take_call, "carry", broken_once)
    town.passes(40)
    town.troubles += 1  # meant
    call.hangs_up()
    town.settle()
    return call


def test_a_callers_number_and_digits_are_found_only_where_they_are_needed(town, log_text, monkeypatch, redis):
    first = whole_story(town)
    second = urgent_story_with_faults(town, monkeypatch)
    town.record()
    records = town.switchboard.records
    assert records.number_of(CallId(first.sid)) == records.number_of(CallId(second.sid)) == NUMBER
    assert town.ended(first).answers["case"] == CASE, "the story went where it should"

    _search("logs", log_text.getvalue(), NUMBER_TRACES, CASE_TRACES, re.compile(NOTE))
    assert "voice_trouble" in log_text.getvalue(), "the fault was logged"
    _search("metrics", generate_latest().decode(), NUMBER_TRACES, CASE_TRACES)
    _search_urls(town)
    _search_sql(town)
    _search_redis(redis)


def _search(place: str, text: str, *traces: re.Pattern[str]) -> None:
    for trace in traces:
        found = trace.search(text)
        assert found is None, f"{place}: …{text[max(0, found.start() - 200) : found.end() + 80]}…"


def _search_urls(town: Any) -> None:
    """Addresses asked of us by the carrier, and of the carrier by us."""
    urls = [
        str(value)
        for kind in ("webhook", "callback", "rest")
        for entry in town.network.ledger.entries(kind)
        for name, value in entry.items()
        if name in ("url", "target", "path", "action")
    ]
    assert len(urls) > 20
    for url in urls:
        _search("URLs", url, NUMBER_TRACES, CASE_TRACES)


def _search_sql(town: Any) -> None:
    meant = {
        ("calls", "answers", CASE),
        ("cases", "answers", CASE),
        ("cases", "note", NOTE),
        ("facts", "body", CASE),  # the answer, from which the row is folded
        ("facts", "body", NOTE),
        ("segments", "notes", NOTE),
    }
    found = set()
    with reading(town.switchboard.engine) as connection:
        for table in metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                for name, value in row._mapping.items():
                    text = str(value)
                    _search(f"{table.name}.{name}", text, NUMBER_TRACES)
                    found |= {(table.name, name, word) for word in (CASE, NOTE) if word in text}
    assert found == meant


def _search_redis(redis: Any) -> None:
    """Names of keys never; values only of the call itself and of what is on its way to recorder and dispatcher."""
    holders = set()
    for key in redis.scan_iter("*"):
        name = key.decode()
        _search("names of keys", name, NUMBER_TRACES, CASE_TRACES)
        kind = redis.type(key).decode()
        value = {
            "hash": redis.hgetall,
            "stream": redis.xrange,
            "zset": lambda key: redis.zrange(key, 0, -1),
            "set": redis.smembers,
            "string": redis.get,
            "list": lambda key: redis.lrange(key, 0, -1),
        }[kind](key)
        if NUMBER_TRACES.search(str(value)):
            holders.add(name.split("}:")[1].split(":")[0])
    assert holders <= {"s"}, "what is delivered is gone, and no index names a caller"
