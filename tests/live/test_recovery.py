"""
The guarantee of a room, on the whole server: who followed, came back or comes fresh sees the same.

A random evening happens in a show. One viewer hears all of it, one leaves and resumes in the middle
of it, and one comes at the end and gets a snapshot.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from live.embedded import Services
from liveshop_client.state import RoomState
from rooms.brokers import Broker
from rooms.brokers.redis import open_redis_broker
from tests.live.server import Live, open_live
from tests.live.shops import Visitor

DEEDS = 20


class Spectator:
    """Someone who applies what they hear, and checks that no event is missing."""

    def __init__(self, live: Live, room: str) -> None:
        self.state = RoomState()
        self.snapshots = self.resumes = 0
        self._url = f"ws://127.0.0.1:{live.port}/ws"
        self._room = room
        self._position: dict[str, Any] | None = None

    @asynccontextmanager
    async def present(self) -> AsyncIterator[ClientConnection]:
        async with connect(self._url) as socket:
            since = {"since": self._position} if self._position else {}
            await socket.send(json.dumps({"type": "join", "room": self._room, **since}))
            yield socket

    async def hear_until(self, socket: ClientConnection, word: str) -> None:
        """Apply everything up to the notice that says ``word``."""
        heard = ""
        while heard != word:
            for message in json.loads(await socket.recv()):
                self._apply(message)
                heard = message.get("text", heard) if message["type"] == "notice" else heard

    async def hear_until_it_sees(self, truth: object, socket: ClientConnection) -> None:
        """Apply what comes until the state is ``truth``, or nothing comes that would make it so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self.sees != truth:
                    for message in json.loads(await socket.recv()):
                        self._apply(message)

    def _apply(self, message: dict[str, Any]) -> None:
        if message["type"] == "joined":
            self.snapshots += "snapshot" in message
            self.resumes += message.get("recovered", False)
            self._position = {"epoch": message["epoch"], "offset": message["offset"]}
        elif "offset" in message:
            assert self._position is not None
            assert message["offset"] == self._position["offset"] + 1
            self._position["offset"] += 1
        self.state.apply(message)

    @property
    def sees(self) -> tuple[object, object, object]:
        return self.state.show, self.state.offers, self.state.pinned


class Evening:
    """What a host and buyers may do, in any order; a deed that makes no sense is refused."""

    def __init__(self, live: Live, host: Visitor, show: str, chance: Random) -> None:
        self._live, self._host, self._show, self._chance = live, host, show, chance
        self._offers: list[str] = []

    async def do_something(self) -> None:
        await self._chance.choice(self._deeds())()

    def _deeds(self) -> list[Callable[[], Awaitable[object]]]:
        host, show = self._host, self._show
        deeds: list[Callable[[], Awaitable[object]]] = [
            self._draft,
            lambda: host.post(f"/api/shows/{show}/start"),
        ]
        if self._offers:
            offer = self._chance.choice(self._offers)
            deeds += [
                lambda: host.post(f"/api/offers/{offer}/open"),
                lambda: host.post(f"/api/offers/{offer}/pin"),
                lambda: host.post(f"/api/offers/{offer}/unpin"),
                lambda: host.post(f"/api/offers/{offer}/close"),
                lambda: self._buy(offer),
                lambda: self._buy(offer),
            ]
        return deeds

    async def _draft(self) -> None:
        tag = f"{self._show}-{len(self._offers)}"
        product = await self._host.post(
            "/api/products",
            {
                "title": "Cup",
                "handle": tag,
                "variants": [{"sku": tag, "price_minor": 900, "currency": "USD", "available": 10}],
            },
        )
        variant = product.json()["variants"][0]["id"]
        offer = await self._host.post(
            f"/api/shows/{self._show}/offers", {"variant": variant, "quantity": 3}
        )
        self._offers.append(offer.json()["id"])

    async def _buy(self, offer: str) -> None:
        buyer = await self._live.guest()
        await buyer.post(f"/api/offers/{offer}/reservations", {"quantity": 1}, key=buyer.id)


@pytest.fixture
async def broker(redis_url: str) -> AsyncIterator[Broker]:
    async with open_redis_broker(redis_url) as broker:
        yield broker


async def test_a_snapshot_and_the_events_after_it_give_what_a_fresh_snapshot_says(
    services: Services, tmp_path: Path, broker: Broker
) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        for seed in range(10):
            await one_evening(live, broker, host, seed)


async def one_evening(live: Live, broker: Broker, host: Visitor, seed: int) -> None:
    chance, room = Random(seed), f"evening-{seed}"
    await host.post("/api/shows", {"title": "Evening", "id": room})
    evening = Evening(live, host, room, chance)
    follower, returner, fresh = (Spectator(live, room) for _ in range(3))
    away_from, away_to = sorted(chance.sample(range(1, DEEDS), 2))

    async def mark(word: str) -> None:
        await broker.publish(room, json.dumps({"type": "notice", "text": word}).encode())

    async def settled() -> None:
        waiting = True
        while waiting:
            waiting = await live.shop.pool.fetchval(
                "SELECT EXISTS (SELECT FROM outbox WHERE relayed_at IS NULL)"
                "    OR EXISTS (SELECT FROM offers WHERE state = 'closing')"
            )

    async with follower.present() as socket:
        async with returner.present() as before:
            for _ in range(away_from):
                await evening.do_something()
            await mark("left")
            await returner.hear_until(before, "left")
        for _ in range(away_from, away_to):
            await evening.do_something()
        async with returner.present() as after:
            for _ in range(away_to, DEEDS):
                await evening.do_something()
            await settled()
            await mark("over")
            await follower.hear_until(socket, "over")
            await returner.hear_until(after, "over")
            async with fresh.present() as late:
                await mark("seen")
                await fresh.hear_until(late, "seen")
            # The numbers that leave a few times a second may still be on their way.
            await follower.hear_until_it_sees(fresh.sees, socket)
            await returner.hear_until_it_sees(fresh.sees, after)

    assert (follower.snapshots, returner.snapshots, returner.resumes) == (1, 1, 1)
    assert follower.sees == fresh.sees, seed
    assert returner.sees == fresh.sees, seed
