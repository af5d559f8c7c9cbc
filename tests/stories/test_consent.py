"""What a caller says to being recorded stands in SQL before it is confirmed, and holds wherever the call goes (S-94)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ivr.core.errors import Unavailable
from ivr.core.ids import AgentId, CallId, Language
from ivr.core.session import State
from ivr.simulator import Call
from ivr.storage.sql.after_tables import consents
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.rekey import rekey
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import calls
from tests.stories.callbacks import ANA_CALLS, ANY, takes_promise
from tests.stories.taping import talks, tapes
from tests.stories.town import Desk, Town

CONFIRMED = "好的，本次通话不会录音。"
CALLED = "您之前已同意，本次通话会录音。"


def kept(town: Town) -> list[Any]:
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(consents).order_by(consents.c.at)).all())


def said(town: Town) -> list[tuple[str, str, str, str]]:
    return [(row.choice, row.how, row.prompt, row.language) for row in kept(town)]


def away(*_: Any, **__: Any) -> Any:
    raise Unavailable("the database is away")


def at_the_notice(town: Town, key: str, number: str = ANA_CALLS) -> Call:
    call = town.caller(number)
    town.presses(call, "1" + key)
    return call


def test_a_refusal_is_kept_with_time_call_wording_and_language(recording: Callable[[str], Town]):
    town = recording("opt_out")
    at = town.now
    call = at_the_notice(town, "7")
    call.hears(CONFIRMED)
    [row] = kept(town)
    version = town.switchboard.menus.trees[0].version
    assert (row.call, row.choice, row.how, row.prompt) == (call.sid, "no", "key", "notice")
    assert (row.menu_version, row.language, row.hotline, row.agent) == (version, "zh", "wallet", None)
    assert at <= row.at <= town.now
    assert row.number_index == town.switchboard.seals.index(ANA_CALLS)


def test_the_row_is_there_before_the_caller_hears_it_confirmed(recording, monkeypatch):
    """At the moment at which the words are drawn, another reader already sees the row."""
    town = recording("opt_out")
    seen: list[int] = []
    draw = type(town.switchboard.wire).draw

    def drawn(self: Any, instructions: Any, *args: Any, **more: Any) -> Any:
        if CONFIRMED in str(instructions):
            seen.append(len(kept(town)))
        return draw(self, instructions, *args, **more)

    monkeypatch.setattr(type(town.switchboard.wire), "draw", drawn)
    at_the_notice(town, "7").hears(CONFIRMED)
    assert seen == [1]


def test_without_sql_a_refusal_holds_and_is_in_the_record(recording, monkeypatch):
    town = recording("opt_out")
    call = town.caller()
    town.presses(call, "1")
    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        town.presses(call, "7")
    call.hears(CONFIRMED)
    assert "系统" not in call.text, "nobody hears of trouble: the refusal is true"
    town.presses(call, "0")
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    town.passes(10)
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(5)
    ana.ends()
    town.settle()
    assert (tapes(town), said(town)) == ([], [])
    town.record()
    assert "7 (choice)" in [line.words for line in town.switchboard.tell_call(CallId(call.sid)) if line.kind == "key"]


def test_without_sql_a_yes_is_passed_over_and_nothing_is_recorded(recording, monkeypatch):
    town = recording("opt_in")
    call = town.caller()
    town.presses(call, "1")
    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        town.presses(call, "8")
    call.hears("账户被盗")
    town.presses(call, "0")
    assert town.session(call).state is State.QUEUED
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    town.passes(10)
    ana.ends()
    town.settle()
    assert (tapes(town), said(town)) == ([], [])


def test_a_yes_said_to_the_agent_is_kept_before_the_recording_starts_and_without_sql_it_does_not_start(
    recording, monkeypatch
):
    town = recording("on_request")
    _, ana = talks(town)
    with monkeypatch.context() as fault:
        fault.setattr("ivr.storage.sql.ledger.writing", away)
        with pytest.raises(Unavailable):
            town.switchboard.desk.record(ana.id, ana.offer, on=True)
        town.passes(5)
    assert tapes(town) == []
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(5)
    assert len(tapes(town)) == 1
    assert said(town) == [("yes", "agent", "", "zh")]
    assert kept(town)[0].agent == "ana"
    ana.ends()
    town.settle()


def test_a_change_of_mind_is_a_row_of_its_own(recording):
    town = recording("opt_in")
    for key in ("8", "7"):
        at_the_notice(town, key).hangs_up()
        town.settle()
    assert [row.choice for row in kept(town)] == ["yes", "no"]


# ---- the callback --------------------------------------------------------------------------------------------------


def called_back(town: Town, key: str) -> tuple[Call, Desk]:
    """Somebody answers the notice with `key`, is promised a callback, is called, presses 1 and talks to Ana."""
    asked = at_the_notice(town, key)
    if not key:
        town.passes(4)
    town.presses(asked, "0")
    takes_promise(town, asked)
    ana = town.agent("ana", skills=ANY).available()
    customer = town.network.phone(ANA_CALLS).answers()
    town.settle()
    customer.presses("1")
    town.settle()
    customer.meets(ana.joins())
    return customer, ana


def test_who_said_no_is_not_recorded_when_called_back_whoever_asks(recording):
    town = recording("opt_out")
    customer, ana = called_back(town, "7")
    town.switchboard.desk.record(ana.id, ana.offer, on=True)
    town.passes(5)
    assert town.switchboard.desk.view(AgentId("ana"), Language("en")).call.recording == "refused"
    assert CALLED not in customer.text
    ana.ends()
    town.settle()
    assert tapes(town) == []


def test_who_said_yes_hears_a_notice_of_its_own_when_called_back_and_is_recorded(recording):
    town = recording("opt_in")
    customer, ana = called_back(town, "8")
    assert CALLED in customer.text
    town.passes(10)
    ana.ends()
    town.settle()
    assert len(tapes(town)) == 1


def test_who_said_nothing_is_not_recorded_when_called_back(recording):
    town = recording("opt_out")
    customer, ana = called_back(town, "")
    town.passes(5)
    ana.ends()
    town.settle()
    assert CALLED not in customer.text
    assert tapes(town) == []


# ---- shown, and kept ------------------------------------------------------------------------------------------------


def test_call_show_names_the_choice_and_the_words_it_answered(recording):
    town = recording("opt_out")
    call = at_the_notice(town, "7")
    town.record()
    [line] = [line for line in town.switchboard.tell_call(CallId(call.sid)) if line.kind == "consent"]
    assert line.words.startswith("recording: no (by key, after notice; zh, menu ")


def test_a_consent_follows_a_change_of_the_secret(recording):
    town = recording("opt_out")
    at_the_notice(town, "7").hangs_up()
    town.settle()
    town.record()
    old = town.switchboard.settings.secret
    new = Seals(b"another secret of the tests, 32b", (old,))
    rekey(town.switchboard.engine, new)
    [row] = kept(town)
    assert row.number_index == new.index(ANA_CALLS)
    with writing(town.switchboard.engine) as connection:
        assert connection.scalar(sa.select(calls.c.number_index)) == row.number_index
