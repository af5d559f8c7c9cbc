"""How often something was put right, and how often something was to be looked at, by what it was: for `/metrics` alone,
since each of them is a fact as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ivr.storage.redis.connection import Link


@dataclass(frozen=True)
class Counts:
    link: Link
    of: str
    """`repairs` or `alerts`."""

    def add(self, what: str) -> None:
        self.link.run(lambda connection: connection.hincrby(self.link.keys(self.of), what, 1))

    def all(self) -> Mapping[str, int]:
        found: Any = self.link.run(lambda connection: connection.hgetall(self.link.keys(self.of)))
        return {what: int(count) for what, count in cast("dict[str, str]", found).items()}
