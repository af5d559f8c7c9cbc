"""One atomic write in the making: what must still hold, and what is then written."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.storage.redis.connection import Link

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def ms(at: datetime) -> int:
    """Epoch milliseconds, rounded down."""
    return (at - EPOCH) // MILLISECOND


def us(at: datetime) -> int:
    """Epoch microseconds."""
    return (at - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The check that did not hold."""

    key: str
    field: str


class Write:
    """Checks and commands, sent as one script. `of` is the hash that remembers the token of its last write."""

    def __init__(self, link: Link, *, of: str) -> None:
        self._link = link
        self._of = of
        self.token = secrets.token_hex(6)
        """Makes the ids of facts in this write unique, also after a lost Redis began to count anew."""
        self._checks: list[str] = []
        self._commands: list[str] = []
        self._topics: list[str] = []

    def check(self, key: str, field: str, want: str) -> None:
        """`want` is the text the field must hold; "" absent, "*" anything."""
        self._checks += (key, field, want)

    def do(self, *words: str | int) -> None:
        self._commands += (str(len(words)), *map(str, words))

    def head(self, list_key: str, cache: str, field: str) -> None:
        self.do("HEAD", list_key, cache, field)

    def pack(self, key: str, field: str, value: object) -> None:
        self.do("PACK", key, field, json.dumps(value, separators=(",", ":")))

    def wake(self, member: str, at: datetime | None, ref: str = "") -> None:
        """Set a wake-up, or cancel it with None."""
        if at is None:
            self.rest([member])
            return
        keys = self._link.keys
        self.do("ZADD", keys("wake"), ms(at), member)
        self.do("HSET", keys("wref"), member, ref)
        self.do("HDEL", keys("wlease"), member)

    def rest(self, members: Sequence[str]) -> None:
        """Cancel wake-ups; none, when there are none."""
        if not members:
            return
        keys = self._link.keys
        self.do("ZREM", keys("wake"), *members)
        self.do("HDEL", keys("wref"), *members)
        self.do("HDEL", keys("wlease"), *members)

    def fact(self, fact_id: str, hotline: str, body: str) -> None:
        self.do("XADD", self._link.keys("facts"), "*", "id", fact_id, "hotline", hotline, "body", body)

    def order(self, body: str) -> None:
        self.do("XADD", self._link.keys("orders"), "*", "id", "", "n", 0, "body", body)

    def tell(self, *topics: str) -> None:
        """Tell pages that these topics changed."""
        self._topics += [topic for topic in topics if topic not in self._topics]

    def send(self) -> Broken | None:
        """Write everything, or nothing and say which check failed. Safe to send again. Raises `Unavailable`."""
        if self._topics:
            self.do("PUBLISH", self._link.keys("feed"), " ".join(self._topics))
        self.do("HSET", self._of, "tok", self.token)
        answer = self._link.script(
            "commit", self._of, self.token, len(self._checks) // 3, *self._checks, *self._commands
        )
        return None if answer[0] == "ok" else Broken(key=answer[1], field=answer[2])
