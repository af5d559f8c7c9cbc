"""`python -m ivr.simulator`: the network as a process of its own. Options: `ivr/simulator/__init__.py`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.simulator.clock import factor_of
from ivr.simulator.script import Network

PLAIN = {
    "host": ("127.0.0.1", "address to listen on"),
    "port-file": ("", "file that gets the port once it is open"),
    "account-sid": ("", "AC…; made up when missing, like the secrets"),
    "auth-token": ("", "signs the webhooks"),
    "api-key": ("", "SK…"),
    "api-secret": ("", "signs the softphones' tokens"),
    "app-sid": ("", "AP…, the softphones' application"),
    "voice-url": ("", "the numbers' voice URL"),
    "fallback-url": ("", "voice fallback URL"),
    "status-url": ("", "status callback"),
    "sms-url": ("", "URL for text messages that come in"),
    "app-voice-url": ("", "the application's voice URL"),
}


def options(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ivr.simulator",
        description="A telephone network in a box that speaks Twilio's wire.",
        epilog="Each option may come from the environment: --voice-url from SIMULATOR_VOICE_URL; lists are separated by commas.",
    )

    def given(name: str, default: str) -> str:
        return environment.get(_variable(name)) or default

    for name, (default, words) in PLAIN.items():
        parser.add_argument(f"--{name}", default=given(name, default), help=words)
    parser.add_argument("--port", type=int, default=given("port", "0"), help="0 takes a free one")
    parser.add_argument(
        "--clock", default=given("clock", "real"), type=_clock, help="real, manual, or x20 (twenty times faster)"
    )
    parser.add_argument(
        "--calls-per-second", type=float, default=given("calls-per-second", "1"), help="new legs by REST; 0: no limit"
    )
    parser.add_argument(
        "--ring-extra", type=float, default=given("ring-extra", "0"), help="seconds added to each ring time-out"
    )
    parser.add_argument(
        "--instant-speech",
        action="store_true",
        default=given("instant-speech", "") in {"1", "true", "yes"},
        help="prompts take no time",
    )
    parser.add_argument("--number", action="append", default=None, help="a number of the hotline, E.164; repeat")
    parser.add_argument(
        "--allowed-origin", action="append", default=None, help="whose pages may use the softphone; repeat"
    )
    return parser


def _variable(name: str) -> str:
    return "SIMULATOR_" + name.upper().replace("-", "_")


def _clock(word: str) -> str:
    try:
        factor_of(word)
    except ValueError as err:
        raise argparse.ArgumentTypeError(f"{word!r} is none of real, manual, x20") from err
    return word


def _listed(given: list[str] | None, environment: Mapping[str, str], name: str) -> list[str]:
    if given is not None:
        return given
    return [word.strip() for word in environment.get(_variable(name), "").split(",") if word.strip()]


def network_of(words: argparse.Namespace, environment: Mapping[str, str]) -> Network:
    network = Network(
        numbers=_listed(words.number, environment, "number"),
        allowed_origins=_listed(words.allowed_origin, environment, "allowed-origin"),
        clock=words.clock,
        instant_speech=words.instant_speech,
        ring_extra_s=words.ring_extra,
        account_sid=words.account_sid,
        auth_token=words.auth_token,
        api_key=words.api_key,
        api_secret=words.api_secret,
        app_sid=words.app_sid,
        calls_per_second=words.calls_per_second,
        host=words.host,
        port=words.port,
    )
    network.point_to(
        voice_url=words.voice_url,
        fallback_url=words.fallback_url,
        status_url=words.status_url,
        app_voice_url=words.app_voice_url,
        sms_url=words.sms_url,
    )
    return network


def _write_port(path: Path, port: int) -> None:
    """Whoever waits for the file never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(f"{port}\n", encoding="ascii")
    fresh.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    words = options(os.environ).parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        network = network_of(words, os.environ).start()
    except OSError as err:
        print(f"simulator: {err}", file=sys.stderr)  # noqa: T201 - a program
        return 1
    port_file = Path(words.port_file) if words.port_file else None
    try:
        print(f"Telephone network: {network.base_url}  phones: {network.base_url}/phone", flush=True)  # noqa: T201 - a program
        if port_file is not None:
            _write_port(port_file, network.server.port)
        stop.wait()
    finally:
        if port_file is not None:
            port_file.unlink(missing_ok=True)
        network.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
