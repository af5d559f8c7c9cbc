"""What one match costs at 10, 1,000 and 100,000 callers and agents, as a multiple of one bare script call.

One server per size, all alive at once, and their calls interleaved round by round with bare calls (`return 1`) on the
same server: a busy machine weighs on all alike. Half of the topics have callers waiting and nobody free, the other half
agents free and nobody waiting, so both crowds stand there while the one who comes is matched.

    python -m benchmarks.match [--sizes 10,1000,100000] [--rounds 300]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivr.core.agents import Agent, Presence, Released, SignedIn, SignedOut, WentReady
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.matching import Signature
from ivr.core.queues import Demand, Lane, Terms
from ivr.core.session import CallSession, State, Step
from ivr.embedded import EmbeddedRedis
from ivr.storage.redis.agent_rows import AgentRow, write_agent
from ivr.storage.redis.connection import Link, RedisClock, evaluate
from ivr.storage.redis.matcher import RedisMatcher, fence
from ivr.storage.redis.presence import RedisPresences
from ivr.storage.redis.registry import Registry
from ivr.storage.redis.scripts import script
from ivr.storage.redis.session_rows import SessionRow, write_session
from ivr.storage.redis.sessions import RedisSessions
from ivr.storage.redis.write import Write
from ivr.workflows.ports import Claim

TOPICS = [f"topic{number:02}" for number in range(50)]
CROWDED, STAFFED = TOPICS[:25], TOPICS[25:]
"""Topics with callers waiting, and topics with agents free."""
PRIORITIES = (0, 10, 60)
SKILLS = 4
SIGNATURES = 60
BATCH = 500
WARM_UP = 20
EN = Language("en")


class Piped(Link):
    """Queues commits and sends them by the hundred: fills a server with the product's own writes."""

    def __post_init__(self) -> None:
        self.pipe: Any = None

    def script(self, name: str, *args: str | int) -> Any:
        if name != "commit":
            return super().script(name, *args)
        found = script(name)
        evaluate(self.pipe, found, self.keys.prefix, args)
        return ["ok"]


@dataclass
class Town:
    """One server with `size` callers waiting and as many agents free."""

    size: int
    url: str
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.link = Link(self.url, timeout_s=10)
        self.clock = RedisClock(self.link)
        self.registry = Registry(self.link)
        self.sessions = RedisSessions(self.link, self.registry, self.clock)
        self.presences = RedisPresences(self.link, self.registry, self.clock)
        self.matcher = RedisMatcher(self.link, self.registry, self.clock)
        self.kinds = {kind: [self._skills(kind) for _ in range(SIGNATURES)] for kind in ("crowded", "staffed")}
        self.kinds["crowded"][0] = dict.fromkeys(CROWDED[:SKILLS], 3)
        self.kinds["staffed"][0] = dict.fromkeys(STAFFED[:SKILLS], 3)
        self.kinds["rare"] = [{"rare": 3}] * SIGNATURES
        self.kinds["staffed"][1] = dict.fromkeys(STAFFED[1 : SKILLS + 1], 3)

    def fill(self) -> float:
        """Everybody comes. Bytes of Redis memory per waiting caller."""
        demands = [_demand(topic, priority) for topic in TOPICS for priority in PRIORITIES]
        signatures = [skills for kind in self.kinds.values() for skills in kind]
        demands += SPECIAL.values()
        self.registry.ensure(demands=demands, signatures=[Signature.of(one, {EN: 5}) for one in signatures])
        self._piped(self._agent(f"agent{number:06}", "staffed", number) for number in range(self.size))
        before = self.link.redis.info("memory")["used_memory"]
        self._piped(
            self._call(f"CA{number:032x}", _demand(CROWDED[number % 20], self.rng.choice(PRIORITIES)))
            for number in range(self.size)
        )
        after = self.link.redis.info("memory")["used_memory"]
        self._piped([self._agent("probe_match", "crowded", 0), self._agent("probe_nobody", "staffed", 1)])
        self._piped([self._agent("probe_rare", "rare", 0), self._agent("leaver", "staffed", 1)])
        self._piped(self._call(name, wanted) for name, wanted in SPECIAL.items())
        return float(after - before) / self.size

    def _skills(self, kind: str) -> dict[str, int]:
        topics = CROWDED if kind == "crowded" else STAFFED
        return {topic: self.rng.randint(2, 5) for topic in self.rng.sample(topics, SKILLS)}

    def _agent(self, name: str, kind: str, number: int) -> Callable[[Link], Write]:
        idle = datetime.now(UTC) - timedelta(seconds=self.rng.uniform(0, 3600))
        skills = self.kinds[kind][number % SIGNATURES]
        agent = Agent(
            id=AgentId(name), presence=Presence.AVAILABLE, since=idle, idle_since=idle, skills=skills, languages={EN: 5}
        )
        unknown = AgentRow(agent=replace(agent, presence=Presence.SIGNED_OUT), version=0, signature="", presence="")

        def write(link: Link) -> Write:
            made = Write(link, of=link.keys("a", name))
            write_agent(made, link.keys, unknown, agent, at=idle)
            return made

        return write

    def _call(self, name: str, wanted: Demand) -> Callable[[Link], Write]:
        since = datetime.now(UTC) - timedelta(seconds=self.rng.uniform(60, 3600))
        session = CallSession(
            call=CallId(name),
            hotline="wallet",
            menu_version="1",
            state=State.QUEUED,
            language=EN,
            started_at=since,
            topic=wanted.topic,
            demand=wanted,
            queued_at=since,
        )

        def write(link: Link) -> Write:
            made = Write(link, of=link.keys("s", name))
            write_session(made, link.keys, SessionRow(), Step(session=session), claimed=False)
            return made

        return write

    def _piped(self, writes: Iterable[Callable[[Link], Write]]) -> None:
        link = Piped(self.url, timeout_s=30)
        self.link.redis.script_load(script("commit").text)
        link.pipe = link.redis.pipeline(transaction=False)
        for number, write in enumerate(writes, 1):
            write(link).send()
            if number % BATCH == 0:
                link.pipe.execute()
        link.pipe.execute()
        link.redis.delete(link.keys("facts"))
        link.close()

    def undo(self, call: str, agent: str, offer: str) -> None:
        """Both sides as before the match."""

        def back(session: CallSession | None) -> Step | None:
            event = Released(at=self.clock.now(), offer=OfferId(offer))
            return Step(session=session, agents=((AgentId(agent), event),)) if session else None

        self.sessions.change(CallId(call), back)
        self.link.redis.delete(self.link.keys("facts"))


