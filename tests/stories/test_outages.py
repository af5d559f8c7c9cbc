"""Redis stops, SQL stops, both stop, in the middle of calls: every request is answered, and afterwards nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.core.errors import Unavailable
from ivr.core.session import State
from ivr.embedded import EmbeddedRedis
from tests.stories.town import Town, open_town

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}
pytestmark = pytest.mark.timeout(180)


class Outage:
    """A town whose Redis and database can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = EmbeddedRedis(folder / "redis").start(join=False)
        self.database = folder / "town.sqlite3"
        self.town: Town = open_town(redis_url=self.server.url, database_url=f"sqlite:///{self.database}", folder=folder)

    def redis_stops(self) -> None:
        self.town.dispatching = False
        self.server.stop()

    def redis_returns(self) -> None:
        self.server.start(join=False)
        self.town.network.wait_until(self._answers, within_s=10, what="Redis")
        self.town.dispatching = True

    def _answers(self) -> bool:
        try:
            return bool(self.town.switchboard.link.run(lambda connection: connection.ping()))
        except Unavailable:
            return False

    def sql_stops(self) -> None:
        """No connection of the voice path gets through: the file is a folder now."""
        for engine in (self.town.switchboard.engine, self.town.switchboard.voice_engine):
            engine.dispose()
        self.database.rename(self.folder / "away.sqlite3")
        self.database.mkdir()

    def close(self) -> None:
        self.town.close()
        self.server.stop()


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Outage]:
    place = Outage(tmp_path)
    try:
        with place.town.network:
            yield place
            assert place.town.network.violations() == []
    finally:
        place.close()


@pytest.mark.parametrize("step", range(5))
def test_redis_stops_at_a_step_of_the_menu_and_the_caller_goes_on(outage, step):
    town = outage.town
    call = town.caller()
    for key in "121"[:step]:
        town.presses(call, key)
    outage.redis_stops()
    for key in "12111"[step:]:
        town.presses(call, key)
        town.passes(0.5)
    assert call.state == "in-progress"
    outage.redis_returns()
    town.passes(40)
    assert town.session(call).state in (State.MENU, State.QUEUED)
    call.hangs_up()
    town.settle()
    assert town.session(call).state is State.ENDED


def test_callers_who_wait_keep_waiting_and_are_answered_afterwards(outage):
    town = outage.town
    calls = []
    for number in range(3):
        calls.append(town.queues(f"+861380013800{number}"))
        town.passes(0.5)
    outage.redis_stops()
    town.passes(40)
    assert all(call.state == "in-progress" for call in calls)
    outage.redis_returns()
    town.passes(20)
    ana = town.agent("ana", skills=ANY).available()
    for call in calls:
        call.meets(ana.accepts())
        ana.ends()
        ana.finishes()


@pytest.mark.parametrize("both", [False, True])
def test_sql_stops_and_a_new_call_is_answered_all_the_same(outage, both):
    town = outage.town
    outage.sql_stops()
    if both:
        outage.redis_stops()
    call = town.caller()
    call.hears("For English")
    town.presses(call, "10")
    town.passes(20)
    assert "队列" in call.text
    assert call.state == "in-progress"
