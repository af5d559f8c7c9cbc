"""What agents have written so far, by offer: beside their presence, for as long as a page may come back."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.ids import OfferId
from ivr.core.notes import Notes
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link
from ivr.storage.redis.keys import KEEP_OFFER_S


@dataclass(frozen=True)
class RedisNotes:
    link: Link

    def keep(self, offer: OfferId, notes: Notes) -> None:
        """In the place of what was kept before. Raises `Unavailable`."""
        self.link.run(lambda connection: connection.set(self._key(offer), codec.dumps(notes), ex=KEEP_OFFER_S))

    def find(self, offer: OfferId) -> Notes:
        """Empty when nothing is kept. Raises `Unavailable`."""
        stored = self.link.run(lambda connection: connection.get(self._key(offer)))
        return codec.loads(Notes, stored) if stored else Notes()

    def drop(self, offer: OfferId) -> None:
        self.link.run(lambda connection: connection.delete(self._key(offer)))

    def _key(self, offer: OfferId) -> str:
        return self.link.keys("n", offer)
