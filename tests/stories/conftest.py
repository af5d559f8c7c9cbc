from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.servers import CHROMIUM_FLAGS
from tests.stories.box import Box, start
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


@pytest.fixture
def box(tmp_path: Path, free_port) -> Iterator[Box]:
    started = start(tmp_path, free_port(), free_port())
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=CHROMIUM_FLAGS)
        yield opened
        opened.close()
