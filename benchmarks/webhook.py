"""What a call's webhook costs in the processor, as a multiple of a bare Flask route that reads nothing.

A menu step and two wait steps of the whole service (signature, parsing, one atomic save, the checked document; one turn of
music alone, and one in which an update is due and the queue is looked at) and the bare route get the same signed form of the carrier's size, prepared beforehand, straight into their WSGI applications.
They take turns, so that a busy machine weighs on all alike, and only the processor time of this thread counts: neither
the wait for Redis nor other programs. A crowd waits meanwhile, and agents are at work.

    python -m benchmarks.webhook [--rounds 1000] [--waiting 1000] [--agents 50] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.hotline import Caller, answer_of, bare_app, clock_of, crowd, environ_of, hotline
from ivr.app import create_app
from ivr.wiring import Switchboard

LONGEST_QUIET = timedelta(seconds=90)
"""A waiting caller hears an update after this time at the latest."""
STEPS_OF_A_CALL = 50
"""Then the next call: no caller repeats a menu for ever."""


def measured(switchboard: Switchboard, rounds: int, profile: cProfile.Profile | None = None) -> dict[str, list[float]]:
    """Processor seconds per request of each kind, interleaved."""
    app, bare, clock = create_app(switchboard), bare_app(), clock_of(switchboard)
    other = Caller(switchboard.settings, 3_000_000)
    menu, wait = Caller(switchboard.settings, 2_000_000), Caller(switchboard.settings, 1_000_000)
    _begin(app, menu)
    for caller in (wait, other):
        _begin(app, caller)
        caller.hears(answer_of(app, environ_of(caller.goes_on(Digits="0"))))
    times: dict[str, list[float]] = {
        "bare Flask route": [],
        "menu step": [],
        "wait step": [],
        "wait step, update due": [],
    }
    for turn in range(rounds):
        if turn % STEPS_OF_A_CALL == STEPS_OF_A_CALL - 1:
            _begin(app, menu)
        sent = menu.goes_on(Digits="9")
        timed(times["bare Flask route"], bare, {**environ_of(sent), "PATH_INFO": "/bare"})
        menu.hears(timed(times["menu step"], app, environ_of(sent), profile))
        wait.hears(timed(times["wait step"], app, environ_of(wait.goes_on()), profile))
        clock.ahead += LONGEST_QUIET
        # The past of the topic is read once a minute, for all who wait: by somebody else, here.
        other.hears(answer_of(app, environ_of(other.goes_on())))
        wait.hears(timed(times["wait step, update due"], app, environ_of(wait.goes_on()), profile))
    return times


def _begin(app: Any, caller: Caller) -> None:
    """As far as the main menu."""
    caller.hears(answer_of(app, environ_of(caller.arrives())))
    caller.hears(answer_of(app, environ_of(caller.goes_on())))


def timed(
    times: list[float], app: Callable[..., Any], environ: dict[str, Any], profile: cProfile.Profile | None = None
) -> bytes:
    if profile is not None:
        return profile.runcall(answer_of, app, environ)
    started = time.thread_time()
    body = answer_of(app, environ)
    times.append(time.thread_time() - started)
    return body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--waiting", type=int, default=1000)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--profile", metavar="FILE", help="write a cProfile of the service's requests, and no figures")
    asked = parser.parse_args()
    with hotline() as switchboard:
        crowd(switchboard, waiting=asked.waiting, agents=asked.agents)
        if asked.profile:
            profile = cProfile.Profile(time.thread_time)
            measured(switchboard, asked.rounds, profile)
            profile.dump_stats(asked.profile)
            return
        show(measured(switchboard, asked.rounds), asked)


def show(times: dict[str, list[float]], asked: argparse.Namespace) -> None:
    found = {name: (statistics.median(values), statistics.quantiles(values, n=10)[0]) for name, values in times.items()}
    median_limit, quiet_limit = found["bare Flask route"]
    print(f"{asked.waiting} callers wait, {asked.agents} agents at work; processor time of one request:")
    print(f"{'':<22} {'median µs':>10} {'× bare':>8} {'quietest tenth µs':>19} {'× bare':>8}")
    for name, (median, quiet) in found.items():
        print(
            f"{name:<22} {median * 1e6:>10.0f} {median / median_limit:>8.2f}"
            f" {quiet * 1e6:>19.0f} {quiet / quiet_limit:>8.2f}"
        )


if __name__ == "__main__":
    main()
