"""A house per test, and a browser that leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis as redis_client

from ivr.core.people import Role
from tests.web.house import House


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
