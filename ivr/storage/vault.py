"""Files of callers at rest: sealed with the installation's secret, under random names, in a folder of their own.

A file is sealed whole (it is at most 10 MiB) and bound to its id, so that one put in another's place does not open. It is
written beside its name first and moved there when it lies safely on the disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ivr.core.errors import Unavailable
from ivr.storage.sql.seals import Seals

ID = re.compile(r"[0-9a-f]{32}")
OWNER_ONLY_FOLDER, OWNER_ONLY = 0o700, 0o600
NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Vault:
    """Raises `Unavailable` when the disk does not do what it should."""

    folder: Path
    seals: Seals

    def put(self, file: str, body: bytes) -> None:
        path = self._path(file)
        unfinished = path.with_suffix(".part")
        sealed = self.seals.seal_bytes(body, place=_place(file))
        try:
            path.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, NEW, OWNER_ONLY), "wb") as out:
                out.write(sealed)
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(path)
        except OSError as err:
            unfinished.unlink(missing_ok=True)
            raise Unavailable(f"files of callers cannot be kept in IVR_DATA_DIR: {err.strerror}") from err

    def read(self, file: str) -> bytes | None:
        """The file as it came; None when it is gone or no secret of ours opens it (an alarm in the log)."""
        try:
            sealed = self._path(file).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise Unavailable(f"files of callers cannot be read in IVR_DATA_DIR: {err.strerror}") from err
        return self.seals.open_bytes(sealed, place=_place(file))

    def remove(self, file: str) -> None:
        """Gone, also when it was gone already."""
        try:
            self._path(file).unlink(missing_ok=True)
        except OSError as err:
            raise Unavailable(f"files of callers cannot be removed in IVR_DATA_DIR: {err.strerror}") from err

    def older(self, than: datetime) -> Iterator[str]:
        """Ids of the files written before then; unfinished ones of that age are removed."""
        for path in self.folder.glob("*/*"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= than:
                continue
            if ID.fullmatch(path.name):
                yield path.name
            elif path.suffix == ".part":
                path.unlink(missing_ok=True)

    def reseal(self) -> tuple[int, int]:
        """Every file under the secret of today: how many were sealed anew, how many no secret of ours opens."""
        sealed = unknown = 0
        for path in sorted(self.folder.glob("*/*")):
            if not ID.fullmatch(path.name) or self.seals.fresh_bytes(path.read_bytes()):
                continue
            body = self.read(path.name)
            if body is None:
                unknown += 1
            else:
                self.put(path.name, body)
                sealed += 1
        return sealed, unknown

    def _path(self, file: str) -> Path:
        if not ID.fullmatch(file):
            raise ValueError(file)
        return self.folder / file[:2] / file


def _place(file: str) -> str:
    return f"evidence_files.body:{file}"
