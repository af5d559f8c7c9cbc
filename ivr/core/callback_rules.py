"""When and how often somebody may be called back: hours, windows, tries, expiry. Pure.

A callback is dialled only while two clocks agree: the desk of its topic is open, and it is a decent hour where the
telephone may be. A number with several possible time zones must fit all of them (`DOMAIN.md` 5.2, rule 9). Whatever does
not fit moves to the next moment that does, and the customer is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ivr.core.cases import Case
from ivr.core.estimates import Announceable
from ivr.core.hours import Calendar, is_open, next_change, next_opening
from ivr.core.ids import E164, CallId, Language, LegId, TopicId

GRID = timedelta(minutes=15)
"""Every zone's clock differs from UTC by a multiple of this, so its decent hours begin on the grid."""
HORIZON = timedelta(days=8)
SLOT = timedelta(hours=1)
SLOT_LEAD = timedelta(hours=1)
SLOT_GAP = timedelta(hours=3)
SLOTS = 3
HOLD_EXPIRES = timedelta(hours=24)
OPENINGS = 2
SLOT_EXPIRES = timedelta(hours=2)
"""After the end of the window (`DOMAIN.md` 5.2, rule 10)."""
ELSEWHERE = timedelta(minutes=5)
"""Somebody who is on the line with us, or whom we could not begin to dial, is tried again after this."""

CARIBBEAN = ("AG", "AI", "BB", "BM", "BS", "DM", "DO", "GD", "JM", "KN", "KY", "LC", "MS", "SX", "TC", "TT", "VC", "VG")
"""Countries behind +1 whose numbers look like American ones and cost like none."""
FAVOURITES = ("CU", "PG", "SO")  # of plain-looking numbers that toll fraud likes (`RELIABILITY.md`, phone policy)


class Dial(StrEnum):
    """Who is on the line first."""

    RESERVE = "reserve"
    """An agent is held while the customer is dialled, and joins when the customer pressed 1."""
    AGENT_FIRST = "agent_first"
    CUSTOMER_FIRST = "customer_first"


@dataclass(frozen=True, kw_only=True)
class CallbackRules:
    """One hotline's rules for calling people back."""

    opens: time = time(8)
    closes: time = time(21)
    """The callee's own clock; half-open."""
    attempts: int = 3
    delays: tuple[timedelta, ...] = (timedelta(minutes=10), timedelta(minutes=30))
    """After the first and the second failed try; the last one is used for more."""
    busy_delay: timedelta = timedelta(minutes=5)
    later: timedelta = timedelta(minutes=10)
    """After key 2."""
    ring: timedelta = timedelta(seconds=25)
    per_hour: int = 5
    """Requests of one number within an hour; the next one is refused and noted."""
    most_open: int = 500
    """Open promises of the hotline; with so many nobody is promised another."""
    offer_over: timedelta = timedelta(minutes=3)
    """With a longer expected wait the offer is made on joining."""
    regions: tuple[str, ...] = ()
    """Only these may be called; empty: all that are not denied."""
    denied: tuple[str, ...] = (*CARIBBEAN, *FAVOURITES)
    hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    """Decent hours of single countries."""

    def span(self, country: str) -> tuple[time, time]:
        return self.hours.get(country, (self.opens, self.closes))


@dataclass(frozen=True, kw_only=True)
class Callee:
    """A number that may be called back."""

    number: E164
    country: str
    zones: tuple[str, ...]
    """Every time zone in which the telephone may be; never empty."""
    mobile: bool = False


@dataclass(frozen=True, kw_only=True)
class Window:
    start: datetime
    end: datetime


class CallbackState(StrEnum):
    REQUESTED = "requested"
    """Promised; its time has not come."""
    DUE = "due"
    RESERVING = "reserving"
    """In the queue, at the place it always had."""
    DIALLING = "dialling"
    CONFIRMED = "confirmed"
    """The customer pressed 1."""
    CONNECTED = "connected"
    CLOSED = "closed"


