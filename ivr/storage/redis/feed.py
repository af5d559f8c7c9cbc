"""Tells pages that something changed. Lossy on purpose: pages read the whole state again.

One thread per process listens; each page's stream has a `Feed` of its own, which remembers what it has seen. After a
lost connection every topic counts as changed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import redis

from ivr.storage.redis.connection import Link

log = logging.getLogger(__name__)

LISTEN_S = 1.0
AGAIN_S = 0.5


class FeedHub:
    """The one listener of a process; starts when the first page waits."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._changed = threading.Condition()
        self._counts: Counter[str] = Counter()
        self._era = 0
        self._thread: threading.Thread | None = None
        self._listening = threading.Event()
        self._stop = threading.Event()

    def feed(self) -> RedisFeed:
        """A feed for one page, which counts from now: what changes before its first wait is news to it."""
        self._start()
        with self._changed:
            return RedisFeed(self, _Seen(self._era, Counter(self._counts)))

    def close(self) -> None:
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=LISTEN_S * 3)

    def news(self, seen: _Seen, topics: Sequence[str], timeout: timedelta) -> frozenset[str]:
        """Topics that changed since `seen`, which is brought up to date; waits up to `timeout` for the first."""
        deadline = time.monotonic() + timeout.total_seconds()
        with self._changed:
            while True:
                state = {topic: (self._era, self._counts[topic]) for topic in topics}
                fresh = frozenset(topic for topic, at in state.items() if seen.at(topic) != at)
                left = deadline - time.monotonic()
                if fresh or left <= 0 or self._stop.is_set():
                    seen.known.update(state)
                    return fresh
                self._changed.wait(left)

    def _start(self) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="feed", daemon=True)
                self._thread.start()
        self._listening.wait(LISTEN_S)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._subscribed()
            except (redis.RedisError, OSError):
                log.warning("feed.lost")
                self._stop.wait(AGAIN_S)

    def _subscribed(self) -> None:
        channels: Any = self._link.blocking
        with channels.pubsub(ignore_subscribe_messages=False) as channel:
            channel.subscribe(self._link.keys("feed"))
            while not self._stop.is_set():
                message = channel.get_message(timeout=LISTEN_S)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._note((), new_era=True)
                    self._listening.set()
                elif message["type"] == "message":
                    self._note(str(message["data"]).split(" "), new_era=False)

    def _note(self, topics: Sequence[str], *, new_era: bool) -> None:
        with self._changed:
            self._era += new_era
            self._counts.update(topics)
            self._changed.notify_all()


@dataclass(frozen=True)
class _Seen:
    """What one page has seen of each topic; of one it has not asked for yet, what was there when it began."""

    era: int
    counts: Counter[str]
    known: dict[str, tuple[int, int]] = field(default_factory=dict)

    def at(self, topic: str) -> tuple[int, int]:
        return self.known.get(topic, (self.era, self.counts[topic]))


@dataclass(frozen=True)
class RedisFeed:
    """What one page has seen."""

    hub: FeedHub
    _seen: _Seen

    def wait(self, topics: Sequence[str], *, timeout: timedelta) -> frozenset[str]:
        return self.hub.news(self._seen, topics, timeout)
