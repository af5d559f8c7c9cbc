"""Links that set a password, once: the token goes into the link and is stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.storage.sql.admin_tables import password_links
from ivr.storage.sql.engine import reading, writing

t = password_links


@dataclass(frozen=True)
class PasswordLinks:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine

    def add(self, account: str, *, until: datetime) -> str:
        token = secrets.token_urlsafe(32)
        with writing(self.engine) as connection:
            connection.execute(t.delete().where(t.c.account == account))
            connection.execute(t.insert(), {"token_hash": _hash(token), "account": account, "until": until})
        return token

    def whose(self, token: str, *, at: datetime) -> str | None:
        query = sa.select(t.c.account).where(t.c.token_hash == _hash(token), t.c.until > at)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def use(self, token: str, *, at: datetime) -> str | None:
        good = sa.and_(t.c.token_hash == _hash(token), t.c.until > at)
        with writing(self.engine) as connection:
            account = connection.execute(sa.select(t.c.account).where(good)).scalar_one_or_none()
            connection.execute(t.delete().where(good))
        return account


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
