"""How often one address may ask for the pages of links. Counted in this process alone, and only for those pages: nothing
here is asked on behalf of a caller's line.

Many telephones share one address of their network, so the limits are wide; a token of 128 bits is not guessed anyway.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

WINDOW_S = 600.0
MOST_ADDRESSES = 20_000


@dataclass
class AddressLimit:
    """At most `most` within ten minutes from one address."""

    most: int
    _since: float = 0.0
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self, address: str) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._since >= WINDOW_S or len(self._counts) > MOST_ADDRESSES:
                self._since, self._counts = now, {}
            self._counts[address] = self._counts.get(address, 0) + 1
            return self._counts[address] <= self.most
