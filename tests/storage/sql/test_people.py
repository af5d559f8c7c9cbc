"""Accounts, sessions, throttling, roster and audit, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.people import Account, Role, RosterAgent, Throttled
from ivr.storage.sql import passwords
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.people import People
from ivr.storage.sql.people_tables import accounts, audit, web_sessions

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PASSWORD = "seven green kettles"


@pytest.fixture
def ana(people: People) -> Account:
    return people.add_account("Ana.1001", PASSWORD, at=AT, roles=["agent"], agent=AgentId("a1001"), language="zh")


# ---- signing in ------------------------------------------------------------------------------------------------


def test_the_right_password_gives_the_account_and_case_of_the_login_does_not_matter(
    people: People, ana: Account
) -> None:
    assert people.check_password(" ANA.1001", PASSWORD, at=AT) == ana
    assert ana.login == "ana.1001"
    assert ana.roles == {Role.AGENT}
    assert ana.agent == "a1001"


def test_wrong_unknown_and_disabled_answer_the_same(people: People, ana: Account) -> None:
    assert people.check_password("ana.1001", "wrong", at=AT) is None
    assert people.check_password("nobody", PASSWORD, at=AT) is None
    people.set_disabled(ana.id, disabled=True)
    assert people.check_password("ana.1001", PASSWORD, at=AT) is None


def test_an_unknown_login_costs_a_password_check_too(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, _: bool(checked.append(stored)))
    people.check_password("nobody", PASSWORD, at=AT)
    assert checked == [passwords.decoy()]


def test_passwords_are_stored_as_argon2id_of_at_least_19_mib_and_two_passes(
    passwords_in_earnest: None, people: People, ana: Account
) -> None:
    with reading(people.engine) as connection:
        stored = connection.scalar(sa.select(accounts.c.password_hash).where(accounts.c.id == ana.id))
    found = extract_parameters(str(stored))
    assert str(stored).startswith("$argon2id$")
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2


def test_a_weaker_old_hash_is_renewed_when_its_person_signs_in(
    passwords_in_earnest: None, people: People, ana: Account
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with writing(people.engine) as connection:
        connection.execute(accounts.update().values(password_hash=weak))
    assert people.check_password("ana.1001", PASSWORD, at=AT) == ana
    with reading(people.engine) as connection:
        stored = str(connection.scalar(sa.select(accounts.c.password_hash)))
    assert extract_parameters(stored).time_cost == 2
    assert people.check_password("ana.1001", PASSWORD, at=AT) == ana


@pytest.mark.parametrize(
    "password", ["short", "a" * 129, "password12345", "aaaaaaaaaaaaaaaa", "ana.1001!!!!", "1234567890ab"]
)
def test_passwords_that_anybody_would_try_are_refused(people: People, password: str) -> None:
    with pytest.raises(RequestError) as refused:
        people.add_account("ana.1001", password, at=AT, roles=["agent"])
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "password",
    ["正确的马电池订书钉夹子们呀", "x" * 8 + "yzab cdef", passwords.new_password()],
    ids=["chinese", "with a blank", "made up"],
)
def test_any_other_password_is_taken_as_it_is(people: People, password: str) -> None:
    people.add_account("ana.1001", password, at=AT, roles=["agent"])
    assert people.check_password("ana.1001", password, at=AT) is not None
    assert people.check_password("ana.1001", password + " ", at=AT) is None


def test_a_login_is_taken_once(people: People, ana: Account) -> None:
    with pytest.raises(RequestError) as refused:
        people.add_account("ANA.1001", PASSWORD, at=AT, roles=["admin"])
    assert refused.value.error_id == "login_taken"


# ---- throttling ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["ana.1001", "nobody"])
def test_after_five_failures_the_wait_doubles_for_known_and_unknown_logins(
    people: People, ana: Account, login: str
) -> None:
    at, waits = AT, []
    for _ in range(4):
        assert people.check_password(login, "wrong", at=at) is None
    for _ in range(4):
        assert people.check_password(login, "wrong", at=at) is None
        early = people.check_password(login, PASSWORD, at=at)
        assert isinstance(early, Throttled)
        waits.append((early.until - at).total_seconds())
        at = early.until
    assert waits == [1, 2, 4, 8]


def test_the_wait_is_never_longer_than_a_quarter_of_an_hour(people: People) -> None:
    at = AT
    for _ in range(20):
        early = people.check_password("nobody", "wrong", at=at)
        at = early.until if isinstance(early, Throttled) else at
    assert at - AT < timedelta(hours=3)


def test_the_right_password_after_the_wait_clears_the_count(people: People, ana: Account) -> None:
    for _ in range(5):
        people.check_password("ana.1001", "wrong", at=AT)
    later = AT + timedelta(seconds=1)
    assert people.check_password("ana.1001", PASSWORD, at=later) == ana
    assert people.check_password("ana.1001", "wrong", at=later) is None


def test_failures_long_ago_are_forgotten(people: People) -> None:
    for _ in range(4):
        people.check_password("nobody", "wrong", at=AT)
    later = AT + timedelta(minutes=16)
    for _ in range(4):
        assert people.check_password("nobody", "wrong", at=later) is None


def test_one_address_gets_thirty_tries_a_minute(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _stored, _password: False)
    answers = [people.check_password(f"login{n}", "wrong", at=AT, address="192.0.2.7") for n in range(40)]
    assert [type(answer) for answer in answers] == [type(None)] * 30 + [Throttled] * 10
    assert people.check_password("other", "wrong", at=AT, address="192.0.2.8") is None
    later = AT + timedelta(seconds=61)
    assert people.check_password("other", "wrong", at=later, address="192.0.2.7") is None


def test_guesses_made_at_once_do_not_slip_past_the_count(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(passwords, "matches", lambda _stored, _password: bool(looked.append(1)))
    threads = [threading.Thread(target=lambda: people.check_password("nobody", "wrong", at=AT)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(looked) == 5


# ---- sessions --------------------------------------------------------------------------------------------------


def test_a_session_lives_while_its_person_gives_signs_of_life_and_at_most_a_workday(
    people: People, ana: Account
) -> None:
    token = people.open_session(ana, at=AT)
    for minutes in range(29, 720, 29):
        assert people.session(token, AT + timedelta(minutes=minutes)) == ana
    assert people.session(token, AT + timedelta(hours=12)) is None


def test_an_idle_session_ends_and_looking_without_touching_does_not_prolong_it(people: People, ana: Account) -> None:
    token = people.open_session(ana, at=AT)
    assert people.session(token, AT + timedelta(minutes=20), touch=False) == ana
    assert people.session(token, AT + timedelta(minutes=30)) is None


def test_an_administrator_gets_an_hour_and_a_quarter_of_an_hour_idle(people: People) -> None:
    boss = people.add_account("boss", PASSWORD, at=AT, roles=["agent", "admin"])
    token = people.open_session(boss, at=AT)
    assert people.session(token, AT + timedelta(minutes=15)) is None
    token = people.open_session(boss, at=AT)
    for minutes in (14, 28, 42, 56):
        assert people.session(token, AT + timedelta(minutes=minutes)) == boss
    assert people.session(token, AT + timedelta(minutes=60)) is None


def test_only_a_hash_of_the_token_is_stored(people: People, ana: Account) -> None:
    token = people.open_session(ana, at=AT)
    with reading(people.engine) as connection:
        row = connection.execute(sa.select(web_sessions)).one()
    assert token not in map(str, row)
    assert people.session(row.token_hash, AT) is None


def test_signing_out_ends_one_session_and_a_new_password_ends_all(people: People, ana: Account) -> None:
    first, second = people.open_session(ana, at=AT), people.open_session(ana, at=AT)
    people.close_session(first)
    assert people.session(first, AT) is None
    assert people.session(second, AT) == ana
    people.set_password(ana.id, "eight green kettles")
    assert people.session(second, AT) is None
    assert people.check_password("ana.1001", PASSWORD, at=AT) is None
    assert people.check_password("ana.1001", "eight green kettles", at=AT) == ana


@pytest.mark.parametrize("change", ["roles", "disabled", "all"])
def test_a_change_of_rights_ends_every_session_at_once(people: People, ana: Account, change: str) -> None:
    token = people.open_session(ana, at=AT)
    if change == "roles":
        people.set_roles(ana.id, ["supervisor"])
    elif change == "disabled":
        people.set_disabled(ana.id, disabled=True)
    else:
        people.close_all(ana.id)
    assert people.session(token, AT) is None


@pytest.mark.parametrize("change", [{"roles": [Role.SUPERVISOR]}, {"disabled": True}])
def test_of_two_administrators_who_put_each_other_out_at_the_same_moment_one_is_left(
    people: People, change: dict[str, Any]
) -> None:
    pair = [people.add_account(login, PASSWORD, at=AT, roles=["admin"]) for login in ("root1", "root2")]
    gate, said = threading.Barrier(2), []

    def put_out(me: Account, other: Account) -> None:
        gate.wait()
        try:
            people.change_rights(other.id, by=me, at=AT, what="put out", before={}, **change)
            said.append("done")
        except RequestError as err:
            said.append(err.error_id)

    threads = [threading.Thread(target=put_out, args=(me, other)) for me, other in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["account_no_admin", "done"]
    left = [account for account in people.accounts() if account.may(Role.ADMIN)]
    assert [row.who for row in people.audit_rows()] == [left[0].login], (
        "the audit tells of the one change that happened"
    )


def test_language_and_theme_of_the_pages_are_kept(people: People, ana: Account) -> None:
    people.set_preferences(ana.id, language="en", theme="dark")
    found = people.account(ana.id)
    assert found is not None
    assert (found.language, found.theme) == ("en", "dark")
    assert list(people.accounts()) == [found]


def test_what_a_person_chose_for_the_desk_is_kept(people: People, ana: Account) -> None:
    assert ana.choices == {}
    people.set_choices(ana.id, {"keys": {"mute": {"key": "u"}}})
    token = people.open_session(ana, at=AT)
    found = people.session(token, AT)
    assert found is not None
    assert found.choices == {"keys": {"mute": {"key": "u"}}}


# ---- roster ----------------------------------------------------------------------------------------------------


def test_the_roster_comes_back_as_it_was_saved_in_its_order(people: People) -> None:
    roster = [
        RosterAgent(
            id=AgentId("b"), name="Agent 1002", team="day", skills={"security": 5}, languages={"zh": 5, "en": 3}
        ),
        RosterAgent(id=AgentId("a"), name="Agent 1001", phone="+85223456789"),
    ]
    people.save_agents(roster)
    people.save_agents(roster)
    assert list(people.agents()) == roster
    assert people.agent(AgentId("a")) == roster[1]
    assert people.agent(AgentId("c")) is None
    people.save_agents(roster[:1], remove_others=True)
    assert list(people.agents()) == roster[:1]


# ---- audit -----------------------------------------------------------------------------------------------------


def test_the_audit_chain_holds_however_many_write_at_once(people: People) -> None:
    def write(who: str) -> None:
        for number in range(5):
            people.audit(at=AT, who=who, what="roster.changed", object=f"agent {number}", detail={"技能": number})

    threads = [threading.Thread(target=write, args=(f"admin{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [row.number for row in people.audit_rows()] == list(range(20, 0, -1))
    assert people.verify_audit() is None


@pytest.mark.parametrize("statement", [audit.update().values(who="nobody"), audit.delete()])
def test_the_database_refuses_to_change_the_audit(people: People, statement: sa.UpdateBase) -> None:
    people.audit(at=AT, who="admin", what="signed in")
    with pytest.raises(DBAPIError), writing(people.engine) as connection:
        connection.execute(statement)
    assert people.verify_audit() is None


@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        (audit.update().where(audit.c.number == 2).values(who="nobody"), 2),
        (audit.delete().where(audit.c.number == 1), 1),
        (audit.delete().where(audit.c.number == 2), 2),
    ],
)
def test_whoever_gets_around_that_is_found_out(
    engine: Engine, people: People, tampering: sa.UpdateBase, first_bad: int
) -> None:
    for number in range(3):
        people.audit(at=AT, who="admin", what=f"did {number}")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_refuses_update")
            connection.exec_driver_sql("DROP TRIGGER audit_refuses_delete")
        connection.execute(tampering)
    assert people.verify_audit() == first_bad


@pytest.mark.parametrize("login", ["\x00", "lead\x00", "\U0001f600" * 50, "x" * 10_000, "' OR 1=1 --"])
def test_a_hostile_name_is_an_unknown_name_on_every_database(people: People, login: str) -> None:
    assert people.check_password(login, "not the password", at=AT) is None
