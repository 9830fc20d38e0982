"""The services of one test, as a deployment names them."""

import pytest

from live.embedded import Services


@pytest.fixture
def services(database_url: str, redis_url: str) -> Services:
    return Services(database_url=database_url, redis_url=redis_url)
