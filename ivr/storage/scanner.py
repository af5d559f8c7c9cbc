"""The operator's virus scanner: a command that reads a file on its standard input and answers with its exit code.

Nothing is written down unsealed for it. `clamdscan --quiet -` and `clamscan --quiet -` answer as wanted: 0 clean, 1 found
something; whatever else happens, the file stays held back and is tried again later.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ivr.core.evidence import FileState
from ivr.storage.command import run_command

PATIENCE_S = 60.0
ANSWERS = {0: FileState.CLEAN, 1: FileState.INFECTED}
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Scanner:
    command: str
    patience_s: float = PATIENCE_S

    def __call__(self, body: bytes) -> FileState:
        done = run_command(self.command, body, patience_s=self.patience_s)
        if done is None:
            return FileState.NOT_CHECKED
        state = ANSWERS.get(done.code, FileState.NOT_CHECKED)
        if state is not FileState.CLEAN:
            log.warning("scan_answered", code=done.code, state=state.value)
        return state
