"""The page of one call: who did what, replayed, told, heard with a reason; and written down before it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from ivr.core import facts
from ivr.core.facts import CallEnd, Fact, Outcome
from ivr.core.ids import AgentId, CallId, Language, NodeId, OfferId, PromptId, TopicId
from ivr.core.people import Role
from ivr.core.transfer_facts import HoldEnded, HoldStarted, Transferred
from ivr.workflows.ports import FactRow
from tests.audit import assert_sound
from tests.web.house import HOTLINE, House

CALL = CallId("CA" + "a" * 32)
RECORDING = "RE" + "b" * 32
NUMBER = "+8613900139001"


def transferred(start: datetime, *, version: str, ended: bool = True) -> list[Fact]:
    """A caller hears the menu, waits, is missed by one agent, talks to two, rates; six minutes in all."""
    call, one, two, refunds = CALL, AgentId("a1001"), AgentId("a1002"), TopicId("refunds")

    def s(seconds: float) -> datetime:
        return start + timedelta(seconds=seconds)

    def prompt(at: float, name: str) -> Fact:
        return facts.PromptHeard(
            at=s(at), call=call, prompt=PromptId(name), language=Language("zh"), menu_version=version
        )

    counted = {"signed_in": 3, "able": 1, "busy": 1, "paused": 0, "later": 0, "skill": 1, "language": 0, "waited_s": 55}
    missed, taken, given = OfferId("o1"), OfferId("o2"), OfferId("o3")
    told: list[Fact] = [
        facts.CallStarted(
            at=s(0), call=call, hotline="wallet", dialled=HOTLINE, kind="number", number=NUMBER, country="CN",
            menu_version=version, language=Language("zh"),
        ),
        prompt(0.5, "welcome"),
        facts.NodeEntered(at=s(1), call=call, node=NodeId("main")),
        facts.KeyPressed(at=s(14), call=call, node=NodeId("main"), key="4", result="choice"),
        facts.CaseKept(at=s(20), call=call, case="k", opened=True),
        facts.SegmentStarted(
            at=s(24), call=call, segment=1, topic=refunds, path=("refunds",), language=Language("zh"), priority=100, queued_at=s(24)
        ),
        facts.WaitAnnounced(at=s(25), call=call, segment=1, seconds=60, estimator="ql", prompt=PromptId("wait")),
        facts.OfferMade(at=s(40), call=call, segment=1, offer=missed, agent=two, topic=refunds),
        facts.OfferEnded(at=s(60), call=call, offer=missed, agent=two, result="lapsed"),
        facts.OfferMade(
            at=s(79), call=call, segment=1, offer=taken, agent=one, topic=refunds,
            reason={**counted, "terms": 0, "idle_s": 130, "directed": False},
        ),
        facts.OfferEnded(at=s(83), call=call, offer=taken, agent=one, result="accepted"),
        facts.Answered(at=s(85), call=call, segment=1, offer=taken, agent=one, topic=refunds),
        facts.SegmentEnded(at=s(85), call=call, segment=1, outcome=Outcome.ANSWERED),
        HoldStarted(at=s(120), call=call, segment=1, agent=one),
        HoldEnded(at=s(150), call=call, segment=1, agent=one),
    ]  # fmt: skip
    if not ended:
        return told
    return [
        *told,
        Transferred(at=s(190), call=call, segment=1, agent=one, topic=TopicId("transfers"), how="cold"),
        facts.TalkOver(at=s(190), call=call, segment=1, offer=taken, agent=one, ended_by="transfer"),
        facts.SegmentStarted(
            at=s(190), call=call, segment=2, topic=TopicId("transfers"), path=("refunds",), language=Language("zh"),
            priority=0, queued_at=s(24), cause="transfer",
        ),
        facts.Disposed(at=s(215), call=call, offer=taken, agent=one, disposition="passed_on", notes="Sent to the wrong network"),
        facts.OfferMade(at=s(205), call=call, segment=2, offer=given, agent=two, topic=TopicId("transfers"),
                        reason={**counted, "terms": 1, "idle_s": 9, "directed": False}),
        facts.OfferEnded(at=s(209), call=call, offer=given, agent=two, result="accepted"),
        facts.Answered(at=s(211), call=call, segment=2, offer=given, agent=two, topic=TopicId("transfers")),
        facts.TalkOver(at=s(330), call=call, segment=2, offer=given, agent=two, ended_by="agent"),
        facts.RecordingKept(at=s(333), call=call, recording=RECORDING, duration_s=89),
        facts.SurveyAsked(at=s(332), call=call, channel="phone"),
        facts.SurveyAnswered(at=s(345), call=call, channel="phone", score=4, solved="yes"),
        facts.CallEnded(at=s(360), call=call, end=CallEnd.ANSWERED, left="survey", hung_up_by="caller"),
        facts.Disposed(at=s(365), call=call, offer=given, agent=two, disposition="solved"),
    ]  # fmt: skip


def keep(house: House, *, ended: bool = True, ago: float = 400) -> None:
    house.agent("a1002", shown="Agent 1002")
    version = house.switchboard.menus.trees[0].version
    told = transferred(house.now - timedelta(seconds=ago), version=version, ended=ended)
    rows = [FactRow(id=f"{CALL}:{at}:0", hotline="wallet", fact=fact) for at, fact in enumerate(told)]
    house.switchboard.records.write(rows)


@pytest.fixture
def kept(staffed: House) -> House:
    keep(staffed)
    return staffed


def test_the_page_tells_all_of_it_masked_and_who_looked_is_written_down_before(kept):
    lead = kept.client("lead")
    page = lead.get(f"/supervisor/calls/{CALL}").text
    newest = kept.switchboard.people.audit_rows()[0]
    assert (newest.who, newest.what, newest.object) == ("lead", "call.look", CALL)
    assert NUMBER not in page
    assert "+86 139****01" in page
    for words in (
        "Waited for refunds, urgent, for 1:01: answered.",
        "Was told: about 1 min · answered 1:00 later",
        "Rang for 0:20: did not answer.",
        "Talk of 1:15, and 0:30 on hold · ended by a transfer",
        "The caller on hold for 0:30.",
        "Transferred the caller to the queue: transfers.",
        "Sent to the wrong network",
        "Rated 4 of 5 · solved",
        "The call ended: Answered; the caller hung up.",
        "Of 3 agents signed in, 1 could take the call now.",
        "This one met all that was wanted; among equals, idle longest: 2:10.",
        "This one met what is enough after a wait of this length",
        "Not considered, without the skill: 1.",
    ):
        assert words in page, words
    assert f"/supervisor/calls?caller={kept.switchboard.seals.index(NUMBER)}" in page
    told = lead.get(f"/api/v1/calls/{CALL}").json
    assert told["lanes"] == ["caller", "line", "agent:a1002", "agent:a1001", "recording"]
    assert [one["topic"] for one in told["stays"]] == ["refunds", "transfers"]
    assert (told["number"], told["rating"], told["live"]) == ("+86 139****01", 4, False)
    assert kept.client("root").get(f"/supervisor/calls/{CALL}").status_code == 403


def test_a_recording_is_heard_after_a_reason_was_written_down_and_by_nobody_else(kept, monkeypatch):
    monkeypatch.setitem(kept.switchboard.story.hear.__dict__, "sound", lambda _recording: b"RIFF")
    lead = kept.client("lead")
    path = f"/supervisor/calls/{CALL}/recording"

    def ask(**form: str):
        return lead.post(path, data={"csrf": lead.token(), "recording": RECORDING, **form})

    assert ask().status_code == 422
    assert ask(reason="complaint", recording="RE" + "c" * 32).status_code == 404
    assert lead.get(f"{path}/{RECORDING}").status_code == 404
    led = ask(reason="complaint")
    newest = kept.switchboard.people.audit_rows()[0]
    assert (newest.what, newest.object) == ("recording.play", CALL)
    assert "complaint" in newest.detail
    page = lead.get(led.location.partition("#")[0]).text
    address = page.split('<audio controls preload="none" src="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    sound = lead.get(address)
    assert (sound.data, sound.headers["Cache-Control"]) == (b"RIFF", "no-store")
    assert sound.headers["Content-Disposition"].startswith("attachment")
    assert lead.get(address.replace("sign=", "sign=0")).status_code == 404
    kept.account("second", Role.SUPERVISOR)
    assert kept.client("second").get(address).status_code == 404


def test_a_call_is_played_again_by_keyboard(kept, visit, language_pair, screenshots):
    for language in language_pair:
        page = visit("lead", f"/supervisor/calls/{CALL}", language=language)
        expect(page.locator(".replay-bar")).to_be_visible()
        expect(page.locator(".lane")).to_have_count(5)
        seek, clock = page.locator("#replay-seek"), page.locator("#replay-clock")
        seek.focus()
        for _ in range(4):
            page.keyboard.press("PageUp")
        expect(clock).to_have_text("2:00 / 6:05")
        expect(page.locator("#told .now.hold")).to_be_visible()
        expect(page.locator("#told .now.talk")).to_be_visible()
        assert page.locator(".head").first.get_attribute("x1") == str(1000 * 120 / 365)
        screenshots.take(page, f"call-{language}.png", full_page=True)
        assert_sound(page, f"call, {language}")
    page.locator("#replay-speed").select_option("60")
    seek.focus()
    page.keyboard.press("Space")
    expect(page.locator("#replay-play")).to_have_attribute("aria-pressed", "true")
    expect(clock).to_have_text("6:05 / 6:05")
    expect(page.locator("#replay-play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#told .now.result")).to_be_visible()


@pytest.fixture
def language_pair() -> tuple[str, str]:
    return ("en", "zh")


def test_a_call_that_lasts_is_told_up_to_now(staffed):
    keep(staffed, ended=False, ago=180)
    page = staffed.client("lead").get(f"/supervisor/calls/{CALL}").text
    assert "in progress, as of" in page
    assert page.count("lasts still") == 1
    assert "Look again" in page
