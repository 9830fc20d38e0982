"""What the contracts of a payment gateway share."""

from collections.abc import AsyncIterator

import pytest

from commerce.payments import stripe as stripe_gateway
from tests.contracts.gateways import Case, sandbox, stripe


@pytest.fixture(params=[sandbox, stripe])
async def case(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Case]:
    monkeypatch.setattr(stripe_gateway, "REQUEST_S", 0.2)
    monkeypatch.setattr(stripe_gateway, "RETRIES", 0)
    async with request.param(database_url) as case:
        yield case
