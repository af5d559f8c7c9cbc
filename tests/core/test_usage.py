"""What a call uses at the carrier, counted by hand, and what a price list makes of it; peaks against a slower count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core import facts
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.peaks import Room, at_once, in_a_row
from ivr.core.records import fold
from ivr.core.transfer_facts import Consulted, Transferred
from ivr.core.usage import Priced, PriceList, Usage, usage_of

ZERO = datetime(2026, 3, 2, 2, tzinfo=UTC)
CALL, ANA, TOPIC = CallId("CA1"), AgentId("ana"), TopicId("transfers")


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def started(kind: str = "number") -> facts.CallStarted:
    return facts.CallStarted(
        at=at(0),
        call=CALL,
        hotline="wallet",
        dialled="+8640012345678",
        kind=kind,
        number="",
        country="CN",
        menu_version="v1",
        language=Language("zh"),
    )


def talk(segment: int, start: float, end: float, *, by_phone: bool = False) -> list[facts.Fact]:
    offer = OfferId(f"o{segment}")
    shared = {"call": CALL, "segment": segment, "offer": offer, "agent": ANA}
    return [
        facts.Answered(at=at(start), topic=TOPIC, by_phone=by_phone, **shared),
        facts.TalkOver(at=at(end), ended_by="agent", **shared),
    ]


def ended(seconds: float) -> facts.CallEnded:
    return facts.CallEnded(at=at(seconds), call=CALL, end=facts.CallEnd.ANSWERED, left="talk", hung_up_by="caller")


def used(*told: facts.Fact) -> Usage:
    return usage_of(fold(CALL, {f"CA1:{n}:0": fact for n, fact in enumerate(told)}), told)


def test_minutes_begun_are_counted_line_by_line():
    # caller 61 s: 2 min; ana's two talks of 30 and 25 s, one in the browser, one on a telephone: 1 min each, two in the room
    told = [started(), *talk(1, 5, 35), *talk(2, 36, 61, by_phone=True), ended(61)]
    told += [facts.CarrierAsked(at=at(n), call=CALL, what="steer") for n in range(3)]
    told += [facts.RecordingKept(at=at(70), call=CALL, recording="RE1", duration_s=55)]
    assert used(*told) == Usage(
        calls=1, caller_minutes=2, dialled_minutes=1, browser_minutes=1, room_minutes=4, recorded_minutes=1, requests=3
    )


def test_a_call_that_we_made_is_a_line_that_we_dialled():
    assert used(started("callback"), *talk(1, 5, 125), ended(120)) == Usage(
        calls=1, dialled_minutes=2, browser_minutes=2, room_minutes=4
    )


def test_houses_are_billed_from_joining_to_leaving_or_to_the_end_of_the_call():
    asked = {"call": CALL, "agent": ANA, "topic": TOPIC, "outside": "bank"}
    joined, left = Consulted(at=at(60), result="joined", **asked), Consulted(at=at(125), result="left", **asked)
    assert used(started(), *talk(1, 5, 200), joined, left, ended(200)).dialled_minutes == 2
    handed = Consulted(at=at(125), result="handed_over", **asked)
    assert used(started(), *talk(1, 5, 126), joined, handed, ended(400)).dialled_minutes == 6
    cold = Transferred(at=at(100), call=CALL, segment=1, agent=ANA, topic=TOPIC, how="outside", outside="bank")
    assert used(started(), *talk(1, 5, 100), cold, ended(161)).dialled_minutes == 2


def test_a_call_that_goes_on_has_no_minutes_yet_and_one_of_no_length_has_one():
    assert used(started()) == Usage(calls=1)
    assert used(started(), ended(0)).caller_minutes == 1


def test_the_cost_of_what_has_no_price_is_not_known():
    prices = PriceList(currency="USD", prices={Priced.CALLER_MINUTE: Decimal("0.0085"), Priced.TEXT: Decimal(0)})
    assert prices.cost(Usage(caller_minutes=3, texts=2)) == Decimal("0.0255")
    assert prices.cost(Usage(caller_minutes=3, browser_minutes=1)) is None
    assert PriceList(prices={}).cost(Usage()) is None


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=30)


@given(drawn=spans)
def test_the_most_lines_at_once_are_those_of_the_fullest_moment(drawn):
    lines = [(at(start), at(start + length)) for start, length in drawn]
    each = [sum(start <= at(second) < end for start, end in lines) for second in range(62)]
    peak = at_once(lines)
    assert peak.most == max(each)
    assert peak.at == (at(each.index(max(each))) if max(each) else None)


@given(drawn=st.lists(st.integers(0, 60), max_size=30))
def test_the_most_new_lines_in_a_row_are_those_of_the_fullest_stretch(drawn):
    each = [sum(start <= second < start + 5 for second in drawn) for start in range(61)]
    assert in_a_row(map(at, drawn)).most == max(each)


@pytest.mark.parametrize(
    ("made", "room"),
    [(1, Room.ENOUGH), (3, Room.ENOUGH), (4, Room.CLOSE), (5, Room.BINDS)],
)
def test_a_limit_is_named_before_it_binds_and_one_line_alone_binds_nothing(made, room):
    moments = [at(second) for second in range(made)]
    assert in_a_row(moments, per_second=1).room is room
    assert in_a_row(moments).room is Room.ENOUGH, "no limit is known"
