"""Which process does something that only one should do at a time. Lost after a few seconds without a sign of life.

A lease is a help against doing things twice, never the guard against it: what is done must bear being done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivr.storage.redis.connection import Link

HELD_MS = 15_000


@dataclass(frozen=True)
class Leases:
    """Raises `Unavailable` when Redis is away."""

    link: Link
    holder: str
    """This process, by a name that no other has."""

    def held(self, name: str) -> bool:
        """Take it, or keep it for a while; False while somebody else has it."""
        key = self.link.keys("lease", name)

        def taken(connection: Any) -> bool:
            if connection.set(key, self.holder, nx=True, px=HELD_MS):
                return True
            if connection.get(key) != self.holder:
                return False
            return bool(connection.pexpire(key, HELD_MS))

        return self.link.run(taken)
