"""The last events, in order, for programs that follow them live. Forgotten with Redis, and after ten thousand more."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from ivr.core.outgoing import Happened
from ivr.storage.redis.connection import Link

KEPT = 10_000
AT_ONCE = 200
PLACE = re.compile(r"[0-9]{1,15}-[0-9]{1,10}")


@dataclass(frozen=True)
class EventLog:
    """Raises `Unavailable` when Redis is away."""

    link: Link

    def add(self, events: Sequence[Happened]) -> None:
        key, channel = self.link.keys("events"), self.link.keys("feed")

        def added(connection: Any) -> None:
            pipe = connection.pipeline(transaction=False)
            for one in events:
                body = json.dumps(dict(one.body), ensure_ascii=False)
                fields = {"id": one.id, "kind": one.kind.value, "at": one.at.isoformat(), "body": body}
                pipe.xadd(key, fields, maxlen=KEPT, approximate=True)
            pipe.publish(channel, "events")
            pipe.execute()

        if events:
            self.link.run(added)

    def after(self, place: str, *, limit: int = AT_ONCE) -> Sequence[tuple[str, dict[str, Any]]]:
        """What came after this place, each with its own. Raises ValueError for what is no place."""
        if not PLACE.fullmatch(place):
            raise ValueError(place)
        rows: Any = self.link.run(
            lambda connection: connection.xrange(self.link.keys("events"), min=f"({place}", count=limit)
        )
        return [(number, _event(fields)) for number, fields in cast("list[tuple[str, dict[str, str]]]", rows)]

    def kept(self, place: str) -> bool:
        """Whether the event at this place is still there, and so all that came after it."""
        found: Any = self.link.run(
            lambda connection: connection.xrange(self.link.keys("events"), place, place, count=1)
        )
        return bool(found)

    def newest(self) -> str:
        """The place of the last event."""
        rows: Any = self.link.run(lambda connection: connection.xrevrange(self.link.keys("events"), count=1))
        return str(rows[0][0]) if rows else "0-0"


def _event(fields: dict[str, str]) -> dict[str, Any]:
    return {
        "id": fields["id"],
        "type": fields["kind"],
        "timestamp": fields["at"],
        "data": json.loads(fields["body"]),
    }
