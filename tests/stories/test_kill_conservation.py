"""Conservation with real processes: promises add up and nobody is dialled twice for one try, whoever is killed with -9.

Dispatchers, recorder, worker, web server and Redis are processes of their own, killed at random moments and started again,
and now and then Redis loses everything. The telephone network judges: one leg for one try of one promise, at most. The suite
makes a small dose; `make conservation` the full one (`IVR_TEST_KILLED_CALLBACKS`, `IVR_TEST_KILL_MINUTES`).
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from ivr.core.agents import Presence
from ivr.core.callback_orders import CallbackPromised
from ivr.core.callback_rules import Callee, Dial, Promise, attempt_call, attempt_of
from ivr.core.errors import IvrError, Unavailable
from ivr.core.ids import E164, AgentId, Language, TopicId
from ivr.core.people import RosterAgent
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import callback_attempts, callbacks, calls
from tests.stories.callbacks import ANY, most_rung_in_vain
from tests.stories.crew import WALLET, Crew, gather, until

DOSE = int(os.environ.get("IVR_TEST_KILLED_CALLBACKS", "14"))
LONGEST_S = 60 * float(os.environ.get("IVR_TEST_KILL_MINUTES", "0.6"))
"""What is still open after this must say when somebody looks at it next."""
STORM = 0.6
"""For this share of the time somebody is killed again and again; then what is left comes to its end in peace."""
PAUSE_S = float(os.environ.get("IVR_TEST_KILL_PAUSE", "3"))
"""Between two kills, on average."""
FLUSHES = float(os.environ.get("IVR_TEST_FLUSHES", "0.04"))
"""Share of kills that are a Redis without memory instead."""
SEED = int(os.environ.get("IVR_TEST_SEED", "1"))
AGENTS = max(4, min(24, DOSE // 10))
WHO = {"dispatch": 5, "redis": 2, "record": 1, "worker": 1, "web": 2}
"""How often whom."""
TEMPERS = ("answer", "answer", "answer", "answer", "no-answer", "busy", "voicemail", "later", "not_needed", "reluctant")
KEYS = {"answer": "1", "later": "2", "not_needed": "3"}
PLAIN = timedelta(minutes=5)

pytestmark = [pytest.mark.kills, pytest.mark.timeout(300 + 2 * LONGEST_S)]


def in_a_hurry(text: str) -> str:
    """The wallet with seconds for minutes, and customers who are awake at all hours."""
    rules = "callbacks: {hours: '00:00-23:59', delays: [2s, 3s], busy_delay: 1s, later: 2s, ring: 4s}\n"
    text = text.replace("wrap_up: 60s", "wrap_up: 1s").replace("ring_time: 15s", "ring_time: 5s")
    return text.replace("\nnodes:\n", f"\n{rules}\nnodes:\n", 1)


@pytest.fixture
def crew(tmp_path: Path, free_port: Callable[[], int]) -> Any:
    gathered = gather(tmp_path, free_port(), change=in_a_hurry)
    try:
        yield gathered.start()
    finally:
        gathered.stop()


def make_promises(crew: Crew, dice: random.Random) -> dict[str, str]:
    """Number → temper of who has it."""
    tempers = {f"+86138{dice.randrange(10**8):08d}": dice.choice(TEMPERS) for _ in range(DOSE)}
    now = datetime.now(UTC)
    made = []
    for place, number in enumerate(tempers):
        at = now + timedelta(milliseconds=place)
        promise = Promise(
            id=f"p{place:06d}",
            hotline="wallet",
            topic=TopicId(dice.choice(["other", "transfers", "refunds"])),
            callee=Callee(number=E164(number), country="CN", zones=("Asia/Shanghai",)),
            dialled=WALLET,
            call=None,
            language=Language(dice.choice(["zh", "en"])),
            path=(),
            priority=dice.choice([20, 30, 100]),
            queued_at=at,
            requested_at=at,
            due_at=at,
            expires_at=at + timedelta(hours=24),
            window=None,
            code=f"{dice.randrange(10_000):04d}",
            dial=dice.choice([Dial.RESERVE, Dial.RESERVE, Dial.CUSTOMER_FIRST, Dial.AGENT_FIRST]),
        )
        made.append(CallbackPromised(id=promise.id, at=at, hotline="wallet", promise=promise))
    for start in range(0, len(made), 50):
        crew.switchboard.ledger.commit(made[start : start + 50])
    for number, temper in tempers.items():
        phone = crew.network.phone(number)
        if temper in KEYS:
            phone.behaves("answer", after_s=0.5, keys=KEYS[temper], keys_after_s=1.0, talk_s=dice.choice([2.0, 5.0]))
        elif temper == "reluctant":
            phone.behaves("answer", after_s=0.5, talk_s=1.0)
        else:
            phone.behaves(temper)
    return tempers


def staffs(crew: Crew) -> list[AgentId]:
    """Agents on telephones, who take every call."""
    agents = []
    for place in range(AGENTS):
        address = f"+8610588{place:05d}"
        agents.append(
            RosterAgent(
                id=AgentId(f"agent_{place}"),
                name=f"agent {place}",
                skills=ANY,
                languages={"zh": 5, "en": 5},
                phone=address,
            )
        )
        crew.network.phone(address).behaves("answer", after_s=0.3, keys="1", keys_after_s=0.5, talk_s=6.0)
    crew.switchboard.people.save_agents(agents)
    return [agent.id for agent in agents]


def at_work(crew: Crew, agent: AgentId) -> None:
    """What an agent does at the page: come back, always."""
    desk = crew.switchboard.desk
    with suppress(IvrError):
        found = crew.switchboard.presences.find(agent)
        if found is None:
            desk.open(agent)
            desk.ready(agent)
        elif found.presence in (Presence.SIGNED_OUT, Presence.BREAK, Presence.MISSED, Presence.AWAY):
            desk.ready(agent)
        desk.heard(agent)


def rows_of(crew: Crew, table: sa.Table) -> list[Any]:
    with reading(crew.switchboard.engine) as connection:
        return list(connection.execute(sa.select(table)).all())


def open_of(crew: Crew) -> int:
    return sum(row.state != "closed" for row in rows_of(crew, callbacks))


def customers_legs(crew: Crew) -> Counter[tuple[str, int]]:
    """How many legs the network was asked for, by promise and try."""
    found: Counter[tuple[str, int]] = Counter()
    with crew.network.loop.lock:
        legs = list(crew.network.rest.legs.values())
    for leg in legs:
        parts = urlsplit(leg.voice.url).path.split("/") if leg.voice.url else []
        tried = next((kept for part in parts if (kept := attempt_of(part)) is not None), None)
        if tried is not None and leg.from_ == WALLET and leg.to.startswith("+86138"):
            found[tried] += 1
    return found


def test_promises_add_up_and_nobody_is_dialled_twice_for_one_try_whoever_is_killed(crew: Crew) -> None:
    dice = random.Random(SEED)
    agents = staffs(crew)
    tempers = make_promises(crew, dice)
    until(lambda: bool(customers_legs(crew)) or _staffed(crew, agents), "the first customer is called", within_s=150)
    begun, next_kill, changed = time.monotonic(), time.monotonic(), False
    flushed, left = 0, DOSE
    while left and (time.monotonic() < begun + LONGEST_S or _none_kept(crew, begun)):
        _staffed(crew, agents)
        crew.revives()
        if next_kill <= time.monotonic() < begun + STORM * LONGEST_S:
            if dice.random() < FLUSHES:
                with suppress(Unavailable):
                    crew.switchboard.link.run(lambda connection: connection.flushall())
                    flushed += 1
            else:
                crew.kills_one(dice, WHO)
            next_kill = time.monotonic() + dice.uniform(0.2, 2 * PAUSE_S - 0.2)
        if not changed and time.monotonic() > begun + LONGEST_S / 3:
            changed = True  # who wanted to be called later talks now
            for number, temper in tempers.items():
                if temper == "later":
                    crew.network.phone(number).behaves("answer", after_s=0.5, keys="1", talk_s=2.0)
        with suppress(Unavailable):
            left = open_of(crew)
        time.sleep(0.2)
    took = time.monotonic() - begun
    settles(crew)
    figures = judged(crew, flushed)
    figures |= {"seconds": round(took), "kills": dict(crew.killed), "flushes": flushed, "seed": SEED}
    print(json.dumps(figures, sort_keys=True))
    assert sum(crew.killed.values()) >= STORM * took / (2 * PAUSE_S) - 1, "somebody was killed often enough"


def _none_kept(crew: Crew, begun: float) -> bool:
    """A busy machine has the time it needs for at least one talk."""
    return time.monotonic() < begun + 3 * LONGEST_S and not any(
        row.result == "completed" for row in rows_of(crew, callbacks)
    )


def _staffed(crew: Crew, agents: list[AgentId]) -> bool:
    for agent in agents:
        at_work(crew, agent)
    return False


def settles(crew: Crew) -> None:
    """Nobody is killed any more: what is under way ends, and the recorder catches up."""
    deadline = time.monotonic() + 12
    while time.monotonic() < deadline:
        with suppress(Unavailable):
            if not crew.switchboard.link.run(lambda connection: connection.xlen(crew.switchboard.link.keys("facts"))):
                return
        crew.revives()
        time.sleep(0.2)


def judged(crew: Crew, flushed: int) -> dict[str, Any]:
    """The sums, and what the network saw. Fails with the numbers."""
    rows, tried = rows_of(crew, callbacks), rows_of(crew, callback_attempts)
    results = Counter(row.result or "open" for row in rows)
    assert len(rows) == DOSE
    kept = results["completed"] + results["reached_by_phone"] + results["merged"]
    assert kept + results["failed"] + results["cancelled"] + results["expired"] + results["open"] == DOSE
    for row in rows:
        if row.state == "closed":
            assert row.result is not None, row
            assert row.closed_at is not None, row
            assert row.result == "completed" or row.reason, row
        else:
            assert row.look_at is not None, row
            assert row.look_at <= max(row.due_at, datetime.now(UTC)) + PLAIN, row
        assert row.failures <= 3, row
    legs = customers_legs(crew)
    twice = {name: count for name, count in legs.items() if count > 1}
    assert twice == {}, "a try that rang twice"
    permitted = {(row.callback, row.attempt) for row in tried}
    assert set(legs) <= permitted, "a telephone rang without a permission in SQL"
    assert most_rung_in_vain(tried) <= 3, "nobody is rung up again and again"
    assert results["completed"] > 0
    known = {row.call for row in rows_of(crew, calls)}
    talked = [attempt_call(row.callback, row.attempt) for row in tried if row.result == "connected"]
    lost = [call for call in talked if call not in known]
    if not flushed:
        assert lost == [], "only a Redis without memory takes facts with it that nobody had written down yet"
    return {
        "promised": DOSE,
        **{word: results[word] for word in sorted(results)},
        "legs": sum(legs.values()),
        "tries": len(tried),
        "talks": len(talked),
        "talks without a record": len(lost),
    }
