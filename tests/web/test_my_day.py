"""An agent's own day, on the page and in its figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from ivr.core.events import AgentEnded, CallerLeft, OfferFailed
from ivr.core.ids import AgentId, OfferId
from ivr.core.own_day import StateSpan, Work
from ivr.web.my_day import WIDTH, bars, hours, told
from ivr.workflows.my_day import MyDay, ShowMyDay
from tests.audit import assert_sound
from tests.web.house import House

AGENT = AgentId("a1001")
OTHER = "+8613800138021"


def offered(house: House) -> OfferId:
    present = house.switchboard.presences.find(AGENT)
    assert present is not None
    assert present.offer is not None
    return present.offer


def takes_a_call(house: House, number: str = OTHER, *, held: bool = False) -> None:
    """One call from the menu to the result."""
    board = house.switchboard
    board.desk.ready(AGENT)
    caller = house.phones(number).presses("1211#2")
    offer = offered(house)
    board.desk.accept(AGENT, offer)
    house.joins(offer)
    if held:
        board.transfer.hold(AGENT, offer, on=True)
    board.take_call.tell(caller.call, AgentEnded(at=house.now, offer=offer))
    board.take_call.tell(caller.call, CallerLeft(at=house.now))
    board.desk.finish(AGENT, offer, disposition="solved")
    house.records()


def misses_a_call(house: House) -> None:
    board = house.switchboard
    board.desk.ready(AGENT)
    caller = house.phones(OTHER).presses("1211#2")
    offer = offered(house)
    board.take_call.tell(caller.call, OfferFailed(at=house.now, offer=offer, missed=True))
    caller.hangs_up()
    house.records()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_day_shows_calls_missed_ones_and_what_the_agent_did(staffed, visit, screenshots, language):
    staffed.switchboard.desk.open(AGENT)
    takes_a_call(staffed, held=True)
    misses_a_call(staffed)
    page = visit("a1001", "/agent/day", language=language)
    answered, solved, gone = {
        "en": ("Calls answered", "Solved", "hung up"),
        "zh": ("接听来电", "已解决", "已挂断"),
    }[language]
    figures = page.locator("table.figures tr").filter(has_text=answered)
    expect(figures.locator("td").first).to_have_text("1")
    expect(figures.locator("td").nth(1)).to_have_text("–")  # alone there is no median
    expect(page.locator("section").filter(has=page.locator("#calls-title"))).to_contain_text(solved)
    expect(page.locator("section").filter(has=page.locator("#missed-title"))).to_contain_text(gone)
    assert page.locator("svg.timeline rect").count() > 0
    page.locator("summary").last.click()
    screenshots.take(page, f"agent-day-{language}.png", full_page=True)
    assert_sound(page, "my day")


def test_another_day_is_asked_for_by_its_date_and_nonsense_is_refused(staffed):
    client = staffed.client("a1001")
    assert "2026-03-01" in client.get("/agent/day?day=2026-03-01").text
    for wrong in ("yesterday", "0001-01-01", "2026-02-30", "9999-12-31"):
        assert client.get(f"/agent/day?day={wrong}").status_code == 422, wrong


def test_nobody_sees_the_day_of_another(staffed):
    staffed.agent("a1002", shown="Agent 1002")
    staffed.switchboard.desk.open(AGENT)
    takes_a_call(staffed)
    other = staffed.client("a1002").get("/agent/day?agent=a1001").text
    assert "<td>Solved" in staffed.client("a1001").get("/agent/day").text
    assert "<td>Solved" not in other
    assert staffed.client("lead").get("/agent/day").status_code in (403, 404)


class Days:
    """Work of so many agents, five calls more for each next one."""

    def __init__(self, agents: int) -> None:
        self.agents = agents

    def calls(self, *_: object) -> tuple[()]:
        return ()

    missed = states = calls

    def work(self, *_: object) -> list[Work]:
        return [
            Work(
                agent=AgentId(f"a{number}"),
                answered=5 * number,
                handled=5 * number,
                talk=timedelta(minutes=10 * number),
                hold=timedelta(minutes=number),
                wrap=timedelta(minutes=4 * number),
                done=timedelta(minutes=15 * number),
                offers=5 * number,
                missed=number,
                declined=0,
            )
            for number in range(1, self.agents + 1)
        ]


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 29, 12, tzinfo=UTC)


def figures(agents: int) -> dict[str, tuple[object, object]]:
    shown = ShowMyDay(rows=Days(agents), clock=Noon(), zone="Europe/Berlin")(AgentId("a1"))
    return {one.name: (one.own, one.median) for one in shown.figures}


def test_the_median_stands_beside_the_own_figure_only_when_it_gives_nobody_away():
    assert figures(3)["answered"] == (5, None)
    assert figures(4)["answered"] == (5, 12.5)
    assert figures(5)["answered"] == (5, 15)
    assert figures(5)["handle_time"] == (timedelta(minutes=3), timedelta(minutes=3))
    assert figures(5)["missed"] == (1, 3)


def test_who_has_no_call_has_no_averages():
    shown = ShowMyDay(rows=Days(5), clock=Noon(), zone="Europe/Berlin")(AgentId("nobody"))
    own = {one.name: one.own for one in shown.figures}
    assert (own["answered"], own["handle_time"], own["talk"]) == (0, None, None)


def day_of(day: date, zone: ZoneInfo, *states: StateSpan) -> MyDay:
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
    return MyDay(
        day=day, start=start, end=end, today=False, figures=(), colleagues=0, calls=(), missed=(), states=states
    )


def test_the_scale_of_a_day_of_23_hours_ends_where_the_day_ends():
    zone = ZoneInfo("Europe/Berlin")
    shown = day_of(date(2026, 3, 29), zone)
    assert (shown.end - shown.start) == timedelta(hours=23)
    marks = {word: x for x, word in hours(shown, zone)}
    assert marks["00"] == 0
    assert marks["03"] == pytest.approx(WIDTH * 2 / 23, abs=0.01)
    assert marks["21"] == pytest.approx(WIDTH * 20 / 23, abs=0.01)


def test_an_open_stretch_grows_until_now_and_a_signed_out_one_is_no_bar():
    zone = ZoneInfo("Asia/Shanghai")
    start = datetime(2026, 3, 2, tzinfo=zone).astimezone(UTC)
    shown = day_of(
        date(2026, 3, 2),
        zone,
        StateSpan(presence="signed_out", reason="", start=start, end=start + timedelta(hours=8)),
        StateSpan(presence="available", reason="", start=start + timedelta(hours=8), end=None),
    )
    [bar] = bars(shown, start + timedelta(hours=14), words={"available": "Ready"})
    assert (bar.words, bar.x, bar.width) == ("Ready · 6:00:00", pytest.approx(333.33), 250.0)


def test_durations_and_numbers_read_like_those_of_people():
    assert [told(one) for one in (None, 0, 12.5, timedelta(seconds=59.6), timedelta(hours=1, seconds=5))] == [
        "–",
        "0",
        "12.5",
        "1:00",
        "1:00:05",
    ]
