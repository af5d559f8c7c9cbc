"""Databases with the newest schema, copied from one that was brought up by the real migrations once per test process.

Sixteen migrations take as long as the rest of a story's set-up; what they do is tested where they are tested.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from ivr.storage.sql.migrate import upgrade


def brought_up(database_url: str) -> None:
    """The newest schema for this database; one that is there already is upgraded as it is."""
    url = make_url(database_url)
    file = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or file.exists():
        upgrade(database_url)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_master(), file)


@cache
def _master() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ivr-schema-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    master = folder / "master.sqlite3"
    upgrade(f"sqlite:///{master}")
    return master
