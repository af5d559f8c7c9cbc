"""A script happens wholly or not at all, whatever stands in its way."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
import redis as redis_client

from ivr.core.agents import Released
from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, CallId, LegId
from ivr.core.instructions import Alarm, LookUpLeg, WakeAt
from ivr.storage.redis.scripts import SHARED, script
from tests.storage.redis.audit import audit
from tests.storage.redis.town import claimed

LUA = resources.files("ivr.storage.redis").joinpath("lua")
NAMES = sorted(path.name.removesuffix(".lua") for path in LUA.iterdir() if path.name.endswith(".lua"))


def furnish(store):
    """A store in which every kind of key exists."""
    store.ready("ana")
    store.waits("CA1")
    store.takes_up(claimed(store.matcher.for_call(CallId("CA1"))))
    wake = WakeAt(alarm=Alarm.RELAX, at=store.clock.now())
    order = LookUpLeg(call=CallId("CA1"), leg=LegId("CA1"))
    store.change("CA1", lambda session: session, wake_ups=(wake,), orders=(order, order))
    store.ready("bo", refunds=1)
    store.waits("CA2")
    (row, _) = store.outbox.take(wait=timedelta(0))
    store.outbox.retry(row, after=timedelta(0))


DOINGS = {
    "a match for a call": lambda store: store.matcher.for_call(CallId("CA2")),
    "a match for an agent": lambda store: store.matcher.for_agent(AgentId("bo")),
    "a directed match": lambda store: store.matcher.directed(CallId("CA2"), AgentId("bo")),
    "a save that frees an agent": lambda store: store.hangs_up("CA1"),
    "a call back in line": lambda store: store.goes_back("CA1"),
    "an arrival": lambda store: store.waits("CA3"),
    "an agent's word": lambda store: store.tells("ana", Released, offer=store.agent("ana").offer),
    "taking wake-ups": lambda store: store.timers.due(),
    "taking orders": lambda store: store.link.script("orders_again", 9 * 10**12),
}


def picture(store):
    raw: Any = redis_client.Redis.from_url(store.url)
    found = {key.decode(): raw.type(key) + str(value_of(raw, key)).encode() for key in raw.keys("*")}
    raw.close()
    return found


def value_of(redis, key):
    kind = redis.type(key).decode()
    if kind == "hash":
        return sorted(redis.hgetall(key).items())
    if kind == "zset":
        return redis.zrange(key, 0, -1, withscores=True)
    if kind == "stream":
        return redis.xrange(key)
    return sorted(redis.smembers(key)) if kind == "set" else redis.lrange(key, 0, -1)


@pytest.mark.parametrize("doing", DOINGS)
def test_a_key_of_the_wrong_type_stops_a_script_before_its_first_write(store, doing):
    """Each key in turn is made something else; what is asked then happens wholly or leaves everything."""
    furnish(store)
    refused = 0
    keys = sorted(store.redis.keys("*"))
    for broken in keys:
        store.redis.flushall()
        furnish(store)
        store.redis.rename(broken, "aside")
        store.redis.rpush(broken, "not what it should be")
        before = {key: value for key, value in picture(store).items() if key != broken}
        try:
            DOINGS[doing](store)
        except Exception:  # noqa: BLE001 - whichever error: the point is what it left behind
            refused += 1
            assert {key: value for key, value in picture(store).items() if key != broken} == before
    assert refused >= 2, f"{doing} touches more keys than that"


@pytest.mark.parametrize("doing", DOINGS)
def test_a_full_memory_refuses_a_script_as_a_whole(store, doing):
    furnish(store)
    before = picture(store)
    store.redis.config_set("maxmemory", "1mb")
    try:
        DOINGS[doing](store)
        whole = True
    except Unavailable:
        whole = False
    finally:
        store.redis.config_set("maxmemory", "0")

    assert whole or picture(store) == before
    assert audit(store) == []


def test_a_save_whose_answer_was_lost_is_not_written_twice(store, monkeypatch):
    """The connection ends after the server has written: the second sending finds its own token."""
    store.waits("CA1")
    run = store.link.run
    sent = []

    def twice(work):
        run(work)
        sent.append(1)
        return run(work)

    monkeypatch.setattr(store.link, "run", twice)
    store.turns("CA1")
    monkeypatch.undo()

    assert sent
    assert store.session("CA1").turns == 1
    assert store.redis.hget(store.keys("s", "CA1"), "v") == "2"


def test_a_server_that_forgot_the_scripts_gets_them_again(store):
    store.waits("CA1")
    store.redis.script_flush()
    store.ready("ana")

    claimed(store.matcher.for_call(CallId("CA1")))


@pytest.mark.parametrize("name", NAMES)
def test_every_script_opens_with_its_contract(name):
    text = LUA.joinpath(f"{name}.lua").read_text()

    head = text.split("]]")[0]
    assert head.startswith(f"--[[ {name}: ")
    assert "KEYS[1]" in head
    if name not in {shared for shared_ones in SHARED.values() for shared in shared_ones}:
        assert re.search(r"Called\s+by", head)
        assert re.search(r"Writes nothing|Safe to repeat|Returns", head)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"heads", "claim"}])
def test_no_script_reads_the_clock_or_draws_lots(name):
    assert not re.search(r"'TIME'|math\.random|os\.", script(name).text)
