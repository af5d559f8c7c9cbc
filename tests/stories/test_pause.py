"""A recording that pauses while something is said that must not be kept."""

from __future__ import annotations

import pytest

from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.transfer_facts import RecordingPaused
from tests.stories.taping import talks, tapes
from tests.stories.test_recording import shown
from tests.stories.town import Desk, Town


def pauses(town: Town, desk: Desk, *, on: bool = True) -> None:
    assert desk.offer is not None
    town.switchboard.transfer.pause_recording(desk.id, desk.offer, on=on)
    town.settle()


def test_what_is_said_in_a_pause_is_not_in_the_recording(recording):
    town = recording("opt_out")
    call, ana = talks(town)
    town.passes(20)
    pauses(town, ana)
    assert shown(town) == "paused"
    town.passes(40)
    pauses(town, ana, on=False)
    assert shown(town) == "on"
    town.passes(10)
    ana.ends()
    town.passes(10)

    [tape] = tapes(town)
    assert 29 <= tape.duration_s <= 32, "20 s before and 10 s after"
    assert [fact.on for fact in town.facts_of(call) if isinstance(fact, RecordingPaused)] == [True, False]


def test_a_forgotten_pause_ends_by_itself_after_two_minutes(recording):
    town = recording("opt_out")
    _, ana = talks(town)
    pauses(town, ana)
    town.passes(119)
    assert shown(town) == "paused"
    town.passes(2)
    assert shown(town) == "on"
    [tape] = tapes(town)
    assert tape.status == "in-progress"


def test_the_end_of_the_talk_ends_a_paused_recording(recording):
    town = recording("opt_out")
    _, ana = talks(town)
    town.passes(15)
    pauses(town, ana)
    ana.ends()
    town.passes(200)
    [tape] = tapes(town)
    assert tape.status == "completed"
    assert 14 <= tape.duration_s <= 17


def test_a_talk_that_is_not_recorded_has_nothing_to_pause(recording):
    town = recording("opt_out")
    _, ana = talks(town, "7")
    pauses(town, ana)
    assert shown(town) == "refused"


def test_when_the_carrier_refuses_to_pause_nothing_is_recorded_any_more(recording):
    town = recording("opt_out")
    _, ana = talks(town)
    town.passes(10)
    town.network.faults.add("refuse", match="Recordings/Twilio.CURRENT", status=400, times=1)
    pauses(town, ana)
    town.passes(5)
    assert [one.status for one in tapes(town)] == ["completed"]
    assert shown(town) == "can"


def reveals(town: Town, desk: Desk, reason: str = "compare") -> str:
    assert desk.offer is not None
    return town.switchboard.after.reveal(desk.id, desk.offer, who="ana@desk", reason=reason)


def test_the_full_number_is_shown_with_a_reason_and_written_down(town):
    call, ana = talks(town)
    assert reveals(town, ana) == "+86 138 0013 8000"
    [row] = [one for one in town.switchboard.people.audit_rows() if one.what == "number.reveal"]
    assert (row.who, row.object, row.detail) == ("ana@desk", call.sid, '{"reason": "compare"}')


def test_the_number_is_shown_neither_without_a_reason_nor_to_another_nor_too_often(town):
    _, ana = talks(town)
    with pytest.raises(RequestError, match="say why"):
        reveals(town, ana, "curious")
    with pytest.raises(RequestError, match="over"):
        town.switchboard.after.reveal(AgentId("bo"), ana.offer, who="bo@desk", reason="compare")
    for _ in range(10):
        reveals(town, ana)
    with pytest.raises(RequestError, match="too many"):
        reveals(town, ana)
