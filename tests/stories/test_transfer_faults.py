"""Hold, transfer and a colleague's help on a bad day: stores that forget, processes that die, clicks that come twice."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.core.agents import Presence, WentReady
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, CallId, TopicId
from ivr.core.session import State
from ivr.core.transfer_events import ConsultAsked
from ivr.storage.redis.board import RedisBoard
from ivr.workflows.ports import Claim
from tests.stories.taping import talks, tapes
from tests.stories.test_pause import pauses
from tests.stories.test_repair import flush, sweep
from tests.stories.test_transfers import alone, colleague, consults, holds, in_talk, leg_of, transfers, view
from tests.stories.town import NOTHING, Town


def waiting(town: Town, topic: str) -> tuple[int, bool]:
    [row] = RedisBoard(town.switchboard.link).queues([TopicId(topic)])
    return row.waiting, row.oldest_at is not None


def test_a_caller_whom_redis_forgot_on_hold_hears_the_agent_again(town):
    ana, call = in_talk(town)
    holds(town, ana)
    town.passes(10)
    town.record()
    assert call.in_room_with == []

    flush(town)
    assert sweep(town) == 1
    town.passes(5)

    call.meets(leg_of(ana))
    assert view(town, ana).call.held_at is None


def test_a_hold_that_two_dispatchers_undo_and_do_at_once_ends_as_the_agent_wants(town):
    ana, call = in_talk(town)
    rooms = town.switchboard.dispatch.rooms
    inner = rooms.hold
    late: list[Any] = []

    def slow(*, room, leg, link):
        if link is not None and not late:
            late.append(link)
            town.switchboard.transfer.hold(ana.id, ana.offer, on=False)
            town.switchboard.dispatch.orders(wait=NOTHING)  # the other dispatcher: nobody is on hold
        return inner(room=room, leg=leg, link=link)

    rooms.hold = slow
    holds(town, ana)
    town.passes(3)

    call.meets(leg_of(ana))


def test_a_colleague_in_a_room_that_redis_forgot_is_let_go_and_the_agent_goes_on(town):
    ana, call = in_talk(town)
    bo = colleague(town)
    consults(town, ana, topic="transfers")
    helper = bo.accepts()
    helper.meets(leg_of(ana))
    town.passes(10)
    town.record()

    flush(town)
    sweep(town)
    town.passes(5)

    call.meets(leg_of(ana))
    assert helper.over
    assert town.session(call).agent == "ana"
    assert town.switchboard.presences.find(bo.id) is None, "signs in again with the page's next heartbeat, on break"


def test_a_talk_that_looks_for_a_colleague_is_no_caller_who_waits(town):
    ana, call = in_talk(town)
    town.passes(600)
    consults(town, ana, topic="transfers")
    assert town.session(call).sought is not None
    assert waiting(town, "transfers") == (0, False)
    assert [(row.waiting, row.oldest_at) for row in town.switchboard.board.view("en").topics if row.waiting] == []

    transfers(town, ana, topic="transfers")
    assert waiting(town, "transfers") == (1, True)
    bo = colleague(town)
    assert waiting(town, "transfers") == (0, False)
    call.meets(bo.accepts())


def test_a_claim_for_help_that_the_agent_overtook_with_a_transfer_rings_nobody_of_another_desk(town):
    ana, call = in_talk(town)
    consults(town, ana, topic="transfers")
    town.agent("bo", skills={"transfers": 5})
    town.switchboard.desk.open(AgentId("bo"))
    claim = _claims(town, call.sid, "bo")

    town.switchboard.transfer.transfer(ana.id, ana.offer, topic="deposits_withdrawals")
    town.switchboard.match.offer(claim)
    town.settle()

    session = town.session(call)
    assert (session.state, session.topic, session.agent) == (State.QUEUED, "deposits_withdrawals", None)
    bo = town.switchboard.presences.find(AgentId("bo"))
    assert bo is not None
    assert bo.presence is Presence.AVAILABLE


def _claims(town: Town, call: str, agent: str) -> Claim:
    """The first half of a match: claimed, and not offered yet."""
    town.switchboard.presences.change(AgentId(agent), WentReady(at=town.now))
    claim = town.switchboard.match.matcher.for_call(CallId(call))
    assert isinstance(claim, Claim)
    return claim


def test_asked_for_twice_at_once_a_person_is_rung_once_and_not_called_busy(town):
    """The second click is decided between the first one's look at the call and its question."""
    ana, _ = in_talk(town)
    bo = colleague(town)
    transfer, take_call, match = town.switchboard.transfer, town.switchboard.take_call, town.switchboard.match
    tell, offer = take_call.tell, match.offer
    late: list[Any] = []

    def told(call, event):
        if not late and isinstance(event, ConsultAsked):
            late.append(None)
            town.network.clock.advance(0.001)
            transfer.consult(ana.id, ana.offer, to=bo.id)
        return tell(call, event)

    object.__setattr__(take_call, "tell", told)
    object.__setattr__(match, "offer", late.append)  # the claim stands, and is not offered yet
    transfer.consult(ana.id, ana.offer, to=bo.id)
    object.__setattr__(match, "offer", offer)
    match.offer(late[-1])
    town.settle()

    assert view(town, ana).call.consult.phase == "ringing"


def test_who_declined_a_call_is_not_shown_its_number(town):
    ana = town.agent("ana", skills={"other": 5}).available()
    town.queues()
    offer = ana.offer
    assert offer is not None
    ana.declines()
    assert ana.presence is Presence.WRAP_UP
    with pytest.raises(RequestError, match="over"):
        town.switchboard.after.reveal(ana.id, offer, who="ana@desk", reason="compare")


def test_a_recording_that_begins_late_begins_paused_when_it_is_to_pause(recording):
    town = recording("opt_out")
    town.network.faults.add("refuse", match="Recordings", status=429, times=1)
    _, ana = talks(town)
    pauses(town, ana)
    town.passes(40)
    assert sum(tape.duration_s for tape in tapes(town)) <= 1
    [tape] = tapes(town)
    assert tape.status == "paused"


def test_a_colleague_on_a_telephone_is_told_what_the_help_is_about(town):
    ana, _ = in_talk(town)
    phone = town.network.phone("+8613900139000")
    colleague(town, phone="+8613900139000")
    consults(town, ana, topic="transfers")
    town.settle()
    leg = phone.answers()
    town.settle()
    leg.hears("转账")
    alone(town, ana)
