"""The rules of a call, one event at a time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.core import facts
from ivr.core.agents import (
    Accepted,
    Agent,
    HeardFrom,
    LostSight,
    NoAnswer,
    Presence,
    Released,
    SignedIn,
    SignedOut,
    TalkEnded,
    WentOnBreak,
    WentReady,
    WrappedUp,
)
from ivr.core.agents import Offered as AgentOffered
from ivr.core.calls import EVENTS, RULES, State, advance
from ivr.core.events import (
    AgentEnded,
    AgentJoined,
    AgentLost,
    Caller,
    CallerKind,
    CallerLeft,
    Event,
    LegAsked,
    LegCreated,
    LegFound,
    LineRenewed,
    Matched,
    MessageRecorded,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
    OutsideDialled,
    RoomAsked,
    RoomEmptied,
    RoomLeft,
    StepAsked,
    TimeUp,
    TurnAsked,
)
from ivr.core.house_events import HouseAsked, HouseDialled, HouseGone, HouseJoined, HouseRung
from ivr.core.ids import AgentId, LegId, OfferId, TopicId
from ivr.core.instructions import (
    Alarm,
    DialOut,
    EndLeg,
    Gather,
    GoOn,
    HangUp,
    JoinRoom,
    MoveCaller,
    RecordMessage,
    RingBrowser,
    RingPhone,
    SendText,
    StopRinging,
    WakeAt,
)
from ivr.core.presence import advance as agent_advance
from ivr.core.queues import Lane
from ivr.core.room_events import (
    CallbackOffered,
    CallMoved,
    CallRaised,
    PutDown,
    VisitAsked,
    VisitChanged,
    VisitorJoined,
    VisitorLeft,
)
from ivr.core.session import CallSession, Step
from ivr.core.transfer_events import (
    ConsultAsked,
    ConsultOver,
    ConsultRefused,
    HandedOver,
    HoldAsked,
    PassedOn,
    TransferAsked,
)
from ivr.core.visitors import Mode
from ivr.core.waiting import tells_place
from tests.builders import CALL, START, after, arrived, heard, started, tree

AGENT, OFFER, LEG = AgentId("a1"), OfferId("0001"), LegId("CA" + "f" * 32)
RETURN_OVER = TimeUp(at=START + timedelta(seconds=68), alarm=Alarm.RETURN, ref=OFFER)
"""Nobody came back to the talk."""


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def keys(pressed: str, seconds: float = 1, **more: bool) -> StepAsked:
    return StepAsked(at=at(seconds), keys=pressed, **more)


def queued() -> CallSession:
    """In line, and the first turn heard."""
    return after(started()[0], keys("2"), TurnAsked(at=at(1))).session


def offered(phone: str = "browser") -> CallSession:
    return after(queued(), Matched(at=at(2), offer=OFFER, agent=AGENT, phone=phone)).session


def connecting(phone: str = "browser") -> CallSession:
    return after(offered(phone), OfferAccepted(at=at(5), offer=OFFER, agent=AGENT)).session


def connected(phone: str = "browser") -> CallSession:
    return after(
        connecting(phone), AgentJoined(at=at(6), offer=OFFER, leg=LEG), RoomAsked(at=at(7), offer=OFFER)
    ).session


def kinds(step: Step) -> list[str]:
    return [type(fact).__name__ for fact in step.facts]


def test_every_state_answers_every_event():
    assert set(RULES) == {(state, event) for state in State for event in EVENTS}


def test_chinese_mobile_is_greeted_in_chinese_and_withheld_number_in_the_default():
    assert "[hello:zh]" in heard(started()[1])
    withheld = arrived(caller=Caller(kind=CallerKind.WITHHELD))
    assert "[hello:en]" in heard(started(withheld)[1])


def test_remembered_language_wins_over_the_country():
    remembered = replace(arrived(), language="en")
    assert "[main:en]" in heard(started(remembered)[1])


def test_greeting_and_menu_are_one_collector_so_a_key_cuts_both_off():
    _, step = started()
    (gather,) = step.instructions
    assert isinstance(gather, Gather)
    assert [sound.text for sound in gather.sounds] == ["[hello:zh]", "[main:zh]"]
    assert gather.finish == ""
    assert gather.digits == 1


def test_two_silences_lead_to_a_person_and_never_to_a_hang_up():
    session, _ = started()
    first = after(session, keys(""))
    assert "[no_input_1:zh] [main:zh]" in heard(first)
    second = after(first.session, keys(""))
    assert second.session.state is State.QUEUED
    assert "[no_input_2:zh]" in heard(second)


def test_silence_and_unknown_keys_are_counted_apart():
    # In this menu every digit but 0 and 9 is used; a menu below has a free one.
    sub = after(started()[0], keys("7"))
    assert after(sub.session, keys("5"), keys("")).session.state is State.MENU
    assert after(sub.session, keys("5"), keys("5")).session.state is State.QUEUED


def test_success_forgets_failures():
    session = after(started()[0], keys("")).session
    session = after(session, keys("7"), keys("*")).session
    assert after(session, keys("")).session.state is State.MENU


def test_zero_reaches_a_person_everywhere_nine_repeats_star_goes_back():
    sub = after(started()[0], keys("7"))
    assert sub.session.path == ("more",)
    assert "[info:zh]" in heard(after(sub.session, keys("9")))
    back = after(sub.session, keys("*"))
    assert "[main:zh]" in heard(back)
    assert back.session.path == ()
    assert "[already_top:zh] [main:zh]" in heard(after(back.session, keys("*")))
    assert after(sub.session, keys("0")).session.state is State.QUEUED


def test_eight_switches_the_language_and_the_fact_says_so():
    step = after(started()[0], keys("8"))
    assert "[main:en]" in heard(step)
    assert "LanguageChosen" in kinds(step)


def test_hash_slows_speech_down():
    step = after(started()[0], keys("#"))
    gather = step.instructions[0]
    assert isinstance(gather, Gather)
    assert all(sound.slow for sound in gather.sounds)
    assert gather.timeout_s == 10


def test_topic_path_and_answers_are_kept():
    session = after(started()[0], keys("7"), keys("1")).session
    assert session.path == ("more", "late")
    assert session.answers == {"when": "today"}


def test_entered_digits_are_read_back_and_kept_after_one():
    asked = after(started()[0], keys("3"), keys("1234"))
    assert "[case_ok:zh]" in heard(asked)
    assert after(asked.session, keys("2")).session.node == "case"
    assert after(asked.session, keys("1")).session.answers == {"case": "1234"}


def test_lone_hash_skips_and_silence_repeats():
    session = after(started()[0], keys("3")).session
    assert after(session, keys("", finished=True)).session.state is State.QUEUED
    assert after(session, keys("")).session.node == "case"


def test_text_message_goes_to_the_callers_own_number():
    step = after(started()[0], keys("4"))
    (order,) = step.orders
    assert isinstance(order, SendText)
    assert order.number == "+8613800138000"
    assert step.session.state is State.ENDED
    assert step.facts[-1] == facts.CallEnded(
        at=at(1), call=CALL, end=facts.CallEnd.SELF_SERVED, left="end", hung_up_by="service"
    )


def test_closed_desk_takes_a_message():
    step = after(started()[0], keys("5"))
    assert "[closed:zh]" in heard(step)
    assert isinstance(step.instructions[-1], RecordMessage)
    done = after(step.session, MessageRecorded(at=at(9), duration_s=7, recording="RE1"))
    assert "[done:zh]" in heard(done)
    assert isinstance(done.instructions[-1], HangUp)
    assert [f.end for f in done.facts if isinstance(f, facts.CallEnded)] == [facts.CallEnd.VOICEMAIL]


def test_outside_number_that_does_not_answer_leads_on():
    step = after(started()[0], keys("6"))
    assert isinstance(step.instructions[-1], DialOut)
    assert after(step.session, OutsideDialled(at=at(30), answered=False)).session.state is State.VOICEMAIL
    done = after(step.session, OutsideDialled(at=at(30), answered=True))
    assert [f.end for f in done.facts if isinstance(f, facts.CallEnded)] == [facts.CallEnd.TRANSFERRED]


def test_joining_sets_rank_words_and_alarms():
    step = after(started()[0], keys("2"))
    assert step.seek
    assert step.session.demand is not None
    assert step.session.demand.lane is Lane.ORDINARY
    assert {wake.alarm for wake in step.wake_ups if wake.at} >= {
        Alarm.RELAX,
        Alarm.OVERFLOW,
        Alarm.CEILING,
        Alarm.PULSE,
    }
    goes_on = step.instructions[-1]
    assert isinstance(goes_on, GoOn)
    assert goes_on.link.door == "wait"
    first = after(step.session, TurnAsked(at=at(1)))
    assert "[enter:zh]" in heard(first)
    gather = first.instructions[-1]
    assert isinstance(gather, Gather)
    assert gather.link.queued_ms == round(at(1).timestamp() * 1000)


def test_priority_hundred_is_the_critical_lane():
    session = after(started()[0], keys("1")).session
    assert session.demand is not None
    assert session.demand.lane is Lane.CRITICAL


def test_waiting_words_come_in_their_rhythm():
    session = queued()
    said: list[tuple[int, str]] = []
    for turn in range(1, 30):
        step = after(session, TurnAsked(at=at(1 + turn * 15), position=3, estimate_s=200.0))
        session = step.session
        if words := heard(step):
            said.append((turn * 15, words))
    assert [when for when, _ in said] == [30, 60, 120, 180, 240, 330, 420]
    assert "[prepare:zh]" in said[0][1]
    assert [("[options:zh]" in words) for _, words in said[1:]] == [True, False, True, False, True, False]


def test_a_turn_that_tells_no_place_is_the_same_whatever_is_known_of_the_queue():
    session = queued()
    told = []
    for turn in range(1, 40):
        when = at(1 + turn * 15)
        known = after(session, TurnAsked(at=when, position=3, estimate_s=200.0, estimator="ql", estimates={"ql": 200}))
        if tells_place(session, when):
            told.append(turn * 15)
        else:
            assert known == after(session, TurnAsked(at=when))
        session = known.session
    assert told == [60, 120, 180, 240, 330, 420, 510]


def test_the_first_turn_of_a_wait_may_tell_the_place():
    joined = after(started()[0], keys("2")).session
    assert tells_place(joined, at(1))
    assert not tells_place(started()[0], at(1))


def test_entry_says_the_wait_only_when_it_is_honestly_known():
    joined = after(started()[0], keys("2")).session
    said = after(joined, TurnAsked(at=at(1), estimate_s=180.0, estimator="ql", estimates={"ql": 170}))
    (announced,) = [f for f in said.facts if isinstance(f, facts.WaitAnnounced)]
    assert (announced.seconds, announced.estimator, announced.estimates) == (180, "ql", {"ql": 170})
    silent = after(joined, TurnAsked(at=at(1), estimates={"ql": 170}))
    assert [f.seconds for f in silent.facts if isinstance(f, facts.WaitAnnounced)] == [None]


def test_longer_than_said_is_admitted():
    session = after(queued(), TurnAsked(at=at(62), estimate_s=60.0)).session
    session = after(session, TurnAsked(at=at(92), estimate_s=60.0)).session
    assert "[longer:zh]" in heard(after(session, TurnAsked(at=at(153), estimate_s=300.0)))


def test_option_key_leaves_the_queue_for_a_message():
    step = after(queued(), TurnAsked(at=at(90), keys="2"))
    assert step.session.state is State.VOICEMAIL
    ended = [f for f in step.facts if isinstance(f, facts.SegmentEnded)]
    assert [f.outcome for f in ended] == [facts.Outcome.MESSAGE]


def test_limit_moves_the_leg_out_of_the_loop():
    step = after(queued(), TimeUp(at=at(601), alarm=Alarm.OVERFLOW, ref="1"))
    (order,) = step.orders
    assert isinstance(order, MoveCaller)
    assert order.link.door == "enter"
    assert isinstance(after(step.session, LegAsked(at=at(602))).instructions[-1], RecordMessage)


def test_stale_alarm_changes_nothing():
    assert after(queued(), TimeUp(at=at(601), alarm=Alarm.OVERFLOW, ref="0")).session == queued()


def test_ceiling_lifts_a_call_once():
    step = after(queued(), TimeUp(at=at(481), alarm=Alarm.CEILING, ref="1"))
    assert step.session.demand is not None
    assert step.session.demand.lane is Lane.CRITICAL
    assert not after(step.session, TimeUp(at=at(482), alarm=Alarm.CEILING, ref="1")).facts


def test_browser_agent_is_rung_by_the_page_and_telephone_by_the_carrier():
    browser = after(queued(), Matched(at=at(2), offer=OFFER, agent=AGENT, phone="browser"))
    assert isinstance(browser.orders[0], RingBrowser)
    phone = after(queued(), Matched(at=at(2), offer=OFFER, agent=AGENT, phone="+861058065001"))
    assert isinstance(phone.orders[0], RingPhone)


def test_caller_hears_music_until_the_agent_is_in_the_room():
    step = after(connecting(), TurnAsked(at=at(6)))
    gather = step.instructions[0]
    assert isinstance(gather, Gather)
    joined = after(connecting(), AgentJoined(at=at(6), offer=OFFER, leg=LEG))
    (order,) = joined.orders
    assert isinstance(order, MoveCaller)
    assert order.link.door == "room"
    assert order.offer == OFFER


def test_answered_is_when_both_are_in_the_room():
    session = after(connecting(), AgentJoined(at=at(6), offer=OFFER, leg=LEG)).session
    step = after(session, RoomAsked(at=at(7), offer=OFFER))
    assert step.session.state is State.CONNECTED
    assert [f.at for f in step.facts if isinstance(f, facts.Answered)] == [at(7)]
    room = step.instructions[-1]
    assert isinstance(room, JoinRoom)
    assert room.ends


@pytest.mark.parametrize("make", [queued, offered, connecting])
def test_caller_who_leaves_before_the_talk_abandons_and_frees_the_agent(make):
    step = after(make(), CallerLeft(at=at(9)))
    assert step.session.state is State.ENDED
    assert "CallEnded" in kinds(step)
    outcome = [f.outcome for f in step.facts if isinstance(f, facts.SegmentEnded)]
    assert outcome == [facts.Outcome.ABANDONED]
    if make is not queued:
        assert [type(event) for _, event in step.agents] == [Released]
        assert isinstance(step.orders[0], StopRinging)


def test_decline_and_no_answer_keep_the_place_in_line():
    for event, expected in (
        (OfferDeclined(at=at(4), offer=OFFER, agent=AGENT), TalkEnded),
        (OfferFailed(at=at(4), offer=OFFER, missed=True), NoAnswer),
        (TimeUp(at=at(17), alarm=Alarm.OFFER, ref=OFFER), NoAnswer),
    ):
        step = after(offered(), event)
        assert step.session.state is State.QUEUED
        assert step.session.queued_at == queued().queued_at
        assert step.session.segment == 1
        assert step.seek
        assert [type(one) for _, one in step.agents] == [expected]


def test_agent_who_accepts_but_does_not_join_gives_the_call_back():
    step = after(connecting(), TimeUp(at=at(16), alarm=Alarm.JOIN, ref=OFFER))
    assert step.session.state is State.QUEUED
    assert [type(event) for _, event in step.agents] == [NoAnswer]


def test_end_button_leads_to_the_closing_words():
    step = after(connected(), AgentEnded(at=at(60), offer=OFFER))
    assert step.session.state is State.SURVEY
    assert {type(order) for order in step.orders} == {MoveCaller, EndLeg}
    bye = after(step.session, StepAsked(at=at(61)))
    assert "[bye:zh]" in heard(bye)
    assert isinstance(bye.instructions[-1], HangUp)


def test_agent_lost_in_the_talk_puts_the_caller_first_in_line_and_says_so():
    step = after(connected(), AgentLost(at=at(60), offer=OFFER, leg=LEG), RETURN_OVER)
    assert step.session.state is State.QUEUED
    assert step.session.segment == 2
    assert step.session.demand is not None
    assert step.session.demand.lane is Lane.FIRST
    assert step.session.queued_at == queued().queued_at
    assert "[still:zh]" in heard(after(step.session, LegAsked(at=at(61))))


def test_telephone_agent_who_hangs_up_leads_to_one_question():
    step = after(connected("+861058065001"), AgentLost(at=at(60), offer=OFFER, leg=LEG, by_phone=True))
    assert step.session.state is State.SURVEY
    asked = after(step.session, StepAsked(at=at(61)))
    assert "[cut_off:zh]" in heard(asked)
    assert after(asked.session, keys("1", 65)).session.state is State.QUEUED
    assert "[bye:zh]" in heard(after(asked.session, keys("", 65)))


def test_room_that_closes_because_the_caller_left_does_not_call_the_agent_lost():
    step = after(connected(), RoomEmptied(at=at(60), offer=OFFER), AgentLost(at=at(60.1), offer=OFFER, leg=LEG))
    assert step.session.state is State.CONNECTED
    gone = after(step.session, LegFound(at=at(60.2), leg=LegId(CALL), alive=False))
    ended = [f for f in gone.facts if isinstance(f, facts.TalkOver)]
    assert [f.ended_by for f in ended] == ["caller"]


def test_caller_who_comes_out_of_the_room_alive_has_lost_the_agent():
    step = after(connected(), RoomLeft(at=at(60), offer=OFFER))
    assert step.session.state is State.QUEUED
    assert "[still:zh]" in heard(step)


def test_leg_created_too_late_is_ended():
    session = after(offered("+861058065001"), CallerLeft(at=at(3))).session
    step = after(session, LegCreated(at=at(4), offer=OFFER, leg=LEG))
    assert step.orders == (EndLeg(call=CALL, leg=LEG),)


def test_claim_for_a_call_that_is_gone_gives_the_agent_back():
    session = after(queued(), CallerLeft(at=at(2))).session
    step = after(session, Matched(at=at(3), offer=OFFER, agent=AGENT, phone="browser"))
    assert [type(event) for _, event in step.agents] == [Released]


def test_late_answers_of_another_offer_change_nothing():
    other = OfferId("0000")
    for session in (offered(), connecting(), connected()):
        for event in (
            OfferAccepted(at=at(9), offer=other, agent=AGENT),
            OfferDeclined(at=at(9), offer=other, agent=AGENT),
            OfferFailed(at=at(9), offer=other, missed=True),
            AgentEnded(at=at(9), offer=other),
            AgentLost(at=at(9), offer=other, leg=LEG),
            TimeUp(at=at(9), alarm=Alarm.OFFER, ref=other),
        ):
            assert after(session, event).session == session


def test_message_reported_after_the_end_is_kept():
    session = after(started()[0], keys("5")).session
    waiting = after(session, CallerLeft(at=at(9))).session
    assert waiting.state is State.VOICEMAIL
    over = after(waiting, LegFound(at=at(30), leg=LegId(CALL), alive=False)).session
    late = after(over, MessageRecorded(at=at(31), duration_s=5, recording="RE9", hung_up=True))
    assert "MessageLeft" in kinds(late)


def test_requests_out_of_turn_are_told_where_the_call_is():
    assert isinstance(after(connected(), TurnAsked(at=at(9))).instructions[-1], JoinRoom)
    assert isinstance(after(queued(), RoomAsked(at=at(9), offer=OFFER)).instructions[-1], GoOn)
    over = after(queued(), CallerLeft(at=at(9))).session
    assert isinstance(after(over, keys("1")).instructions[-1], HangUp)


@pytest.mark.parametrize("seed", range(8))
def test_random_walk_ends_with_every_agent_free_and_every_call_ended_once(seed):
    """More than 100,000 events reach the call: any event in any state, late ones included; then everybody hangs up."""
    chance, hotline, now, events = random.Random(seed), open_to_visits(), START, 0
    while events < 16_500:
        walk = Walk(chance, hotline)
        if chance.random() < 0.5:
            walk.to_a_talk(now)
        for _ in range(chance.randint(3, 60)):
            now += timedelta(seconds=chance.uniform(0.1, 20))
            walk.step(now)
            events += 1
        walk.close(now)


def open_to_visits():
    hotline = tree()
    return replace(hotline, topics={name: replace(one, listening=True) for name, one in hotline.topics.items()})


class Walk:
    """One call and three agents, pushed about at random; every agent event goes to the agents' own table."""

    def __init__(self, chance: random.Random, hotline) -> None:
        self.chance, self.tree = chance, hotline
        self.session, step = started(of=hotline)
        self.ends = 0
        self.offers = 0
        self.segments: list[int] = []
        self.waits_over: list[int] = []
        self.made: list[OfferId] = []
        self.over: set[OfferId] = set()
        self.talks: list[OfferId] = []
        self.talks_over: list[OfferId] = []
        self.alarms: dict[Alarm, WakeAt] = {}
        self.lines: list[OfferId] = []
        """Of houses that were asked."""
        self.ears: set[LegId] = set()
        """Lines of supervisors that nobody has ended."""
        self.ringing: set[LegId] = set()
        """Legs to houses that the carrier has made and nobody has ended."""
        self.agents = {
            name: agent_advance(
                agent_advance(
                    Agent(id=name, since=START, idle_since=START),
                    SignedIn(at=START, skills={"billing": 3}, languages={"zh": 3}),
                ),
                WentReady(at=START),
            )
            for name in (AgentId("a1"), AgentId("a2"), AgentId("a3"))
        }
        self.take(step)

    def take(self, step: Step) -> None:
        """Carry the step out as the stores would, and hold against it what must be true after every single event."""
        before, self.session = self.session, step.session
        self.ringing -= {order.leg for order in step.orders if isinstance(order, EndLeg)}
        visitor = self.session.visitor
        self.ears = (self.ears | ({visitor.leg} if visitor and visitor.leg else set())) - {
            order.leg for order in step.orders if isinstance(order, EndLeg)
        }
        for fact in step.facts:
            self.tell(fact)
        for agent, event in step.agents:
            self.agents[agent] = agent_advance(self.agents[agent], event)
        if self.session.state is State.ENDED and before.state is not State.ENDED:
            self.alarms.clear()  # the store lets every wake-up rest but those that the last step sets
        for wake in step.wake_ups:
            self.alarms[wake.alarm] = wake
        self.alarms = {alarm: wake for alarm, wake in self.alarms.items() if wake.at is not None}
        self.check()

    def tell(self, fact: facts.Fact) -> None:
        match fact:
            case facts.CallEnded():
                self.ends += 1
            case facts.SegmentStarted():
                self.segments.append(fact.segment)
            case facts.SegmentEnded():
                self.waits_over.append(fact.segment)
            case facts.OfferMade():
                self.made.append(fact.offer)
            case facts.OfferEnded():
                self.over.add(fact.offer)
            case facts.Answered():
                self.talks.append(fact.offer)
            case facts.TalkOver():
                self.talks_over.append(fact.offer)

    def check(self) -> None:
        """An agent is held exactly by the call that holds them; every state has a deadline, and no other's."""
        session = self.session
        held = {a.id: a.offer for a in self.agents.values() if a.offer and a.presence is not Presence.WRAP_UP}
        helper = session.consult
        with_agent = session.state in (State.OFFERED, State.CONNECTING, State.CONNECTED)
        wanted = {session.agent: session.offer} if with_agent else {}
        if helper is not None:
            assert session.state is State.CONNECTED
            wanted |= {helper.agent: helper.offer} if helper.offer and not helper.outside else {}
        assert held == wanted
        assert session.house is None or session.state is State.SURVEY
        known = {helper.leg if helper else None, session.house.leg if session.house else None}
        assert self.ringing <= known, "a house rings or waits for nobody"
        assert session.held_at is None or session.state is State.CONNECTED
        assert self.ends == (session.state is State.ENDED)
        live = set(self.alarms)
        assert live == set() if session.state is State.ENDED else Alarm.PULSE in live
        rings = helper is not None and helper.rings
        joins = helper is not None and helper.offer is not None and not helper.rings and not helper.in_room
        assert (Alarm.OFFER in live) == (session.state is State.OFFERED or rings)
        assert (Alarm.JOIN in live) == (session.state is State.CONNECTING or joins)
        assert (Alarm.RETURN in live) == (session.state is State.CONNECTED and session.lost_at is not None)
        assert session.lost_at is None or session.state is State.CONNECTED
        assert (Alarm.VISIT in live) == (session.visitor is not None)
        assert session.visitor is None or session.state is State.CONNECTED
        ears = {session.visitor.leg} if session.visitor and session.visitor.leg else set()
        assert self.ears == ears, "a supervisor sits in a room that knows nothing of it"
        waits = session.state in (State.QUEUED, State.OFFERED, State.CONNECTING)
        assert (Alarm.OVERFLOW in live) == waits
        assert waits or Alarm.CEILING not in live
        assert waits or session.sought is not None or Alarm.RELAX not in live

    def step(self, now) -> None:
        """One event: a wake-up of the call's own, a match, a change at an agent's desk, or anything at all."""
        dice = self.chance.random()
        if dice < 0.1 and self.alarms:
            wake = self.alarms.pop(self.chance.choice(sorted(self.alarms)))
            event: Event | None = TimeUp(at=now, alarm=wake.alarm, ref=wake.ref)
        elif dice < 0.15:
            self.at_the_desk(now)
            event = None
        elif dice < 0.4:
            event = self.claim(now)
        elif dice < 0.55 and self.lines and self.chance.random() < 0.5:
            event = self.house_event(now)
        else:
            talks = self.session.state is State.CONNECTED and self.chance.random() < 0.8
            event = self.talk_event(now) if talks else self.any_event(now)
        if isinstance(event, HouseAsked):
            self.lines.append(event.line)
        if event is not None:
            self.take(advance(self.session, event, self.tree))

    def at_the_desk(self, now) -> None:
        """An agent goes, comes, is lost, is seen again or has wrapped up, whatever the call is doing."""
        agent = self.chance.choice(list(self.agents.values()))
        event = self.chance.choice(
            [
                WentReady(at=now),
                WentOnBreak(at=now),
                LostSight(at=now),
                HeardFrom(at=now),
                WrappedUp(at=now),
                SignedOut(at=now),
                SignedIn(at=now, skills={"billing": 3}, languages={"zh": 3}),
            ]
        )
        self.agents[agent.id] = agent_advance(agent, event)

    def to_a_talk(self, now) -> None:
        """The short way to where two talk."""
        asks: list[Event] = [StepAsked(at=now, keys="2"), TurnAsked(at=now)]
        for event in asks:
            self.take(advance(self.session, event, self.tree))
        matched = self.claim(now)
        assert matched is not None
        self.take(advance(self.session, matched, self.tree))
        offer, agent = self.session.offer, self.session.agent
        joins: list[Event] = [
            OfferAccepted(at=now, offer=offer, agent=agent),
            AgentJoined(at=now, offer=offer, leg=LegId("CAx")),
            RoomAsked(at=now, offer=offer),
        ]
        for event in joins:
            self.take(advance(self.session, event, self.tree))
        assert self.session.state is State.CONNECTED

    def talk_event(self, now) -> Event:
        """What happens in a talk, mostly to those who are in it; its end is rare."""
        chance, session, helper = self.chance, self.session, self.session.consult
        own, topics = session.offer, [*self.tree.topics]
        common = [
            HoldAsked(at=now, offer=own, on=chance.random() < 0.5),
            ConsultAsked(at=now, offer=own, topic=chance.choice(topics), note="so far"),
            ConsultAsked(at=now, offer=own, topic=chance.choice(topics), agent=AgentId("a3")),
            LegAsked(at=now),
            AgentJoined(at=now, offer=own, leg=LegId(chance.choice(["CAx", "CAy", "CAz"]))),
            RoomAsked(at=now, offer=own),
            LineRenewed(at=now, offer=own),
            AgentLost(at=now, offer=own, leg=session.agent_leg or LegId("CAz")),
            chance.choice(self.supervisor_events(now)),
        ]
        house = HouseAsked(
            at=now,
            offer=own,
            destination=chance.choice(["house", "house", "nowhere"]),
            line=OfferId(f"h{len(self.lines)}"),
        )
        common += [house, house]
        rare = [
            TransferAsked(at=now, offer=own, topic=chance.choice(topics), agent=chance.choice([None, AgentId("a2")])),
            AgentEnded(at=now, offer=own),
            AgentLost(at=now, offer=own, leg=session.agent_leg, by_phone=chance.random() < 0.5),
            CallerLeft(at=now),
            RoomLeft(at=now, offer=own, returns=chance.choice([session.returns, max(0, session.returns - 1)])),
            PassedOn(at=now, offer=own, destination=chance.choice(["house", "nowhere"])),
            ConsultOver(at=now, offer=own),
        ]
        if helper is not None and helper.outside:
            return (
                self.house_event(now)
                if chance.random() < 0.5
                else chance.choice(rare if chance.random() < 0.2 else common)
            )
        if helper is not None and helper.offer is None:
            common += [ConsultRefused(at=now, offer=own, asked_at=helper.asked_at, reason="busy")]
        if helper is not None and helper.offer is not None:
            theirs, leg = helper.offer, helper.leg or LegId(chance.choice(["CAy", "CAz"]))
            common += [
                OfferAccepted(at=now, offer=theirs, agent=helper.agent),
                OfferAccepted(at=now, offer=theirs, agent=helper.agent),
                LegCreated(at=now, offer=theirs, leg=leg),
                AgentJoined(at=now, offer=theirs, leg=leg),
                AgentJoined(at=now, offer=theirs, leg=leg),
                HandedOver(at=now, offer=own),
                OfferDeclined(at=now, offer=theirs, agent=helper.agent),
                OfferFailed(at=now, offer=theirs, missed=chance.random() < 0.5),
            ]
            rare += [
                AgentEnded(at=now, offer=theirs),
                AgentLost(at=now, offer=theirs, leg=leg),
                LegFound(at=now, leg=leg, alive=False),
            ]
        return chance.choice(rare) if chance.random() < 0.12 else chance.choice(common)

    def house_event(self, now) -> Event:
        """What becomes of the line to a house, mostly of the last one: one leg each, reported twice, late or never."""
        line = self.lines[-1] if self.chance.random() < 0.8 else self.chance.choice(self.lines)
        leg = LegId(f"CA{line}")
        session = self.session
        if session.consult is not None and session.consult.in_room and self.chance.random() < 0.4:
            return HandedOver(at=now, offer=session.offer)
        kind = self.chance.choice(["dialled", "rung", "rung", "joined", "joined", "joined", "over"])
        if kind == "dialled":
            return HouseDialled(at=now, offer=line, undone=self.chance.random() < 0.2)
        if kind == "rung":
            self.ringing.add(leg)
            return HouseRung(at=now, offer=line, leg=leg)
        if kind == "joined":
            if session.consult is not None and session.consult.offer == line:
                self.ringing.add(leg)  # else the answer to its request ends it
            return HouseJoined(at=now, offer=line, leg=leg)
        self.ringing.discard(leg)
        result = self.chance.choice(["busy", "no_answer", "failed"])
        gone = HouseGone(at=now, offer=line, leg=leg, result=result)
        return gone if self.chance.random() < 0.7 else LegFound(at=now, leg=leg, alive=False)

    def claim(self, now) -> Event | None:
        free = [agent for agent in self.agents.values() if agent.presence is Presence.AVAILABLE]
        if self.session.sought is None or not free:
            return None
        self.offers += 1
        agent, offer = self.chance.choice(free), OfferId(f"{self.offers:04}")
        self.agents[agent.id] = agent_advance(agent, AgentOffered(at=now, offer=offer, call=CALL, topic="billing"))
        phone = self.chance.choice(["browser", "+861058065001"])
        return Matched(at=now, offer=offer, agent=agent.id, phone=phone)

    def any_event(self, now) -> Event:
        chance = self.chance
        offer = OfferId(f"{chance.choice([self.offers, max(self.offers - 1, 0), max(self.offers - 2, 0)]):04}")
        agents = [self.session.agent, self.session.consult.agent if self.session.consult else None]
        agent = chance.choice([one for one in agents if one]) if any(agents) else AgentId("a1")
        leg = LegId(chance.choice(["CAx", "CAy"]))
        topics = [*self.tree.topics, TopicId("nowhere")]
        return chance.choice(
            [
                StepAsked(at=now, keys=chance.choice(["", "1", "2", "3", "4", "7", "0", "*", "#", "1234"])),
                TurnAsked(at=now, keys=chance.choice(["", "", "2"])),
                LegAsked(at=now),
                RoomAsked(at=now, offer=offer),
                RoomLeft(at=now, offer=offer),
                RoomEmptied(at=now, offer=offer),
                MessageRecorded(at=now, duration_s=chance.choice([0, 5])),
                OutsideDialled(at=now, answered=chance.random() < 0.5),
                OfferAccepted(at=now, offer=offer, agent=agent),
                OfferDeclined(at=now, offer=offer, agent=agent),
                OfferFailed(at=now, offer=offer, missed=True),
                LegCreated(at=now, offer=offer, leg=leg),
                AgentJoined(at=now, offer=offer, leg=leg),
                AgentEnded(at=now, offer=offer),
                HoldAsked(at=now, offer=offer, on=chance.random() < 0.5),
                TransferAsked(at=now, offer=offer, topic=chance.choice(topics), agent=chance.choice([None, agent])),
                ConsultAsked(at=now, offer=offer, topic=chance.choice(topics), note="so far"),
                ConsultAsked(at=now, offer=offer, topic=chance.choice(topics), agent=AgentId("a3")),
                ConsultRefused(at=now, offer=offer, asked_at=now, reason="busy"),
                ConsultOver(at=now, offer=offer),
                HandedOver(at=now, offer=offer),
                PassedOn(at=now, offer=offer, destination="house"),
                HouseAsked(at=now, offer=offer, destination="house", line=OfferId(f"h{len(self.lines)}")),
                AgentLost(at=now, offer=offer, leg=leg),
                LineRenewed(at=now, offer=offer),
                LegFound(at=now, leg=leg, alive=chance.random() < 0.5),
                TimeUp(at=now, alarm=chance.choice(list(Alarm)), ref=chance.choice([offer, "1", "2"])),
                CallerLeft(at=now) if chance.random() < 0.15 else LegAsked(at=now),
                *self.supervisor_events(now),
            ]
        )

    def supervisor_events(self, now) -> list[Event]:
        """A raise, a move, a visit … at any time; of a visit its line may be another's."""
        chance, visitor = self.chance, self.session.visitor
        line = visitor.line if visitor is not None and chance.random() < 0.9 else OfferId("v0")
        leg = LegId(f"CA{chance.choice(['e', 'f'])}{line}")
        return [
            CallRaised(at=now, critical=chance.random() < 0.3),
            CallMoved(at=now, topic=chance.choice([*self.tree.topics, TopicId("nowhere")])),
            CallbackOffered(at=now),
            PutDown(at=now) if chance.random() < 0.3 else CallRaised(at=now),
            VisitAsked(at=now, line=OfferId(f"v{chance.randint(1, 99)}"), who="lead", name="", mode=Mode.LISTEN),
            VisitorJoined(at=now, line=line, leg=leg),
            VisitChanged(at=now, line=line, mode=chance.choice(list(Mode))),
            VisitorLeft(at=now, line=line, leg=chance.choice([None, leg])),
        ]

    def close(self, now) -> None:
        for event in (
            CallerLeft(at=now),
            LegFound(at=now, leg=LegId(CALL), alive=False),
            CallerLeft(at=now),
        ):
            self.take(advance(self.session, event, self.tree))
        for name, agent in self.agents.items():
            self.agents[name] = agent_advance(agent, WrappedUp(at=now + timedelta(hours=1)))
        assert self.session.state is State.ENDED
        assert self.ends == 1
        assert not self.alarms
        assert not [a for a in self.agents.values() if a.offer is not None]
        assert self.waits_over == self.segments == sorted(set(self.segments))
        assert self.over == set(self.made)
        assert self.talks_over == self.talks
        assert len(set(self.talks)) == len(self.talks)


def test_accepting_tells_the_agents_table():
    step = after(offered(), OfferAccepted(at=at(5), offer=OFFER, agent=AGENT))
    assert [type(event) for _, event in step.agents] == [Accepted]
