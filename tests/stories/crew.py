"""The processes of one hotline, started by the test itself, killed with -9 one at a time and started again.

Not `ivr run`, which waits longer and longer before it starts again what dies over and over. The telephone network is the
simulator on real time, in the test's own process: its ledger is the judge, so it is never killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ivr.embedded import RedisError, check_redis, server_binary
from ivr.servers import web_command
from ivr.settings import Settings, environment_of
from ivr.simulator import Network
from ivr.storage.sql.migrate import upgrade
from ivr.wiring import Switchboard, connect

ROOT = Path(__file__).resolve().parent.parent.parent
WALLET = "+861058765432"
START_S = 30.0


@dataclass
class Member:
    """One process."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """The process and what it started itself, with -9."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Crew:
    """Everything that makes a hotline, as processes of their own."""

    folder: Path
    network: Network
    settings: Settings
    members: list[Member]
    environment: dict[str, str]
    switchboard: Switchboard
    """The test's own door to the stores: what agents' pages would do, and what SQL holds."""
    killed: Counter[str] = field(default_factory=Counter)

    def start(self) -> Crew:
        for member in self.members:
            self._starts(member)
        return self

    def _starts(self, member: Member) -> None:
        member.start(self.environment, self.folder / f"{member.name}.log")
        if member.name == "redis":
            until(self._redis_serves, "Redis serves")

    def _redis_serves(self) -> bool:
        try:
            check_redis(self.switchboard.redis_url, timeout_s=1.0)
        except RedisError:
            return False
        return True

    def kills_one(self, dice: random.Random, names: Mapping[str, int]) -> str:
        """Kill somebody, chosen by weight, and start them again at once, as whoever watches processes does."""
        name = dice.choices(list(names), weights=list(names.values()))[0]
        member = dice.choice([one for one in self.members if one.name == name])
        member.kill()
        self.killed[name] += 1
        self._starts(member)
        return name

    def revives(self) -> list[str]:
        """Members that ended by themselves are started again; a fault of theirs stands in their log."""
        dead = [one for one in self.members if one.process is not None and one.process.poll() is not None]
        for member in dead:
            self._starts(member)
        return [one.name for one in dead]

    def stop(self) -> None:
        for member in reversed(self.members):
            member.kill()
        self.switchboard.close()
        self.network.stop()

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


def gather(folder: Path, port: int, *, change: Callable[[str], str], dispatchers: int = 2, **options: object) -> Crew:
    """A hotline with the wallet's menu, changed; nothing runs yet but the network."""
    menus, store = folder / "menus", folder / "redis"
    menus.mkdir()
    store.mkdir()
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    (menus / "wallet.yaml").write_text(change(text), encoding="utf-8")
    network = Network(clock="real", instant_speech=True, number=WALLET, calls_per_second=1000.0)
    socket = folder / "r.sock"
    account = network.account
    settings = Settings(
        _env_file=None,
        public_url=f"http://127.0.0.1:{port}",
        host="127.0.0.1",
        port=port,
        database_url=f"sqlite:///{folder / 'ivr.sqlite3'}",
        redis_url=f"unix://{socket}",
        data_dir=folder / "var",
        menus_dir=menus,
        recordings_dir=ROOT / "recordings",
        agents_dir=ROOT / "agents",
        secret_key="test-" + "k7Q2" * 12,
        twilio_account_sid=account.sid,
        twilio_auth_token=account.auth_token,
        twilio_api_key=account.api_key,
        twilio_api_secret=account.api_secret,
        twilio_app_sid=account.app_sid,
        twilio_api_base=network.base_url,
        twilio_calls_per_second=100,
        log_format="json",
        **options,
    )
    settings.data_dir.mkdir(exist_ok=True)
    upgrade(settings.database_url)
    redis = [str(server_binary()), "--port", "0", "--unixsocket", str(socket), "--dir", str(store)]
    redis += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--hz", "100"]
    redis += ["--maxmemory-policy", "noeviction"]
    service = [sys.executable, "-m", "ivr"]
    members = [
        Member("redis", redis),
        *(Member("dispatch", [*service, "dispatch"]) for _ in range(dispatchers)),
        Member("record", [*service, "record"]),
        Member("worker", [*service, "worker"]),
        Member("web", web_command(settings)),
    ]
    network.start()
    network.serves(settings.public_url)
    environment = environment_of(settings)
    return Crew(folder, network, settings, members, environment, connect(settings))


def until(true: Callable[[], bool], what: str, within_s: float = START_S) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
