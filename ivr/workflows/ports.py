"""Every door to the outside, as protocols. `wiring` puts the real things behind them.

Failure: every method may raise `Unavailable` when its store cannot be reached in time (300 ms for Redis on a
voice request); callers of `sessions` on the voice path answer from the URL alone then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.agents import Agent, AgentEvent
from ivr.core.commitments import Commitment
from ivr.core.events import CallArrived, Caller, Event, Matched
from ivr.core.facts import Fact
from ivr.core.ids import E164, AgentId, CallId, Language, LegId, OfferId, TopicId
from ivr.core.instructions import Alarm, Link, Order
from ivr.core.matching import Signature
from ivr.core.menus import MenuTree
from ivr.core.records import CallRecord
from ivr.core.session import CallSession, Step


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC. The Redis server's `TIME` in production, a virtual clock in simulated runs."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a change came to: the step as saved, and whom it set free or put in line."""

    step: Step
    freed: tuple[AgentId, ...] = ()
    """Agents who became available in this write: match them now."""
    replayed: bool = False
    """True: this step had been answered before; `step.instructions` are those of then, and nothing changed."""


Decide = Callable[[CallSession | None], Step | None]
"""From the session as it stands (None: unknown) to what follows (None: nothing, leave everything)."""


class Sessions(Protocol):
    """The live calls. `change` is the only way one changes."""

    def change(self, call: CallId, decide: Decide, *, step: str = "") -> Saved | None:
        """Read, decide, save atomically; decide again when somebody else was faster (at most 20 times).

        `step` names the request: the first answer under (call, step) is stored with the change and given again, without
        a second effect, to whoever asks later. One write holds session, queue index, agents, wake-ups, facts
        and orders. None when `decide` said None.
        """

    def find(self, call: CallId) -> CallSession | None: ...

    def live(self) -> Iterator[CallSession]:
        """Every call that has not ended, in no order."""


class Matcher(Protocol):
    """The claim: one atomic script that takes the best pair and claims both sides, or neither."""

    def for_call(self, call: CallId) -> Claim | Refusal: ...

    def for_agent(self, agent: AgentId) -> Claim | Refusal: ...

    def directed(self, call: CallId, agent: AgentId) -> Claim | Refusal:
        """This call to this agent, if both are free for it."""

    def sweep(self) -> Sequence[Claim]:
        """The backstop: every pair that could be matched and was not."""

    def position(self, call: CallId) -> int | None:
        """How many callers of the same topic are ahead (0 = next)."""


@dataclass(frozen=True, kw_only=True)
class QueueLook:
    """One topic's queue as one caller finds it."""

    position: int | None
    """Callers of the topic ahead (0 = next); None: this call does not stand in line, and no rank was given."""
    oldest_at: datetime | None
    """First queue time of the topic's longest waiting caller."""
    at_work: Sequence[tuple[Signature, int]]
    """Agents who take calls now or after the present one, by what they can do."""


