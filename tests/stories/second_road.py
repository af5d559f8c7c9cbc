"""What a board should show, by a second road: from single facts and rows in plain Python, sharing nothing with the board.

Facts are taken one after the other as they come into SQL; no fold, report, cell, or live store of the service is asked. The only
rows read are those of promises, whose states are no facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.facts import Fact, Outcome
from ivr.core.menus import Topic
from ivr.core.transfer_facts import HoldEnded, HoldStarted, Transferred
from ivr.storage.sql.after_tables import message_box
from ivr.storage.sql.bodies import from_body
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import callbacks
from ivr.storage.sql.tables import facts as stored

TRY = "cb-"
"""Before the name of a call that we make: the promise had its stay with the call that asked for it."""
WORKING = ("reserved", "on_call")
BUSY = (*WORKING, "wrap_up")
AT_WORK = ("available", *BUSY)
QUARTER, HOUR, LATE = timedelta(minutes=15), timedelta(hours=1), timedelta(minutes=15)
GONE = (Outcome.ABANDONED, Outcome.DROPPED)


@dataclass
class Stay:
    topic: str
    entered_at: datetime
    queued_at: datetime
    over_at: datetime | None = None
    outcome: Outcome | None = None
    ended_at: datetime | None = None
    agent: str = ""


@dataclass
class Talk:
    agent: str
    at: datetime
    held_at: datetime | None = None


@dataclass
class SecondRoad:
    """One hotline, as its facts tell it."""

    engine: Engine
    topics: Mapping[str, Topic]
    skills: Mapping[str, Mapping[str, int]]
    in_line_now: Callable[[str], bool]
    """Whether a caller whose stay goes on can be offered to somebody: not while they register a callback, or speak a message."""
    last: int = 0
    stays: dict[tuple[str, int], Stay] = field(default_factory=dict)
    ringing: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Offers that are not over, of callers in line."""
    came_back: Counter[tuple[str, int]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    talks: dict[str, Talk] = field(default_factory=dict)
    holds: Counter[str] = field(default_factory=Counter)
    transfers: Counter[str] = field(default_factory=Counter)
    presence: dict[str, tuple[str, datetime, str]] = field(default_factory=dict)
    spans: list[tuple[str, str, datetime, datetime]] = field(default_factory=list)
    by_offer: dict[str, tuple[str, int]] = field(default_factory=dict)
    wrapped: dict[tuple[str, int], datetime] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)

    def read(self) -> None:
        """Take in what has come since."""
        row_id: sa.ColumnElement[int] = sa.literal_column("rowid")
        query = sa.select(row_id.label("row"), stored).where(row_id > self.last).order_by(row_id)
        with reading(self.engine) as connection:
            for row in connection.execute(query):
                self.last = row.row
                fact = from_body(row.kind, row.at, row.body)
                if fact is not None:
                    self._take(fact)

    def _take(self, fact: Fact) -> None:
        for kind, take in TAKES.items():
            if isinstance(fact, kind):
                take(self, fact)

    def _started(self, fact: facts.SegmentStarted) -> None:
        begun = min(fact.at, fact.queued_at) if fact.segment == 1 else fact.at
        self.stays.setdefault((fact.call, fact.segment), Stay(fact.topic, begun, fact.queued_at))

    def _offered(self, fact: facts.OfferMade) -> None:
        self.by_offer[fact.offer] = (fact.call, fact.segment)
        if fact.by is None:
            self.ringing[fact.offer] = (fact.call, fact.segment)

    def _offer_over(self, fact: facts.OfferEnded) -> None:
        self.missed[fact.agent] += fact.result == "lapsed"
        if fact.result != "accepted" and (place := self.ringing.pop(fact.offer, None)):
            self.came_back[place] += 1

    def _left(self, fact: facts.SegmentEnded) -> None:
        stay = self.stays.get((fact.call, fact.segment))
        if stay is not None and stay.outcome is None:
            stay.outcome, stay.over_at = fact.outcome, fact.at

    def _held(self, fact: HoldStarted) -> None:
        talk = self.talks.get(fact.call)
        if talk is not None and talk.held_at is None:
            talk.held_at = fact.at
            self.holds[fact.call] += 1

    def _taken_back(self, fact: HoldEnded) -> None:
        if talk := self.talks.get(fact.call):
            talk.held_at = None

    def _given_away(self, fact: Transferred) -> None:
        self.transfers[fact.call] += 1

    def _wrapped_up(self, fact: facts.Disposed) -> None:
        if place := self.by_offer.get(fact.offer):
            self.wrapped.setdefault(place, fact.at)

    def _message(self, fact: facts.MessageLeft) -> None:
        self.messages[fact.topic] += 1

    def _changed(self, fact: facts.PresenceChanged) -> None:
        before = self.presence.get(fact.agent)
        if before is not None:
            self.spans.append((fact.agent, before[0], before[1], fact.at))
        self.presence[fact.agent] = (fact.presence, fact.at, fact.reason)

    def _answered(self, fact: facts.Answered) -> None:
        place = (fact.call, fact.segment)
        self.ringing.pop(fact.offer, None)
        self.by_offer[fact.offer] = place
        stay = self.stays.setdefault(place, Stay(fact.topic, fact.at, fact.at))
        if stay.outcome is None or stay.outcome is Outcome.ANSWERED:
            stay.outcome, stay.over_at, stay.agent = Outcome.ANSWERED, fact.at, fact.agent
        self.talks[fact.call] = Talk(fact.agent, fact.at)

    def _talk_over(self, fact: facts.TalkOver) -> None:
        talk = self.talks.get(fact.call)
        if talk is not None and talk.agent == fact.agent:
            del self.talks[fact.call]
        if stay := self.stays.get((fact.call, fact.segment)):
            stay.ended_at = stay.ended_at or fact.at

    def _call_over(self, fact: facts.CallEnded) -> None:
        """A call that ended leaves nothing open."""
        self.talks.pop(fact.call, None)
        self.ringing = {offer: place for offer, place in self.ringing.items() if place[0] != fact.call}

    # ---- what should be shown ------------------------------------------------------------------------------------

    def shown(self, now: datetime, midnight: datetime) -> dict[str, Any]:
        """Every figure by name."""
        promises = self._promises()
        found: dict[str, Any] = {}
        for topic in self.topics.values():
            for name, value in self._queue(topic, now, midnight, promises).items():
                found[f"{topic.id}: {name}"] = value
        states = {agent: state for agent, state in self.presence.items() if state[0] != "signed_out"}
        found["agents per state"] = dict(Counter(state for state, _, _ in states.values()))
        found["after a decline"] = sum(state == "wrap_up" and why == "declined" for state, _, why in states.values())
        for agent, (state, at, _) in states.items():
            found[f"{agent}: state"] = (state, second(at))
            found[f"{agent}: day"] = self._day(agent, now, midnight)
        for call, one in self.talks.items():
            so_far = (second(one.at), second(one.held_at), self.holds[call], self.transfers[call])
            found[f"{call}: talk"] = (one.agent, *so_far)
        for (call, number), stay in self.in_line().items():
            found[f"{call}: waits"] = (second(stay.queued_at), second(stay.entered_at), self.came_back[call, number])
        found["open callbacks"] = sorted(row.id for row in promises)
        found["open messages"] = self._open_messages()
        return found

    def in_line(self) -> dict[tuple[str, int], Stay]:
        """Callers who wait, an agent rings or not."""
        waits = {place: stay for place, stay in self.stays.items() if stay.outcome is None and place[0][:3] != TRY}
        return {place: stay for place, stay in waits.items() if self.in_line_now(place[0])}

    def _queue(self, topic: Topic, now: datetime, midnight: datetime, promises: list[Any]) -> Mapping[str, Any]:
        rung = set(self.ringing.values())
        waits = [one for place, one in self.in_line().items() if one.topic == topic.id and place not in rung]
        tries = [row.queued_at for row in promises if row.topic == topic.id and self._in_line(row)]
        first = min([*(one.queued_at for one in waits), *tries], default=None)
        able = [
            self.presence[name][0]
            for name, skills in self.skills.items()
            if name in self.presence and all(skills.get(one, 0) > 0 for one in topic.skills)
        ]
        own = [one for (call, _), one in self.stays.items() if one.topic == topic.id and call[:3] != TRY]
        day = [one for one in own if one.entered_at >= midnight]
        quarter = [one for one in own if one.over_at and one.over_at >= now - QUARTER]
        hour = [one for one in own if one.over_at and one.over_at >= now - HOUR]
        waiting = [row for row in promises if row.topic == topic.id and row.state in ("requested", "due", "reserving")]
        return {
            "waiting": len(waits) + len(tries),
            "first in line": second(first),
            "free": able.count("available"),
            "on the line": sum(state in WORKING for state in able),
            "signed in": sum(state != "signed_out" for state in able),
            "offered": len(day),
            "answered": sum(one.outcome is Outcome.ANSWERED for one in day),
            "abandoned": sum(lost(one, topic) for one in day),
            "short": sum(brief(one, topic) for one in day),
            "level": level(day, topic),
            "level 15": level(quarter, topic),
            "level 60": level(hour, topic),
            "answered 15": sum(one.outcome is Outcome.ANSWERED for one in quarter),
            "abandoned 15": sum(lost(one, topic) for one in quarter),
            "depth": depth(own, now),
            "level strict": strict(day, topic, now),
            "asa": asa(day),
            "last hour": sum(one.entered_at >= now - HOUR for one in own),
            "unheard": self.messages[topic.id],
            "callbacks due": sum(row.due_at <= now for row in waiting),
            "callbacks late": sum((row.promised_to or row.due_at) < now - LATE for row in waiting),
        }

    def _promises(self) -> list[Any]:
        with reading(self.engine) as connection:
            return [row for row in connection.execute(sa.select(callbacks)) if row.state != "closed"]

    def _in_line(self, row: Any) -> bool:
        """A try that nobody was offered yet."""
        call = f"{TRY}{row.id}-{row.attempts}"
        return row.state == "reserving" and all(place[0] != call for place in self.by_offer.values())

    def _open_messages(self) -> dict[str, int]:
        with reading(self.engine) as connection:
            done = Counter(row.topic for row in connection.execute(sa.select(message_box)) if row.status == "answered")
        return dict(self.messages - done)

    def _day(self, agent: str, now: datetime, midnight: datetime) -> tuple[int, float | None, int, float | None]:
        """Talks, mean handle time in seconds, offers that lapsed, share of the last hour's work that was not waiting."""
        own = {place: one for place, one in self.stays.items() if one.agent == agent and one.over_at}
        own = {place: one for place, one in own.items() if one.over_at and one.over_at >= midnight}
        done = [(one, self.wrapped[place]) for place, one in own.items() if place in self.wrapped and one.ended_at]
        handled = [(wrapped - one.over_at).total_seconds() for one, wrapped in done if one.over_at]
        state, since, _ = self.presence[agent]
        spans = [span for span in self.spans if span[0] == agent] + [(agent, state, since, now)]
        parts = [(of, (min(end, now) - max(start, now - HOUR)).total_seconds()) for _, of, start, end in spans]
        ready = sum(spent for of, spent in parts if of in AT_WORK and spent > 0)
        busy = sum(spent for of, spent in parts if of in BUSY and spent > 0)
        mean = round(sum(handled) / len(handled), 1) if handled else None
        return len(own), mean, self.missed[agent], round(busy / ready, 2) if ready else None


