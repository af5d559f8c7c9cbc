"""Notes are saved while they are typed: through the API that the page uses, and what becomes of them in the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from ivr.core.agents import TalkEnded
from ivr.core.facts import Disposed
from ivr.core.ids import AgentId
from tests.web.house import House
from tests.web.test_desk import facts_of, opened, talking

SAID = {
    "notes": "Card 4111 1111 1111 1111, asks for a refund",
    "disposition": "pending",
    "disposition_reason": "bank_slow",
    "topic": "",
    "follow_up": "",
    "account_changed": False,
    "standing": "",
}


@dataclass(frozen=True)
class Late:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def runs_out(house: House) -> None:
    """The countdown of the wrap-up ends, and nobody is at the page."""
    present = house.switchboard.presences.find(AgentId("a1001"))
    assert present is not None
    assert present.wrap_up_until is not None
    late = Late(present.wrap_up_until + timedelta(seconds=1))
    replace(house.switchboard.end_wrap_up, clock=late)(AgentId("a1001"))


def test_notes_stand_there_again_and_cards_are_masked(staffed):
    browser, offer = talking(staffed)
    assert browser.get(f"/api/v1/offers/{offer}/notes").json["notes"] == ""
    kept = browser.asks(f"/api/v1/offers/{offer}/notes", SAID)
    assert kept.status_code == 200
    again = browser.get(f"/api/v1/offers/{offer}/notes").json
    assert again == kept.json
    assert again["disposition"] == "pending"
    assert "4111" not in again["notes"]
    assert again["notes"].endswith("asks for a refund")


def test_notes_are_the_agents_own_and_of_the_present_call(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/notes", SAID)
    staffed.agent("a1002")
    other = opened(staffed, "a1002")
    assert other.get(f"/api/v1/offers/{offer}/notes").json["notes"] == ""
    refused = other.asks(f"/api/v1/offers/{offer}/notes", {"notes": "mine"})
    assert (refused.status_code, refused.json["error"]) == (409, "offer_over")
    assert browser.get(f"/api/v1/offers/{offer}/notes").json["notes"] != "mine"


@pytest.mark.parametrize(
    ("body", "error"), [({"notes": "x" * 2001}, "notes_too_long"), ({"topic": "x" * 65}, "field_too_long")]
)
def test_notes_have_a_limit(staffed, body, error):
    browser, offer = talking(staffed)
    assert browser.asks(f"/api/v1/offers/{offer}/notes", {"notes": "x" * 2000}).status_code == 200
    refused = browser.asks(f"/api/v1/offers/{offer}/notes", body)
    assert (refused.status_code, refused.json["error"]) == (422, error)


def test_what_was_written_and_chosen_counts_when_wrap_up_runs_out(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/notes", {**SAID, "topic": "refunds"})
    runs_out(staffed)
    (kept,) = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.disposition_reason, kept.by_default) == ("pending", "bank_slow", False)
    assert kept.topic == "refunds"
    assert kept.notes.endswith("asks for a refund")
    assert browser.get("/api/v1/desk").json["presence"] == "available"
    assert staffed.switchboard.notes.kept.find(offer).notes == ""


def test_only_what_was_left_open_takes_its_default(staffed):
    browser, offer = talking(staffed)
    browser.asks(
        f"/api/v1/offers/{offer}/notes", {"notes": "Told to wait.", "topic": "nonsense", "account_changed": True}
    )
    browser.asks(f"/api/v1/offers/{offer}/end")
    runs_out(staffed)
    (kept,) = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.by_default, kept.notes) == ("no_result", True, "Told to wait.")
    assert (kept.topic, kept.account_changed) == ("", False)


def test_notes_of_a_page_that_never_came_back_are_in_the_record(staffed):
    """The line was lost in the talk, nobody came back, and the caller waits for somebody else."""
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/notes", SAID)
    now = staffed.now
    staffed.leaves(offer)
    staffed.switchboard.presences.change(
        "a1001", TalkEnded(at=now, offer=offer, wrap_up_until=now + timedelta(seconds=30))
    )
    runs_out(staffed)
    (kept,) = facts_of(staffed, Disposed)
    assert (kept.disposition, kept.by_default) == ("pending", False)


def test_a_case_takes_over_what_was_chosen_and_notes_alone_leave_it_as_it_stood(staffed):
    browser, offer = talking(staffed)
    board = staffed.switchboard
    call = board.presences.offer(offer).call
    board.cases.open_for(board.sessions.find(call), staffed.now)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/notes", {"notes": "Waits for the bank."})
    runs_out(staffed)
    case = board.desk_cases.of_call(call)
    assert (case.status, case.note) == ("open", "Waits for the bank.")


def test_a_finished_wrap_up_forgets_what_was_kept(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/notes", SAID)
    browser.asks(f"/api/v1/offers/{offer}/end")
    browser.asks(f"/api/v1/offers/{offer}/finish", {"disposition": "solved", "notes": "Done."})
    assert [fact.notes for fact in facts_of(staffed, Disposed)] == ["Done."]
    assert staffed.switchboard.notes.kept.find(offer).notes == ""
