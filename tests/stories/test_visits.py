"""A supervisor in a talk, through the carrier's wire: who hears whom, and that the talk never notices."""

from __future__ import annotations

from ivr.core.ids import CallId, Language
from ivr.core.people import Role
from ivr.core.session import State
from ivr.simulator import Call
from ivr.web.room_doors import visitor_identity
from tests.stories.town import Desk, Town


def in_talk(town: Town) -> tuple[Desk, Call]:
    ana = town.agent("ana", skills={"other": 5}).available()
    call = town.queues()
    call.meets(ana.accepts())
    return ana, call


def visits(town: Town, call: Call, mode: str) -> Call:
    people = town.switchboard.people
    people.add_account("lead", "a long password of tests", at=town.now, roles=[Role.SUPERVISOR])
    outcome, line = town.switchboard.room.visit.ask(CallId(call.sid), mode, who="lead", name="Lead")
    assert outcome.done, outcome
    leg = town.network.client(visitor_identity("lead")).connects({"offer": line})
    town.settle()
    return leg


def heard_by(town: Town, call: Call) -> set[str]:
    """Whose microphones this party hears."""
    leg = next(leg for leg in town.network.live_legs() if leg.sid == call.sid)
    return {other.sid for other in leg.voices}


def changes(town: Town, call: Call, mode: str) -> None:
    assert town.switchboard.room.visit.change(CallId(call.sid), mode, who="lead").done
    town.settle()


def audited(town: Town) -> list[str]:
    return [row.what for row in reversed(town.switchboard.people.audit_rows())]


def test_a_supervisor_listens_whispers_and_joins_and_each_is_heard_by_whom_it_should(town):
    ana, call = in_talk(town)
    assert ana.leg is not None
    ear = visits(town, call, "listen")
    assert heard_by(town, ear) == {call.sid, ana.leg.sid}
    assert ear.sid not in heard_by(town, call) | heard_by(town, ana.leg)

    changes(town, call, "whisper")
    assert ear.sid in heard_by(town, ana.leg)
    assert ear.sid not in heard_by(town, call)

    changes(town, call, "join")
    assert ear.sid in heard_by(town, ana.leg) & heard_by(town, call)

    town.passes(125)
    assert audited(town) == ["talk: listen", "talk: whisper", "talk: join", "talk: a minute", "talk: a minute"]
    view = town.switchboard.desk.view(ana.id, Language("en")).call
    assert view is not None
    assert view.visitor is not None
    assert (view.visitor.name, view.visitor.mode) == ("Lead", "join")

    ear.hangs_up()
    town.settle()
    assert audited(town)[5:] == ["talk: left"], "the carrier said so before the page could"
    assert town.session(call).visitor is None
    assert town.session(call).state is State.CONNECTED
    assert heard_by(town, call) == {ana.leg.sid}
    ana.ends()
    ana.finishes()
    call.hangs_up()
    town.settle()
    town.fine()


def test_a_supervisor_who_whispers_from_the_first_moment_is_put_out_when_the_caller_goes(town):
    ana, call = in_talk(town)
    assert ana.leg is not None
    ear = visits(town, call, "whisper")
    assert ear.sid in heard_by(town, ana.leg)
    assert ear.sid not in heard_by(town, call)
    call.hangs_up()
    town.passes(5)
    assert ear.sid not in {leg.sid for leg in town.network.live_legs()}
    assert audited(town) == ["talk: whisper", "talk: left"]
    ana.finishes()
    town.fine()


def test_who_is_no_supervisor_any_more_is_put_out_within_the_minute(town):
    _, call = in_talk(town)
    ear = visits(town, call, "listen")
    [lead] = town.switchboard.people.accounts()
    town.switchboard.people.set_disabled(lead.id, disabled=True)
    town.passes(65)
    assert ear.sid not in {leg.sid for leg in town.network.live_legs()}
    assert (town.session(call).visitor, town.session(call).state) == (None, State.CONNECTED)


def test_a_line_that_nobody_asked_for_gets_nowhere(town):
    _, call = in_talk(town)
    stranger = town.network.client(visitor_identity("lead")).connects({"offer": f"v0000.{call.sid}"})
    town.settle()
    assert stranger.sid not in {leg.sid for leg in town.network.live_legs()}
    assert len(heard_by(town, call)) == 1
