"""What a caller keys where a secret is asked for leaves no trace, whatever it is: nothing that we make depends on the digits.

Two calls run side by side that differ in nothing but the digits: another code was sent, and other digits of the same count
are keyed, right where the other's are right. Everything that is made of them must be the same to the byte: documents,
sessions and facts and orders as Redis holds them, commitments, the agent's card, log lines, what is shown of an event.
`IVR_TEST_KEYINGS` sets the number of examples.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from ivr.core.calls import advance, begin
from ivr.core.errors import Unavailable
from ivr.core.events import CallArrived, Caller, CallerKind, Event, StepAsked
from ivr.core.ids import E164, CallId, Language, NodeId, PromptId
from ivr.core.instructions import Gather, GoOn, Link, SendText
from ivr.core.menus import Collect, MenuTree, Verify
from ivr.core.session import CallSession, Step
from ivr.core.verification import CodeOrdered, CodeOver, SendCode
from ivr.core.verification_events import VerifyAsked
from ivr.storage.files.menus import load_menu
from ivr.storage.redis.codec import dumps
from ivr.storage.sql.codes import Codes
from ivr.storage.sql.engine import open_database, reading, writing
from ivr.storage.sql.migrate import upgrade
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import codes as codes_table
from ivr.telephony.numbers import masked
from ivr.telephony.twilio.twiml import draw
from ivr.workflows.agent_view import Shown, caller_card
from ivr.workflows.verify_caller import TellOfVerification
from tests.builders import START, tree

ROOT = Path(__file__).parents[2]
WALLET = load_menu(ROOT / "menus" / "wallet.yaml", recordings=ROOT / "recordings")
PROOF = next(node.id for node in WALLET.nodes.values() if isinstance(node, Verify))
EXAMPLES = int(os.environ.get("IVR_TEST_KEYINGS", "50"))
SECRET = b"a secret of the tests, 32 bytes."
CALL = CallId("CA" + "f" * 32)
CALLER = Caller(kind=CallerKind.NUMBER, number=E164("+14155550123"), country="US", mobile=True)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path_factory.mktemp('codes') / 'codes.sqlite3'}"
    upgrade(url, secret=SECRET)
    opened = open_database(url)
    yield opened
    opened.dispose()


def shown(session: CallSession, tree: MenuTree) -> Shown:
    return Shown(session=session, tree=tree, language=Language("en"), mask=masked, names=str)


@dataclass(frozen=True)
class Keyed:
    """One thing done at the code: `right`, `wrong` (of `count` keys), `skip`, `silent`, `person`, or with a store `away`."""

    what: str
    count: int = 6
    finished: bool = True


ENTRIES = st.lists(
    st.one_of(
        st.builds(Keyed, st.just("wrong"), st.integers(1, 24), st.booleans()),
        st.builds(Keyed, st.just("wrong")),
        st.just(Keyed("right")),
        st.just(Keyed("skip")),
        st.just(Keyed("silent")),
        st.just(Keyed("person")),
        st.builds(Keyed, st.just("away"), st.integers(1, 8)),
    ),
    min_size=1,
    max_size=6,
)


class Somewhere:
    """The live calls, as the workflow looks them up."""

    def __init__(self) -> None:
        self.session: CallSession | None = None
        self.away = False

    def find(self, call: CallId) -> CallSession | None:  # noqa: ARG002 - a door of the workflow
        if self.away:
            raise Unavailable("Redis is away")
        return self.session


@dataclass
class Watched:
    """One call, and everything that was made of it, in order."""

    engine: Engine
    code: str
    dice: random.Random
    hotline: MenuTree = WALLET
    seen: list[str] = field(default_factory=list)
    where: Somewhere = field(default_factory=Somewhere)
    at: Any = START

    @property
    def codes(self) -> Codes:
        return Codes(self.engine, Seals(SECRET))

    @property
    def session(self) -> CallSession:
        assert self.where.session is not None
        return self.where.session

    def begins(self, node: NodeId) -> None:
        """At the node, as a caller is who pressed the keys that lead there."""
        with writing(self.engine) as connection:
            connection.execute(codes_table.delete())
        event = CallArrived(at=self.at, call=CALL, caller=CALLER, dialled=self.hotline.numbers[0])
        self.hotline = replace(self.hotline, start=node)
        fresh = replace(begin(event, self.hotline), language=Language("en"))
        self.makes(advance(fresh, event, self.hotline))

    def makes(self, step: Step) -> None:
        self.where.session = step.session
        with writing(self.engine) as connection:
            for one in step.commitments:
                if isinstance(one, CodeOrdered):
                    self.codes.write_order(connection, one)
                elif isinstance(one, CodeOver):
                    self.codes.write_over(connection, one)
        for order in step.orders:
            if isinstance(order, SendCode):
                self.codes.keep(order.code, self.code, self.at)
        self.seen += [
            draw(step.instructions, voices=self.hotline.voices, caller_id=self.hotline.numbers[0]).decode(),
            dumps(step.session),
            repr(step.session),
            *(dumps(fact) for fact in step.facts),
            *(dumps(order) for order in step.orders),
            *(order.body for order in step.orders if isinstance(order, SendText)),
            *(repr(one) for one in step.commitments),
            *(repr(one) for one in step.wake_ups),
            repr(caller_card(shown(step.session, self.hotline))),
        ]
        last = step.instructions[-1] if step.instructions else None
        if isinstance(last, GoOn) and last.link.door == "verify":
            self.asks(last.link)

    def asks(self, link: Link, keys: str = "", *, finished: bool = False, away: bool = False) -> None:
        """A request at the door of the code, as the workflow brings it to the rules."""
        self.at += timedelta(seconds=7)
        self.where.away = away
        tell = TellOfVerification(codes=self.codes, sessions=self.where)
        raw = VerifyAsked(at=self.at, keys=keys, finished=finished)
        told = tell(link, raw)
        self.seen += [repr(raw), repr(told)]
        before = replace(self.session, step=int(link.step))
        self.makes(advance(before, told, self.hotline))

    def keys(self, one: Keyed) -> None:
        link = Link(door="verify", call=CALL, step=str(self.session.step + 1))
        if one.what == "right":
            self.asks(link, self.code, finished=True)
        elif one.what in ("wrong", "away"):
            self.asks(link, self.digits(one.count), finished=one.finished, away=one.what == "away")
        elif one.what == "person":
            self.asks(link, "0")
        else:
            self.asks(link, finished=one.what == "skip")

    def digits(self, count: int) -> str:
        """Never the code, and no single 0: that is a wish."""
        while (drawn := "".join(self.dice.choice("123456789") for _ in range(count))) == self.code:
            pass
        return drawn


def what_is_made(engine: Engine, seed: int, entries: Sequence[Keyed]) -> tuple[list[str], list[Mapping[str, Any]]]:
    dice = random.Random(seed)
    watched = Watched(engine, code=f"{dice.randrange(10**6):06d}", dice=dice)
    with structlog.testing.capture_logs() as lines:
        watched.begins(PROOF)
        for one in entries:
            if watched.session.node != PROOF:
                break
            watched.keys(one)
    with reading(engine) as connection:
        rows: list[Mapping[str, Any]] = [dict(row._mapping) for row in connection.execute(codes_table.select())]
    return watched.seen + [str(line) for line in lines], rows


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES, seeds=st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)))
def test_nothing_that_is_made_of_a_call_depends_on_the_code_or_on_the_digits_keyed(engine, entries, seeds):
    if seeds[0] == seeds[1]:
        return
    one, rows_of_one = what_is_made(engine, seeds[0], entries)
    two, rows_of_two = what_is_made(engine, seeds[1], entries)
    assert one == two
    for mine, theirs in zip(rows_of_one, rows_of_two, strict=True):
        assert {name: value for name, value in mine.items() if name != "code_hash"} == {
            name: value for name, value in theirs.items() if name != "code_hash"
        }
        if mine["result"] is not None:
            assert mine["code_hash"] == "", "over: even the hash is gone"


def test_the_two_calls_do_go_through_verification(engine):
    """The property above is not empty: documents, facts and the whole range of results are made."""
    for entries, says in (
        ([Keyed("wrong"), Keyed("right")], '"verified"'),
        ([Keyed("wrong")] * 3, '"failed"'),
        ([Keyed("skip")], '"skipped"'),
        ([Keyed("away")], '"trouble"'),
    ):
        seen, _ = what_is_made(engine, 7, entries)
        assert any(says in line for line in seen), says
        assert any("<Gather" in line for line in seen)
        assert says in {'"skipped"', '"trouble"'} or any("••••••" in line for line in seen)


# ---- a collector of secret digits ---------------------------------------------------------------------------------


def secret_collector() -> MenuTree:
    hotline = tree()
    asks = Collect(
        id=NodeId("pin"),
        prompt=PromptId("cases"),
        store="pin",
        goto=NodeId("billing"),
        min_digits=4,
        max_digits=8,
        bad=PromptId("bad"),
        secret=True,
    )
    return tree(nodes={**hotline.nodes, asks.id: asks}, start=asks.id)


def pressed(keys: Sequence[str]) -> list[str]:
    hotline, at = secret_collector(), START
    event: Event = CallArrived(at=at, call=CALL, caller=CALLER, dialled=hotline.numbers[0])
    assert isinstance(event, CallArrived)
    step = advance(begin(event, hotline), event, hotline)
    seen = []
    for one in keys:
        if step.session.node != NodeId("pin"):
            break
        at += timedelta(seconds=9)
        step = advance(step.session, StepAsked(at=at, keys=one, finished=True), hotline)
        assert any(isinstance(one, (Gather, GoOn)) for one in step.instructions)
        seen += [
            draw(step.instructions, voices=hotline.voices, caller_id=hotline.numbers[0]).decode(),
            dumps(step.session),
            *(dumps(fact) for fact in step.facts),
            *(dumps(order) for order in step.orders),
            repr(caller_card(shown(step.session, hotline))),
        ]
    return seen


@settings(max_examples=EXAMPLES, deadline=None)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=3), seeds=st.tuples(st.integers(), st.integers()))
def test_nothing_depends_on_the_digits_of_a_collector_that_calls_them_secret(lengths, seeds):
    entries = []
    for seed in seeds:
        dice = random.Random(seed)
        entries.append(["".join(dice.choice("123456789") for _ in range(length)) for length in lengths])
    assert pressed(entries[0]) == pressed(entries[1])
