"""Matching at rest, and a burst: everybody becomes free at once in front of a full queue.

At rest: 10,000 callers wait whom nobody idle can serve; the backstop looks once a second, and what this costs is read from
the processor time of both processes and the commands that the server counted. Burst: 10,000 agents go free against 10,000
callers, each sought in turn from one process; every claim is checked to be of another call and another agent.

    python -m benchmarks.match_goals [--size 10000] [--rest-s 10]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from threading import Event

from benchmarks.match import Town
from ivr.core.ids import AgentId
from ivr.embedded import EmbeddedRedis
from ivr.storage.redis.matcher import fence
from ivr.storage.redis.scripts import script
from ivr.workflows.ports import Claim

PIPED = 500


def busy_s(pid: int) -> float:
    """Processor time of a process so far, from the kernel's scheduler."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def at_rest(town: Town, seconds: int) -> str:
    town.matcher.sweep()  # the pairs that the benchmark of one match keeps at hand
    pid = town.link.redis.info("server")["process_id"]
    commands, cpu, own = _commands(town), busy_s(pid), time.process_time()
    for _ in range(seconds):
        Event().wait(1)
        if town.matcher.sweep():
            raise SystemExit("somebody was matched: this was not rest")
    spent = busy_s(pid) - cpu + time.process_time() - own
    asked = _commands(town) - commands
    return f"at rest, {town.size} waiting: {spent / seconds:.4f} core, {asked / seconds:.1f} commands/s"


def _commands(town: Town) -> int:
    return int(town.link.redis.info("stats")["total_commands_processed"])


def free_them(town: Town, who: str) -> list[AgentId]:
    names = [AgentId(f"{who}{number:06}") for number in range(town.size)]
    town._piped(town._agent(name, "crowded", number) for number, name in enumerate(names))  # noqa: SLF001
    return names


def burst(town: Town) -> str:
    """One after the other, each with its reason, as a process of the service does it."""
    names = free_them(town, "burst")
    begun = time.perf_counter()
    outcomes = [town.matcher.for_agent(name) for name in names]
    took = time.perf_counter() - begun
    claims = [outcome for outcome in outcomes if isinstance(outcome, Claim)]
    return _said("burst, one by one with reasons", took, [(claim.call, claim.matched.agent) for claim in claims])


def piped_burst(town: Town) -> str:
    """The scripts alone, 500 to a pipeline: what the server can decide."""
    names = free_them(town, "piped")
    sha = town.link.redis.script_load(script("match_agent").text)
    answers = []
    pid = town.link.redis.info("server")["process_id"]
    cpu, begun = busy_s(pid), time.perf_counter()
    for start in range(0, len(names), PIPED):
        pipe = town.link.redis.pipeline(transaction=False)
        for name in names[start : start + PIPED]:
            pipe.evalsha(sha, 1, town.link.keys.prefix, *fence(town.clock.now()), name)
        answers += pipe.execute()
    took = time.perf_counter() - begun
    each = (busy_s(pid) - cpu) / town.size * 1e6
    return _said(
        f"burst, pipelined, {each:.0f} µs of the server's processor each",
        took,
        [(one[1], one[3]) for one in answers if one[0] == "claimed"],
    )


def _said(what: str, took: float, pairs: list[tuple[str, str]]) -> str:
    calls, agents = {call for call, _ in pairs}, {agent for _, agent in pairs}
    if not len(pairs) == len(calls) == len(agents):
        raise SystemExit(f"{what}: somebody was matched twice")
    return f"{what}: {len(pairs)} matches in {took:.2f} s, {took / max(1, len(pairs)) * 1e6:.0f} µs each, none twice"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    options.add_argument("--size", type=int, default=10_000)
    options.add_argument("--rest-s", type=int, default=10)
    asked = options.parse_args()
    for measure in (lambda town: at_rest(town, asked.rest_s), burst, piped_burst):
        with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder, EmbeddedRedis(Path(folder)) as server:
            town = Town(asked.size, server.url)
            town.fill()
            print(measure(town), flush=True)


if __name__ == "__main__":
    main()
