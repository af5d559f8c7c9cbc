from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.stories.box import Box, start
from tests.stories.hotline import Hotline
from tests.stories.taping import menu_that_records
from tests.stories.town import MORNING, ROOT, Town, open_town

WARNING = "人工客服绝不会索要您的密码、助记词、私钥或验证码。"
"""What every caller of the box would listen to for five seconds, before the main menu."""


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


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[Box]:
    """One running hotline for all who need the whole of it. Each takes a telephone of its own and leaves no agent ready."""
    folder = tmp_path_factory.mktemp("box")
    menus = folder / "menus"
    menus.mkdir()
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    assert WARNING in text
    (menus / "wallet.yaml").write_text(text.replace(WARNING, ""), encoding="utf-8")  # words take their time here
    started = start(folder, free_port(), free_port(), menus=menus)
    try:
        yield started
    finally:
        assert started.stop() == 0


@pytest.fixture
def towns(redis, redis_url: str, sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Towns with a menu or a time of their own, at most one a test."""
    opened: list[Town] = []

    def open_it(*, change: Callable[[str], str] | None = None, start: datetime = MORNING, **options: Any) -> Town:
        menus = tmp_path / "menus"
        menus.mkdir()
        text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
        (menus / "wallet.yaml").write_text(change(text) if change else text, encoding="utf-8")
        town = open_town(
            redis_url=redis_url, database_url=sqlite_url, folder=tmp_path, menus=menus, start=start, **options
        )
        town.network.start()
        opened.append(town)
        return town

    yield open_it
    for town in opened:
        town.fine()
        town.network.stop()
        town.close()


@pytest.fixture
def log_text() -> Iterator[io.StringIO]:
    """Every line that any process's logger would write, at the most talkative level, as it would be written."""
    root = logging.getLogger()
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(root.handlers[0].formatter)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def hotline(redis, redis_url: str, sqlite_url: str, tmp_path: Path) -> Iterator[Hotline]:
    menus = tmp_path / "menus"
    menus.mkdir()
    shutil.copy(ROOT / "menus" / "wallet.yaml", menus)
    place = open_town(redis_url=redis_url, database_url=sqlite_url, folder=tmp_path, menus=menus)
    try:
        with place.network:
            made = Hotline(place, menus)
            made.looks()
            yield made
            place.fine()
    finally:
        place.close()


@pytest.fixture
def recording(redis, redis_url: str, sqlite_url: str, tmp_path: Path) -> Iterator[Callable[[str], Town]]:
    """The hotline with this rule for every topic."""
    with ExitStack() as places:

        def opened(rule: str) -> Town:
            menus = menu_that_records(tmp_path, rule)
            place = open_town(redis_url=redis_url, database_url=sqlite_url, folder=tmp_path, menus=menus)
            places.callback(place.close)
            places.enter_context(place.network)
            places.callback(place.fine)
            return place

        yield opened
