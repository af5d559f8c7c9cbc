"""When a queue is marked on the board: the limits that a supervisor sets, checked and written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.ids import TopicId
from ivr.core.menus import MenuTree
from ivr.core.room import LIMITS, QueueLimits
from ivr.workflows.ports import Clock

MOST = 10_000
HUNDRED = 100


class Kept(Protocol):
    """Raises `Unavailable`."""

    def limits(self, hotline: str) -> Mapping[TopicId, QueueLimits]: ...

    def set_limits(self, hotline: str, topic: TopicId, limits: QueueLimits, *, who: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SetLimits:
    kept: Kept
    trees: Callable[[], tuple[MenuTree, ...] | list[MenuTree]]
    audit: Callable[..., None]
    clock: Clock

    def every(self) -> Mapping[TopicId, QueueLimits]:
        """Of every topic, those that stand where nothing was set included."""
        found: dict[TopicId, QueueLimits] = {}
        for tree in self.trees():
            stored = self.kept.limits(tree.hotline)
            found |= {topic: stored.get(topic, QueueLimits()) for topic in tree.topics}
        return found

    def __call__(self, topic: str, given: Mapping[str, tuple[float, float]], *, target: float, who: str) -> QueueLimits:
        """Raises RequestError (422): unknown topic, or limits that could never turn amber before red."""
        tree = next((one for one in self.trees() if topic in one.topics), None)
        if tree is None:
            raise RequestError(f"topic {topic!r} is not known", status=422, error_id="unknown_topic")
        if not 0 < target <= HUNDRED:
            raise RequestError("the target is 1 to 100 per cent", status=422, error_id="bad_target")
        for name, (amber, red) in given.items():
            if name not in LIMITS:
                raise RequestError(f"there is no limit {name!r}", status=422, error_id="bad_limit")
            if not 0 < amber < red <= MOST:
                raise RequestError("amber comes before red, and both are above 0", status=422, error_id="bad_limits")
        limits = replace(QueueLimits(target_percent=target), **dict(given))  # type: ignore[arg-type]
        now = self.clock.now()
        self.audit(at=now, who=who, what="queue limits", object=topic, detail=asdict(limits))
        self.kept.set_limits(tree.hotline, TopicId(topic), limits, who=who, at=now)
        return limits
