"""Who may sign in, and what a password and a session must be.

A role says what pages an account opens. Sessions end twice: after a time without a sign of life (the page's
heartbeat counts, so a live call keeps its agent signed in) and after a day's work at the latest. An account with
several roles gets the tightest limits of them. Limits: `RELIABILITY.md` S-26, measured against NIST SP 800-63B
(AAL2: 12 h absolute, 30 min idle); administrators get less. Password rule: S-21, after the same standard: length
counts, composition rules do not, words that everybody tries first are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.core.agents import BROWSER
from ivr.core.ids import AgentId


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class SessionLimit:
    absolute: timedelta
    idle: timedelta


WORKDAY = SessionLimit(absolute=timedelta(hours=12), idle=timedelta(minutes=30))
SESSION_LIMITS: Mapping[Role, SessionLimit] = {
    Role.AGENT: WORKDAY,
    Role.SUPERVISOR: WORKDAY,
    Role.ADMIN: SessionLimit(absolute=timedelta(hours=1), idle=timedelta(minutes=15)),
}


def session_limit(roles: Iterable[Role]) -> SessionLimit:
    """The tightest limits among the roles; no role at all gets an administrator's."""
    limits = [SESSION_LIMITS[role] for role in roles] or [SESSION_LIMITS[Role.ADMIN]]
    return SessionLimit(absolute=min(limit.absolute for limit in limits), idle=min(limit.idle for limit in limits))


@dataclass(frozen=True, kw_only=True)
class Account:
    id: str
    login: str
    """As typed, in lower case."""
    roles: frozenset[Role]
    agent: AgentId | None = None
    """The agent this person is on the telephone, if any."""
    language: str = "en"
    """Of the pages: `en` or `zh`."""
    theme: str = "auto"
    """`auto`, `light` or `dark`."""
    disabled: bool = False
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What the person chose for the desk: `keys` by action."""

    @property
    def desk(self) -> AgentId | None:
        """The agent whose calls this person takes: who is no agent (any more) has none, whatever the account names."""
        return self.agent if self.may(Role.AGENT) else None

    def may(self, *roles: Role) -> bool:
        """Whether the account has one of the roles."""
        return not self.disabled and not self.roles.isdisjoint(roles)


SCOPES = frozenset(
    {
        "agents:read",
        "agents:write",
        "alerts:read",
        "alerts:write",
        "callbacks:read",
        "callbacks:write",
        "calls:read",
        "cases:read",
        "events:read",
        "queues:read",
        "reports:read",
        "tickets:write",
    }
)
"""What a program's token may be made for."""

OF_SUPERVISORS = frozenset({"agents:write", "calls:read", "callbacks:read", "cases:read"})
"""What administrators may not do themselves (`RELIABILITY.md` 3.2), and so give no program on the page."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a program is, and may do; the token itself is stored nowhere."""

    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    """It opens nothing from then on; None: no end."""
    used_at: datetime | None = None
    """Last used, to the minute."""


@dataclass(frozen=True, kw_only=True)
class Throttled:
    """Too many wrong passwords: nothing is checked before `until`."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class RosterAgent:
    """What the roster says about an agent."""

    id: AgentId
    name: str
    team: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    """Skill to level, 1–5."""
    languages: Mapping[str, int] = field(default_factory=dict)
    phone: str = BROWSER
    """`browser`, an E.164 number, or a `sip:` address."""
    disabled: bool = False
    """Takes no calls, and cannot sign in; stays on the roster for the records."""


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    number: int
    at: datetime
    who: str
    what: str
    object: str
    detail: str


MIN_PASSWORD = 12
MAX_PASSWORD = 128
SHORTEST_STEM = 4
LEAST_BESIDES = 6
"""Characters a password must have beside a common word in it."""
LEAST_DIFFERENT = 5
LOGIN_LENGTHS = range(2, 65)

COMMON_STEMS = (
    "password", "passw0rd", "qwertyuiop", "1234567890", "letmein", "iloveyou", "administrator", "welcome",
    "changeme", "abcdefgh", "supervisor", "hotline", "tpwallet", "telephone",
)  # fmt: skip


def password_problem(password: str, *, login: str = "") -> str | None:
    """What is wrong with a new password, as a sentence; None when it will do.

    Characters are counted as typed (code points) and never changed. A password made of one common word, the
    login, or a few characters over and over, with digits around it, is what a guesser tries first.
    """
    if len(password) < MIN_PASSWORD:
        return f"A password has at least {MIN_PASSWORD} characters; 15 or more are better."
    if len(password) > MAX_PASSWORD:
        return f"A password has at most {MAX_PASSWORD} characters."
    plain = password.casefold()
    for stem in (*COMMON_STEMS, login.casefold()):
        if len(stem) >= SHORTEST_STEM and stem in plain and len(plain.replace(stem, "")) < LEAST_BESIDES:
            return "This password is among the first that anybody would try."
    if len(set(plain)) < LEAST_DIFFERENT:
        return "This password repeats too few characters."
    return None


def login_problem(login: str) -> str | None:
    """What is wrong with a login name; None when it will do."""
    if len(login) not in LOGIN_LENGTHS:
        return "A login name has 2 to 64 characters."
    if not all(char.isascii() and (char.isalnum() or char in "._-@") for char in login):
        return "A login name consists of letters, digits and . _ - @"
    return None


# ---- throttling ------------------------------------------------------------------------------------------------

FREE_FAILURES = 5
"""Wrong passwords within the window before the first delay (S-22)."""
WINDOW = timedelta(minutes=15)
LONGEST_DELAY = timedelta(minutes=15)
ADDRESS_FAILURES = 30
"""Wrong passwords per minute from one address."""


def login_delay(failures: int) -> timedelta:
    """How long after that many wrong passwords nothing is checked: nothing, then 1 s, doubling to 15 min."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(LONGEST_DELAY, timedelta(seconds=2 ** min(failures - FREE_FAILURES, 20)))
