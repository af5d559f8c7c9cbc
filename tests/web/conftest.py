"""A house per test, and a browser that leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis as redis_client
from playwright.sync_api import Browser, Page

from ivr.core.people import Role
from tests.web.house import House, served


@pytest.fixture
def house(tmp_path: Path, redis_url: str, redis: redis_client.Redis, free_port: Callable[[], int]) -> Iterator[House]:
    del redis  # emptied before each test
    made = House(tmp_path, redis_url, free_port())
    yield made
    made.switchboard.close()


@pytest.fixture
def staffed(house: House) -> House:
    """With one agent, one supervisor and one administrator."""
    house.agent("a1001", shown="Agent 1001")
    house.account("lead", Role.SUPERVISOR)
    house.account("root", Role.ADMIN)
    return house


@pytest.fixture
def visit(staffed: House, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; scripts that fail and policy that is broken fail the test. `expected`: words of console
    errors that the test itself brings about, parted by `|`. `origin`: where the house is reached over another wire.
    """
    wrong: list[str] = []
    opened = []

    def open_page(
        login: str, path: str, *, language: str = "en", scheme: str = "light", origin: str = "", expected: str = "\0"
    ) -> Page:
        origin = origin or staffed.origin
        context = browser.new_context(color_scheme=scheme, permissions=["microphone"])
        context.add_cookies([{"name": "ivr-language", "value": language, "url": origin}])
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda line: (
                wrong.append(line.text)
                if line.type == "error" and not any(one in line.text for one in expected.split("|"))
                else None
            ),
        )
        context.add_cookies(staffed.client(login).cookies(origin))
        page.goto(origin + path)
        assert page.url == origin + path, page.url
        return page

    with served(staffed, urlsplit(staffed.origin).port or 0):
        yield open_page
        for context in opened:
            context.close()
    assert wrong == []


@pytest.fixture
def telephone(staffed: House, browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page on a telephone; with or without script."""
    wrong: list[str] = []
    opened = []

    def open_page(*, script: bool) -> Page:
        context = browser.new_context(
            java_script_enabled=script, viewport={"width": 375, "height": 740}, is_mobile=True, has_touch=True
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    with served(staffed, urlsplit(staffed.origin).port or 0):
        yield open_page
        for context in opened:
            context.close()
    assert wrong == []
