"""How often somebody asked for something in a stretch of time, counted for all processes together.

Who asked is put into one of 2^18 drawers by a keyed hash: a drawer names nobody, and whatever flood comes, a window
holds no more than its drawers. Two who share one share a count; the limits are wide enough for that.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ivr.storage.redis.connection import Link

DRAWERS = 2**18


@dataclass(frozen=True)
class Tallies:
    link: Link
    secret: bytes

    def count(self, what: str, who: str, *, at: datetime, window: timedelta) -> int:
        """One more of `who`: how many in this window. Raises `Unavailable`; a repeat after a lost answer counts twice."""
        length = round(window.total_seconds())
        key = self.link.keys("tally", what, str(int(at.timestamp()) // length))
        drawer = self._drawer(what, who)

        def counted(connection: Any) -> int:
            pipe = connection.pipeline(transaction=True)
            pipe.hincrby(key, drawer, 1)
            pipe.expire(key, 2 * length)
            return int(pipe.execute()[0])

        return self.link.run(counted)

    def _drawer(self, what: str, who: str) -> str:
        digest = hmac.new(self.secret, f"tally {what} {who}".encode(), hashlib.sha256).digest()
        return str(int.from_bytes(digest[:4], "big") % DRAWERS)
