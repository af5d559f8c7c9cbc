"""What is remembered between calls, by number: a blind index, never the number itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.ids import E164, Language
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import number_memory
from ivr.workflows.ports import Clock, Remembered


@dataclass(frozen=True)
class Memory:
    engine: Engine
    secret: bytes
    clock: Clock
    hotline: str = ""
    """Hotlines do not share what they remember."""
    old: tuple[bytes, ...] = ()
    """Secrets of before: what was remembered under them is still found."""

    def language_of(self, number: E164) -> Language | None:
        return self.recall(number).language

    def recall(self, number: E164) -> Remembered:
        """Raises Unavailable; the voice path then guesses by country."""
        query = (
            sa.select(number_memory.c.language, number_memory.c.slow)
            .where(
                number_memory.c.number_index.in_(Seals(self.secret, self.old).indexes(number)),
                number_memory.c.hotline == self.hotline,
            )
            .order_by(number_memory.c.at.desc())
            .limit(1)
        )
        with reading(self.engine) as connection:
            found = connection.execute(query).first()
        if found is None:
            return Remembered()
        return Remembered(language=Language(found.language) if found.language else None, slow=found.slow)

    def remember_language(self, number: E164, language: Language) -> None:
        """The last choice counts. A caller without a number is not remembered."""
        self._remember(number, {"language": language, "slow": False}, keep="slow")

    def remember_slow(self, number: E164, slow: bool) -> None:  # noqa: FBT001 - reads well either way
        """As chosen in the last call."""
        self._remember(number, {"language": "", "slow": slow}, keep="language")

    def _remember(self, number: E164, what: Mapping[str, Any], *, keep: str) -> None:
        if not number:
            return
        row = {
            "number_index": Seals(self.secret).index(number),
            "hotline": self.hotline,
            **what,
            "at": self.clock.now(),
        }
        with writing(self.engine) as connection:
            upsert(connection, number_memory, [row], keep=(keep,))
