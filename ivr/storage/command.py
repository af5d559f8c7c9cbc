"""Commands of the operator that look at what callers sent: they read it on their standard input, without a shell.

Nothing is written down unsealed for them.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ended:
    code: int
    out: bytes


def run_command(
    command: str, body: bytes, *, patience_s: float, words: Mapping[str, str] | None = None
) -> Ended | None:
    """None when it could not be started or took too long. `words` replace `{name}` in the command's arguments."""
    try:
        arguments = [_filled(argument, words or {}) for argument in shlex.split(command)]
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            arguments,
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=patience_s,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as err:
        log.warning("command_failed", error=type(err).__name__)
        return None
    return Ended(code=done.returncode, out=done.stdout)


def _filled(argument: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        argument = argument.replace(f"{{{name}}}", word)
    return argument
