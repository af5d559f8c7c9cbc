"""Conservation: what was promised is kept, given up with a reason, or still open; nobody is dialled twice for one try.

Customers of every temper are promised callbacks; whoever carries them out is killed between any two steps, Redis is emptied at
random moments, and time goes on. Killed in-process: every call into a store or to the carrier may raise just before or just
after it took effect, which is what a process sees that dies there. The suite runs a moderate dose; `IVR_TEST_CALLBACKS=2000`
runs the full one (`make conservation`), five hundred to a town.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ivr.core.agents import Presence
from ivr.core.callback_orders import CallbackPromised
from ivr.core.callback_rules import Callee, Dial, Promise
from ivr.core.errors import Unavailable
from ivr.core.ids import E164, Language, TopicId
from ivr.storage.redis.outbox import RedisOutbox
from ivr.storage.redis.sessions import RedisSessions
from ivr.storage.sql.callbacks import Callbacks
from ivr.storage.sql.engine import reading
from ivr.storage.sql.tables import callbacks
from ivr.telephony.twilio.carrier import TwilioCarrier
from tests.stories.callbacks import ANY, Killed, most_rung_in_vain, promises, tries
from tests.stories.town import Town

ALL = int(os.environ.get("IVR_TEST_CALLBACKS", "48"))
DOSE = min(500, max(24, ALL // 2))
"""Promises in one town."""
UNDER_WAY = ("due", "reserving", "dialling", "confirmed", "connected")
LOOK = 10
"""Every so many turns all rows are looked through."""
TEMPERS = ("answer", "answer", "answer", "no-answer", "busy", "voicemail", "later", "not_needed", "reluctant")
CHANGE_OF_MIND = 150
"""From this turn on those who said "later" talk."""
KEYS = {"answer": "1", "later": "2", "not_needed": "3"}
STEPS = {
    Callbacks: (
        "take", "start_try", "enrolled", "put_off", "begin_dial", "undo_dial", "note_leg", "confirmed", "connected", "ended",
        "close", "talk_over", "look_again",
    ),
    RedisSessions: ("change",),
    RedisOutbox: ("done",),
    TwilioCarrier: ("ring_callee", "find_callee_leg", "alive", "end", "move"),
}  # fmt: skip


class Killer:
    """Kills whoever takes the next step, now and then."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.rate = 0.0
        self.kills = 0

    def maybe(self) -> None:
        here = threading.current_thread() is threading.main_thread()
        if self.rate and here and self.dice.random() < self.rate:
            self.kills += 1
            raise Killed

    @contextmanager
    def at_every_step(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with monkeypatch.context() as patched:
            for cls, names in STEPS.items():
                for name in names:
                    patched.setattr(cls, name, self._deadly(getattr(cls, name)))
            yield

    def _deadly(self, real: Any) -> Any:
        def step(*args: Any, **how: Any) -> Any:
            self.maybe()
            answer = real(*args, **how)
            self.maybe()
            return answer

        return step


def make_promises(town: Town, dice: random.Random, count: int) -> dict[str, str]:
    """Promises to `count` numbers, made within an hour. Number → temper of who has it."""
    tempers = {f"+86138{dice.randrange(10**8):08d}": dice.choice(TEMPERS) for _ in range(count)}
    made = []
    for place, number in enumerate(tempers):
        at = town.now - timedelta(seconds=place)
        made.append(
            CallbackPromised(
                id=f"p{place:06d}",
                at=at,
                hotline="wallet",
                promise=Promise(
                    id=f"p{place:06d}",
                    hotline="wallet",
                    topic=TopicId(dice.choice(["other", "transfers", "refunds"])),
                    callee=Callee(number=E164(number), country="CN", zones=("Asia/Shanghai",)),
                    dialled="+861058765432",
                    call=None,
                    language=Language(dice.choice(["zh", "en"])),
                    path=(),
                    priority=dice.choice([20, 30, 100]),
                    queued_at=at,
                    requested_at=at,
                    due_at=at + timedelta(minutes=dice.choice([0, 0, 30, 120])),
                    expires_at=at + timedelta(hours=24),
                    window=None,
                    code=f"{dice.randrange(10_000):04d}",
                    dial=dice.choice([Dial.RESERVE, Dial.RESERVE, Dial.CUSTOMER_FIRST, Dial.AGENT_FIRST]),
                ),
            )
        )
    town.switchboard.ledger.commit(made)
    for number, temper in tempers.items():
        phone = town.network.phone(number)
        if temper in KEYS:
            phone.behaves("answer", keys=KEYS[temper], keys_after_s=3.0, talk_s=dice.choice([20.0, 60.0]))
        elif temper == "reluctant":
            phone.behaves("answer", talk_s=2.0)
        else:
            phone.behaves(temper)
    return tempers


def work(town: Town, killer: Killer, dice: random.Random) -> None:
    """What the agents' pages do by themselves, and one round of a dispatcher that may be killed in it."""
    for desk in town.agents:
        desk.breathes()
        state = desk.state
        if state.presence in (Presence.SIGNED_OUT, Presence.BREAK, Presence.MISSED, Presence.AWAY):
            desk.available()
        elif state.presence is Presence.RESERVED and state.offer is not None:
            view = town.switchboard.desk.view(desk.id, Language("en"))
            calling = (
                view.offer is not None and view.offer.card.callback is not None and view.offer.card.callback.calling
            )
            if not calling and view.offer is not None and dice.random() < 0.9:
                desk.accepts()
        elif state.presence is Presence.ON_CALL and state.call is not None:
            view = town.switchboard.desk.view(desk.id, Language("en"))
            joined = desk.leg is not None and not desk.leg.over
            if view.call is not None and view.call.phase == "connecting" and not joined:
                desk.joins()
            elif view.call is not None and view.call.phase == "connected" and dice.random() < 0.3:
                desk.ends()
        elif state.presence is Presence.WRAP_UP and state.offer is not None:
            desk.finishes()


def carried_out(town: Town, killer: Killer) -> None:
    """Until nothing is due; whoever is killed is started anew, as the process watcher does."""
    dispatch = town.switchboard.dispatch
    for job in (
        dispatch.wake_ups,
        lambda: dispatch.orders(wait=timedelta(0)),
        dispatch.call_back.round,
        town.switchboard.match.sweep,
    ):
        for _ in range(20):
            try:
                killer.rate = 0.02
                done = job()
            except Killed:
                done = 1
            except Unavailable:
                done = 0  # a store was slow, on a busy machine: the next round comes, as in the dispatcher's own loop
            finally:
                killer.rate = 0.0
            town.network.settle()
            if not done:
                break


@pytest.mark.timeout(300 + 5 * DOSE)
@pytest.mark.parametrize("seed", range(max(2, -(-ALL // DOSE))))
def test_what_was_promised_adds_up_whoever_is_killed(
    town: Town, redis: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    killer = Killer(dice)
    town.dispatching = False
    agents = max(3, DOSE // 20)
    for place in range(agents):
        town.agent(f"agent_{place}", skills=ANY).available()
    tempers = make_promises(town, dice, DOSE)
    with killer.at_every_step(monkeypatch):
        for turn in range(4000):
            carried_out(town, killer)
            with suppress(Unavailable):
                work(town, killer, dice)
            if dice.random() < 0.004:
                redis.flushall()
            if turn == CHANGE_OF_MIND:
                for number, temper in tempers.items():
                    if temper == "later":
                        town.network.phone(number).behaves("answer", keys="1", keys_after_s=3.0, talk_s=20.0)
            if turn % LOOK == 0:
                check(promises(town), town)
            busy, next_at = under_way(town)
            if next_at is None:
                break
            # Time goes fast while everybody waits for a later try.
            left = (next_at - town.now).total_seconds()
            town.network.clock.advance(3.0 if busy else min(600.0, max(1.0, left)))
            town.network.settle()
    rows = promises(town)
    check(rows, town)
    results = Counter(row.result for row in rows)
    assert sum(results[word] for word in ("completed", "failed", "cancelled", "expired")) + open_of(rows) == DOSE
    assert open_of(rows) == 0, "every one of them has come to an end"
    assert results["completed"] > 0
    assert killer.kills > DOSE / 4, "somebody was killed often enough"
    told = {row.id: row.reason for row in rows if row.result != "completed"}
    assert all(told.values()), "what was not kept says why"
    assert most_rung_in_vain(tries(town)) <= 3, "nobody is rung up again and again"
    dialled = Counter(leg.to for leg in town.network.rest.legs.values() if leg.from_ == "+861058765432")
    tried = Counter(number_of(town, attempt.callback) for attempt in tries(town))
    assert all(dialled[number] <= tried[number] for number in dialled), (
        "no telephone rang without a try, or twice for one"
    )
    for desk in town.agents:
        desk.takes_a_break()


def under_way(town: Town) -> tuple[bool, datetime | None]:
    """Whether a try is under way, and when an open row is to be looked at next; None: nothing is open."""
    query = sa.select(callbacks.c.state, sa.func.min(callbacks.c.look_at)).group_by(callbacks.c.state)
    with reading(town.switchboard.engine) as connection:
        found: dict[str, datetime] = {state: at for state, at in connection.execute(query) if state != "closed"}
    return any(state in found for state in UNDER_WAY), min(found.values(), default=None)


def number_of(town: Town, callback: str) -> str:
    found = town.switchboard.promises.find(callback)
    assert found is not None
    return found.callee.number


def open_of(rows: list[Any]) -> int:
    return sum(row.state != "closed" for row in rows)


def check(rows: list[Any], town: Town) -> None:
    """Open ones have a time at which somebody looks; closed ones a result and an end."""
    assert len(rows) == DOSE
    for row in rows:
        if row.state == "closed":
            assert row.result is not None
            assert row.closed_at is not None
        else:
            assert row.look_at is not None
            assert row.look_at <= max(row.due_at, town.now) + timedelta(minutes=5)
        assert row.failures <= 3
