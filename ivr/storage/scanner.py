"""The operator's virus scanner: a command that reads a file on its standard input and answers with its exit code.

Nothing is written down unsealed for it. `clamdscan --quiet -` and `clamscan --quiet -` answer as wanted: 0 clean, 1 found
something; whatever else happens, the file stays held back and is tried again later.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass

import structlog

from ivr.core.evidence import FileState

PATIENCE_S = 60.0
ANSWERS = {0: FileState.CLEAN, 1: FileState.INFECTED}
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Scanner:
    command: str
    patience_s: float = PATIENCE_S

    def __call__(self, body: bytes) -> FileState:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
                shlex.split(self.command),
                input=body,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self.patience_s,
                check=False,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as err:
            log.warning("scan_failed", error=type(err).__name__)
            return FileState.NOT_CHECKED
        state = ANSWERS.get(done.returncode, FileState.NOT_CHECKED)
        if state is not FileState.CLEAN:
            log.warning("scan_answered", code=done.returncode, state=state.value)
        return state
