"""Tickets of the app, and the tokens of the programs that make them.

A ticket holds the blind index of its number, never the number. Taking one is a single update that only the first
caller wins; the same call asked again (a repeated webhook) is given its own ticket again. Tokens are 256 random bits
and stored as a hash; they are shown once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.errors import RequestError
from ivr.core.ids import E164, CallId, Language, NodeId, TopicId
from ivr.core.people import Token
from ivr.core.ticket import Ticket
from ivr.core.tickets import NewTicket
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.opening_tables import api_tokens, tickets
from ivr.storage.sql.seals import Seals

NOTED_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=1)
"""Tickets that are over are forgotten after this, and with them their keys."""


@dataclass(frozen=True)
class Tickets:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def add(self, new: NewTicket, number: E164) -> tuple[NewTicket, bool]:
        """The ticket, and whether it is new: the same key gives the first one again.

        Raises RequestError (409) when the key was used for something else.
        """
        with writing(self.engine, locks=[f"ticket:{new.by}:{new.key}"]) as connection:
            t = tickets
            connection.execute(t.delete().where(t.c.expires_at < new.created_at - KEPT))
            known = connection.execute(sa.select(t).where(t.c.by == new.by, t.c.key == new.key)).first()
            if known is not None and known.body != new.body:
                raise RequestError("this key was used for another ticket", status=409, error_id="key_reused")
            if known is not None:
                return _new(known), False
            connection.execute(t.insert(), _row(new, self.seals.index(number)))
        return new, True

    def take(self, number: E164, hotline: str, *, call: CallId, at: datetime) -> tuple[Ticket, Language | None] | None:
        """The newest ticket of this number that is good now, from now on this call's; the one it took before."""
        t = tickets
        mine = sa.and_(t.c.number_index.in_(self.seals.indexes(number)), t.c.hotline == hotline)
        with reading(self.engine) as connection:
            good = sa.or_(t.c.used_call == call, sa.and_(t.c.used_call.is_(None), t.c.expires_at > at))
            query = sa.select(t).where(mine, good).order_by(t.c.used_call.is_(None), t.c.created_at.desc()).limit(1)
            row = connection.execute(query).first()
        if row is None:
            return None
        if row.used_call is None:
            free = t.update().where(t.c.id == row.id, t.c.used_call.is_(None))
            with writing(self.engine) as connection:
                if not connection.execute(free.values(used_call=call, used_at=at)).rowcount:
                    return None
        found = _new(row)
        return found.ticket, found.language


def _row(new: NewTicket, index: str) -> dict[str, Any]:
    ticket = new.ticket
    return {
        "id": ticket.id,
        "hotline": new.hotline,
        "number_index": index,
        "topic": ticket.topic or "",
        "node": ticket.node or "",
        "language": new.language or "",
        "verified": ticket.verified,
        "case_number": ticket.case,
        "created_at": new.created_at,
        "expires_at": new.expires_at,
        "used_at": None,
        "used_call": None,
        "by": new.by,
        "key": new.key,
        "body": new.body,
    }


def _new(row: Any) -> NewTicket:
    ticket = Ticket(
        id=row.id,
        topic=TopicId(row.topic) if row.topic else None,
        node=NodeId(row.node) if row.node else None,
        verified=row.verified,
        case=row.case_number,
    )
    return NewTicket(
        ticket=ticket,
        hotline=row.hotline,
        language=Language(row.language) if row.language else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        by=row.by,
        key=row.key,
        body=row.body,
    )


@dataclass(frozen=True)
class Tokens:
    """What programs carry instead of a password."""

    engine: Engine
    audit: Audit

    def add(
        self, name: str, scopes: Sequence[str], *, at: datetime, who: str, expires_at: datetime | None = None
    ) -> str:
        """The token; it cannot be shown again. Raises RequestError (409) when the name is taken."""
        token = f"ivr_{secrets.token_urlsafe(32)}"
        row = {
            "name": name,
            "token_hash": _hash(token),
            "scopes": sorted(set(scopes)),
            "created_at": at,
            "expires_at": expires_at,
        }
        with writing(self.engine, locks=[LOCK, "tokens"]) as connection:
            if connection.execute(sa.select(api_tokens.c.name).where(api_tokens.c.name == name)).first():
                raise RequestError(f"there is a token {name!r} already", status=409, error_id="token_taken")
            connection.execute(api_tokens.insert(), row)
            detail = {"scopes": row["scopes"], "expires_at": expires_at.isoformat() if expires_at else None}
            self.audit.add_within(connection, at=at, who=who, what="token added", object=name, detail=detail)
        return token

    def revoke(self, name: str, *, at: datetime, who: str) -> bool:
        """It opens nothing from now on. False: there is none of this name."""
        with writing(self.engine, locks=[LOCK, "tokens"]) as connection:
            gone = connection.execute(api_tokens.delete().where(api_tokens.c.name == name)).rowcount
            if gone:
                self.audit.add_within(connection, at=at, who=who, what="token revoked", object=name)
        return bool(gone)

    def find(self, token: str, at: datetime) -> Token | None:
        """None for one that is unknown, taken back or over. Its use is noted, once a minute."""
        query = sa.select(api_tokens).where(api_tokens.c.token_hash == _hash(token))
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        if row is None or (row.expires_at is not None and at >= row.expires_at):
            return None
        if row.used_at is None or at >= row.used_at + NOTED_EVERY:
            with writing(self.engine) as connection:
                connection.execute(api_tokens.update().where(api_tokens.c.name == row.name).values(used_at=at))
        return _token(row)

    def all(self) -> Sequence[Token]:
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(api_tokens).order_by(api_tokens.c.name))
            return [_token(row) for row in rows]


def _token(row: Any) -> Token:
    return Token(
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
