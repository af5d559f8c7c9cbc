"""Orders for the carrier and the pages: a stream, carried out at least once, tried again after a delay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link
from ivr.storage.redis.streams import Entry, Group
from ivr.storage.redis.write import EPOCH, MILLISECOND, Write, ms
from ivr.workflows.ports import Clock, OrderRow

TAKER_DIED = timedelta(seconds=15)


class RedisOutbox:
    """One taker of orders. An instance belongs to one process; its threads may share it."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._group = Group(link, link.keys("orders"), "dispatch", TAKER_DIED)
        self._entries: dict[str, Entry] = {}

    def take(self, *, wait: timedelta, limit: int = 50) -> Sequence[OrderRow]:
        self._link.script("orders_again", ms(self._clock.now()))
        again = [self._row(entry, more=1) for entry in self._group.taken_over(limit)]
        if again:
            return again
        return [self._row(entry, more=0) for entry in self._group.new(limit, self._until_next(wait))]

    def done(self, row: OrderRow) -> None:
        entry = self._entries.pop(row.id, None)
        if entry is not None:
            self._group.done([entry[0]])

    def retry(self, row: OrderRow, *, after: timedelta) -> None:
        """Again after a while, with the same id and one try more."""
        entry = self._entries.pop(row.id, None)
        if entry is None:
            return
        number, fields = entry
        again = json.dumps({"id": row.id, "n": row.tries, "body": fields["body"]})
        write = Write(self._link, of=self._link.keys("meta"))
        write.do("XACK", self._link.keys("orders"), "dispatch", number)
        write.do("XDEL", self._link.keys("orders"), number)
        write.do("ZADD", self._link.keys("later"), ms(self._clock.now() + after), again)
        write.send()

    def _row(self, entry: Entry, *, more: int) -> OrderRow:
        number, fields = entry
        name = fields["id"] or number
        self._entries[name] = entry
        return OrderRow(id=name, order=codec.load_order(fields["body"]), tries=int(fields["n"]) + 1 + more)

    def _until_next(self, wait: timedelta) -> timedelta:
        """Not past the next second try."""
        first = self._link.run(lambda connection: connection.zrange(self._link.keys("later"), 0, 0, withscores=True))
        if not first:
            return wait
        due = EPOCH + int(first[0][1]) * MILLISECOND - self._clock.now()
        return max(MILLISECOND, min(wait, due))
