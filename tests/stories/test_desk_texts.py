"""Texts that an agent sends in the talk: prepared by the operator, once each, to the number that calls."""

from __future__ import annotations

import pytest

from ivr.core.errors import RequestError, Unavailable
from ivr.core.session import State
from ivr.simulator import Call
from tests.stories.callbacks import every_text
from tests.stories.evidence import Browser, link_in, links, panel
from tests.stories.test_outages import Outage, outage  # noqa: F401 - a fixture
from tests.stories.town import Desk, Town

ANA = "+14155550123"
SKILLS = {"transfers": 4, "account_security": 4, "refunds": 4, "deposits_withdrawals": 4, "other": 4}


def in_talk(town: Town, keys: str = "2222", number: str = ANA) -> tuple[Call, Desk]:
    call = town.caller(number)
    town.presses(call, keys)
    desk = town.agent("ana", skills=SKILLS).available()
    call.meets(desk.accepts())
    assert town.session(call).state is State.CONNECTED
    return call, desk


def sends(town: Town, desk: Desk, text: str) -> str:
    """The text that goes out, as the caller reads it; empty: none did."""
    before = len(every_text(town, ANA))
    assert desk.offer is not None
    town.switchboard.text_caller(desk.id, desk.offer, text)
    town.settle()
    fresh = every_text(town, ANA)[before:]
    assert len(fresh) <= 1
    return fresh[0] if fresh else ""


def offered(town: Town, desk: Desk) -> dict[str, bool]:
    return {one.name: one.sent for one in panel(town, desk.id).call.card.texts}


def test_a_link_sent_in_the_talk_works_and_is_about_the_case(town):
    call, ana = in_talk(town)
    body = sends(town, ana, "upload")
    case = town.session(call).case
    assert case is not None
    assert body == f"tpWallet case {case.number}: add details or files at {link_in(town, ANA)} . Valid 24 hours."
    assert [(row.call, row.case) for row in links(town)] == [(call.sid, case.id)]
    page = Browser(link_in(town, ANA))
    page.opens()
    page.sends(email="ana@example.org", what="It is late")
    [form] = panel(town, ana.id).evidence
    assert form.fields["what"] == "It is late"


def test_the_steps_of_a_topic_are_whole_words_whatever_they_name(town):
    call, ana = in_talk(town)
    body = sends(town, ana, "steps")
    case = town.session(call).case
    assert case is not None
    assert f"Case {case.number}: more ways and a form at {link_in(town, ANA)} . Valid 24 hours." in body


def test_each_is_sent_once_and_the_page_says_so(town):
    _, ana = in_talk(town)
    assert offered(town, ana) == {"steps": False, "upload": False, "fees": False}
    assert sends(town, ana, "fees")
    assert sends(town, ana, "fees") == ""
    assert offered(town, ana) == {"steps": False, "upload": False, "fees": True}


def test_the_words_on_the_page_are_those_that_the_caller_reads(town):
    _, ana = in_talk(town, keys="1222")
    shown = {one.name: one for one in panel(town, ana.id).call.card.texts}
    assert shown["fees"].label == "Limits and fees", "in the language of the page"
    assert shown["fees"].words == sends(town, ana, "fees")
    assert shown["fees"].words.startswith("【tpWallet】最新限额与手续费"), "in the language of the caller"


def test_only_texts_of_the_topic_are_offered_and_sent(town):
    _, ana = in_talk(town)
    for unknown in ("reset", "sms_freeze", ""):
        with pytest.raises(RequestError, match="no such text"):
            sends(town, ana, unknown)
    assert every_text(town, ANA) == []


def test_after_three_links_the_agent_is_told_that_no_more_is_sent(town):
    call = town.caller(ANA)
    town.presses(call, "2211")
    call.presses("#")
    town.settle()
    town.presses(call, "1")  # the first one, asked for in the menu
    ana = town.agent("ana", skills=SKILLS).available()
    call.meets(ana.accepts())
    assert sends(town, ana, "upload")
    assert sends(town, ana, "steps")
    ana.ends()
    assert len(links(town)) == 3


def test_nothing_goes_out_after_the_talk(town):
    call, ana = in_talk(town)
    offer = ana.offer
    call.hangs_up()
    town.settle()
    with pytest.raises(RequestError, match="talk is over"):
        town.switchboard.text_caller(ana.id, offer, "fees")
    assert not any("fees" in text for text in every_text(town, ANA))


def test_a_link_that_cannot_be_stored_is_not_sent_and_can_be_sent_later(outage: Outage):  # noqa: F811 - the fixture
    town = outage.town
    call, ana = in_talk(town)
    outage.begins("sql")
    with pytest.raises(Unavailable):
        town.switchboard.text_caller(ana.id, ana.offer, "upload")
    outage.ends()
    assert every_text(town, ANA) == []
    assert "add details or files at" in sends(town, ana, "upload")
    call.hangs_up()
    town.settle()