class QueueLooks(Protocol):
    def look(self, call: CallId, topic: TopicId, *, rank: int | None = None) -> QueueLook:
        """`rank`: the place that this rank has, for a call that does not stand in line. Raises Unavailable."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    call: CallId
    matched: Matched


@dataclass(frozen=True, kw_only=True)
class Refusal:
    reason: Mapping[str, object] = field(default_factory=dict)


class Presences(Protocol):
    """The agents who are signed in."""

    def change(self, agent: AgentId, event: AgentEvent) -> Agent: ...

    def find(self, agent: AgentId) -> Agent | None: ...

    def all(self) -> Sequence[Agent]: ...

    def offer(self, offer: OfferId) -> OfferRow | None:
        """An offer, live or over (kept for an hour)."""


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    offer: OfferId
    call: CallId
    agent: AgentId
    at: datetime
    live: bool


@dataclass(frozen=True, kw_only=True)
class Due:
    """A wake-up whose time has come."""

    alarm: Alarm
    ref: str
    call: CallId | None
    agent: AgentId | None
    at: datetime


class Timers(Protocol):
    def due(self, *, limit: int = 100) -> Sequence[Due]:
        """Take what is due. A taken one comes back after 10 s unless `done` is called (its taker died)."""

    def done(self, due: Due) -> None: ...

    def next_at(self) -> datetime | None: ...

    def set_agent(self, agent: AgentId, alarm: Alarm, at: datetime | None) -> None: ...


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    id: str
    """Grows; at least once."""
    order: Order
    tries: int


class Outbox(Protocol):
    def take(self, *, wait: timedelta, limit: int = 50) -> Sequence[OrderRow]:
        """New orders, and those whose taker died (after 15 s); waits up to `wait` when there are none."""

    def done(self, row: OrderRow) -> None: ...

    def retry(self, row: OrderRow, *, after: timedelta) -> None: ...


@dataclass(frozen=True, kw_only=True)
class FactRow:
    id: str
    """Unique for ever: `{call}:{version}:{n}` or `agent-{id}:{version}:{n}`."""
    hotline: str
    fact: Fact


class FactStream(Protocol):
    def add(self, facts: Iterable[Fact], *, key: str) -> None:
        """Facts outside a session change; `key` makes their ids (same key, same ids)."""

    def take(self, *, wait: timedelta, limit: int = 500) -> Sequence[tuple[str, FactRow]]: ...

    def done(self, entries: Sequence[str]) -> None: ...


class Feed(Protocol):
    """Tells pages that something changed. Lossy on purpose: pages read the whole state again."""

    def wait(self, topics: Sequence[str], *, timeout: timedelta) -> frozenset[str]:
        """Topics (`board`, `agent:<id>`) that changed since the last call, or nothing after `timeout`."""


class Records(Protocol):
    """The call records in SQL."""

    def write(self, facts: Sequence[FactRow]) -> int:
        """Fold and store; facts seen before are passed over. How many were new."""


class Inform(Protocol):
    """Tells an event what its rule must know. May raise `Unavailable`: the event is then decided as it came."""

    def __call__(self, link: Link, event: Event) -> Event: ...


class Greet(Protocol):
    """Tells the first event of a call what its rule must know. May raise `Unavailable`: the call begins without it."""

    def __call__(self, event: CallArrived, tree: MenuTree) -> CallArrived: ...


class Ledger(Protocol):
    """What was committed to callers, in SQL."""

    def commit(self, commitments: Sequence[Commitment]) -> None:
        """Store all or nothing; one that is there already is left as it is. Raises `Unavailable`."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """How this number liked to be spoken to."""

    language: Language | None = None
    slow: bool = False


class Memory(Protocol):
    """What is remembered between calls, by number (a blind index, never the number)."""

    def recall(self, number: E164) -> Remembered:
        """Nothing remembered gives the default of each."""

    def remember_language(self, number: E164, language: Language) -> None: ...

    def remember_slow(self, number: E164, slow: bool) -> None: ...  # noqa: FBT001 - reads well either way


class Carrier(Protocol):
    """What the dispatcher may ask of the telephone network. Raises `CarrierError`."""

    def ring_phone(self, *, address: str, offer: OfferId, call: CallId, ring: timedelta, sender: str) -> LegId:
        """Call an agent's telephone; `sender` is the hotline's number."""

    def find_offer_leg(self, *, address: str, offer: OfferId, since: datetime) -> LegId | None:
        """The leg of an offer whose creation was answered too late to be known."""

    def move(self, *, leg: str, link: Link) -> bool:
        """Take a live leg to another step of ours. False: it is over (404, 21220)."""

    def end(self, leg: str) -> bool: ...

    def alive(self, leg: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class RoomRow:
    """A talk at the carrier."""

    id: str
    call: CallId
    returns: int = 0
    """How often the agent had come back to it (`core.returning`)."""


class Rooms(Protocol):
    """The talks at the telephone network. Raises `CarrierError`."""

    def open(self) -> Sequence[RoomRow]:
        """Our rooms in which somebody is."""

    def seats(self, room: str) -> Mapping[str, LegId]:
        """Who is in it, by label."""

    def hold(self, *, room: str, leg: LegId, link: Link | None) -> bool:
        """On hold, with what is heard at `link`, or back in the talk (None). False: the leg is not there."""

    def seat(self, *, room: str, leg: LegId, muted: bool, coach: LegId | None) -> bool:
        """Who hears this leg: nobody, the party on `coach` alone, or all. False: it does not sit there (yet)."""

    def ended_at(self, leg: LegId) -> datetime | None:
        """When a leg ended, as far back as is known; None: it lives."""


class OpenCalls(Protocol):
    """The records that the sweep compares. Raises `Unavailable`."""

    def open_since(self, *, before: datetime) -> Sequence[CallId]:
        """Calls that began before then and have no end, oldest first, at most 500."""

    def record(self, call: CallId) -> CallRecord | None: ...


class Texts(Protocol):
    """Text messages. Raises `CarrierError`."""

    def send_text(self, *, to: E164, body: str, sender: str) -> str: ...


class Menus(Protocol):
    def by_number(self, dialled: str) -> MenuTree:
        """The tree of the hotline with this number; an unknown number gets the first hotline."""

    def by_version(self, version: str) -> MenuTree | None:
        """A version still known (older ones are kept while calls may use them)."""


@dataclass(frozen=True, kw_only=True)
class MenuSource:
    """One version of a menu as it was written."""

    hotline: str
    version: str
    file: str
    """Name of the file it stood in."""
    text: str


class MenuArchive(Protocol):
    """Every version of a menu that has been in service. Raises `Unavailable`."""

    def keep(self, sources: Sequence[MenuSource]) -> None:
        """These are in service now; what is known already only becomes the newest of its file."""

    def source(self, version: str) -> MenuSource | None: ...

    def newest(self, file: str) -> MenuSource | None:
        """What was last in service under this file's name."""


class Numbers(Protocol):
    def caller(self, claimed: str) -> Caller:
        """From the carrier's `From`, whatever it holds."""
