"""Tokens of programs: made, shown once, taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.errors import RequestError
from ivr.core.people import OF_SUPERVISORS, SCOPES, Account, Role, Token
from ivr.workflows.ports import Clock

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
MOST_DAYS = 730
MOST = 100


class Tokens(Protocol):
    """Raises `Unavailable`."""

    def add(
        self, name: str, scopes: Sequence[str], *, at: datetime, who: str, expires_at: datetime | None = None
    ) -> str: ...

    def revoke(self, name: str, *, at: datetime, who: str) -> bool: ...

    def all(self) -> Sequence[Token]: ...


@dataclass(frozen=True, kw_only=True)
class TokenRoom:
    tokens: Tokens
    clock: Clock

    def all(self) -> Sequence[Token]:
        return self.tokens.all()

    def may_give(self, who: Account) -> frozenset[str]:
        """A program may do no more than who makes its token: calls are not for administrators alone."""
        return SCOPES if who.may(Role.SUPERVISOR) else SCOPES - OF_SUPERVISORS

    def add(self, name: str, scopes: Sequence[str], *, days: int, who: Account) -> str:
        """The token, which is shown this once. Raises `RequestError`."""
        name = name.strip()
        if not NAME.fullmatch(name):
            raise RequestError("a name has 2 to 40 of a-z 0-9 . _ -", status=422, error_id="token_name")
        chosen = sorted(set(scopes) & SCOPES)
        if not chosen:
            raise RequestError("choose what it may do", status=422, error_id="token_scopes")
        if not set(chosen) <= self.may_give(who):
            raise RequestError("calls are for supervisors", status=403, error_id="token_supervisor")
        if not 1 <= days <= MOST_DAYS:
            raise RequestError(f"1 to {MOST_DAYS} days", status=422, error_id="token_days")
        if len(self.tokens.all()) >= MOST:
            raise RequestError(f"at most {MOST} tokens", status=409, error_id="token_most")
        now = self.clock.now()
        return self.tokens.add(name, chosen, at=now, who=who.login, expires_at=now + timedelta(days=days))

    def revoke(self, name: str, *, who: str) -> None:
        """One that is not there is gone already."""
        self.tokens.revoke(name, at=self.clock.now(), who=who)
