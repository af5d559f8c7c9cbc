"""Accounts and their sessions, in SQL: losing Redis signs nobody out (`RELIABILITY.md` S-25).

A session is a random token; only its hash is stored. It dies by sign-out, by its limits, by a change of password
or roles, and with its account. Signing in answers the same, in the same time, for a wrong password, an unknown
login and a disabled account (S-20).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.people import (
    Account,
    AuditRow,
    Role,
    RosterAgent,
    Throttled,
    login_problem,
    password_problem,
    session_limit,
)
from ivr.storage.sql import passwords
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.people_tables import accounts, web_sessions
from ivr.storage.sql.roster import Roster
from ivr.storage.sql.throttle import Throttle

TOUCH_EVERY = timedelta(seconds=30)
"""A sign of life is written down at most this often."""


@dataclass(frozen=True)
class People:
    engine: Engine
    key: bytes
    """The installation's secret; chains the audit."""
    old: tuple[bytes, ...] = ()
    """Secrets of before: rows that they chained still fit."""

    # ---- accounts ----------------------------------------------------------------------------------------------

    def add_account(  # noqa: PLR0913 - everything an account is
        self,
        login: str,
        password: str,
        *,
        at: datetime,
        roles: Iterable[Role | str],
        agent: AgentId | None = None,
        language: str = "en",
        theme: str = "auto",
    ) -> Account:
        """Raises RequestError (422) when login or password will not do, (409) when the login is taken."""
        login = login.strip().casefold()
        problem = login_problem(login) or password_problem(password, login=login)
        if problem:
            raise RequestError(problem, status=422, error_id="account_invalid")
        row: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "login": login,
            "password_hash": passwords.hash_password(password),
            "roles": sorted({Role(role).value for role in roles}),
            "agent": agent,
            "language": language,
            "theme": theme,
            "disabled": False,
            "choices": {},
            "created_at": at,
        }
        with writing(self.engine, locks=["accounts"]) as connection:
            if connection.execute(sa.select(accounts.c.id).where(accounts.c.login == login)).first():
                raise RequestError(f"The login {login} is taken.", status=409, error_id="login_taken")
            connection.execute(accounts.insert(), row)
        return _account(row)

    def accounts(self) -> Sequence[Account]:
        with reading(self.engine) as connection:
            return [
                _account(row._asdict()) for row in connection.execute(sa.select(accounts).order_by(accounts.c.login))
            ]

    def account(self, account_id: str) -> Account | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.id == account_id)).first()
        return _account(row._asdict()) if row else None

    def set_password(self, account_id: str, password: str) -> None:
        """Takes effect at once; every session of the account ends. Raises RequestError (422, 404)."""
        found = self.account(account_id)
        if found is None:
            raise RequestError("There is no such account.", status=404, error_id="account_unknown")
        problem = password_problem(password, login=found.login)
        if problem:
            raise RequestError(problem, status=422, error_id="account_invalid")
        self._change(account_id, {"password_hash": passwords.hash_password(password)}, close=True)

    def set_roles(self, account_id: str, roles: Iterable[Role | str]) -> None:
        """Every session of the account ends: a session never holds more than its account may."""
        self._change(account_id, {"roles": sorted({Role(role).value for role in roles})}, close=True)

    def set_disabled(self, account_id: str, disabled: bool) -> None:  # noqa: FBT001 - reads well either way
        self._change(account_id, {"disabled": disabled}, close=True)

    def change_rights(  # noqa: PLR0913 - the change, and its row of the audit
        self,
        account_id: str,
        *,
        by: Account,
        at: datetime,
        what: str,
        before: Mapping[str, Any],
        roles: Sequence[Role] | None = None,
        disabled: bool | None = None,
    ) -> None:
        """What an administrator does to another's account, with its row of the audit; every session of the account ends.

        Who presses must be an administrator when it happens, and stays one as nobody changes their own account: of two who take
        each other's role at the same moment one comes first, so an administrator is always left. Raises RequestError (403).
        """
        after: dict[str, Any] = {}
        if roles is not None:
            after["roles"] = sorted({role.value for role in roles})
        if disabled is not None:
            after["disabled"] = disabled
        with writing(self.engine, locks=["accounts", LOCK]) as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.id == by.id)).first()
            if by.id == account_id or row is None or not _account(row._asdict()).may(Role.ADMIN):
                raise RequestError("you are no administrator any more", status=403, error_id="account_no_admin")
            login = connection.execute(sa.select(accounts.c.login).where(accounts.c.id == account_id)).scalar_one()
            detail = {"before": before, "after": after}
            self.chain.add_within(connection, at=at, who=by.login, what=what, object=login, detail=detail)
            _write(connection, account_id, after, close=True)

    def set_preferences(self, account_id: str, *, language: str, theme: str) -> None:
        self._change(account_id, {"language": language, "theme": theme}, close=False)

    def set_choices(self, account_id: str, choices: Mapping[str, Any]) -> None:
        """What the person chose for the desk."""
        self._change(account_id, {"choices": dict(choices)}, close=False)

    def _change(self, account_id: str, values: Mapping[str, Any], *, close: bool) -> None:
        with writing(self.engine) as connection:
            _write(connection, account_id, values, close=close)

    # ---- signing in --------------------------------------------------------------------------------------------

    def check_password(
        self, login: str, password: str, *, at: datetime, address: str = ""
    ) -> Account | Throttled | None:
        """The account; None when login, password or account will not do; Throttled when it is too early to ask."""
        login = login.strip().casefold().replace("\0", "")
        throttle = Throttle(self.engine)
        early = throttle.admit(login, address, at=at)
        if early is not None:
            return early
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.login == login)).first()
        decoy = passwords.decoy()  # made once per process, whoever asks first
        stored = row.password_hash if row else decoy
        right = passwords.matches(stored, password)
        if row is None or not right or row.disabled:
            return None
        throttle.forgive(login, address)
        if passwords.is_outdated(stored):
            self._change(row.id, {"password_hash": passwords.hash_password(password)}, close=False)
        return _account(row._asdict())

    # ---- sessions ----------------------------------------------------------------------------------------------

    def open_session(self, account: Account, *, at: datetime) -> str:
        """A new session; the token goes into the cookie and is not stored."""
        token = secrets.token_urlsafe(32)
        limit = session_limit(account.roles)
        with writing(self.engine) as connection:
            connection.execute(web_sessions.delete().where(web_sessions.c.expires_at < at))
            connection.execute(
                web_sessions.insert(),
                {
                    "token_hash": _token_hash(token),
                    "account": account.id,
                    "created_at": at,
                    "seen_at": at,
                    "expires_at": at + limit.absolute,
                    "idle_s": int(limit.idle.total_seconds()),
                },
            )
        return token

    def session(self, token: str, at: datetime, *, touch: bool = True) -> Account | None:
        """Whose session this is; None when there is none, or it is over. `touch`: a sign of life of its person."""
        query = (
            sa.select(accounts, web_sessions.c.seen_at, web_sessions.c.expires_at, web_sessions.c.idle_s)
            .join_from(web_sessions, accounts, web_sessions.c.account == accounts.c.id)
            .where(web_sessions.c.token_hash == _token_hash(token))
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        if row is None or row.disabled or at >= row.expires_at or at >= row.seen_at + timedelta(seconds=row.idle_s):
            return None
        if touch and at >= row.seen_at + TOUCH_EVERY:
            with writing(self.engine) as connection:
                _touch(connection, token, at)
        return _account(row._asdict())

    def close_session(self, token: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(web_sessions.delete().where(web_sessions.c.token_hash == _token_hash(token)))

    def close_all(self, account_id: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(web_sessions.delete().where(web_sessions.c.account == account_id))

    # ---- roster and audit, in one hand for the pages -----------------------------------------------------------

    def agents(self) -> Sequence[RosterAgent]:
        return Roster(self.engine).all()

    def agent(self, agent: AgentId) -> RosterAgent | None:
        return Roster(self.engine).find(agent)

    def save_agents(self, roster: Sequence[RosterAgent], *, remove_others: bool = False) -> None:
        Roster(self.engine).save(roster, remove_others=remove_others)

    def audit(
        self,
        *,
        at: datetime,
        who: str,
        what: str,
        object: str = "",  # noqa: A002 - the word of the audit
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self.chain.add(at=at, who=who, what=what, object=object, detail=detail)

    def verify_audit(self) -> int | None:
        """Number of the first audit row that does not fit; None when the chain is whole."""
        return self.chain.verify()

    def audit_rows(self, limit: int = 100) -> Sequence[AuditRow]:
        return self.chain.newest(limit)

    @property
    def chain(self) -> Audit:
        """The audit itself, for changes that are noted in their own transaction."""
        return Audit(self.engine, _chain_key(self.key), tuple(_chain_key(one) for one in self.old))


def _chain_key(secret: bytes) -> bytes:
    return hmac.new(secret, b"ivr audit chain", hashlib.sha256).digest()


def _write(connection: Connection, account_id: str, values: Mapping[str, Any], *, close: bool) -> None:
    connection.execute(accounts.update().where(accounts.c.id == account_id).values(**values))
    if close:
        connection.execute(web_sessions.delete().where(web_sessions.c.account == account_id))


def _touch(connection: Connection, token: str, at: datetime) -> None:
    connection.execute(
        web_sessions.update()
        .where(web_sessions.c.token_hash == _token_hash(token), web_sessions.c.seen_at < at)
        .values(seen_at=at)
    )


def _token_hash(token: str) -> str:
    """Tokens are 256 random bits, so a plain hash cannot be searched back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _account(row: Any) -> Account:
    return Account(
        id=row["id"],
        login=row["login"],
        roles=frozenset(Role(role) for role in row["roles"]),
        agent=AgentId(row["agent"]) if row["agent"] else None,
        language=row["language"],
        theme=row["theme"],
        disabled=row["disabled"],
        choices=row["choices"],
    )
