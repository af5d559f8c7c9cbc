"""A worked day: calls with every edge that the definitions name, and what each figure of them must be.

The figures were computed by hand, from the list below and the formulas of `docs/reports.md`, not by any code of ours. The
self-check runs these calls through the recording and reporting code of the installation and compares. Berlin, 25 October
2026: the clock is put back at night, so the day has 25 hours and shows the hour from two to three twice. It is 10:00 now.

Between 9:00 and 10:00, T = 20 s, short below 5 s; waits of the stays for `first`:

    answered   3 · 20 (in time) · 20.001 (late) · 45 (one agent did not answer: the same stay) · 180 (by law in time, then
               transferred to `second`) · 181 (wrap-up still lasts)                                      A = 6, A_T = 2
    abandoned  4.9 (short) · 5 (not short) · 20 (an agent's phone rang) · 60 (accepted, but gone before both were in the room)
    flow-out   callback 15 · message 70 · overflow 300 · closed 30
    dropped    by us 10                                                                 B = 4 + 1, B_s = 1, B_T = 3
    waiting    21 s · 20 s (undecided)                                                  O = 6 + 4 + 4 + 1 + 2 = 17, 16 decided

A caller who hung up in the menu, and a promised callback that was kept, are no stays. `second`: the transferred caller,
answered after 8 s. `night`: two callers at half past two, one before and one after the clock went back, and one who
joined ten seconds before the day began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ivr.core import facts
from ivr.core.facts import CallEnd, Fact, Outcome
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.transfer_facts import HoldEnded, HoldStarted

ZONE = "Europe/Berlin"
HOTLINE = "worked"
NINE = datetime(2026, 10, 25, 8, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
"""Now."""
MIDNIGHT = datetime(2026, 10, 24, 22, tzinfo=UTC)
FIRST, SECOND, NIGHT = TopicId("first"), TopicId("second"), TopicId("night")
AGENT = AgentId("worked")


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Stayed:
    """One line of the list."""

    at: datetime
    wait: float | None
    """None: still waiting."""
    outcome: Outcome | None = None
    topic: TopicId = FIRST
    talk: float = 0
    hold: float = 0
    wrap: float | None = 0
    """None: wrap-up still lasts."""
    rung: tuple[str, ...] = ()
    """Offers before the last one, by their result."""
    then: tuple[TopicId, float] | None = None
    """Transferred to this topic, and answered there after so many seconds."""


def _at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


ANSWERED, GONE = Outcome.ANSWERED, Outcome.ABANDONED
LIST: Sequence[Stayed] = (
    Stayed(at=_at(1), wait=3, outcome=ANSWERED, talk=60),
    Stayed(at=_at(2), wait=20, outcome=ANSWERED, talk=100, hold=30, wrap=20),
    Stayed(at=_at(3), wait=20.001, outcome=ANSWERED, talk=40, wrap=10),
    Stayed(at=_at(4), wait=45, outcome=ANSWERED, talk=120, wrap=30, rung=("lapsed",)),
    Stayed(at=_at(5), wait=180, outcome=ANSWERED, talk=50, wrap=10, then=(SECOND, 8)),
    Stayed(at=_at(6), wait=181, outcome=ANSWERED, talk=30, wrap=None),
    Stayed(at=_at(10), wait=4.9, outcome=GONE),
    Stayed(at=_at(11), wait=5, outcome=GONE),
    Stayed(at=_at(12), wait=20, outcome=GONE, rung=("cancelled",)),
    Stayed(at=_at(13), wait=60, outcome=GONE, rung=("accepted",)),
    Stayed(at=_at(20), wait=15, outcome=Outcome.CALLBACK),
    Stayed(at=_at(21), wait=70, outcome=Outcome.MESSAGE),
    Stayed(at=_at(22), wait=300, outcome=Outcome.OVERFLOW),
    Stayed(at=_at(23), wait=30, outcome=Outcome.CLOSED),
    Stayed(at=_at(24), wait=10, outcome=Outcome.DROPPED),
    Stayed(at=TEN - _s(21), wait=None),
    Stayed(at=TEN - _s(20), wait=None),
    Stayed(at=MIDNIGHT - _s(10), wait=20, outcome=ANSWERED, topic=NIGHT),
    Stayed(at=MIDNIGHT + timedelta(hours=2, minutes=30), wait=10, outcome=ANSWERED, topic=NIGHT),
    Stayed(at=MIDNIGHT + timedelta(hours=3, minutes=30), wait=10, outcome=ANSWERED, topic=NIGHT),
)


def told() -> Iterator[tuple[CallId, Sequence[Fact]]]:
    """What the service would have noted: each call with its facts."""
    for number, line in enumerate(LIST):
        call = CallId(f"CAworked{number:02d}")
        yield call, list(_call(call, line))
    menu = CallId("CAworkedmenu")
    yield (
        menu,
        [
            _started(menu, _at(30)),
            facts.CallEnded(at=_at(31), call=menu, end=CallEnd.LEFT_MENU, left="", hung_up_by="caller"),
        ],
    )
    kept = CallId("cb-worked")
    yield kept, list(_call(kept, Stayed(at=_at(40), wait=2, outcome=ANSWERED, talk=5)))


def _started(call: CallId, at: datetime) -> Fact:
    return facts.CallStarted(
        at=at,
        call=call,
        hotline=HOTLINE,
        dialled="",
        kind="withheld",
        number="",
        country="",
        menu_version="",
        language=Language("en"),
    )


def _call(call: CallId, line: Stayed) -> Iterator[Fact]:
    yield _started(call, line.at - _s(1))
    yield from _stay(call, 1, line, "transfer" if line.then else "agent")
    if line.then:
        topic, wait = line.then
        gone = line.at + _s((line.wait or 0) + line.talk + line.hold)
        second = Stayed(at=gone, wait=wait, outcome=ANSWERED, topic=topic, talk=90, hold=10, wrap=20)
        yield from _stay(call, 2, second, "agent", cause="transfer")


def _stay(call: CallId, segment: int, line: Stayed, ended_by: str, *, cause: str = "") -> Iterator[Fact]:
    yield facts.SegmentStarted(
        at=line.at, call=call, segment=segment, topic=line.topic, path=(), language=Language("en"), priority=0,
        queued_at=line.at, cause=cause,
    )  # fmt: skip
    for tried, result in enumerate(line.rung):
        offer = OfferId(f"{call}-{segment}-{tried}")
        yield facts.OfferMade(at=line.at, call=call, segment=segment, offer=offer, agent=AGENT, topic=line.topic)
        yield facts.OfferEnded(at=line.at + _s(15), call=call, offer=offer, agent=AGENT, result=result)
    if line.wait is None or line.outcome is None:
        return
    left = line.at + _s(line.wait)
    if line.outcome is not Outcome.ANSWERED:
        yield facts.SegmentEnded(at=left, call=call, segment=segment, outcome=line.outcome)
        return
    offer = OfferId(f"{call}-{segment}")
    over = left + _s(line.talk + line.hold)
    yield facts.Answered(at=left, call=call, segment=segment, offer=offer, agent=AGENT, topic=line.topic)
    yield facts.SegmentEnded(at=left, call=call, segment=segment, outcome=line.outcome)
    if line.hold:
        yield HoldStarted(at=left + _s(1), call=call, segment=segment, agent=AGENT)
        yield HoldEnded(at=left + _s(1 + line.hold), call=call, segment=segment, agent=AGENT)
    yield facts.TalkOver(at=over, call=call, segment=segment, offer=offer, agent=AGENT, ended_by=ended_by)
    if line.wrap is not None:
        yield facts.Disposed(at=over + _s(line.wrap), call=call, offer=offer, agent=AGENT, disposition="solved")


# ---- by hand ---------------------------------------------------------------------------------------------------

SHARES: Mapping[str, tuple[int, int]] = {
    "service_level_v1": (2, 6),
    "service_level_v2": (2, 16),
    "service_level_v3": (2, 11),
    "service_level_v4": (2, 10),
    "service_level_v5": (2, 8),
    "service_level_v6": (5, 11),
    "service_level_v7": (3, 11),
    "service_level_v8": (2, 15),
    "service_level_v9": (2, 12),
    "abandon_rate_all": (5, 17),
    "abandon_rate": (4, 16),
    "abandon_rate_of_ended": (4, 10),
    "legal_answer": (5, 15),
    "transferred_in": (0, 17),
    "transferred_out": (1, 6),
}
"""Of `first`, 9:00 to 10:00. v9: beyond T are 4 answered, 1 abandoned, 3 flow-outs, 1 waiting; with 2 + 1 in time: 12."""
COUNTS: Mapping[str, int] = {
    "offered": 17, "answered": 6, "handled": 5, "abandoned": 4, "short_abandoned": 1, "flow_out": 4, "dropped": 1, "waiting": 2,
}  # fmt: skip
SECONDS: Mapping[str, float] = {
    "asa_s": 449.001 / 6,  # 3 + 20 + 20.001 + 45 + 180 + 181
    "p50_s": 21,  # the 3rd of 6 is 20.001, rounded up
    "p80_s": 180,  # 4.8, so the 5th
    "p90_s": 181,  # 5.4, so the 6th
    "p95_s": 181,
    "p50_any_s": 21,  # the 8th of 15: 3 4.9 5 10 15 20 20 20.001 30 45 60 70 180 181 300
    "p90_any_s": 181,  # 13.5, so the 14th
    "to_abandon_s": 89.9 / 4,
    "to_abandon_long_s": 85 / 3,
    "longest_s": 181,
    "longest_abandoned_s": 60,
    "longest_any_s": 300,
    "handle_time_s": 94,  # (60 + 150 + 50 + 150 + 60) / 5
    "hold_s": 6,  # 30 / 5 handled
    "hold_of_held_s": 30,
}
ALL: Mapping[str, tuple[int, int]] = {"service_level_v4": (3, 11), "abandon_rate": (4, 17), "transferred_in": (1, 18)}
"""Of `first` and `second` together."""
ALL_ASA_S = 457.001 / 7
NIGHTS: Mapping[str, int] = {"2026-10-25 02:00 +02:00": 1, "2026-10-25 02:00 +01:00": 1}
"""Callers of `night` by hour of the day that has 25."""
NIGHT_ARRIVED, NIGHT_ANSWERED = 2, 3
"""On the 25th: joined, and (by event) answered."""
