"""How often one address, program or person may ask: counted in Redis, so that several web processes share one count.

Nothing here is asked on behalf of a caller's line: a signed request of the carrier is never turned away. Two kinds, for a
Redis that is away (`RELIABILITY.md` 5.4): what callers and the app need stays open, counted in each process alone; what can wait
(`strict`: files of callers, to people at screens) stays shut and says so.

Many telephones share one address of their network, so the limits are wide; a token of 128 bits is not guessed anyway. Of
an IPv6 address the network counts: whoever has one has 2^64 of them.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ivr.core.errors import Unavailable
from ivr.web.doors import Site, Tallies

TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
MOST_KNOWN = 20_000
WHOLE_NETWORK = 64


@dataclass
class Own:
    """The count of this process."""

    _since: datetime | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, who: str, at: datetime, window: timedelta) -> int:
        with self._lock:
            if self._since is None or not timedelta() <= at - self._since < window or len(self._counts) > MOST_KNOWN:
                self._since, self._counts = at, {}
            self._counts[who] = self._counts.get(who, 0) + 1
            return self._counts[who]


@dataclass(kw_only=True)
class Limit:
    """At most `most` within a window from one `who`."""

    what: str
    most: int
    tallies: Tallies
    now: Callable[[], datetime]
    window: timedelta = TEN_MINUTES
    strict: bool = False
    """Refuse (`Unavailable`) while the count cannot be shared; else the count of this process alone decides."""
    _mine: Own = field(default_factory=Own)

    def admits(self, who: str) -> bool:
        """One more: is it within the limit? Raises `Unavailable` when this is strict and Redis is away."""
        at = self.now()
        if self._mine.count(who, at, self.window) > self.most:
            return False  # a flood upon one process costs Redis nothing
        try:
            return self.tallies.count(self.what, who, at=at, window=self.window) <= self.most
        except Unavailable:
            if self.strict:
                raise
            return True


def limit(site: Site, what: str, most: int, *, window: timedelta = TEN_MINUTES, strict: bool = False) -> Limit:
    return Limit(what=what, most=most, tallies=site.tallies, now=site.now, window=window, strict=strict)


def network_of(address: str | None) -> str:
    """What of an address is counted."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), WHOLE_NETWORK), strict=False).network_address)
