from __future__ import annotations

import pytest

from tests.storage.redis.town import Store


@pytest.fixture
def store(redis, redis_url):
    found = Store(redis_url)
    yield found
    found.link.close()
