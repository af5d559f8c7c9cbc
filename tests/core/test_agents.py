"""Every presence answers every event; late words change nothing; nobody is ever left in a call that is over."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.core.agents import (
    Accepted,
    Agent,
    AgentEvent,
    CalledOut,
    ConsoleClosed,
    FoundTalking,
    HeardFrom,
    LostSight,
    MoreTime,
    NoAnswer,
    Offered,
    Presence,
    Released,
    SignedIn,
    SignedOut,
    TalkEnded,
    WentOnBreak,
    WentReady,
    WrappedUp,
)
from ivr.core.ids import AgentId, CallId, OfferId
from ivr.core.presence import BACK_WITHIN, EVENTS, LOST, RULES, SIGNED_IN, advance

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
P = Presence


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def signed_in(seconds=0.0, **changes):
    return SignedIn(at=at(seconds), **{"skills": {"billing": 3}, "languages": {"en": 5}, **changes})


def offered(seconds=10.0, offer="1"):
    return Offered(at=at(seconds), offer=OfferId(offer), call=CallId("CA1"), topic="billing")


def accepted(seconds=15.0, offer="1"):
    return Accepted(at=at(seconds), offer=OfferId(offer))


def released(seconds=20.0, offer="1", **how):
    return Released(at=at(seconds), offer=OfferId(offer), **how)


def no_answer(seconds=25.0, offer="1"):
    return NoAnswer(at=at(seconds), offer=OfferId(offer))


def talk_ended(seconds=60.0, offer="1", wrap_up=30.0):
    return TalkEnded(at=at(seconds), offer=OfferId(offer), wrap_up_until=at(seconds + wrap_up))


def declined(seconds=12.0, offer="1"):
    return TalkEnded(at=at(seconds), offer=OfferId(offer), wrap_up_until=at(seconds + 10), reason="declined")


def ready(seconds=1.0):
    return WentReady(at=at(seconds))


def lunch(seconds=17.0):
    return WentOnBreak(at=at(seconds), reason="lunch")


def after(*events: AgentEvent, agent: Agent | None = None) -> Agent:
    agent = agent or Agent(id=AgentId("ana"), since=NOON, idle_since=NOON)
    for event in events:
        agent = advance(agent, event)
    return agent


FREE = (signed_in(), ready())
RINGING = (*FREE, offered())
TALKING = (*RINGING, accepted())
WRAPPING = (*TALKING, talk_ended())


def test_the_table_covers_every_presence_and_event():
    assert set(RULES) == {(presence, event) for presence in Presence for event in AgentEvent.__subclasses__()}
    assert set(EVENTS) == set(AgentEvent.__subclasses__())


@pytest.mark.parametrize(
    ("events", "presence", "reason"),
    [
        ((signed_in(),), P.BREAK, SIGNED_IN),
        (FREE, P.AVAILABLE, ""),
        ((*FREE, lunch()), P.BREAK, "lunch"),
        ((*FREE, SignedOut(at=at(2))), P.SIGNED_OUT, ""),
        (RINGING, P.RESERVED, ""),
        ((*RINGING, released()), P.AVAILABLE, ""),
        ((*RINGING, no_answer()), P.MISSED, ""),
        ((*RINGING, no_answer(), ready(30)), P.AVAILABLE, ""),
        ((*RINGING, lunch(), released()), P.BREAK, "lunch"),
        ((*RINGING, lunch(), no_answer()), P.BREAK, "lunch"),
        ((*RINGING, SignedOut(at=at(11)), released()), P.SIGNED_OUT, ""),
        ((*RINGING, declined()), P.WRAP_UP, "declined"),
        ((*RINGING, declined(), WrappedUp(at=at(22))), P.AVAILABLE, ""),
        ((*RINGING, declined(), lunch(), WrappedUp(at=at(22))), P.BREAK, "lunch"),
        (TALKING, P.ON_CALL, ""),
        ((*TALKING, released()), P.AVAILABLE, ""),
        ((*TALKING, no_answer()), P.MISSED, ""),
        (WRAPPING, P.WRAP_UP, ""),
        ((*WRAPPING, WrappedUp(at=at(90))), P.AVAILABLE, ""),
        ((*TALKING, talk_ended(wrap_up=0)), P.AVAILABLE, ""),
        ((*TALKING, lunch(), talk_ended(), WrappedUp(at=at(90))), P.BREAK, "lunch"),
        ((*TALKING, lunch(), ready(18), talk_ended(), WrappedUp(at=at(90))), P.AVAILABLE, ""),
        ((*WRAPPING, SignedOut(at=at(61)), WrappedUp(at=at(90))), P.SIGNED_OUT, ""),
        ((*FREE, LostSight(at=at(5))), P.AWAY, ""),
        ((*FREE, LostSight(at=at(5)), HeardFrom(at=at(9))), P.AVAILABLE, ""),
        ((*FREE, LostSight(at=at(5)), HeardFrom(at=at(5) + 2 * BACK_WITHIN)), P.BREAK, LOST),
        ((*FREE, lunch(), LostSight(at=at(20)), HeardFrom(at=at(999))), P.BREAK, "lunch"),
        ((*TALKING, LostSight(at=at(20))), P.ON_CALL, ""),
        ((*TALKING, LostSight(at=at(20)), talk_ended(), WrappedUp(at=at(90))), P.AWAY, ""),
        ((*TALKING, LostSight(at=at(20)), HeardFrom(at=at(25)), released(30)), P.AVAILABLE, ""),
        ((*RINGING, LostSight(at=at(12))), P.AWAY, ""),
        ((*RINGING, LostSight(at=at(12)), HeardFrom(at=at(14))), P.RESERVED, ""),
        ((*RINGING, LostSight(at=at(12)), released()), P.AWAY, ""),
        ((*RINGING, LostSight(at=at(12)), released(), HeardFrom(at=at(22))), P.AVAILABLE, ""),
        ((*RINGING, LostSight(at=at(12)), SignedOut(at=at(13)), released()), P.SIGNED_OUT, ""),
        ((*RINGING, LostSight(at=at(12)), accepted(), talk_ended(), WrappedUp(at=at(90))), P.AWAY, ""),
    ],
)
def test_a_day_of_an_agent(events, presence, reason):
    agent = after(*events)

    assert (agent.presence, agent.reason) == (presence, reason)


@pytest.mark.parametrize("before", [RINGING, TALKING, WRAPPING, (*RINGING, LostSight(at=at(12)))])
@pytest.mark.parametrize(
    "late", [offered(70, "2"), accepted(70, "2"), released(70, "2"), no_answer(70, "2"), talk_ended(70, "2")]
)
def test_an_event_that_names_another_offer_changes_nothing(before, late):
    assert after(*before, late) == after(*before)


@pytest.mark.parametrize("before", [(), FREE, (*FREE, lunch()), (*RINGING, released()), (*RINGING, no_answer())])
@pytest.mark.parametrize("late", [accepted(70), released(70), no_answer(70), talk_ended(70), WrappedUp(at=at(70))])
def test_an_event_of_an_offer_that_is_over_changes_nothing(before, late):
    assert after(*before, late) == after(*before)


def test_what_an_agent_asked_for_twice_happens_once():
    for events in (FREE, (*FREE, lunch()), TALKING, WRAPPING):
        last = events[-1]
        assert after(*events, replace(last, at=at(500))) == after(*events)


def test_signing_in_again_takes_over_skills_and_leaves_the_presence():
    agent = after(*TALKING, signed_in(20, skills={"refunds": 1}))

    assert (agent.presence, agent.skills) == (P.ON_CALL, {"refunds": 1})


def test_a_telephone_agent_has_no_heartbeat():
    assert after(signed_in(phone="+34911234567")).seen is None
    assert after(signed_in()).seen == NOON
    assert after(signed_in(), HeardFrom(at=at(3))).seen == at(3)


@pytest.mark.parametrize(
    ("events", "idle_s"),
    [
        (FREE, 1),
        ((*FREE, lunch(), ready(500)), 1),
        ((*RINGING, released()), 1),
        ((*RINGING, released(keeps_place=False)), 20),
        ((*RINGING, no_answer(), ready(40)), 40),
        ((*WRAPPING, WrappedUp(at=at(90))), 90),
        ((*FREE, LostSight(at=at(5)), HeardFrom(at=at(9))), 1),
    ],
)
def test_the_idle_line_counts_from_the_last_work(events, idle_s):
    assert after(*events).idle_since == at(idle_s)


def test_wrap_up_gets_longer_never_shorter():
    longer = after(*WRAPPING, MoreTime(at=at(61), until=at(150)))

    assert longer.wrap_up_until == at(150)
    assert after(MoreTime(at=at(62), until=at(70)), agent=longer) == longer
    assert after(WrappedUp(at=at(100)), agent=longer).wrap_up_until is None


def test_a_hundred_thousand_random_events_leave_nobody_in_two_calls_or_stuck():
    """Whatever happens in whatever order: an offer is held exactly in the presences that have one."""
    rng = random.Random(20260302)
    agent = after()
    offers = 0
    for step in range(100_000):
        kind = rng.choice(EVENTS)
        offer = OfferId(str(rng.choice((offers, offers - 1))))
        if kind in (Offered, FoundTalking):
            offers += 1
            offer = OfferId(str(offers))
        agent = advance(agent, event_of(kind, at(step), offer))
        holds = agent.offer is not None
        assert holds == (agent.call is not None)
        assert holds or agent.presence not in (P.RESERVED, P.ON_CALL, P.WRAP_UP)
        assert not holds or agent.presence in (P.RESERVED, P.ON_CALL, P.WRAP_UP, P.AWAY)
        assert (agent.wrap_up_until is not None) == (agent.presence is P.WRAP_UP)
        held = agent.offer or OfferId("none")
        way_out = (released(step + 1, held), WrappedUp(at=at(step + 1)), SignedOut(at=at(step + 2)))
        assert after(*way_out, agent=agent).presence is P.SIGNED_OUT


def event_of(kind: type[AgentEvent], when: datetime, offer: OfferId) -> AgentEvent:
    about: dict[type[AgentEvent], dict[str, object]] = {
        SignedIn: {"skills": {}, "languages": {}},
        **{
            named: {"offer": offer, "call": CallId("CA1"), "topic": "billing"}
            for named in (Offered, FoundTalking, CalledOut)
        },
        TalkEnded: {"offer": offer, "wrap_up_until": when + timedelta(seconds=30)},
        MoreTime: {"until": when + timedelta(seconds=60)},
        ConsoleClosed: {"console": ""},
        **{named: {"offer": offer} for named in (Accepted, Released, NoAnswer)},
    }
    return kind(at=when, **about.get(kind, {}))