TAKES: Mapping[type[Fact], Callable[[SecondRoad, Any], None]] = {
    facts.SegmentStarted: SecondRoad._started,
    facts.SegmentEnded: SecondRoad._left,
    facts.OfferMade: SecondRoad._offered,
    facts.OfferEnded: SecondRoad._offer_over,
    facts.Answered: SecondRoad._answered,
    facts.TalkOver: SecondRoad._talk_over,
    facts.CallEnded: SecondRoad._call_over,
    HoldStarted: SecondRoad._held,
    HoldEnded: SecondRoad._taken_back,
    Transferred: SecondRoad._given_away,
    facts.Disposed: SecondRoad._wrapped_up,
    facts.MessageLeft: SecondRoad._message,
    facts.PresenceChanged: SecondRoad._changed,
}


def second(at: datetime | None) -> float | None:
    """To a tenth: stores keep milliseconds."""
    return None if at is None else round(at.timestamp(), 1)


def wait(stay: Stay) -> timedelta:
    assert stay.over_at is not None
    return stay.over_at - stay.entered_at


def brief(stay: Stay, topic: Topic) -> bool:
    return stay.outcome is Outcome.ABANDONED and wait(stay) < topic.short_abandon


def lost(stay: Stay, topic: Topic) -> bool:
    return stay.outcome in GONE and not brief(stay, topic)


