"""Who may hear whom, as the pages of a room are told it, and whose words go to whom. No browser needed."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ivr.simulator import Network
from ivr.simulator.rooms import Seat
from tests.simulator.service import Service

ONE, TWO, THREE = "+8613800138000", "+447911123456", "+14155550123"
WAY = {(True, True): "both", (True, False): "hears", (False, True): "heard", (False, False): "neither"}


class Page:
    """A page of a telephone that carries its sound."""

    def __init__(self, network: Network, address: str, end: str) -> None:
        self.network, self.end = network, end
        self.phone = network.phone(address)
        self.events = self.phone.line.listen()
        self.sid = self.phone.calls().sid
        network.settle()
        assert self.says({}).ok

    def says(self, body: dict[str, Any]) -> requests.Response:
        url = f"{self.network.base_url}/control/phones/{self.phone.line.id}/hearing"
        return requests.post(url, json={"end": self.end, **body}, timeout=5)

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events.queue) if event["type"] == kind]

    def ways(self) -> dict[str, str]:
        """End → which way sound goes, as this page was told last."""
        others = self.told("hearing")[-1]["others"]
        return {other["end"]: WAY[other["hears"], other["heard"]] for other in others}

    @property
    def seat(self) -> Seat:
        seat = self.network.rest.legs[self.sid].seat
        assert seat is not None
        return seat

    def changes(self, **how: bool) -> None:
        with self.network.rest.loop.change():
            self.network.rest.rooms.change(self.seat, **how)


@pytest.fixture
def room(network: Network, service: Service) -> list[Page]:
    service.answers["/voice/incoming"] = "<Response><Dial><Conference>room</Conference></Dial></Response>"
    return [Page(network, address, end) for address, end in ((ONE, "a"), (TWO, "b"), (THREE, "c"))]


def test_all_hear_all_and_of_each_two_one_speaks_first(room):
    assert [page.ways() for page in room] == [
        {"b": "both", "c": "both"},
        {"a": "both", "c": "both"},
        {"a": "both", "b": "both"},
    ]
    first = {(page.end, other["end"]): other["first"] for page in room for other in page.told("hearing")[-1]["others"]}
    assert all(first[one, two] != first[two, one] for one, two in first)


def test_hold_cuts_both_ways_and_mute_one_way(room):
    one, two, _ = room
    one.changes(hold=True)
    assert one.ways() == {"b": "neither", "c": "neither"}
    assert two.ways() == {"a": "neither", "c": "both"}
    one.changes(hold=False)
    two.changes(muted=True)
    assert one.ways() == {"b": "heard", "c": "both"}
    assert two.ways() == {"a": "hears", "c": "hears"}


def test_a_coach_is_heard_by_the_coached_alone(room):
    one, two, three = room
    with three.network.rest.loop.change():
        three.seat.coaching = one.sid
    assert three.ways() == {"a": "both", "b": "hears"}
    assert two.ways() == {"a": "both", "c": "heard"}


def test_who_hangs_up_is_gone_from_all_pages(room):
    one, two, _ = room
    with one.network.rest.loop.change():
        one.network.rest.hang_up(one.network.rest.legs[one.sid])
    assert two.ways() == {"c": "both"}
    assert one.says({}).status_code == 409


def test_a_page_loaded_anew_counts_and_the_one_before_does_not(room):
    one, two, _ = room
    two.end = "b2"
    assert two.says({}).ok
    assert one.ways() == {"b2": "both", "c": "both"}
    word = {"to": {"sid": two.sid, "end": "b"}, "words": {"n": 1}}
    assert one.says(word).status_code == 409
    assert one.says({**word, "to": {"sid": two.sid, "end": "b2"}}).ok
    assert [(event["end"], event["by"], event["words"]) for event in two.told("signal")] == [
        ("b2", {"sid": one.sid, "end": "a"}, {"n": 1})
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"end": ""},
        {"end": "x" * 65},
        {"end": 5},
        {"to": "b", "words": {}},
        {"to": {"sid": "x", "end": "b"}, "words": "hello"},
    ],
)
def test_nonsense_is_refused_in_words(room, body):
    answer = room[0].says(body)
    assert answer.status_code in (400, 409)
    assert answer.json()["message"]


def test_a_bridge_is_heard_and_a_call_in_the_menu_is_not(network, service):
    service.answers["/voice/incoming"] = f"<Response><Dial><Number>{TWO}</Number></Dial></Response>"
    called = network.phone(TWO)
    events = called.line.listen()
    caller = Page(network, ONE, "a")
    assert caller.ways() == {}
    call = called.rings().answers()
    network.settle()
    url = f"{network.base_url}/control/phones/{called.line.id}/hearing"
    assert requests.post(url, json={"end": "b", "sid": call.sid}, timeout=5).ok
    assert caller.ways() == {"b": "both"}
    assert [event["others"][0]["end"] for event in list(events.queue) if event["type"] == "hearing"] == ["a"]
    assert requests.post(url, json={"end": "b", "sid": "another"}, timeout=5).status_code == 409
