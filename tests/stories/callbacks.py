"""Words of the callback stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ivr.core.callback_tries import NOT_DIALLED
from ivr.simulator import Call
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import callback_attempts, callbacks
from tests.stories.town import Town

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5, "complaints": 5}
ANA_CALLS = "+8613800138000"


UNCOUNTED = (*NOT_DIALLED, "later", "connected", None)
"""Results of a try that is no failure, or not over."""


class Killed(BaseException):
    """The process is gone: nothing that catches errors sees it."""


def most_rung_in_vain(attempts: Iterable[Any]) -> int:
    """How often one customer's telephone rang for nothing, at most."""
    counted = Counter(attempt.callback for attempt in attempts if attempt.result not in UNCOUNTED)
    return max(counted.values(), default=0)


def promises(town: Town) -> list[Any]:
    """The rows of all promises, oldest first."""
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(callbacks).order_by(callbacks.c.requested_at)).all())


def tries(town: Town) -> list[Any]:
    with reading(town.switchboard.engine) as connection:
        return list(
            connection.execute(
                sa.select(callback_attempts).order_by(callback_attempts.c.callback, callback_attempts.c.attempt)
            ).all()
        )


def promised(town: Town, number: str = ANA_CALLS, *, language: str = "1") -> Any:
    """Somebody who waits for `other` and is promised a callback. Gives the row."""
    call = town.queues(number, language + "0")
    takes_promise(town, call)
    return promises(town)[-1]


def takes_promise(town: Town, call: Call) -> None:
    call.presses("1")
    town.settle()
    call.presses("1")  # this number
    town.settle()
    call.presses("1")  # as soon as it is my turn
    town.settle()
    call.ends()
    town.settle()


def every_text(town: Town, number: str) -> list[str]:
    return [message.body for message in town.network.rest.messages.made.values() if message.to == number]


def texts(town: Town, number: str) -> list[str]:
    """All but the one with the case number."""
    return [body for body in every_text(town, number) if "工单" not in body and " case " not in body]
