"""Numbers at rest (`RELIABILITY.md` S-90, S-92): sealed, bound to their row, found again, and re-sealed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.ids import E164, CallId, Language
from ivr.storage.sql import tables
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.memory import Memory
from ivr.storage.sql.people import People
from ivr.storage.sql.records import Records
from ivr.storage.sql.rekey import rekey
from ivr.storage.sql.seals import Seals
from ivr.workflows.ports import FactRow

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = b"the first secret of three, long", b"the second secret of three, long", b"and the third one"
NUMBER = "+8613800138000"


class Still:
    def now(self) -> datetime:
        return AT


def started(call: str, number: str = NUMBER) -> FactRow:
    fact = facts.CallStarted(at=AT, call=CallId(call), hotline="wallet", dialled="+1", kind="number", number=number,
                             country="CN", menu_version="v", language=Language("zh"))  # fmt: skip
    return FactRow(id=f"{call[:99]}:0", hotline="wallet", fact=fact)


def sealed_number(engine: Engine, call: str) -> str:
    with reading(engine) as connection:
        return str(connection.scalar(sa.select(tables.calls.c.number).where(tables.calls.c.call == call)))


def test_what_is_sealed_opens_only_in_its_own_place() -> None:
    seals = Seals(FIRST)
    sealed = seals.seal(NUMBER, place="calls.number:CA1")
    assert NUMBER[3:] not in sealed
    assert seals.open(sealed, place="calls.number:CA1") == NUMBER
    assert seals.open(sealed, place="calls.number:CA2") is None, "copied into another row"
    assert seals.seal(NUMBER, place="calls.number:CA1") != sealed, "equal numbers do not look equal"


@pytest.mark.parametrize("broken", ["s1.00000000.AAAA", "s1", "nonsense", "s1..", "é" * 40])
def test_what_is_no_seal_of_ours_counts_as_unknown(broken: str) -> None:
    assert Seals(FIRST).open(broken, place="x") is None


def test_every_changed_character_breaks_the_seal() -> None:
    seals = Seals(FIRST)
    sealed = seals.seal(NUMBER, place="x")
    for at in range(len("s1.00000000."), len(sealed) - 1):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        assert seals.open(changed, place="x") is None, at


def test_no_number_is_no_seal() -> None:
    assert Seals(FIRST).seal("", place="x") == ""
    assert Seals(FIRST).open("", place="x") == ""


def test_a_seal_fits_its_column_for_the_longest_number(engine: Engine) -> None:
    longest = "+" + "9" * 15
    records = Records(engine, FIRST)
    records.write([started("C" * 160, longest)])
    assert records.number_of(CallId("C" * 160)) == longest


def test_a_changed_secret_still_reads_what_the_old_one_sealed(engine: Engine) -> None:
    Records(engine, FIRST).write([started("CA1")])
    changed = Records(engine, SECOND, (FIRST,))
    assert changed.number_of(CallId("CA1")) == NUMBER
    changed.write([started("CA2")])
    assert set(changed.calls_of(NUMBER)) == {"CA1", "CA2"}
    assert Records(engine, SECOND).number_of(CallId("CA1")) is None, "without the old secret it cannot be read"


def test_rekeying_lets_the_old_secret_be_forgotten(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.storage.sql.rekey.PORTION", 3)
    Records(engine, FIRST).write([started(f"CA{n}") for n in range(8)] + [started("none", "")])
    Records(engine, SECOND, (FIRST,)).write([started("CB1")])
    done = rekey(engine, Seals(THIRD, (SECOND, FIRST)))
    assert (done.sealed, done.unknown) == (9, 0)
    third = Records(engine, THIRD)
    assert third.number_of(CallId("CA1")) == third.number_of(CallId("CB1")) == NUMBER
    assert len(third.calls_of(NUMBER)) == 9
    assert rekey(engine, Seals(THIRD)).sealed == 0, "a second time there is nothing to do"


def test_rekeying_leaves_and_counts_what_it_cannot_open(engine: Engine) -> None:
    Records(engine, FIRST).write([started("CA1")])
    before = sealed_number(engine, "CA1")
    done = rekey(engine, Seals(THIRD, (SECOND,)))
    assert (done.sealed, done.unknown) == (0, 1)
    assert sealed_number(engine, "CA1") == before


def test_rekeying_seals_what_a_process_of_before_wrote_in_plain(engine: Engine) -> None:
    records = Records(engine, FIRST)
    records.write([started("CA1")])
    with writing(engine) as connection:
        connection.execute(tables.calls.update().values(number=NUMBER))
    assert records.number_of(CallId("CA1")) == NUMBER
    assert rekey(engine, Seals(FIRST)).sealed == 1
    assert NUMBER not in sealed_number(engine, "CA1")


def test_languages_of_before_are_remembered_while_the_old_secret_is_named(engine: Engine) -> None:
    Memory(engine, FIRST, Still()).remember_language(E164(NUMBER), Language("en"))
    assert Memory(engine, SECOND, Still(), old=(FIRST,)).language_of(E164(NUMBER)) == "en"
    assert Memory(engine, SECOND, Still()).language_of(E164(NUMBER)) is None


def test_the_audit_holds_across_a_change_of_the_secret(engine: Engine) -> None:
    People(engine, FIRST).audit(at=AT, who="lead", what="before")
    changed = People(engine, SECOND, (FIRST,))
    changed.audit(at=AT, who="lead", what="after")
    assert changed.verify_audit() is None
    assert People(engine, SECOND).verify_audit() == 1
