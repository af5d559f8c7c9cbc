"""A Redis that is away costs a moment and says so; one that would lose queues is refused at the start."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest
import redis as redis_client

from ivr.core.errors import OperatorError, Unavailable
from ivr.core.ids import CallId
from ivr.storage.redis.connection import Link, RedisClock, problems, require
from ivr.storage.redis.feed import FeedHub
from tests import servers
from tests.haste import soonest
from tests.storage.redis.town import Store


def ping(link):
    return link.run(lambda connection: connection.ping())


def test_a_server_that_is_away_costs_a_moment_and_then_nothing(free_port):
    def asked() -> None:
        link = Link(f"redis://127.0.0.1:{free_port()}")
        for _ in range(100):
            with pytest.raises(Unavailable):
                ping(link)
        assert link.breaker.open

    assert soonest(asked, limit_s=0.5) < 0.5


def test_a_server_that_does_not_answer_is_given_up_within_the_deadline():
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:

        def asked() -> None:
            link = Link(f"redis://127.0.0.1:{deaf.getsockname()[1]}", timeout_s=0.1)
            for _ in range(20):
                with pytest.raises(Unavailable):
                    ping(link)

        assert soonest(asked, limit_s=1.0) < 1.0


def test_the_breaker_lets_one_through_and_closes_when_the_server_is_back():
    with servers.private_redis() as url:
        link = Link(url)
        ping(link)
    for _ in range(3):
        with pytest.raises(Unavailable):
            ping(link)
    link.redis.connection_pool.disconnect()
    with servers.private_redis() as url:
        link.redis = Link(url).redis
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with suppress(Unavailable):
                ping(link)
                break
        assert not link.breaker.open


def test_connections_that_the_server_closed_are_opened_again_without_a_word(store):
    store.waits("CA1")
    store.redis.client_kill_filter(_type="normal", skipme=False)

    assert store.matcher.position(CallId("CA1")) == 0
    assert store.turns("CA1") is not None


def test_a_good_server_has_no_problems(store):
    assert problems(store.link) == ()
    require(store.link)


def test_a_server_that_evicts_is_refused_with_a_sentence(store):
    store.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(OperatorError, match="noeviction"):
            require(store.link)
    finally:
        store.redis.config_set("maxmemory-policy", "noeviction")


def test_a_replica_is_refused_and_writing_to_one_is_unavailable(free_port):
    with servers.private_redis() as url:
        store = Store(url)
        store.redis.replicaof("127.0.0.1", str(free_port()))

        assert any("name the master" in problem for problem in problems(store.link))
        with pytest.raises(Unavailable):
            store.waits("CA1")


def test_the_clock_is_the_servers_and_goes_on_without_it(free_port):
    with servers.private_redis() as url:
        clock = RedisClock(Link(url))
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    lonely = RedisClock(Link(f"redis://127.0.0.1:{free_port()}"))
    first = lonely.now()
    assert lonely.now() >= first


def test_a_page_hears_what_changed_since_it_last_asked(store):
    hub = FeedHub(store.link)
    page, other = hub.feed(), hub.feed()
    assert page.wait(["board"], timeout=timedelta(0)) == frozenset()
    other.wait(["board", "agent:ana"], timeout=timedelta(0))

    store.ready("ana")

    assert page.wait(["board"], timeout=timedelta(seconds=5)) == {"board"}
    heard: set[str] = set()
    deadline = time.monotonic() + 5
    while heard != {"board", "agent:ana"} and time.monotonic() < deadline:
        heard |= other.wait(["board", "agent:ana"], timeout=timedelta(milliseconds=50))
    assert heard == {"board", "agent:ana"}
    hub.close()


def test_what_changes_before_a_page_first_waits_is_news_to_it(store):
    """It draws itself in between, and would stand there with the old for as long as it sleeps."""
    hub = FeedHub(store.link)
    page, later = hub.feed(), hub.feed()
    store.ready("ana")
    assert later.wait(["board"], timeout=timedelta(seconds=5)) == {"board"}
    assert page.wait(["board"], timeout=timedelta(0)) == {"board"}
    assert hub.feed().wait(["board"], timeout=timedelta(0)) == frozenset()
    hub.close()


def test_a_page_waits_only_for_what_it_asked_about(store):
    hub = FeedHub(store.link)
    page = hub.feed()
    page.wait(["agent:bo"], timeout=timedelta(0))
    store.ready("ana")

    assert page.wait(["agent:bo"], timeout=timedelta(milliseconds=50)) == frozenset()
    hub.close()


def test_after_a_lost_connection_everything_counts_as_changed(store):
    hub = FeedHub(store.link)
    page = hub.feed()
    page.wait(["board"], timeout=timedelta(0))
    store.redis.client_kill_filter(_type="pubsub")

    assert page.wait(["board"], timeout=timedelta(seconds=5)) == {"board"}
    hub.close()


def test_many_pages_share_one_connection(store):
    hub = FeedHub(store.link)
    pages = [hub.feed() for _ in range(50)]
    for page in pages:
        page.wait(["board"], timeout=timedelta(0))
    heard = []
    threads = [
        threading.Thread(target=lambda page=page: heard.append(page.wait(["board"], timeout=timedelta(seconds=5))))
        for page in pages
    ]
    for thread in threads:
        thread.start()
    store.ready("ana")
    for thread in threads:
        thread.join()

    assert heard == [frozenset({"board"})] * 50
    assert store.redis.pubsub_numsub(store.keys("feed"))[0][1] == 1
    hub.close()


def test_errors_of_ours_stay_errors(store):
    store.redis.set(store.keys("s", "CA1"), "text")

    with pytest.raises(redis_client.ResponseError):
        store.sessions.find(CallId("CA1"))
