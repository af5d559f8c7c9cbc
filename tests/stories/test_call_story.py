"""The story of a call as it is told afterwards, and while it lasts."""

from __future__ import annotations

from datetime import timedelta

from ivr.core.ids import CallId
from ivr.workflows.call_story import CALLER, LINE, RECORDING, Item, Story
from tests.stories.test_transfers import colleague, holds, in_talk, transfers
from tests.stories.town import Town


def story_of(town: Town, call) -> Story:
    town.record()
    found = town.switchboard.story.tell(CallId(call.sid))
    assert found is not None
    return found


def spans(story: Story, kind: str) -> list[tuple[str, int]]:
    """Lane, and whole seconds."""
    return [
        (item.lane, round((item.until - item.at).total_seconds()))
        for item in story.items
        if item.kind == kind and item.until
    ]


def only(story: Story, kind: str) -> Item:
    (found,) = [item for item in story.items if item.kind == kind]
    return found


def test_a_transferred_call_shows_both_stays_on_one_axis(town):
    ana, call = in_talk(town)
    town.passes(40)
    holds(town, ana)
    town.passes(25)
    holds(town, ana, on=False)
    bo = colleague(town)
    transfers(town, ana, topic="transfers", note="TXID 4711 looked up")
    ana.finishes()
    call.meets(bo.accepts())
    town.passes(60)

    lasting = story_of(town, call)
    assert lasting.live
    assert [item.open for item in lasting.items if item.kind == "talk"] == [False, True]

    bo.ends()
    town.passes(90)
    told = story_of(town, call)
    assert not told.live
    assert told.lanes == (CALLER, LINE, "agent:ana", "agent:bo", RECORDING)
    assert [(item.values["topic"], item.values["outcome"], item.values["cause"]) for item in told.items if item.kind == "wait"] == [
        ("other", "answered", ""), ("transfers", "answered", "transfer"),
    ]  # fmt: skip
    assert spans(told, "talk") == [("agent:ana", 65), ("agent:bo", 60)]
    assert spans(told, "hold") == [("agent:ana", 25)]
    assert [lane for lane, _ in spans(told, "rang")] == ["agent:ana", "agent:bo"]
    given = only(told, "given")
    assert (given.lane, given.values["how"], given.values["to"]) == ("agent:ana", "cold", "transfers")
    assert spans(told, "recorded")[0][0] == RECORDING
    offers = [item.reason for item in told.items if item.kind == "rang"]
    assert offers[0]["able"] == 1
    assert all(one.at <= other.at for one, other in zip(told.items, told.items[1:], strict=False))
    assert told.end - told.start > timedelta(seconds=125)


def test_the_caller_heard_these_very_words_and_pressed_these_keys(town):
    _, call = in_talk(town)
    call.hangs_up()
    town.settle()
    told = story_of(town, call)
    heard = [item.words for item in told.items if item.kind == "heard"]
    assert any("人工客服绝不会索要您的密码" in words for words in heard)
    assert [item.values["key"] for item in told.items if item.kind == "key"] == ["1", "0"]
    assert all(item.values["version"] for item in told.items if item.kind == "heard")
    assert "138****00" in str(told.around.number)
    assert only(told, "ended").values["by"] == "caller"


def test_what_was_told_of_the_wait_stands_beside_what_it_became(town):
    call = town.queues()
    town.passes(95)
    call.hangs_up()
    town.settle()
    told = story_of(town, call)
    values = [item.values for item in told.items if item.kind == "told"]
    assert values
    assert all(one["answered"] is False and isinstance(one["truth"], int) for one in values)
    assert [item.values["outcome"] for item in told.items if item.kind == "wait"] == ["abandoned"]


def test_a_call_that_is_not_known_has_no_story(town):
    assert town.switchboard.story.tell(CallId("CA" + "f" * 32)) is None
