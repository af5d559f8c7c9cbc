"""The stream of facts, read by the recorder; an entry is gone once its fact is stored."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ivr.core.facts import Fact
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link
from ivr.storage.redis.streams import Group
from ivr.storage.redis.write import Write
from ivr.workflows.ports import FactRow

log = logging.getLogger(__name__)

READER_DIED = timedelta(seconds=15)


class RedisFacts:
    """One reader of facts, and the door for facts outside a session change."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._group = Group(link, link.keys("facts"), "recorder", READER_DIED)

    def add(self, facts: Iterable[Fact], *, key: str, hotline: str = "", tell: Sequence[str] = ()) -> None:
        """Ids are `{key}:{n}`: added twice under one key, a fact is stored once. `tell`: pages that look again."""
        write = Write(self._link, of=self._link.keys("meta"))
        for number, fact in enumerate(facts):
            write.fact(f"{key}:{number}", hotline, codec.dump_tagged(fact))
        write.tell("board", *tell)
        write.send()

    def note(self, fact: Fact, *, key: str) -> None:
        """One fact that no page waits for."""
        write = Write(self._link, of=self._link.keys("meta"))
        write.fact(f"{key}:0", "", codec.dump_tagged(fact))
        write.send()

    def take(self, *, wait: timedelta, limit: int = 500) -> Sequence[tuple[str, FactRow]]:
        entries = self._group.taken_over(limit) or self._group.new(limit, wait)
        rows: list[tuple[str, FactRow]] = []
        for entry, fields in entries:
            try:
                fact = codec.load_fact(fields["body"])
            except codec.Unreadable:
                # Newer code wrote it: left pending, so that a newer reader takes it over.
                log.warning("fact.unreadable id=%s", fields.get("id"))
                continue
            rows.append((entry, FactRow(id=fields["id"], hotline=fields["hotline"], fact=fact)))
        return rows

    def done(self, entries: Sequence[str]) -> None:
        self._group.done(list(entries))
