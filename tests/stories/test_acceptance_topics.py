"""What the caller told the menu and what the agent found are both kept (`DOMAIN.md` C4, C19)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.core.ids import Language
from ivr.core.metrics import Share
from ivr.workflows.reports import ReportQuery
from tests.stories.town import Desk, Town

ANY = {"other": 5, "transfers": 5, "refunds": 5}
ZONE = ZoneInfo("Asia/Shanghai")


def served(town: Town, ana: Desk, number: str, *, about: str, notes: str = "") -> str:
    """A caller for transfers is answered; at wrap-up the agent says what it was about."""
    call = town.caller(number)
    town.presses(call, "1222")
    call.meets(ana.accepts())
    town.passes(30)
    call.hangs_up()
    town.settle()
    offer = ana.offer
    assert offer is not None
    town.switchboard.desk.finish(ana.id, offer, disposition="solved", topic=about, notes=notes)
    town.settle()
    return call.sid


def report(town: Town, said: str = ""):
    town.record()
    day = town.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day - timedelta(days=1), end=day + timedelta(days=2), zone=ZONE)
    return town.switchboard.reports.topics(query, said=said)


def test_c19_the_report_shows_menu_topic_against_agent_topic_with_the_share_that_differ(town):
    ana = town.agent("ana", skills=ANY).available()
    for number, about in enumerate(("transfers", "refunds", "transfers", "refunds", "")):
        served(town, ana, f"+861380013810{number}", about=about)
    found = report(town)
    assert [(pair.topic, pair.said, pair.calls) for pair in found.pairs] == [
        ("transfers", "refunds", 2),
        ("transfers", "transfers", 2),
    ]
    [transfers, everything] = found.totals
    assert (transfers.share, transfers.unsaid) == (Share(part=2, whole=4), 1)
    assert everything.share == Share(part=2, whole=4)


def test_c19_the_page_offers_the_menus_topic_and_all_others_in_the_agents_language(town):
    ana = town.agent("ana", skills=ANY).available()
    call = town.caller()
    town.presses(call, "1222")
    call.meets(ana.accepts())
    town.passes(5)
    call.hangs_up()
    town.settle()
    wrap_up = town.switchboard.desk.view(ana.id, Language("en")).wrap_up
    assert wrap_up is not None
    assert wrap_up.topic == "transfers"
    assert ("refunds", "refunds") in wrap_up.topics
    assert wrap_up.topics[-1] == ("other_channel", "Chat or app not working")


def test_c04_the_daily_report_lists_the_calls_whose_reason_is_another_channel_that_failed(town):
    ana = town.agent("ana", skills=ANY).available()
    served(town, ana, "+8613800138101", about="transfers")
    failed = served(town, ana, "+8613800138102", about="other_channel", notes="chat window stays white")
    found = report(town, said="other_channel")
    assert [(row.call, row.topic, row.notes) for row in found.calls] == [
        (failed, "transfers", "chat window stays white")
    ]
