from __future__ import annotations

import pytest

from ivr.simulator import Network
from tests.simulator.service import Service, rest_client


@pytest.fixture
def service():
    made = Service()
    yield made
    made.stop()


@pytest.fixture
def network(service):
    """Time stands still until a test moves it; speech takes its time."""
    with Network(clock="manual") as made:
        made.serves(service.origin)
        yield made


@pytest.fixture
def client(network):
    return rest_client(network)
