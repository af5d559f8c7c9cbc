"""Reading a stream as one of a group: first what a dead taker left, then what is new; each entry until it is done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import redis

from ivr.storage.redis.connection import LONGEST_WAIT, Link
from ivr.storage.redis.session_rows import ms_of

Entry = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Group:
    """One reader of one stream."""

    link: Link
    stream: str
    name: str
    idle: timedelta
    """An entry taken this long ago and not done is taken over."""
    reader: str = field(default_factory=lambda: secrets.token_hex(6))

    def taken_over(self, limit: int) -> list[Entry]:
        answer = self._retried(
            lambda connection: connection.xautoclaim(
                self.stream, self.name, self.reader, min_idle_time=ms_of(self.idle), count=limit
            ),
            blocking=False,
        )
        return [(entry, fields) for entry, fields in answer[1] if fields]

    def new(self, limit: int, wait: timedelta) -> list[Entry]:
        """What is new; waits for it at most `wait` (capped at 5 s)."""
        block = ms_of(min(wait, LONGEST_WAIT))
        answer = self._retried(
            lambda connection: connection.xreadgroup(
                self.name, self.reader, {self.stream: ">"}, count=limit, block=block or None
            ),
            blocking=block > 0,
        )
        return [(entry, fields) for _, entries in answer or [] for entry, fields in entries]

    def done(self, entries: list[str]) -> None:
        """Read for good: the stream holds only what is still to be done."""
        if not entries:
            return

        def drop(connection: Any) -> None:
            pipe = connection.pipeline(transaction=True)
            pipe.xack(self.stream, self.name, *entries)
            pipe.xdel(self.stream, *entries)
            pipe.execute()

        self.link.run(drop)

    def _retried(self, read: Any, *, blocking: bool) -> Any:
        """Read; make the group first when it is not there (first start, or a flushed Redis)."""
        run = self.link.wait if blocking else self.link.run
        try:
            return run(read)
        except redis.ResponseError as err:
            if "NOGROUP" not in str(err):
                raise
        self._make()
        return run(read)

    def _make(self) -> None:
        def create(connection: Any) -> None:
            try:
                connection.xgroup_create(self.stream, self.name, id="0", mkstream=True)
            except redis.ResponseError as err:
                if "BUSYGROUP" not in str(err):
                    raise

        self.link.run(create)
