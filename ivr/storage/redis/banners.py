"""The incident banner where callers' requests look for it: a copy of SQL, so that a step costs one short read.

A copy lives for a minute at most: a switch that could not be told to Redis takes effect by then. What is not there
is read from SQL and noted by whoever asks first, but never over what a switch has written meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.banners import Banner
from ivr.storage.redis.codec import dumps, loads
from ivr.storage.redis.connection import Link

KEPT_S = 60
NOTHING = "-"


@dataclass(frozen=True)
class Banners:
    """Raises `Unavailable` when Redis is away."""

    link: Link

    def find(self, hotline: str) -> Banner | None:
        """What is on. Raises KeyError when Redis does not know."""
        text = self.link.run(lambda connection: connection.get(self._key(hotline)))
        if text is None:
            raise KeyError(hotline)
        return None if text == NOTHING else loads(Banner, text)

    def put(self, hotline: str, banner: Banner | None) -> None:
        """A switch: from now on this, or nothing."""
        self.link.run(lambda connection: connection.set(self._key(hotline), _text(banner), ex=KEPT_S))

    def note(self, hotline: str, banner: Banner | None) -> None:
        """What SQL says, unless somebody was faster."""
        self.link.run(lambda connection: connection.set(self._key(hotline), _text(banner), ex=KEPT_S, nx=True))

    def _key(self, hotline: str) -> str:
        return self.link.keys("banner", hotline)


def _text(banner: Banner | None) -> str:
    return dumps(banner) if banner else NOTHING
