from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.town import Town, open_town


@pytest.fixture
def town(redis, redis_url: str, sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    """A fresh hotline; every story ends with everybody free and no caller having heard an error."""
    place = open_town(redis_url=redis_url, database_url=sqlite_url, folder=tmp_path)
    try:
        with place.network:
            yield place
            place.fine()
    finally:
        place.close()
