"""An empty database in a folder that is thrown away, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from ivr.core.worked_day import ZONE
from ivr.storage.sql.engine import open_database, writing
from ivr.storage.sql.records import Records
from ivr.storage.sql.rollup_build import Rollups
from ivr.storage.sql.rollups import WaitCells
from ivr.storage.sql.schema import metadata
from ivr.workflows.ports import FactRow

SECRET = b"opens nothing but the self-check"


@dataclass(frozen=True)
class Bench:
    """Implements `workflows.self_check.Bench`."""

    engine: Engine
    cells: WaitCells

    def write(self, rows: Sequence[FactRow], /) -> int:
        return Records(self.engine, SECRET).write(rows)

    def keep(self, now: datetime, /) -> None:
        Rollups(self.engine, ZoneInfo(ZONE)).refresh(now)


@contextmanager
def bench() -> Iterator[Bench]:
    """Raises Unavailable when the folder for temporary files cannot be written."""
    with TemporaryDirectory(prefix="ivr-self-check-") as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'worked.db'}")
        try:
            with writing(engine) as connection:
                metadata.create_all(connection)
            yield Bench(engine, WaitCells(engine))
        finally:
            engine.dispose()
