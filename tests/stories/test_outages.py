"""Redis stops, SQL stops, both stop, at each step of a call: every request is answered, and afterwards nobody is lost.

The telephone network itself notes a violation for a signed voice request that is not answered with 200 and a valid
document within 3 s of real time; every story here ends by asking for these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.errors import IvrError, Unavailable
from ivr.core.session import State
from ivr.embedded import EmbeddedRedis
from ivr.simulator import Call
from tests import servers
from tests.stories.town import Desk, Town, open_town, troubles

ANY = {"other": 5, "transfers": 5, "refunds": 5, "account_security": 5, "deposits_withdrawals": 5}
pytestmark = pytest.mark.timeout(180)


class Sqlite:
    """A database that can be taken away: its file becomes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "town.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def stops(self) -> None:
        self.file.rename(self.folder / "away.sqlite3")
        self.file.mkdir()

    def returns(self) -> None:
        self.file.rmdir()
        (self.folder / "away.sqlite3").rename(self.file)


class Postgresql:
    """A server of its own, stopped for real."""

    def __init__(self, cluster: servers.Postgres) -> None:
        self.cluster = cluster
        self.url = cluster.url(cluster.create(cluster.master))

    def stops(self) -> None:
        self.cluster.stop()

    def returns(self) -> None:
        self.cluster.serve()


class Outage:
    """A town whose Redis and database can be taken away and given back."""

    def __init__(self, folder: Path, database: Sqlite | Postgresql) -> None:
        self.server = EmbeddedRedis(folder / "redis").start(join=False)
        self.database = database
        self.gone: set[str] = set()
        self.town: Town = open_town(redis_url=self.server.url, database_url=database.url, folder=folder)

    def begins(self, *what: str) -> None:
        if "redis" in what:
            self.town.dispatching = False
            self.server.stop()
        if "sql" in what:
            for engine in (self.town.switchboard.engine, self.town.switchboard.voice_engine):
                engine.dispose()
            self.database.stops()
        self.gone |= set(what)

    def ends(self) -> None:
        if "redis" in self.gone:
            self.server.start(join=False)
            self.town.network.wait_until(self._answers, within_s=10, what="Redis")
            self.town.dispatching = True
        if "sql" in self.gone:
            self.database.returns()
        self.gone.clear()
        self.town.settle()

    def _answers(self) -> bool:
        try:
            return bool(self.town.switchboard.link.run(lambda connection: connection.ping()))
        except Unavailable:
            return False

    def close(self) -> None:
        self.town.close()
        self.server.stop()


@pytest.fixture
def outage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Outage]:
    kind = getattr(request, "param", "sqlite")
    database = Sqlite(tmp_path) if kind == "sqlite" else Postgresql(request.getfixturevalue("postgres"))
    place = Outage(tmp_path, database)
    try:
        with place.town.network:
            yield place
            assert place.town.violations() == []
            assert troubles() == place.town.troubles
    finally:
        if "sql" in place.gone:
            database.returns()
        place.close()


# ---- the steps of a call: how it gets there, and what the caller does while the stores are away -------------------


