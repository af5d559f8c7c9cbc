"""Every live call, read again and again: a call whose version is known is not sent twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.core.session import CallSession
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link


@dataclass(frozen=True)
class RedisLive:
    """One per process. Raises `Unavailable`."""

    link: Link
    _known: dict[str, tuple[str, CallSession]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self) -> Sequence[CallSession]:
        """By call id."""
        with self._lock:
            versions = self._versions()
            changed = [call for call, version in versions.items() if self._known.get(call, ("",))[0] != version]
            for call in [*self._known]:
                if call not in versions:
                    del self._known[call]
            for call, stored in zip(changed, self._read(changed, "v", "j"), strict=True):
                if stored[1] is not None:
                    self._known[call] = (stored[0], codec.loads(CallSession, stored[1]))
            return [session for _, (_, session) in sorted(self._known.items())]

    def _versions(self) -> dict[str, str]:
        calls = sorted(self.link.run(lambda connection: connection.smembers(self.link.keys("live"))))
        return {call: version for call, [version] in zip(calls, self._read(calls, "v"), strict=True) if version}

    def _read(self, calls: Sequence[str], *fields: str) -> list[Any]:
        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=False)
            for call in calls:
                pipe.hmget(self.link.keys("s", call), fields)
            return list(pipe.execute())

        return self.link.run(read) if calls else []