def level(stays: list[Stay], topic: Topic) -> tuple[int, int]:
    """Answered in time, of all who were answered or gave up; short abandons are left out."""
    answered = [one for one in stays if one.outcome is Outcome.ANSWERED]
    return sum(wait(one) <= topic.service_level for one in answered), len(answered) + sum(
        lost(one, topic) for one in stays
    )


def strict(stays: list[Stay], topic: Topic, now: datetime) -> tuple[int, int]:
    """Of all who joined but short abandons: those who were called back count, and those who wait longer than they should."""
    in_time = sum(one.outcome is Outcome.ANSWERED and wait(one) <= topic.service_level for one in stays)
    over = [one for one in stays if one.outcome is not None and not brief(one, topic)]
    late = [one for one in stays if one.outcome is None and now - one.entered_at > topic.service_level]
    return in_time, len(over) + len(late)


def asa(stays: list[Stay]) -> float | None:
    waits = [wait(one).total_seconds() for one in stays if one.outcome is Outcome.ANSWERED]
    return sum(waits) / len(waits) if waits else None


def depth(stays: list[Stay], now: datetime) -> tuple[int, float]:
    """The most who waited at once within the last hour, and how many on average."""
    start = now - HOUR
    spans = [(max(one.entered_at, start), min(one.over_at or now, now)) for one in stays]
    spans = [(came, left) for came, left in spans if came < left]
    peak = max((sum(came <= at < left for came, left in spans) for at, _ in spans), default=0)
    waited = sum((left - came).total_seconds() for came, left in spans)
    return peak, round(waited / HOUR.total_seconds(), 1)


@dataclass
class Differences:
    """How long each figure has differed."""

    since: dict[str, int] = field(default_factory=dict)
    oldest: Counter[str] = field(default_factory=Counter)
    """Most seconds that each figure differed on end."""
    looks: int = 0

    def look(self, at: int, board: Mapping[str, Any], road: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """Figures that differ now, for longer than is allowed."""
        names = board.keys() | road.keys()
        self.looks += len(names)
        self.since = {name: since for name, since in self.since.items() if name in names}
        for name in names:
            if near(board.get(name), road.get(name)):
                self.since.pop(name, None)
            else:
                self.oldest[name] = max(self.oldest[name], at - self.since.setdefault(name, at) + 1)
        return [(name, board.get(name), road.get(name)) for name in self.since]

    def older_than(self, seconds: int, at: int) -> list[str]:
        return [name for name, since in self.since.items() if at - since + 1 > seconds]


def near(one: Any, other: Any) -> bool:
    """Equal, or apart by rounding."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 0.21
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    return bool(one == other)