def _demand(
    topic: str, priority: int, *, steps: tuple[tuple[int, int], ...] = ((0, 2), (60, 1)), more: Sequence[str] = ()
) -> Demand:
    """Of the skill of its topic and `more`; `steps` are (after seconds, level)."""
    skills = (topic, *more)
    return Demand(
        topic=TopicId(topic),
        lane=Lane.ORDINARY,
        priority=priority,
        terms=tuple(
            Terms(after=timedelta(seconds=after), skills=dict.fromkeys(skills, level), language=EN, language_level=1)
            for after, level in steps
        ),
    )


SPECIAL = {
    "CAmatch": _demand(STAFFED[0], 10),
    "CAnobody": _demand(CROWDED[-1], 10),
    "CAset": _demand(STAFFED[0], 0, more=STAFFED[1:3]),
    "CArare": _demand("rare", 0),
    "CArelaxed": _demand("rare", 10, steps=((0, 5), (60, 3))),
    "CAleaves": _demand(CROWDED[0], 60),
}
"""Callers who are matched, or not, or hang up, again and again."""


@dataclass(frozen=True)
class Cost:
    """Microseconds, one entry per call."""

    client: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)


def server_us(town: Town) -> int:
    stats = town.link.redis.info("commandstats").get("cmdstat_evalsha", {"usec": 0})
    return int(stats["usec"])


def bare(town: Town) -> None:
    evaluate(town.link.redis, BARE, town.link.keys.prefix, ())


def claim(name: str, whom: str) -> Callable[[Town], Any]:
    def ask(town: Town) -> Any:
        return town.link.script(name, *fence(NOW[0]), whom)  # the script alone, without its reason

    return ask


def reasoned(whom: str) -> Callable[[Town], Any]:
    return lambda town: town.matcher.for_agent(AgentId(whom))


def hangs_up(town: Town) -> Callable[[], object]:
    """The caller leaves; calling the answer brings the same one back."""
    before = town.sessions.find(CallId("CAleaves"))
    if before is None:
        raise SystemExit("CAleaves is gone")
    gone = replace(before, state=State.ENDED, ended_at=NOW[0])
    town.sessions.change(before.call, lambda _: Step(session=gone))
    return lambda: town.sessions.change(before.call, lambda _: Step(session=before))


