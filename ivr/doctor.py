"""`ivr doctor`: everything that a call needs, looked at one after the other; each failing line says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.core.errors import IvrError, OperatorError, Unavailable
from ivr.embedded import RedisError
from ivr.settings import Settings
from ivr.storage.redis.connection import problems as redis_problems
from ivr.wiring import Switchboard, connect


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    good: bool
    line: str = ""

    def __str__(self) -> str:
        return f"{'good' if self.good else 'BAD '}  {self.what}{': ' + self.line if self.line else ''}"


def examine(settings: Settings) -> list[Finding]:
    """All findings. Never raises for what it looks at: that is a finding."""
    findings = [Finding(what="settings", good=not settings.problems(), line="; ".join(settings.problems()))]
    try:
        switchboard = connect(settings)
    except (IvrError, RedisError) as err:
        return [*findings, Finding(what="redis", good=False, line=str(err))]
    try:
        for what, look in CHECKS:
            findings += _looked_at(what, look, switchboard)
    finally:
        switchboard.close()
    return findings


def _looked_at(what: str, look: Callable[[Switchboard], Iterator[str]], switchboard: Switchboard) -> list[Finding]:
    try:
        bad = list(look(switchboard))
    except OperatorError as err:
        bad = [str(problem) for problem in err.problems] or [str(err)]
    except Unavailable as err:
        bad = [f"{err}: {CURES[what]}" if what in CURES else str(err)]
    except (IvrError, OSError) as err:
        bad = [str(err)]
    return [Finding(what=what, good=False, line=line) for line in bad] or [Finding(what=what, good=True)]


def _redis(switchboard: Switchboard) -> Iterator[str]:
    yield from redis_problems(switchboard.link)


def _database(switchboard: Switchboard) -> Iterator[str]:
    if not switchboard.schema_is_current():
        yield "the schema is not this version's: run `ivr db upgrade`"


def _menus(switchboard: Switchboard) -> Iterator[str]:
    if not switchboard.menus.trees:
        yield f"{switchboard.settings.menus_dir} holds no menu: put a .yaml file there"
    for problem in switchboard.menus.refused:
        yield f"{problem}; the version of before is in service"
    yield from switchboard.missing_recordings()


def _people(switchboard: Switchboard) -> Iterator[str]:
    if not switchboard.people.agents():
        yield "the roster is empty: write agents/*.yaml and run `ivr agents import`"
    if not switchboard.people.accounts():
        yield "nobody can sign in: run `ivr users add NAME --role admin`"


def _dispatcher(switchboard: Switchboard) -> Iterator[str]:
    if not switchboard.signs.seen("dispatch"):
        yield "no dispatcher is at work: start `ivr dispatch` (or `ivr run`)"


def _carrier(switchboard: Switchboard) -> Iterator[str]:
    from ivr.wiring_twilio import account_of

    account = account_of(switchboard.settings)
    status = account.status()
    if status != "active":
        yield f"the carrier's account is {status}: ask the carrier"
    numbers = [number for tree in switchboard.menus.trees for number in tree.numbers]
    changes, missing = account.changes(numbers, switchboard.settings.twilio_app_sid)
    yield from missing
    if changes and not switchboard.settings.in_the_box:
        yield f"{len(changes)} settings of numbers and application differ: `ivr twilio setup` shows them"


SQL_CURE = "is the server of IVR_DATABASE_URL running, and the address right?"
REDIS_CURE = "is the server of IVR_REDIS_URL running, and the address right?"
CURES = {"database": SQL_CURE, "people": SQL_CURE, "redis": REDIS_CURE, "dispatcher": REDIS_CURE}
"""What to look at when a store does not answer."""
CHECKS: tuple[tuple[str, Callable[[Switchboard], Iterator[str]]], ...] = (
    ("redis", _redis),
    ("database", _database),
    ("menus", _menus),
    ("people", _people),
    ("dispatcher", _dispatcher),
    ("carrier", _carrier),
)
