"""Signs of life: which of our processes were heard lately. `/readyz` looks at them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.storage.redis.connection import Link

HEARD_MS = 10_000


@dataclass(frozen=True)
class Signs:
    link: Link

    def give(self, name: str) -> None:
        """This process is at work; stands for 10 s."""
        self.link.run(lambda connection: connection.set(self.link.keys("alive", name), "1", px=HEARD_MS))

    def seen(self, name: str) -> bool:
        return bool(self.link.run(lambda connection: connection.exists(self.link.keys("alive", name))))
