"""A media process inside a test: real PostgreSQL, real UDP, HTTP without a port."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aioice.ice
import httpx
import pytest

from commerce.ids import AccountId, ShowId
from commerce.messages import ShowView
from commerce.store import accounts, rehearsals, shows
from commerce.store.pool import Pool, open_pool, transaction
from commerce.store.shows import NewShow
from live.auth import Role, Tokens
from live.config import signing_secret
from live.embedded import Services
from live.media.peer import SILENT_S
from live.media.process import media, open_studio
from live.media.studio import Studio
from tests.live.media.people import PATIENCE_S
from tests.live.shops import config_for


class House:
    """A media process under test, and the accounts of its shop."""

    def __init__(self, studio: Studio, http: httpx.AsyncClient, pool: Pool, tokens: Tokens) -> None:
        self.studio = studio
        self.http = http
        self._pool = pool
        self._tokens = tokens

    async def member(self, role: Role, name: str) -> tuple[AccountId, str]:
        """Return a new account and its token."""
        async with transaction(self._pool) as connection:
            account = await accounts.register(
                connection,
                kind=role,
                name=name,
                email=f"{name}@{role}.example".lower(),
                password_hash="not a hash",
            )
        token, _ = self._tokens.issue(account=account.id, name=name, role=role, now=time.time())
        return AccountId(account.id), token

    async def show(self, title: str = "Tea time", host: str = "Mei") -> tuple[str, str]:
        """Return a new show and its host's token."""
        account, token = await self.member("host", host)
        async with transaction(self._pool) as connection:
            show = await shows.create(connection, account, NewShow(title=title))
            await shows.start(connection, ShowId(show.id))
        return show.id, token

    async def rehearsal(self) -> tuple[str, str]:
        """Return a new rehearsal of a planned show, and its host's token."""
        account, token = await self.member("host", "Mei")
        async with transaction(self._pool) as connection:
            show = await shows.create(connection, account, NewShow(title="Tea time"))
            rehearsal = await rehearsals.begin(connection, ShowId(show.id))
            await shows.start(connection, ShowId(rehearsal.id))
        return rehearsal.id, token

    async def end(self, show: str) -> None:
        async with transaction(self._pool) as connection:
            await shows.end(connection, ShowId(show))

    async def view(self, show: str) -> ShowView:
        async with transaction(self._pool) as connection:
            return await shows.get(connection, ShowId(show))

    async def until_on_air(self, show: str, on_air: bool) -> None:
        """Wait until PostgreSQL says that a show's video comes, or does not."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.view(show)).on_air is not on_air:
                pass

    async def metric(self, line: str) -> float:
        """Return the value of one line of the metrics; 0 where there is none."""
        text = (await self.http.get("/metrics/media")).text
        found = [each for each in text.splitlines() if each.startswith(f"{line} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0


@asynccontextmanager
async def open_house(
    services: Services, folder: Path, *, silent_s: float = SILENT_S, **settings: str
) -> AsyncIterator[House]:
    config = config_for(folder, **settings)
    async with AsyncExitStack() as stack:
        studio = await stack.enter_async_context(open_studio(config, services, silent_s=silent_s))
        transport = httpx.ASGITransport(media(studio), raise_app_exceptions=False)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://media.test")
        )
        pool = await stack.enter_async_context(open_pool(services.database_url, size=1))
        tokens = Tokens(signing_secret(config), hours=1)
        yield House(studio, http, pool, tokens)


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients use the loopback address, which they would leave out."""

    def loopback(**_: Any) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice.ice, "get_host_addresses", loopback)


@pytest.fixture
async def house(services: Services, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(services, tmp_path, MEDIA_VIEWERS="2", RECORDING_DAYS="0") as house:
        yield house
