"""What a call's webhook costs: the menu step and the wait step, as a share of a bare Flask route.

All three run in the same server, in the same run, with the same client: a signed form of the size that the carrier
sends. In-process times are interleaved round by round, so that a busy machine weighs on all of them alike; the
served rates come from one gunicorn-like threaded server on loopback.

    python -m benchmarks.webhook [--rounds 400]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from ivr.app import create_app
from ivr.embedded import EmbeddedRedis
from ivr.settings import Settings, load_settings
from ivr.storage.sql.migrate import upgrade
from ivr.web.security import allow_anyone
from ivr.wiring import Switchboard

ROOT = Path(__file__).resolve().parent.parent
FORM = {
    "From": "+8613800138000",
    "To": "+861058765432",
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "ApiVersion": "2010-04-01",
    **{
        f"{side}{part}": "x" * 12
        for side in ("From", "To", "Caller", "Called")
        for part in ("City", "State", "Zip", "Country")
    },
}


class Caller:
    """Sends signed requests and follows the address of the last answer."""

    def __init__(self, client: FlaskClient, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self._validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
        self.number = 0
        self.next = ""

    def begin(self) -> None:
        self.number += 1
        self._answered(self.post("/voice/incoming"))

    def post(self, path: str, **more: str) -> Any:
        form = {**FORM, "AccountSid": self._settings.twilio_account_sid, "CallSid": f"CA{self.number:032x}", **more}
        signature = self._validator.compute_signature(self._settings.public_url + path, form)
        return self._client.post(
            path, data=form, headers={"X-Twilio-Signature": signature}, environ_overrides={"RAW_URI": path}
        )

    def step(self, **more: str) -> None:
        self._answered(self.post(self.next, **more))

    def _answered(self, response: Any) -> None:
        assert response.status_code == 200, response.status_code
        text = response.get_data(as_text=True)
        self.next = text.split('action="', 1)[1].split('"', 1)[0].replace("&amp;", "&").split("#", 1)[0]


def _bare(app: Flask) -> None:
    @app.post("/bare")
    @allow_anyone
    def bare() -> str:
        return "hello"

    view: Any = app.view_functions["bare"]
    view.policy = type("P", (), {"who": "carrier"})()


def measured(rounds: int) -> dict[str, float]:
    """Median seconds per request of each kind, interleaved."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(env_file=None).model_copy(
            update={"data_dir": Path(folder), "database_url": f"sqlite:///{folder}/bench.sqlite3"}
        )
        with EmbeddedRedis(Path(folder) / "redis") as redis:
            upgrade(settings.database_url)
            switchboard = Switchboard(settings, redis_url=redis.url)
            app = create_app(switchboard)
            _bare(app)
            client = app.test_client()
            times = _interleaved(client, settings, rounds)
            switchboard.close()
    return {name: statistics.median(values) for name, values in times.items()}


def _interleaved(client: FlaskClient, settings: Settings, rounds: int) -> dict[str, list[float]]:
    menu, wait = Caller(client, settings), Caller(client, settings)
    wait.number = 1_000_000
    wait.begin()
    wait.step()
    wait.step(Digits="0")
    jobs: dict[str, Callable[[], None]] = {
        "bare Flask route": lambda: _post_bare(client),
        "menu step": lambda: menu.step(Digits="9"),
        "wait step": wait.step,
    }
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds):
        if turn % 50 == 0:
            menu.begin()
            menu.step()
            menu.step()
        for name, job in jobs.items():
            started = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - started)
    return times


def _post_bare(client: FlaskClient) -> None:
    assert client.post("/bare", data=FORM).status_code == 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    found = measured(parser.parse_args().rounds)
    limit = found["bare Flask route"]
    print(f"{'step':<18} {'median ms':>10} {'× bare route':>13}")
    for name, seconds in found.items():
        print(f"{name:<18} {seconds * 1000:>10.3f} {seconds / limit:>13.2f}")


if __name__ == "__main__":
    main()
