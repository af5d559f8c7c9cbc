"""How often a caller's number has rung lately, for hotlines that serve those sooner who ring again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core.events import CallArrived
from ivr.core.ids import E164, CallId
from ivr.core.menus import MenuTree


class EarlierCalls(Protocol):
    def since(self, caller: E164, call: CallId, since: datetime) -> int:
        """Calls of the number since then, but for `call`. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class NoticeRepeats:
    """Fills the first event of a call."""

    earlier: EarlierCalls

    def arrived(self, event: CallArrived, tree: MenuTree) -> CallArrived:
        number = event.caller.number
        if number is None or tree.repeat is None:
            return event
        return replace(event, calls_before=self.earlier.since(number, event.call, event.at - tree.repeat.within))