def signs_out(town: Town) -> Callable[[], object]:
    """A free agent leaves; calling the answer brings them back."""
    name, skills = AgentId("leaver"), town.kinds["staffed"][1]
    town.presences.change(name, SignedOut(at=NOW[0]))

    def back() -> None:
        town.presences.change(name, SignedIn(at=town.clock.now(), skills=skills, languages={EN: 5}))
        town.presences.change(name, WentReady(at=town.clock.now()))

    return back


class _Bare:
    name = "bare"
    text = "return 1"
    sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"


BARE: Any = _Bare()
NOW = [datetime.now(UTC)]

EVENTS: dict[str, tuple[Callable[[Town], Any], bool]] = {
    "agent free, matched": (claim("match_agent", "probe_match"), True),
    "agent free, nobody fits": (claim("match_agent", "probe_nobody"), False),
    "caller arrives, matched": (claim("match_call", "CAmatch"), True),
    "caller arrives, nobody fits": (claim("match_call", "CAnobody"), False),
    "caller who needs three skills, matched": (claim("match_call", "CAset"), True),
    "caller with a rare skill, matched": (claim("match_call", "CArare"), True),
    "caller matched on wider terms": (claim("match_call", "CArelaxed"), True),
    "caller hangs up": (hangs_up, False),
    "free agent signs out": (signs_out, False),
    "agent free, matched, with its reason": (reasoned("probe_match"), True),
}


def once(town: Town, ask: Callable[[Town], Any], cost: Cost) -> Any:
    NOW[0] = town.clock.now()
    server = server_us(town)
    begun = time.perf_counter()
    answer = ask(town)
    cost.client.append((time.perf_counter() - begun) * 1e6)
    cost.server.append(server_us(town) - server)
    return answer


def measure(towns: Sequence[Town], rounds: int) -> dict[tuple[str, int], tuple[Cost, Cost]]:
    """Per event and size: the match's cost and that of the bare calls beside it."""
    found = {(event, town.size): (Cost(), Cost()) for event in EVENTS for town in towns}
    for number in range(rounds + WARM_UP):
        for event, (ask, matches) in EVENTS.items():
            for town in towns:
                costs = found[event, town.size] if number >= WARM_UP else (Cost(), Cost())
                once(town, bare, costs[1])
                answer = once(town, ask, costs[0])
                undo(town, answer, matches=matches)
    return found


def undo(town: Town, answer: Any, *, matches: bool) -> None:
    if callable(answer):
        answer()
        return
    if isinstance(answer, Claim):
        town.undo(answer.call, answer.matched.agent, answer.matched.offer)
        return
    if (answer[0] == "claimed") != matches:
        raise SystemExit(f"expected {'a match' if matches else 'nobody'}, got {answer}")
    if matches:
        town.undo(answer[1], answer[3], answer[2])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    options.add_argument("--sizes", default="10,1000,100000")
    options.add_argument("--rounds", type=int, default=300)
    asked = options.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    with ExitStack() as stack:
        towns = []
        for size in sizes:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-bench-"))
            server = stack.enter_context(EmbeddedRedis(Path(folder)))
            town = Town(size, server.url)
            town.link.redis.script_load(BARE.text)
            memory = town.fill()
            bytes_each = f": {memory:.0f} bytes per waiting caller" if size >= BATCH else ""  # fewer are lost in noise
            print(f"{size:>7} callers waiting, {size:>7} agents free{bytes_each}")
            towns.append(town)
        show(measure(towns, asked.rounds), sizes)


def show(found: dict[tuple[str, int], tuple[Cost, Cost]], sizes: Sequence[int]) -> None:
    print(f"\n{'one match':38} {'size':>7}  {'x bare call':>11}  {'client µs':>9}  {'server µs':>9}  {'÷ smaller':>9}")
    for event in EVENTS:
        before = 0.0
        for size in sizes:
            match, alone = found[event, size]
            client, server = statistics.median(match.client), statistics.median(match.server)
            times = client / statistics.median(alone.client)
            growth = f"{server / before:9.2f}" if before else f"{'':9}"
            print(f"{event:38} {size:7}  {times:11.2f}  {client:9.1f}  {server:9.1f}  {growth}")
            before = server
    first = next(iter(EVENTS))
    alone_us = [statistics.median(found[first, size][1].client) for size in sizes]
    print("\nbare call, client µs: " + ", ".join(f"{size}: {us:.1f}" for size, us in zip(sizes, alone_us, strict=True)))


if __name__ == "__main__":
    main()
