"""Requests per second and waiting times of the webhook behind gunicorn, against a bare Flask route behind the same one.

Two servers with one worker each (threads as the product sets them) stand at once and take turns. First every connection
asks again as soon as it is answered (throughput); then requests come at a fixed rate whether or not the last is
answered (open loop), and a waiting time begins when its request was due, not when it could be sent.

    python -m benchmarks.served [--seconds 4] [--connections 8] [--rate 200]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hotline import Caller, Sent, crowd, hotline
from ivr.servers import web_command
from ivr.settings import Settings, environment_of

ROUNDS = 3
START_S = 20.0


class Line:
    """One caller on a connection of its own, who repeats the menu; on the bare server the same requests say hello."""

    def __init__(self, settings: Settings, port: int, number: int, *, bare: bool) -> None:
        self._port, self._bare = port, bare
        self.caller = Caller(settings, number)

    async def opens(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        if not self._bare:
            self.caller.hears(await self._ask(self.caller.arrives()))
            self.caller.hears(await self._ask(self.caller.goes_on()))
        else:
            self.caller.next = "/bare"

    async def asks(self) -> None:
        body = await self._ask(self.caller.goes_on(Digits="9"))
        if not self._bare:
            self.caller.hears(body)

    async def _ask(self, sent: Sent) -> bytes:
        head = (
            f"POST {sent.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {sent.signature}\r\nContent-Length: {len(sent.body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + sent.body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer.split(b"\r\n", 1)[0], answer
        length = next(one for one in answer.lower().split(b"\r\n") if one.startswith(b"content-length:"))
        return await self._reader.readexactly(int(length.split(b":")[1]))

    def closes(self) -> None:
        self._writer.close()


async def throughput(lines: list[Line], seconds: float) -> float:
    end = time.perf_counter() + seconds

    async def busy(line: Line) -> int:
        done = 0
        while time.perf_counter() < end:
            await line.asks()
            done += 1
        return done

    started = time.perf_counter()
    done = await asyncio.gather(*(busy(line) for line in lines))
    return sum(done) / (time.perf_counter() - started)


async def open_loop(lines: list[Line], seconds: float, rate: float) -> list[float]:
    """Seconds from when each request was due to its answer."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)
    waits: list[float] = []

    async def once(due: float) -> None:
        line = await free.get()
        await line.asks()
        waits.append(time.perf_counter() - due)
        free.put_nowait(line)

    started = time.perf_counter()
    asked: list[asyncio.Task[None]] = []
    for number in range(int(seconds * rate)):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(once(due)))
    await asyncio.gather(*asked)
    return waits


@contextmanager
def served(command: list[str], settings: Settings, port: int, folder: Path) -> Iterator[None]:
    environment = {**os.environ, **environment_of(settings)}
    with (
        (folder / f"server-{port}.log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _wait_for(port, server)
            yield
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"the server on port {port} did not start")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def measured(settings: Settings, ports: tuple[int, int], asked: argparse.Namespace) -> None:
    kinds = {"bare Flask route": True, "menu step": False}
    lines = {
        name: [
            Line(settings, ports[0 if bare else 1], 3_000_000 + number * 10_000, bare=bare)
            for number in range(asked.connections)
        ]
        for name, bare in kinds.items()
    }
    for some in lines.values():
        await asyncio.gather(*(line.opens() for line in some))
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    waits: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, some in lines.items():
            rates[name].append(await throughput(some, asked.seconds))
    for _ in range(ROUNDS):
        for name, some in lines.items():
            waits[name] += await open_loop(some, asked.seconds, asked.rate)
    for some in lines.values():
        for line in some:
            line.closes()
    show(rates, waits, asked)


def percentile_ms(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1] * 1000


def show(rates: dict[str, list[float]], waits: dict[str, list[float]], asked: argparse.Namespace) -> None:
    limit = max(rates["bare Flask route"])
    slowest = percentile_ms(waits["bare Flask route"], 99)
    print(f"one worker, {asked.connections} connections; open loop at {asked.rate:.0f} requests per second")
    print(f"{'':<18} {'requests/s':>10} {'x bare':>8} {'p50 ms':>8} {'p99 ms':>8} {'x bare p99':>11}")
    for name, found in rates.items():
        p50, p99 = percentile_ms(waits[name], 50), percentile_ms(waits[name], 99)
        print(
            f"{name:<18} {max(found):>10.0f} {max(found) / limit:>8.2f} {p50:>8.1f} {p99:>8.1f} {p99 / slowest:>11.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=float, default=200.0)
    asked = parser.parse_args()
    with hotline() as switchboard:
        crowd(switchboard, waiting=100, agents=20)
        ports = free_port(), free_port()
        settings = switchboard.settings.model_copy(
            update={"port": ports[1], "web_workers": 1, "redis_url": switchboard.redis_url, "log_level": "warning"}
        )
        command = web_command(settings)
        bare = [word.replace(f":{ports[1]}", f":{ports[0]}") for word in command[:-1]] + [
            "benchmarks.hotline:bare_app()"
        ]
        folder = switchboard.settings.data_dir
        with served(command, settings, ports[1], folder), served(bare, settings, ports[0], folder):
            asyncio.run(measured(settings, ports, asked))


if __name__ == "__main__":
    main()
