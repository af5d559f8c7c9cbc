"""The command line, each call in a process of its own that need not import the service anew.

A server without threads has imported it once; every command is a fork of it, with its own environment, folder and output.
`tests/test_run_whole.py` starts the real thing.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["ivr.cli", "ivr.doctor", "ivr.wiring", "ivr.storage.sql.migrate", "ivr.wiring_twilio"])
LONGEST_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Done:
    returncode: int
    stdout: bytes
    stderr: bytes


def ivr(environment: Mapping[str, str], *words: str, out: str = "") -> Done:
    """`ivr WORDS…` in `HOME`. `out`: a terminal to write to; then nothing comes back of what was written there."""
    with tempfile.TemporaryDirectory() as folder:
        said, told = out or f"{folder}/out", f"{folder}/err"
        process = FORKS.Process(target=_command, args=(words, dict(environment), said, told))
        process.start()
        process.join(LONGEST_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"ivr {' '.join(words)} takes longer than {LONGEST_S:g} s")
        assert process.exitcode is not None
        stdout = b"" if out else Path(said).read_bytes()
        return Done(returncode=process.exitcode, stdout=stdout, stderr=Path(told).read_bytes())


def _command(words: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(environment["HOME"])
    coding, _, errors = environment.get("PYTHONIOENCODING", "utf-8").partition(":")
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdout = open(1, "w", encoding=coding, errors=errors or "strict", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stderr = open(2, "w", encoding=coding, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["ivr", *words]
    from ivr.cli import main

    main()
