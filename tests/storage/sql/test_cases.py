"""Cases in SQL: one a call, found again by number and by caller, joined by whoever names one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.cases import Case, CaseOpened, CaseStatus, is_case_number, numbered
from ivr.core.errors import Unavailable
from ivr.core.events import Caller, CallerKind
from ivr.core.ids import E164, CallId, Language, TopicId
from ivr.core.session import CallSession, State
from ivr.storage.sql import tables
from ivr.storage.sql.case_desk import DeskCases
from ivr.storage.sql.cases import Cases
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.ledger import SqlLedger
from ivr.storage.sql.rekey import rekey
from ivr.storage.sql.seals import Seals

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NUMBER = "+8613800138000"
SEALS = Seals(b"a secret of the tests, 32 bytes.")


@pytest.fixture
def cases(engine: Engine) -> Cases:
    return Cases(engine, SEALS)


def call(name: str = "CA1", number: str = NUMBER, **changes: object) -> CallSession:
    kind = CallerKind.NUMBER if number else CallerKind.WITHHELD
    session = CallSession(
        call=CallId(name),
        hotline="wallet",
        menu_version="v1",
        state=State.CONNECTING,
        caller=Caller(kind=kind, number=E164(number) if number else None),
        language=Language("en"),
        started_at=AT,
        topic=TopicId("refunds"),
        path=("refunds", "ask"),
        answers={"when": "today"},
    )
    return replace(session, **changes)


def drawing(*numbers: int) -> Iterator[int]:
    yield from numbers


def test_a_case_is_opened_once_a_call_and_found_by_call_number_and_caller(cases: Cases) -> None:
    opened = cases.open_for(call(), AT)
    assert is_case_number(opened.number)
    assert (opened.topic, opened.path, dict(opened.answers)) == ("refunds", ("refunds", "ask"), {"when": "today"})
    assert cases.open_for(call(), AT + timedelta(minutes=1)) == opened
    assert cases.of_call(CallId("CA1")) == opened
    assert cases.by_number("wallet", opened.number) == opened
    assert list(cases.open_of(NUMBER, "wallet")) == [opened]
    assert cases.by_number("other", opened.number) is None
    assert list(cases.open_of(NUMBER, "other")) == []


def test_a_withheld_number_gets_a_case_and_is_never_found_by_number(cases: Cases) -> None:
    opened = cases.open_for(call(number=""), AT)
    assert opened.caller == ""
    assert list(cases.open_of("", "wallet")) == []


def test_the_callers_number_is_sealed_and_a_changed_secret_takes_it_along(engine: Engine, cases: Cases) -> None:
    opened = cases.open_for(call(), AT)
    with reading(engine) as connection:
        row = connection.execute(sa.select(tables.cases)).one()
    assert NUMBER[3:] not in str(row)
    new = Seals(b"another secret of the tests, 32.", (SEALS.secret,))
    assert rekey(engine, new).sealed == 1
    after = Cases(engine, Seals(new.secret))
    assert list(after.open_of(NUMBER, "wallet")) == [opened]


def test_a_number_that_is_taken_is_drawn_again(engine: Engine) -> None:
    drawn = drawing(2506160, 2506160, 2506160, 7992739)
    cases = Cases(engine, SEALS, lambda: next(drawn))
    assert cases.open_for(call("CA1"), AT).number == numbered(2506160)
    assert cases.open_for(call("CA2"), AT).number == numbered(7992739)


@pytest.mark.parametrize("status", list(CaseStatus))
def test_whoever_names_a_case_goes_on_with_it_unless_it_is_closed(
    engine: Engine, cases: Cases, status: CaseStatus
) -> None:
    first = cases.open_for(call(), AT)
    with writing(engine) as connection:
        connection.execute(tables.cases.update().values(status=status))
    keyed = cases.open_for(call("CA2", "+12125550123", answers={"case": first.number}), AT)
    assert (keyed.id == first.id) is (status is not CaseStatus.CLOSED)
    assert cases.of_call(CallId("CA2")) == keyed


def test_a_number_that_no_case_has_opens_a_new_one(cases: Cases) -> None:
    unknown = numbered(1234567)
    assert cases.open_for(call(answers={"case": unknown}), AT).number != unknown


def test_what_is_prepared_is_stored_by_the_ledger_once(engine: Engine, cases: Cases) -> None:
    ledger = SqlLedger(engine, writers={CaseOpened: cases.write_opened})
    made = cases.prepare(call(), AT)
    assert cases.of_call(CallId("CA1")) is None
    commitment = CaseOpened(id="x", at=AT, hotline="wallet", call=CallId("CA1"), case=made)
    ledger.commit([commitment])
    ledger.commit([commitment])
    assert cases.of_call(CallId("CA1")) == made
    assert cases.prepare(call(), AT) == made


def test_a_number_taken_between_preparing_and_storing_is_not_spoken(engine: Engine) -> None:
    drawn = drawing(2506160, 2506160)
    cases = Cases(engine, SEALS, lambda: next(drawn))
    ledger = SqlLedger(engine, writers={CaseOpened: cases.write_opened})
    made = cases.prepare(call("CA1"), AT)
    cases.open_for(call("CA2"), AT)
    with pytest.raises(Unavailable):
        ledger.commit([CaseOpened(id="x", at=AT, hotline="wallet", call=CallId("CA1"), case=made)])
    assert cases.of_call(CallId("CA1")) is None


def test_a_case_opened_in_the_menu_learns_its_topic_later(cases: Cases) -> None:
    early = cases.open_for(call(topic=None, path=("refunds",), answers={}), AT)
    assert early.topic == ""
    later = cases.open_for(call(), AT)
    assert (later.id, later.topic, dict(later.answers)) == (early.id, "refunds", {"when": "today"})
    assert cases.by_number("wallet", early.number) == later


def test_a_case_is_over_since_it_was_closed_whatever_is_written_to_it_later(engine: Engine) -> None:
    desk = DeskCases(engine, SEALS)
    case = desk.open_for(call(), AT)
    found = []
    for hour, status in enumerate(("solved", "solved", "closed", "open", "closed"), start=1):
        told = {
            "status": CaseStatus(status),
            "due_at": None,
            "note": f"{hour}",
            "who": "ana",
            "at": AT + timedelta(hours=hour),
        }
        desk.change(case.id, **told)
        with reading(engine) as connection:
            found.append(connection.scalar(sa.select(tables.cases.c.closed_at)))
    assert found == [AT + timedelta(hours=hour) if hour else None for hour in (1, 1, 1, 0, 5)]


def test_cases_under_way_come_newest_first(engine: Engine, cases: Cases) -> None:
    made: list[Case] = [cases.open_for(call(f"CA{n}"), AT + timedelta(hours=n)) for n in range(3)]
    with writing(engine) as connection:
        connection.execute(tables.cases.update().where(tables.cases.c.id == made[1].id).values(status="solved"))
    assert [one.id for one in cases.open_of(NUMBER, "wallet")] == [made[2].id, made[0].id]
