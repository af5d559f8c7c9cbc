"""Trouble on order. Each fault is a rule; a rule applies with probability `p`, at most `times` times.

| kind | does | options |
|---|---|---|
| `duplicate` | the same request is sent again (same idempotency token); the copy's answer is thrown away | `of`, `parallel` |
| `forge` | a copy with a bad signature (`how="wrong"`) or none (`how="unsigned"`) is sent; a 2xx is a violation | `of`, `how` |
| `delay` | a callback leaves `seconds` later (network clock) | `of`, `seconds` |
| `drop` | a callback is never sent | `of` |
| `reorder` | a callback is held until the next one has left, or 2 s | `of` |
| `refuse` | REST answers `status` (429, 500, 503 …) and does nothing | `match`, `status` |
| `no_reply` | REST does it, and the answer comes `seconds` (real) too late as a 504 | `match`, `seconds` |
| `late` | REST create answers 504 at once; the thing is created `seconds` later (network clock) | `match`, `seconds` |

`of`: `voice` (steering webhooks), `status`, `room`, `recording`, `message`, `callback` (all but voice), `all`.
`match`: part of "POST Calls", "POST Conferences/…/Participants", …
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = frozenset({"duplicate", "forge", "delay", "drop", "reorder", "refuse", "no_reply", "late"})


@dataclass(kw_only=True)
class Fault:
    kind: str
    p: float = 1.0
    times: int | None = None
    of: str = "all"
    match: str = ""
    parallel: bool = False
    how: str = "wrong"
    seconds: float = 5.0
    status: int = 503
    used: int = field(default=0)

    def concerns(self, of: str) -> bool:
        return self.of in {"all", of} or (self.of == "callback" and of != "voice")


class Faults:
    """Same seed, same draws (as long as the order of requests is the same)."""

    def __init__(self, *, seed: int = 1) -> None:
        self.rules: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - trouble, no secret

    def add(self, kind: str, **options: Any) -> Fault:
        """Raises ValueError for an unknown kind, TypeError for an unknown option."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; there are {', '.join(sorted(KINDS))}")
        fault = Fault(kind=kind, **options)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]

    def draw(self, *kinds: str, of: str = "", match: str = "") -> Fault | None:
        for fault in self.rules:
            if fault.kind not in kinds or (fault.times is not None and fault.used >= fault.times):
                continue
            if (of and not fault.concerns(of)) or fault.match not in match:
                continue
            if fault.p >= 1 or self._random.random() < fault.p:
                fault.used += 1
                return fault
        return None