WAITING = (CallbackState.REQUESTED, CallbackState.DUE, CallbackState.RESERVING)
"""States in which nobody has been dialled for the present try."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promised callback, as SQL holds it."""

    id: str
    hotline: str
    topic: TopicId
    callee: Callee
    dialled: str
    """The hotline's number that was called: the one to show."""
    call: CallId | None
    language: Language
    path: tuple[str, ...]
    priority: int
    queued_at: datetime
    """First queue time: the place that is kept."""
    requested_at: datetime
    due_at: datetime
    expires_at: datetime
    window: Window | None
    code: str
    told_by: datetime | None = None
    """End of the time that was named to a caller who keeps the place in line."""
    dial: Dial = Dial.RESERVE
    recording: str = ""
    """What the caller had said to being recorded: `yes`, `no`, or nothing."""
    state: CallbackState = CallbackState.REQUESTED
    attempts: int = 0
    """Number of the present or last try."""
    failures: int = 0
    look_at: datetime | None = None
    dialled_at: datetime | None = None
    leg: LegId | None = None

    @property
    def attempt_call(self) -> CallId:
        """The live call of the present try."""
        return attempt_call(self.id, self.attempts)


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What binds a live call to the promise it keeps."""

    callback: str
    attempt: int
    code: str
    callee: Callee
    dial: Dial = Dial.RESERVE
    leg: LegId | None = None
    """The customer's leg."""
    dialled: bool = False
    """A leg was ordered; it is ordered once."""
    confirmed: bool = False
    prompts: int = 0
    result: str = ""
    told_by: datetime | None = None
    """End of the time that was named to the customer; None: none was."""
    why: str = ""
    """Why an agent calls of their own accord (`call_out`); empty: a promise is kept."""


@dataclass(frozen=True, kw_only=True)
class OpenCallback:
    """What a caller hears of a promise that is still open."""

    id: str
    topic: TopicId
    queued_at: datetime
    priority: int


PREFIX = "cb-"


def attempt_call(callback: str, attempt: int) -> CallId:
    return CallId(f"{PREFIX}{callback}-{attempt}")


def attempt_of(call: str) -> tuple[str, int] | None:
    """The promise and the number of the try that a live call stands for; None: an ordinary call."""
    if not call.startswith(PREFIX):
        return None
    callback, _, number = call.removeprefix(PREFIX).rpartition("-")
    return (callback, int(number)) if callback and number.isascii() and number.isdigit() else None


# ---- when ------------------------------------------------------------------------------------------------------


def decent(at: datetime, callee: Callee, rules: CallbackRules) -> bool:
    """Whether `at` lies in decent hours wherever this telephone may be."""
    opens, closes = rules.span(callee.country)
    return all(opens <= at.astimezone(ZoneInfo(zone)).time() < closes for zone in callee.zones)


def fits(at: datetime, callee: Callee, rules: CallbackRules, calendar: Calendar) -> bool:
    return is_open(calendar, at) and decent(at, callee, rules)


def next_fit(at: datetime, callee: Callee, rules: CallbackRules, calendar: Calendar) -> datetime | None:
    """`at` itself when it fits, else the next quarter of an hour that does; None: not within eight days."""
    return next((moment for moment in _moments(at, at + HORIZON) if fits(moment, callee, rules, calendar)), None)


def _moments(start: datetime, end: datetime) -> Iterator[datetime]:
    yield start
    moment = ceil(start, GRID)
    while moment < end:
        yield moment
        moment += GRID


def ceil(at: datetime, step: timedelta) -> datetime:
    """The next multiple of `step` since the epoch, `at` itself when it is one."""
    whole = timedelta(seconds=at.timestamp())
    return at + (-whole % step)


def slots(at: datetime, callee: Callee, rules: CallbackRules, calendar: Calendar) -> tuple[Window, ...]:
    """Up to three windows of an hour, on the customer's full hours, apart from each other, beginning in an hour."""
    found: list[Window] = []
    for start in _moments(ceil(at + SLOT_LEAD, GRID), at + HORIZON):
        if start.astimezone(ZoneInfo(callee.zones[0])).minute:
            continue
        if found and start < found[-1].start + SLOT_GAP:
            continue
        if all(fits(start + part * GRID, callee, rules, calendar) for part in range(4)):
            found.append(Window(start=start, end=start + SLOT))
        if len(found) == SLOTS:
            break
    return tuple(found)


def hold_expires(at: datetime, calendar: Calendar) -> datetime:
    """24 hours, or the end of the second opening, whichever comes later."""
    end = at
    for _ in range(OPENINGS):
        opening = next_opening(calendar, end)
        closing = next_change(calendar, opening) if opening else None
        if closing is None:
            break
        end = closing
    return max(at + HOLD_EXPIRES, end)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the registration must know before it decides."""

    callee: Callee | None = None
    """The number that may be called: the one keyed, else the calling one."""
    open: OpenCallback | None = None
    now_fits: bool = False
    slots: Sequence[Window] = ()
    refused: str = ""
    """Why nothing may be promised: `cap_number`, `cap_all`."""
    code: str = ""
    wait: Announceable | None = None
    """What may be told of the wait of a caller who keeps the place in line."""
    case: Case | None = None
    """The call's case, to be committed with the promise."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Where the registration of a callback stands."""

    stage: str = ""
    callee: Callee | None = None
    open: OpenCallback | None = None
    slots: tuple[Window, ...] = ()
