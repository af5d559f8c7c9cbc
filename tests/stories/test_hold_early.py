"""An agent who is quicker than the words that bring the caller: the caller hears nothing that was not meant for them."""

from __future__ import annotations

from ivr.core.session import State


def test_a_hold_asked_while_the_caller_still_hears_who_comes_holds_from_the_first_second_in_the_room(towns):
    town = towns(instant_speech=False)
    ana = town.agent("ana", skills={"other": 5}).available()
    call = town.caller("+8613800138000")
    town.presses(call, "1")
    town.until(lambda: call.heard("账户被盗"), what="the menu")
    town.presses(call, "0")
    town.until(lambda: ana.offer is not None, what="the offer")
    leg = ana.accepts()
    town.until(lambda: town.session(call).state is State.CONNECTED, what="the talk")
    assert call.room is None  # the words of who comes are still being heard

    town.switchboard.transfer.hold(ana.id, ana.offer, on=True)
    town.settle()
    town.until(lambda: call.room is not None, what="the caller in the room")
    town.passes(0.5)
    assert call.in_room_with == []
    assert leg.in_room_with == []

    town.switchboard.transfer.hold(ana.id, ana.offer, on=False)
    town.settle()
    call.meets(leg)
    call.hangs_up()
    town.settle()
