"""What a call costs at the carrier: minutes of every line, text messages, requests; and what a price list makes of it.

Carriers bill each line by the minute begun, so minutes are rounded up line by line, before anything is added. Lines of
one call: the caller's (to us), or the customer's (whom we called); the agent's, in the browser or on a telephone that
we dial; houses that we dial. While two people talk they sit in a room, which is billed for each of them. A line that nobody
answers is not billed. Figures are ours, from our records; the carrier's bill is the bill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.records import CallRecord
from ivr.core.transfer_facts import Consulted, Transferred

MINUTE = timedelta(minutes=1)
OURS = frozenset({"out", "callback"})
"""Kinds of calls that we made."""
PARTIES = 2
"""In the room of a talk: caller and agent."""
NEW_CALL = "new_call"
"""The request that makes a line: the one that the account's calls per second are about."""


class Priced(StrEnum):
    """What a price list has a price for."""

    CALLER_MINUTE = "caller_minute"
    DIALLED_MINUTE = "dialled_minute"
    BROWSER_MINUTE = "browser_minute"
    ROOM_MINUTE = "room_minute"
    RECORDED_MINUTE = "recorded_minute"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Of one call, or of many: usages add up."""

    calls: int = 0
    caller_minutes: int = 0
    """Of lines on which people called us."""
    dialled_minutes: int = 0
    """Of lines that we dialled and that were answered: customers, agents on telephones, houses."""
    browser_minutes: int = 0
    """Of agents' lines in the browser."""
    room_minutes: int = 0
    """Of everybody in the room of a talk."""
    recorded_minutes: int = 0
    texts: int = 0
    requests: int = 0
    """That we made of the carrier by REST."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Usage)})

    def priced(self) -> Mapping[Priced, int]:
        return {
            Priced.CALLER_MINUTE: self.caller_minutes,
            Priced.DIALLED_MINUTE: self.dialled_minutes,
            Priced.BROWSER_MINUTE: self.browser_minutes,
            Priced.ROOM_MINUTE: self.room_minutes,
            Priced.RECORDED_MINUTE: self.recorded_minutes,
            Priced.TEXT: self.texts,
        }


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """`prices` in `currency`; what has none costs nothing that we know of."""

    currency: str = ""
    """ISO 4217, such as `USD`; empty: no list was entered."""
    prices: Mapping[Priced, Decimal]
    changed_at: datetime | None = None
    changed_by: str = ""

    def cost(self, usage: Usage) -> Decimal | None:
        """None while a price is missing of something that was used."""
        used = {kind: units for kind, units in usage.priced().items() if units}
        if not self.currency or not used.keys() <= self.prices.keys():
            return None
        return sum((units * self.prices[kind] for kind, units in used.items()), Decimal(0))


NO_PRICES = PriceList(prices={})


def begun(start: datetime | None, end: datetime | None) -> int:
    """Minutes begun; 0 of a line that is still open, or that never was. A line of no length was answered: one minute."""
    if start is None or end is None:
        return 0
    return max(1, -(-max(timedelta(), end - start) // MINUTE))


def usage_of(record: CallRecord, told: Iterable[Fact]) -> Usage:
    """Of one call, from its record and all its facts."""
    known = sorted(told, key=lambda fact: fact.at)
    own = begun(record.started_at, record.ended_at)
    ours = record.kind in OURS
    talks = [(stay, begun(stay.answered_at, stay.ended_at)) for stay in record.segments if stay.answered_at]
    on_telephone = sum(minutes for stay, minutes in talks if stay.by_phone)
    every = sum(minutes for _, minutes in talks)
    kinds = Counter(type(fact) for fact in known)
    return Usage(
        calls=1,
        caller_minutes=0 if ours else own,
        dialled_minutes=(own if ours else 0) + on_telephone + _with_houses(record, known),
        browser_minutes=every - on_telephone,
        room_minutes=PARTIES * every,
        recorded_minutes=sum(
            -(-fact.duration_s // 60) for fact in known if isinstance(fact, facts.RecordingKept | facts.MessageLeft)
        ),
        texts=record.texts,
        requests=kinds[facts.CarrierAsked],
    )


def _with_houses(record: CallRecord, known: Iterable[Fact]) -> int:
    """Houses that were asked, from joining until they left; and the one that the caller was left with, to the end."""
    minutes, joined = 0, {}
    for fact in known:
        if isinstance(fact, Consulted) and fact.outside:
            if fact.result == "joined":
                joined[fact.outside] = fact.at
            elif fact.outside in joined:
                minutes += begun(joined.pop(fact.outside), record.ended_at if fact.result == "handed_over" else fact.at)
        if isinstance(fact, Transferred) and fact.how == "outside":
            minutes += begun(fact.at, record.ended_at)
    return minutes
