"""Bytes of Redis that one waiting caller costs, over all keys: what the server keeps more with the crowd than without.

Every caller comes in by the way of the product (greeting, a key, a first turn of the wait, some more turns). Facts and
orders are taken away, as recorder and dispatcher take them away. `--kinds` shows one caller key by key.

    python -m benchmarks.memory [--callers 10000] [--turns 1] [--kinds]
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.hotline import crowd, hotline
from ivr.wiring import Switchboard


def bytes_each(switchboard: Switchboard, callers: int, turns: int) -> float:
    crowd(switchboard, waiting=100, agents=20)  # scripts, kinds and agents are there before the first look
    before = used(switchboard)
    crowd(switchboard, waiting=callers, first=100, turns=turns)
    return (used(switchboard) - before) / callers


def used(switchboard: Switchboard) -> int:
    link = switchboard.link
    for stream in ("facts", "orders"):
        link.redis.xtrim(link.keys(stream), maxlen=0, approximate=False)  # at once; a deletion may be carried out later
    stats: Any = link.redis.memory_stats()
    return int(stats["dataset.bytes"]) + int(stats["db.0"]["overhead.hashtable.main"])


def show_one(switchboard: Switchboard, call: str) -> None:
    redis: Any = switchboard.link.redis
    for key in sorted(redis.scan_iter(f"*{call}*")):
        size = redis.memory_usage(key)
        print(f"  {key.replace(call, '<call>'):<28} {size:>6} bytes, {redis.object('encoding', key)}")
        if redis.type(key) == "hash":
            for name, value in redis.hgetall(key).items():
                print(f"      {name:<10} {value}")
        elif redis.type(key) == "string":
            print(f"      {redis.get(key)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--kinds", action="store_true")
    asked = parser.parse_args()
    with hotline() as switchboard:
        each = bytes_each(switchboard, asked.callers, asked.turns)
        print(f"{each:.0f} bytes of Redis per waiting caller, over {asked.callers} callers after {asked.turns} turn(s)")
        if asked.kinds:
            show_one(switchboard, f"CA{200:032x}")


if __name__ == "__main__":
    main()
