"""What the network saw us dial: promises to numbers of every country and kind, also to those that were never to be called.

The promises are put into SQL as an older version, another policy or a hand might have left them, with zones that are
wrong; two days pass, and the ledger of the network is judged by oracles of their own.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta

from ivr.core.callback_orders import CallbackPromised
from ivr.core.callback_rules import CallbackRules, Callee, Promise
from ivr.core.ids import E164, Language, TopicId
from ivr.telephony.policy import judge
from tests.stories.callbacks import ANY, promises, tries
from tests.telephony.test_dialling_property import NUMBERS, may_be_called, slow_decent

OTHERWISE = ("+67212345", "+353061234567")
"""Written so, these mean other numbers: +672 3 12345, +353 61 234567."""
COUNT = 24 * int(os.environ.get("IVR_TEST_DIALS", "1"))
RULES = CallbackRules()
ALWAYS_OPEN = "account_security"


def put(town, number: str, place: int, zones: tuple[str, ...]) -> None:
    name = f"d{place:06d}"
    promise = Promise(
        id=name,
        hotline="wallet",
        topic=TopicId(ALWAYS_OPEN if place % 3 else "other"),
        callee=Callee(number=E164(number), country="CN", zones=zones),
        dialled="+861058765432",
        call=None,
        language=Language("en"),
        path=(),
        priority=30,
        queued_at=town.now,
        requested_at=town.now,
        due_at=town.now,
        expires_at=town.now + timedelta(hours=60),
        window=None,
        code="1234",
    )
    town.switchboard.ledger.commit([CallbackPromised(id=name, at=town.now, hotline="wallet", promise=promise)])


def test_nothing_is_dialled_outside_policy_or_hours_whatever_stands_in_sql(town):
    dice = random.Random(11)
    chosen = [*dice.sample(NUMBERS, COUNT), *OTHERWISE]
    for place, number in enumerate(chosen):
        put(town, number, place, dice.choice([("Asia/Shanghai",), ("America/New_York",), ("UTC", "Asia/Tokyo")]))
        town.network.phone(number).behaves("busy")
    desks = [town.agent(f"agent_{place}", skills=ANY).available() for place in range(3)]
    for _ in range(2 * 36):
        for desk in desks:
            desk.breathes()
            if desk.presence not in ("available", "reserved"):
                desk.available()
        town.network.clock.advance(1800)
        town.settle()
    legs = [leg for leg in town.network.rest.legs.values() if leg.from_ == "+861058765432"]
    assert len(legs) > COUNT / 4, "somebody was called"
    for leg in legs:
        callee, created = judge(leg.to, RULES), town.network.loop.clock.date(leg.created_s)
        assert may_be_called(leg.to, RULES), leg.to
        assert callee is not None
        assert slow_decent(created, callee.zones, RULES.span(callee.country)), (leg.to, created)
    refused = [number for number in chosen if not may_be_called(number, RULES)]
    assert set(refused) >= set(OTHERWISE)
    assert not {leg.to for leg in legs} & set(refused)
    tried = Counter(attempt.callback for attempt in tries(town))
    assert max(tried.values()) <= 3
    assert all(row.attempts < 60 for row in promises(town)), "a try that may not be dialled is not begun again at once"
    for desk in desks:
        desk.takes_a_break()
