"""The operator's command that writes down what is said: WAV on its standard input, UTF-8 text on its output, exit code 0.

`{language}` in the command stands for the language the caller had chosen (`zh`, `en`).
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ivr.core.ids import Language
from ivr.storage.command import run_command

PATIENCE_S = 300.0
"""A message of two minutes, on a slow machine."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Transcriber:
    command: str
    patience_s: float = PATIENCE_S

    def __call__(self, sound: bytes, language: Language) -> str:
        done = run_command(self.command, sound, patience_s=self.patience_s, words={"language": language})
        if done is None or done.code != 0:
            log.warning("transcription_failed", code=done.code if done else None)
            return ""
        return done.out.decode("utf-8", errors="replace")
