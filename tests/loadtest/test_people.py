"""Robots in a real shop: the API, the socket, the worker and the sandbox's page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from live.embedded import Services
from liveshop_client import Api, Room, connect
from loadtest import host as hosting
from loadtest.buyer import Buyer
from loadtest.counts import Counts
from loadtest.host import Account, Desk, Host
from loadtest.invariants import check
from loadtest.temperament import Payment, Temperament
from loadtest.viewer import Show, Viewer
from loadtest.voice import Voice
from tests.live.server import Live, open_live

DEADLINE_S = 30


class Impatient(Random):
    """Chance without pauses: whoever draws one acts at once."""

    def uniform(self, a: float, b: float) -> float:
        # Minutes in a seat are no pause.
        return a if a > 60 else 0.0

    def triangular(self, low: float = 0, high: float = 1, mode: float | None = None) -> float:
        return 0.0


@pytest.fixture
async def live(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    services = Services(database_url=database_url, redis_url=redis_url)
    async with open_live(services, tmp_path) as running:
        yield running


def address(live: Live) -> str:
    return f"http://127.0.0.1:{live.port}"


def keen(payment: Payment) -> Temperament:
    return Temperament("keen", 100, 60, 60, wants=1, hunts=1, payment=payment)


@asynccontextmanager
async def buying(live: Live, show: str, payment: Payment, counts: Counts) -> AsyncIterator[Room]:
    """Let a buyer shop for as long as the block lasts."""
    chance = Impatient(1)
    async with Api(address(live)) as api:
        await api.guest("Ada")
        async with (
            connect(address(live), show, token=api.token) as room,
            asyncio.TaskGroup() as group,
        ):
            voice = Voice(room, "en", chance, counts)
            buyer = Buyer(api, room, voice, keen(payment), chance, counts)
            shopping = group.create_task(buyer.shop())
            yield room
            shopping.cancel()


async def became(room: Room, status: str) -> dict[str, Any]:
    """Wait for an order with this status."""
    found = await room.until(
        lambda state: next((o for o in state.orders.values() if o["status"] == status), None),
        timeout=DEADLINE_S,
    )
    return dict(found)


@pytest.mark.parametrize(
    ("payment", "status", "declined"),
    [
        (Payment.PAYS, "paid", 0),
        (Payment.DECLINED_FIRST, "paid", 1),
        (Payment.CANCELS, "cancelled", 0),
        (Payment.FORGETS, "lapsed", 0),
    ],
)
async def test_a_buyer_does_with_an_order_what_they_are_like(
    live: Live, payment: Payment, status: str, declined: int
) -> None:
    mei = await live.member("host")
    offer = await live.selling(mei, kind="flash", hold_s=10)
    counts = Counts()

    async with buying(live, offer["show"], payment, counts) as room:
        order = await became(room, status)

    assert (order["offer"], order["quantity"]) == (offer["id"], 1)
    assert (counts.of["reserved"], counts.of["placed"]) == (1, 1)
    assert counts.of["declined"] == declined
    async with Api(address(live), mei.token) as api:
        assert await check(api, offer["show"]) == []


async def test_twelve_people_who_want_five_units_get_five(live: Live) -> None:
    mei = await live.member("host")
    offer = await live.selling(mei, kind="flash", quantity=5)
    counts = Counts()

    async with AsyncExitStack() as stack:
        rooms = [
            await stack.enter_async_context(buying(live, offer["show"], Payment.PAYS, counts))
            for _ in range(12)
        ]
        async with asyncio.timeout(DEADLINE_S), Api(address(live), mei.token) as api:
            while (await api.tally(offer["show"]))["paid"] < 5:
                await rooms[0].until(lambda state: state.offers[offer["id"]]["left"] == 0)

            ledger = await api.ledger(offer["id"])
            faults = await check(api, offer["show"])

    assert (ledger["sold"], ledger["available"], ledger["held"]) == (5, 0, 0)
    assert counts.of["reserved"] == 5
    assert sum(room.gaps for room in rooms) == 0
    assert faults == []


async def test_a_seat_in_the_audience_fills_and_is_counted(live: Live) -> None:
    mei = await live.member("host")
    offer = await live.selling(mei)
    counts = Counts()
    viewer = Viewer(Show(address(live), offer["show"], 1, counts), Impatient(3))

    async with asyncio.TaskGroup() as group, connect(address(live), offer["show"]) as room:
        watching = group.create_task(viewer.run())
        await room.until(lambda state: state.viewers == 2, timeout=DEADLINE_S)
        watching.cancel()

    assert counts.of["entered"] == 1
    assert dict(counts.errors) == {}


async def hosted(live: Live, show: str) -> tuple[Host, Counts]:
    """Return a host who can sign in, and what they count."""
    counts = Counts()
    password = "a long evening"
    stored = await live.shop.passwords.hash(password)
    await live.shop.pool.execute("UPDATE accounts SET password_hash = $1", stored)
    account = Account("mei@host.example", password)
    return Host(Show(address(live), show, 1, counts), account, Random(1)), counts


async def test_a_host_presents_the_next_card_and_opens_the_prepared_sale(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "FIRST_FLASH_S", 0.5)
    mei = await live.member("host")
    everyday = await live.selling(mei)
    product = await mei.get(f"/api/products/{everyday['product']}")
    terms = {"variant": product.json()["variants"][0]["id"], "kind": "flash", "quantity": 20}
    prepared = (await mei.post(f"/api/shows/{everyday['show']}/offers", terms)).json()
    host, counts = await hosted(live, everyday["show"])

    async with asyncio.TaskGroup() as group, connect(address(live), everyday["show"]) as room:
        evening = group.create_task(host.run())
        await room.until(lambda state: state.pinned == everyday["id"], timeout=DEADLINE_S)
        await room.until(lambda state: state.pinned == prepared["id"], timeout=DEADLINE_S)
        await room.until(lambda state: state.chat, timeout=DEADLINE_S)
        sale = room.state.offers[prepared["id"]]
        evening.cancel()

    assert sale["state"] == "open"
    assert sale["closes_at"] - sale["opens_at"] == hosting.FLASH_DURATION_S * 1000
    assert counts.of["flash_sales"] == 1
    assert dict(counts.errors) == {}


async def test_a_host_steps_back_when_a_person_presents_something(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "FIRST_FLASH_S", 0.0)
    monkeypatch.setattr(hosting, "BREATHER_S", 0.05)
    mei = await live.member("host")
    offer = await live.selling(mei)
    counts = Counts()
    async with Api(address(live), mei.token) as api:
        async with connect(address(live), offer["show"], token=api.token) as room:
            chance = Random(1)
            show = Show(address(live), offer["show"], 1, counts)
            desk = Desk(show, api, room, Voice(room, "en", chance, counts), chance)
            await api.pin_offer(offer["id"])
            await room.until(lambda state: state.pinned == offer["id"])

            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await desk.hold_flash_sales()

        detail = await api.show(offer["show"])

    assert detail["pinned"] == offer["id"]
    assert [each["id"] for each in detail["offers"]] == [offer["id"]]
    assert counts.of["flash_sales"] == 0


async def test_a_host_who_cannot_sign_in_is_counted_and_tries_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "AWAY_S", 0.0)
    counts = Counts()
    account = Account("nobody@host.example", "whatever")
    host = Host(Show(address(live), "tea", 1, counts), account, Impatient(1))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await host.run()

    assert counts.errors["host_wrong_credentials"] >= 2
