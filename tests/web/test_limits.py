"""Limits that several processes share, and what they do while Redis is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.app import create_app
from ivr.core.errors import Unavailable
from ivr.storage.redis.connection import Link
from ivr.storage.redis.tallies import Tallies
from ivr.web import limits
from ivr.web.limits import HOUR, Limit, network_of
from tests.web.house import House

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes."
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def links(redis, redis_url: str):
    opened = [Link(redis_url), Link(redis_url), Link(NOWHERE)]
    yield opened
    for link in opened:
        link.close()


def process(link: Link, *, most: int = 3, strict: bool = False, at: datetime = AT) -> Limit:
    """The same limit as one process of several holds it."""
    return Limit(what="looks", most=most, tallies=Tallies(link, SECRET), now=lambda: at, strict=strict)


def test_two_processes_share_one_count(links):
    one, two = process(links[0]), process(links[1])
    answers = [one.admits("198.51.100.7"), two.admits("198.51.100.7"), one.admits("198.51.100.7")]
    assert answers == [True, True, True]
    assert not two.admits("198.51.100.7"), "the fourth in all, the second here"
    assert two.admits("198.51.100.8"), "somebody else"


def test_a_count_begins_anew_with_its_window(links):
    assert [process(links[0], most=1).admits("a") for _ in range(2)] == [True, False]
    assert process(links[1], most=1, at=AT + timedelta(minutes=10)).admits("a")


def test_kinds_are_counted_apart(links):
    other = Limit(what="sends", most=1, tallies=Tallies(links[0], SECRET), now=lambda: AT)
    assert process(links[0], most=1).admits("a")
    assert other.admits("a")


def test_while_redis_is_away_an_open_limit_counts_alone_and_a_strict_one_is_shut(links):
    alone = process(links[2], most=2)
    assert [alone.admits("a") for _ in range(3)] == [True, True, False]
    with pytest.raises(Unavailable):
        process(links[2], strict=True).admits("a")


def test_redis_holds_no_address_and_forgets_its_windows(links, redis):
    tallies = Tallies(links[0], SECRET)
    for number in range(300):
        tallies.count("looks", f"198.51.100.{number}", at=AT, window=HOUR)
    [key] = redis.keys("*tally*")
    assert 0 < redis.ttl(key) <= 2 * 3600
    assert not any(b"198" in part for pair in redis.hgetall(key).items() for part in pair if len(part) > 6)
    assert redis.hlen(key) > 290, "drawers are many enough to tell callers apart"


def test_a_flood_of_addresses_fills_no_more_than_the_drawers(links, redis, monkeypatch):
    monkeypatch.setattr("ivr.storage.redis.tallies.DRAWERS", 16)
    for number in range(200):
        Tallies(links[0], SECRET).count("looks", str(number), at=AT, window=HOUR)
    [key] = redis.keys("*tally*")
    assert redis.hlen(key) == 16


def test_the_count_of_one_process_is_bounded_too(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KNOWN", 50)
    own = limits.Own()
    for number in range(500):
        own.count(str(number), AT, HOUR)
    assert len(own._counts) <= 52


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", ""),
        (None, ""),
        ("unix:", "unix:"),
    ],
)
def test_of_an_ipv6_address_the_network_counts(address, counted):
    assert network_of(address) == counted


# ---- where they stand -----------------------------------------------------------------------------------------------


def ticket(house: House, token: str, **more: str):
    headers = {"Authorization": f"Bearer {token}", **more}
    return house.client().post(
        "/api/v1/tickets", json={"number": "+8613800138000", "topic": "refunds"}, headers=headers
    )


def test_wrong_tokens_of_one_address_wait_and_the_right_one_beside_them_does_not(house):
    right = house.switchboard.tokens.add("app", ["tickets:write"], who="root", at=house.now)
    answers = [ticket(house, "ivr_wrong").status_code for _ in range(62)]
    assert set(answers[:60]) == {401}
    assert answers[60:] == [429, 429]
    assert int(ticket(house, "ivr_wrong").headers["Retry-After"]) == 600
    assert ticket(house, right).status_code == 201


def test_one_program_that_asks_too_often_waits(house, monkeypatch):
    monkeypatch.setattr("ivr.web.security.ASKED", 2)
    house.app = create_app(house.switchboard)
    right = house.switchboard.tokens.add("app", ["tickets:write"], who="root", at=house.now)
    other = house.switchboard.tokens.add("crm", ["tickets:write"], who="root", at=house.now)
    assert [ticket(house, right).status_code for _ in range(3)][-1] == 429
    assert ticket(house, other).status_code == 201


def test_a_person_opens_so_many_files_in_an_hour_and_none_uncounted(staffed, monkeypatch):
    monkeypatch.setattr("ivr.web.evidence.OPENED", 2)
    staffed.app = create_app(staffed.switchboard)
    lead, other = staffed.client("lead"), staffed.client("a1001")
    assert [lead.get("/evidence/unknown").status_code for _ in range(3)] == [404, 404, 429]
    assert other.get("/evidence/unknown").status_code == 404

    def away(*_: object, **__: object) -> int:
        raise Unavailable("Redis is away")

    monkeypatch.setattr(Tallies, "count", away)
    assert other.get("/evidence/unknown").status_code == 503
    assert staffed.client().get("/e/" + "a" * 26).status_code == 410, "a caller's link is answered all the same"
