"""A whole web process inside a test: real PostgreSQL, real Redis, HTTP without a port."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from commerce.ids import AccountId
from commerce.offers.epoch import open_epochs
from commerce.store import accounts
from commerce.store.pool import transaction
from commerce.writer import Writer, open_writer
from live.app import running
from live.config import Config, read
from live.embedded import Services
from live.shop import Shop
from live.site import web

JSON = {"content-type": "application/json"}


class Visitor:
    """Someone who uses the HTTP interface, signed in or not."""

    def __init__(self, client: httpx.AsyncClient, token: str | None, id: str) -> None:
        self.client = client
        self.token = token
        self.id = id
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path, headers=self.headers)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        return await self.send("POST", path, body, key=key)

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        headers = {**self.headers, **JSON, **({"idempotency-key": key} if key else {})}
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.client.request(method, path, content=content, headers=headers)


class Web:
    """A web process under test."""

    def __init__(self, shop: Shop, client: httpx.AsyncClient, writer: Writer) -> None:
        self.shop = shop
        self.client = client
        self._writer = writer

    @property
    def nobody(self) -> Visitor:
        return Visitor(self.client, None, "")

    async def guest(self, name: str = "Lin") -> Visitor:
        answer = await self.nobody.post("/api/auth/guest", {"name": name})
        assert answer.status_code == 201
        return Visitor(self.client, answer.json()["token"], answer.json()["user"]["id"])

    async def member(self, kind: Any = "host", name: str = "Mei") -> Visitor:
        async with transaction(self.shop.pool) as connection:
            account = await accounts.register(
                connection,
                kind=kind,
                name=name,
                email=f"{name}@{kind}.example".lower(),
                password_hash="not a hash",
            )
        token, _ = self.shop.tokens.issue(account=account.id, name=account.name, role=kind, now=4e9)
        return Visitor(self.client, token, AccountId(account.id))

    async def write_orders(self) -> None:
        """Do what the order writer does, now."""
        async with transaction(self.shop.pool) as connection:
            while entries := await self._writer.read():
                await self._writer.write(connection, entries)

    async def selling(self, host: Visitor, **terms: Any) -> dict[str, Any]:
        """Put a new variant on sale in a new show, and return the offer."""
        show = (await host.post("/api/shows", {"title": "Tea time"})).json()
        await host.post(f"/api/shows/{show['id']}/start")
        offer = await self.drafted(host, show["id"], **terms)
        answer = await host.post(f"/api/offers/{offer['id']}/open")
        assert answer.status_code == 200, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    async def drafted(self, host: Visitor, show: str, **terms: Any) -> dict[str, Any]:
        """Put a new variant into a show's bag."""
        product = await host.post("/api/products", teapot(show))
        assert product.status_code == 201, product.text
        variant = product.json()["variants"][0]["id"]
        answer = await host.post(
            f"/api/shows/{show}/offers", {"variant": variant, "quantity": 20, **terms}
        )
        assert answer.status_code == 201, answer.text
        offer: dict[str, Any] = answer.json()
        return offer


def teapot(tag: str) -> dict[str, Any]:
    """Return a product with 50 units in the warehouse; ``tag`` keeps its names apart."""
    return {
        "title": "Teapot",
        "handle": f"teapot-{tag}",
        "variants": [
            {"sku": f"POT-{tag}"[:64], "price_minor": 4800, "currency": "USD", "available": 50}
        ],
    }


def config_for(folder: Path, **settings: str) -> Config:
    """Return settings for a test."""
    given = {"DATA_DIR": str(folder), "LOG_LEVEL": "warning", **settings}
    return read({f"LIVESHOP_{name}": value for name, value in given.items()})


@asynccontextmanager
async def open_web(services: Services, folder: Path, **settings: str) -> AsyncIterator[Web]:
    """Run a web process; the gate is ready when the block begins."""
    config = config_for(folder, **settings)
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(running(config, services))
        seen = await stack.enter_async_context(open_epochs(services.redis_url))
        writer = await stack.enter_async_context(
            open_writer(services.redis_url, shop.pool, shop.gate, seen, Silence())
        )
        async with transaction(shop.pool) as connection:
            await writer.make_sure(connection)
        # As uvicorn does: what an application lets escape is the server's to log, not the client's.
        transport = httpx.ASGITransport(web(shop), raise_app_exceptions=False)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://shop.test")
        )
        yield Web(shop, client, writer)


class Silence:
    """An `Announce` that nobody hears."""

    def reserved(self, reserved: Any, show: Any, buyer: Any) -> None: ...
    def unwaited(self, unwaited: Any, show: Any, buyer: Any) -> None: ...
    def entered(self, entered: Any, show: Any, buyer: Any) -> None: ...
    def admitted(self, admitted: Any, show: Any, buyer: Any) -> None: ...
    def queue(self, queue: Any, show: Any) -> None: ...
    def placed(self, order: Any) -> None: ...
    def paid(self, order: Any) -> None: ...
    def refunded(self, order: Any) -> None: ...
    def released(self, released: Any, show: Any, buyer: Any) -> None: ...
    def stock(self, show: Any, offer: Any, left: int, version: int) -> None: ...

    def mark(self) -> int:
        return 0

    async def delivered(self, since: int) -> bool:
        return True
