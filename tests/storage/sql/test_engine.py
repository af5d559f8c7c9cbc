"""A new database file, and everybody at once."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from ivr.storage.sql.engine import open_database, writing


def test_processes_that_open_a_new_file_at_once_all_get_in(tmp_path: Path) -> None:
    """Without waiting for each other, about one opening in sixty was refused."""
    refused: list[BaseException] = []

    def opens(url: str, gate: threading.Barrier) -> None:
        engine = open_database(url, pool_size=1)
        gate.wait(10)
        try:
            with writing(engine) as connection:
                connection.execute(sa.text("CREATE TABLE IF NOT EXISTS t (a INTEGER)"))
        except BaseException as err:  # noqa: BLE001 - counted
            refused.append(err)
        engine.dispose()

    for number in range(60):
        gate = threading.Barrier(4)
        url = f"sqlite:///{tmp_path / f'{number}.sqlite3'}"
        threads = [threading.Thread(target=opens, args=(url, gate)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert refused == []
