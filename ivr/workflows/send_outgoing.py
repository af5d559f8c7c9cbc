"""Send what is due, and try again what was not taken: at least once, with the same id each time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ivr.core.alert_rules import Way
from ivr.core.outgoing import Outgoing, next_try
from ivr.workflows.ports import Clock

KEPT = timedelta(days=30)
"""How long it stands in the log."""
MOST = 100
"""In one round."""
log = structlog.get_logger(__name__)


class NotSent(Exception):
    """The message was not taken. `final`: trying again is of no use; `unknown`: it may have been taken all the same."""

    def __init__(self, answer: str, *, final: bool = False, unknown: bool = False) -> None:
        super().__init__(answer)
        self.final = final
        self.unknown = unknown


class Box(Protocol):
    """The messages in SQL. Raises `Unavailable`."""

    def take(self, at: datetime, *, without: Collection[str] = ()) -> Outgoing | None: ...

    def sent(self, id: str, *, at: datetime, answer: str) -> None: ...  # noqa: A002 - its id

    def failed(self, id: str, *, at: datetime, answer: str, next_at: datetime | None) -> None: ...  # noqa: A002 - its id

    def forget(self, before: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True)
class SendOutgoing:
    box: Box
    senders: Mapping[Way, Callable[[Outgoing], str]]
    """Each gives the answer in a few words, or raises `NotSent`."""
    clock: Clock

    def __call__(self) -> int:
        """How many were tried. What is due to a target that did not take one waits for the next round: who is down, or slow to
        say no, keeps nobody else waiting.
        """
        down: set[str] = set()
        for tried in range(MOST):
            row = self.box.take(self.clock.now(), without=down)
            if row is None:
                return tried
            if not self._send(row):
                down.add(row.target)
        return MOST

    def forget(self) -> int:
        return self.box.forget(self.clock.now() - KEPT)

    def _send(self, row: Outgoing) -> bool:
        try:
            answer = self.senders[row.way](row)
        except NotSent as err:
            self._failed(row, str(err), final=err.final)
        except Exception as err:  # a fault that nobody thought of keeps no other message back
            log.exception("sending_broke", message=row.message)
            self._failed(row, type(err).__name__, final=False)
        else:
            self.box.sent(row.id, at=self.clock.now(), answer=answer)
            return True
        return False

    def _failed(self, row: Outgoing, answer: str, *, final: bool) -> None:
        at = self.clock.now()
        again = None if final else next_try(row.tries, at)
        self.box.failed(row.id, at=at, answer=answer, next_at=again)
        log.warning("not_sent", message=row.message, way=row.way.value, tries=row.tries, given_up=again is None)
