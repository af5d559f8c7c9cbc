"""`python -m ivr.simulator`: the network as a process. Stops on SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from ivr.simulator.account import DEFAULT_NUMBER
from ivr.simulator.clock import factor_of
from ivr.simulator.script import Network

OPTIONS: tuple[tuple[str, str, str], ...] = (
    ("host", "127.0.0.1", "address to listen on; others than loopback open the phones to everyone there"),
    ("port", "0", "port; 0 takes a free one"),
    ("port-file", "", "file to write the port into once it listens"),
    ("account-sid", "", "AC…; made up when missing, as are the next four"),
    ("auth-token", "", "signs webhooks"),
    ("api-key", "", "SK…"),
    ("api-secret", "", "signs access tokens"),
    ("app-sid", "", "AP… of the browser softphones"),
    ("number", DEFAULT_NUMBER, "the hotline's numbers, separated by commas"),
    ("voice-url", "", "asked when a number is called"),
    ("fallback-url", "", "asked when that fails"),
    ("status-url", "", "told when a call has ended"),
    ("app-voice-url", "", "asked when a browser softphone connects"),
    ("allowed-origin", "", "origins whose pages may use the softphone, separated by commas"),
    ("clock", "real", "real, manual, or x<factor>"),
    ("instant-speech", "", "1: speech takes no time"),
    ("calls-per-second", "1", "legs made by REST per second; 0: no limit"),
    ("ledger-file", "", "append everything on the wire to this file, a JSON object a line"),
    ("seed", "1", "of the random trouble"),
)


def main(argv: Sequence[str] | None = None) -> int:
    given = _parse(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        factor_of(given.clock)
        network = _make(given)
    except ValueError as err:
        print(f"simulator: {err}", file=sys.stderr)  # noqa: T201
        return 2
    except (OSError, SystemExit) as err:
        print(f"simulator: cannot listen on {given.host}:{given.port}: {err}", file=sys.stderr)  # noqa: T201
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with network:
        if given.port_file:
            _write(Path(given.port_file), str(network.port))
        print(f"telephone network on {network.base_url}, phones at {network.base_url}/phone", flush=True)  # noqa: T201
        stop.wait()
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ivr.simulator", description="A telephone network in a box that speaks Twilio's wire.",
                                     epilog="Every option may come from the environment: --voice-url as SIMULATOR_VOICE_URL.")
    for name, default, meaning in OPTIONS:
        parser.add_argument(f"--{name}", default=os.environ.get(f"SIMULATOR_{name.upper().replace('-', '_')}") or default, help=meaning,
                            **({"nargs": "?", "const": "1"} if name == "instant-speech" else {}))
    return parser.parse_args(argv)


def _make(given: argparse.Namespace) -> Network:
    numbers = [one.strip() for one in given.number.split(",") if one.strip()]
    return Network(
        account_sid=given.account_sid, auth_token=given.auth_token, api_key=given.api_key, api_secret=given.api_secret,
        number=numbers[0], numbers=numbers[1:], voice_url=given.voice_url, fallback_url=given.fallback_url, status_url=given.status_url,
        app_sid=given.app_sid, app_voice_url=given.app_voice_url, host=given.host, port=int(given.port),
        allowed_origins=[one.strip() for one in given.allowed_origin.split(",") if one.strip()],
        clock=given.clock, instant_speech=given.instant_speech in {"1", "true", "yes"}, calls_per_second=float(given.calls_per_second),
        ledger_file=Path(given.ledger_file) if given.ledger_file else None, seed=int(given.seed),
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all: whoever waits for the file never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(path.suffix + ".new")
    half.write_text(text + "\n", encoding="utf-8")
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