class Story:
    """One caller and one agent, brought to a step of their call."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.ana: Desk = town.agent("ana", skills=ANY)
        self.call: Call | None = None
        self.leg: Call | None = None
        self.offer = ""

    def keys(self, keys: str) -> None:
        assert self.call is not None
        self.town.presses(self.call, keys)

    def nobody(self) -> None:
        """Before the first ring."""

    def rings_in(self) -> None:
        self.call = self.town.caller()

    def chooses_the_language(self) -> None:
        self.rings_in()
        self.keys("1")

    def chooses_a_topic(self) -> None:
        self.rings_in()
        self.keys("12")

    def is_asked_when(self) -> None:
        self.rings_in()
        self.keys("121")

    def is_asked_for_digits(self) -> None:
        self.rings_in()
        self.keys("1211")

    def waits(self) -> None:
        self.call = self.town.queues()
        self.town.passes(16)

    def is_rung_for(self) -> None:
        self.ana.available()
        self.call = self.town.queues()
        assert self.ana.presence is Presence.RESERVED

    def accepted(self) -> None:
        """Accept was pressed; the page has not dialled in yet."""
        self.is_rung_for()
        assert self.ana.offer is not None
        self.offer = self.ana.offer
        self.town.switchboard.desk.accept(self.ana.id, self.ana.offer)

    def talks(self) -> None:
        self.is_rung_for()
        self.leg = self.ana.accepts()
        assert self.call is not None
        self.call.meets(self.leg)
        self.town.passes(5)

    def hears_the_closing_words(self) -> None:
        self.talks()
        self.town.dispatching = False  # the caller is still in the room when the stores go
        assert self.ana.offer is not None
        self.town.switchboard.desk.end(self.ana.id, self.ana.offer)

    def leaves_a_message(self) -> None:
        self.call = self.town.queues()
        self.keys("2")
        self.town.passes(4)


IN_THE_MENU = (Story.chooses_the_language, Story.chooses_a_topic, Story.is_asked_when, Story.is_asked_for_digits)
STEPS: tuple[Callable[[Story], None], ...] = (
    Story.nobody,
    Story.rings_in,
    *IN_THE_MENU,
    Story.waits,
    Story.is_rung_for,
    Story.accepted,
    Story.talks,
    Story.hears_the_closing_words,
    Story.leaves_a_message,
)
AWAY = {
    "redis": ("sqlite", ("redis",)),
    "sqlite": ("sqlite", ("sql",)),
    "redis and sqlite": ("sqlite", ("redis", "sql")),
    "postgresql": ("postgresql", ("sql",)),
    "redis and postgresql": ("postgresql", ("redis", "sql")),
}
ON_BOTH = (Story.rings_in, Story.waits, Story.talks, Story.leaves_a_message)
"""Steps at which the kind of database could make a difference: the others ask the same of it."""
OUTAGES = [
    pytest.param(step, *how, id=f"{step.__name__}-{name}")
    for step in STEPS
    for name, how in AWAY.items()
    if how[0] == "sqlite" or step in ON_BOTH
]


@pytest.mark.parametrize(("step", "outage", "away"), OUTAGES, indirect=["outage"])
def test_the_stores_go_at_a_step_of_a_call_and_nobody_is_lost(outage, step, away):
    town = outage.town
    story = Story(town)
    step(story)
    outage.begins(*away)
    _goes_on_meanwhile(story, step)
    outage.ends()
    town.passes(20)
    _comes_to_a_good_end(story)
    assert story.call is not None
    assert [agent.presence for agent in town.switchboard.presences.all() if agent.presence in HELD] == []
    record = town.ended(story.call)
    assert record.end is not None
    assert record.end is not facts.CallEnd.FAILED
    assert sum(isinstance(fact, facts.CallEnded) for fact in town.facts_of(story.call)) == 1


HELD = (Presence.RESERVED, Presence.ON_CALL)


def _goes_on_meanwhile(story: Story, step: Callable[[Story], None]) -> None:
    """What people do who do not know that something is broken; half a minute of it."""
    town = story.town
    if story.call is None:
        story.rings_in()
        assert story.call is not None
        story.call.hears("For English")
    if step in (Story.nobody, Story.rings_in):
        story.keys("1")
        town.passes(1)
        story.keys("0")
    elif step in IN_THE_MENU:
        story.keys("0")
    elif step is Story.accepted:
        story.leg = town.network.client(story.ana.id).connects({"offer": story.offer})
    town.passes(30)
    assert story.call.state == "in-progress", story.call.text


def _comes_to_a_good_end(story: Story) -> None:
    """The stores are back: whoever waits is answered, whoever talks ends it, whoever leaves is let go."""
    town, call = story.town, story.call
    assert call is not None
    state = town.session(call).state
    if state in (State.QUEUED, State.OFFERED, State.MENU, State.CONNECTING):
        town.until(lambda: town.session(call).state in (State.QUEUED, State.OFFERED), within_s=60, what="in line")
        with suppress(IvrError):
            story.ana.available()
        town.until(lambda: story.ana.presence is Presence.RESERVED, within_s=60, what="an offer")
        call.meets(story.ana.accepts())
        story.ana.ends()
    elif state is State.CONNECTED:
        assert story.leg is not None
        call.meets(story.leg)
        story.ana.ends()
    town.passes(3)
    if not call.over:
        call.hangs_up()
    town.passes(30)
    known = town.switchboard.presences.find(story.ana.id)
    if known is not None and known.presence is Presence.WRAP_UP:
        story.ana.finishes()
