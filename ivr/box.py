"""Starts the telephone network in the box with our addresses and secrets. It is a program of its own."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from ivr.settings import Settings, environment_of
from ivr.storage.files.menus import load_menus


def simulator_command(settings: Settings) -> list[str]:
    """The simulator's command line; secrets go through the environment."""
    menus = load_menus(settings.menus_dir, recordings=settings.recordings_dir)
    origin = settings.public_url
    words = [
        *("--host", "127.0.0.1"),
        *("--port", str(settings.simulator_port)),
        *("--voice-url", f"{origin}/voice/incoming"),
        *("--fallback-url", f"{origin}/voice/fallback"),
        *("--sms-url", f"{origin}/voice/text"),
        *("--status-url", f"{origin}/voice/status"),
        *("--app-voice-url", f"{origin}/voice/client"),
        *("--allowed-origin", origin),
    ]
    for tree in menus.trees:
        for number in tree.numbers:
            words += ["--number", number]
    return [sys.executable, "-m", "ivr.simulator", *words]


def simulator_environment(settings: Settings) -> dict[str, str]:
    return {
        **environment_of(settings),
        "SIMULATOR_ACCOUNT_SID": settings.twilio_account_sid,
        "SIMULATOR_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "SIMULATOR_API_KEY": settings.twilio_api_key,
        "SIMULATOR_API_SECRET": settings.twilio_api_secret.get_secret_value(),
        "SIMULATOR_APP_SID": settings.twilio_app_sid,
        "SIMULATOR_CALLS_PER_SECOND": str(settings.twilio_calls_per_second),
    }


def start_simulator(settings: Settings) -> NoReturn:
    """Become the simulator."""
    command = simulator_command(settings)
    os.execve(command[0], command, simulator_environment(settings))  # noqa: S606 - ours, no shell
