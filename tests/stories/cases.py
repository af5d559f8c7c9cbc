"""Words of the stories about cases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ivr.core.cases import Case, is_case_number
from ivr.core.errors import Unavailable
from ivr.core.ids import CallId
from ivr.core.speech import spell
from ivr.simulator import Call
from ivr.storage.sql import case_guesses
from ivr.storage.sql import cases as case_store
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import cases
from tests.stories.callbacks import every_text
from tests.stories.town import Desk, Town


def sql_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases can neither be read nor written from now on."""

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    for store in (case_store, case_guesses):
        monkeypatch.setattr(store, "reading", away)
        monkeypatch.setattr(store, "writing", away)


def stored(town: Town) -> list[Any]:
    """The rows of all cases, oldest first."""
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(cases).order_by(cases.c.opened_at)).all())


def case_of(town: Town, call: Call) -> Case:
    found = town.switchboard.cases.of_call(CallId(call.sid))
    assert found is not None
    assert is_case_number(found.number)
    return found


def texts(town: Town, number: str) -> list[str]:
    """Text messages with a case number that this number got."""
    return [body for body in every_text(town, number) if "工单" in body or " case " in body]


def hears_its_number(call: Call, case: Case, *, language: str = "zh", sent: bool = True) -> None:
    """Twice, digit by digit, in groups of four."""
    digits = spell(case.number, language)
    if language == "zh":
        call.hears(f"您的工单号是{digits}，再说一遍，{digits}。" + ("同时会发送短信。" if sent else ""))
    else:
        tail = " We also send it by text message." if sent else ""
        call.hears(f"Your case number is {digits}. Again, {digits}.{tail}")


def talks(town: Town, call: Call, agent: Desk, *, result: str = "solved", rated: bool = False) -> Case:
    """From the ringing of the agent to the end of wrap-up, ended by the agent. The caller lets the rating pass, or
    `rated`: has still to answer it.
    """
    call.meets(agent.accepts())
    found = case_of(town, call)
    town.passes(30)
    agent.ends()
    town.settle()
    agent.finishes(result)
    if not rated:
        town.passes(10)
    return found
