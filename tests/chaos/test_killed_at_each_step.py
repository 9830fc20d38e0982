"""
``kill -9`` at each step of an order's life: of whoever takes the step, and of what it steps on.

The moments are found from outside. Every process reaches PostgreSQL and Redis through a way that
holds one message, so a test kills somebody exactly between two steps. What was killed comes back,
the buyer asks with the same key, and in the end everything happened once.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any, Final, Literal, NamedTuple

import httpx
import pytest

from commerce.offers import stock
from commerce.offers.keys import Keys
from commerce.rounds import OUTAGE
from commerce.store import accounts
from commerce.store.idempotency import ABANDONED_S
from commerce.store.pool import Pool, acquire
from commerce.store.queries import load
from live.auth import Passwords
from liveshop_client import Api, connect
from liveshop_client.messages import Ledger, OfferView, OrderView
from loadtest.invariants import check
from tests.processes import Part, Shop, running_shop
from tests.waiting import PATIENCE_S, REST_S, until, until_it_holds
from tests.watchpoint import Held

ORDERS, PLACING = load("orders"), load("placing")
PAYMENTS, SANDBOX = load("payments"), load("sandbox")

AGAIN: Final = ("unavailable", "store_unavailable", "gateway_unavailable", "idempotency_in_flight")
"""Answers after which a client sends the same request again."""

UNFINISHED: Final = """
    SELECT EXISTS (SELECT FROM orders WHERE status <> 'awaiting_payment' AND gate_told_at IS NULL)
        OR EXISTS (SELECT FROM refunds WHERE status = 'due')
        OR EXISTS (SELECT FROM sandbox_events WHERE delivered_at IS NULL)
"""


def script(name: str) -> str:
    """Return how a call of one of the gate's scripts names it."""
    return hashlib.sha1(stock.script(name).encode(), usedforsecurity=False).hexdigest()


class Moment(NamedTuple):
    """A message of ``process`` to ``store`` that is held, or whose answer is."""

    process: Literal["serve", "work"]
    store: Literal["redis", "postgres"]
    says: str
    held: Held
    victims: tuple[Part, ...]


SALE: Final = {
    "before the gate is asked": Moment("serve", "redis", script("reserve"), "question", ("serve",)),
    "before the buyer hears what the gate said": Moment(
        "serve", "redis", script("reserve"), "answer", ("serve", "redis")
    ),
    "between the stream and the commit": Moment(
        "work", "postgres", "COMMIT\n" + PLACING.lock_offers, "question", ("work", "postgres")
    ),
    "before the writer hears of its commit": Moment(
        *("work", "postgres", "COMMIT\n" + PLACING.lock_offers, "answer"),
        ("work",),
    ),
    "between the commit and the end of the entry": Moment(
        "work", "redis", "XDEL", "question", ("work", "redis")
    ),
    "while the gateway begins the charge": Moment(
        "serve", "postgres", SANDBOX.begin, "answer", ("serve",)
    ),
    "before the webhook is committed": Moment(
        "serve", "postgres", ORDERS.pay, "answer", ("serve", "work", "postgres")
    ),
    "between the webhook and the gate": Moment(
        "serve", "redis", script("settle"), "question", ("serve", "redis")
    ),
    "between the gate and the note that it knows": Moment(
        "serve", "postgres", ORDERS.mark_told, "question", ("serve",)
    ),
    "before the gateway notes that the shop has heard": Moment(
        "work", "postgres", SANDBOX.delivered, "question", ("work",)
    ),
    "before the refund is committed": Moment(
        "serve", "postgres", ORDERS.refund, "answer", ("serve", "postgres")
    ),
    "between the refund and the gate": Moment(
        "serve", "redis", script("release"), "question", ("serve",)
    ),
    "before the shop hears that the money went back": Moment(
        "work", "postgres", SANDBOX.refund, "answer", ("work",)
    ),
    "before the shop notes that the money went back": Moment(
        "work", "postgres", PAYMENTS.finish_refund, "question", ("work",)
    ),
}
"""What happens to an order that is paid and refunded."""

LAPSE: Final = {
    "before the lapse is committed": Moment(
        "work", "postgres", ORDERS.lapse, "answer", ("work", "postgres")
    ),
    "between the lapse and the gate": Moment(
        "work", "redis", script("release"), "question", ("work", "redis")
    ),
    "before the sweeper hears from the gate": Moment(
        "work", "redis", script("release"), "answer", ("work",)
    ),
}
"""What happens to an order that nobody pays."""


def cases(moments: dict[str, Moment]) -> list[Any]:
    return [
        pytest.param(moment, victim, id=f"{victim} {name}")
        for name, moment in moments.items()
        for victim in moment.victims
    ]


@pytest.fixture(scope="module")
async def shop() -> AsyncIterator[Shop]:
    async with running_shop() as running:
        yield running


@pytest.fixture(scope="module")
async def books(shop: Shop) -> AsyncIterator[Pool]:
    async with shop.books() as pool:
        yield pool


@pytest.fixture(scope="module")
async def host(shop: Shop, books: Pool) -> AsyncIterator[Api]:
    password_hash = await Passwords().hash("a long password")
    async with acquire(books) as connection:
        await accounts.register(
            connection,
            kind="host",
            name="Mei",
            email="mei@shop.example",
            password_hash=password_hash,
        )
    async with Api(shop.url) as api:
        await api.login("mei@shop.example", "a long password")
        yield api


@pytest.fixture(scope="module")
async def people(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False) as client:
        yield client


async def on_sale(host: Api) -> OfferView:
    """Put two units on sale, one a buyer, in a show of their own."""
    show = await host.create_show("Tea time")
    await host.start_show(show["id"])
    variant = {"sku": show["id"], "price_minor": 1900, "currency": "USD", "available": 2}
    product = await host.create_product(
        {"title": "Teapot", "handle": show["id"], "variants": [variant]}
    )
    offer = await host.create_offer(
        show["id"],
        {"variant": product["variants"][0]["id"], "quantity": 2, "limit_per_buyer": 1},
    )
    return await host.open_offer(offer["id"])


class Buyer:
    """Someone who asks again, with the same key, until the shop has an answer for good."""

    def __init__(self, client: httpx.AsyncClient, offer: OfferView, token: str | None) -> None:
        self._client = client
        self._offer = offer
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"}
        self.put_off = 0
        """How often the shop could not say."""

    async def reserve(self, key: str) -> str:
        """Get a unit, and return the hold."""
        path = f"/api/offers/{self._offer['id']}/reservations"
        hold: str = (await self.insist("POST", path, {}, key=key))["hold"]
        return hold

    async def orders(self, *statuses: str) -> list[OrderView]:
        """Wait until these, from the newest on, are the states of one's orders."""
        found: list[OrderView] = []

        async def so() -> bool:
            found[:] = (await self.insist("GET", "/api/orders"))["orders"]
            return [order["status"] for order in found] == list(statuses)

        await until_it_holds(so)
        return found

    async def insist(self, method: str, path: str, body: object = None, *, key: str = "") -> Any:
        """Return the answer, whatever happens to the shop meanwhile."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    answer = await self._client.request(method, path, json=body, headers=headers)
                except httpx.TransportError:
                    await asyncio.sleep(REST_S)
                    continue
                if answer.is_success:
                    return answer.json()
                refusal = answer.json()
                if refusal["code"] == "sold_out":
                    return refusal
                assert refusal["code"] in AGAIN, refusal
                self.put_off += 1
                await asyncio.sleep(refusal.get("retry_after_ms", 0) / 1000)

    async def decide(self, page: str) -> None:
        """Pay on the gateway's page, which keeps the first decision."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    answer = await self._client.post(page, data={"decision": "succeed"})
                except httpx.TransportError:
                    await asyncio.sleep(REST_S)
                    continue
                if answer.status_code == 303:
                    return


async def comes_in(people: httpx.AsyncClient, offer: OfferView) -> Buyer:
    signed_in = (await people.post("/api/auth/guest", json={"name": "Lin"})).json()
    return Buyer(people, offer, signed_in["token"])


async def kill_at(shop: Shop, books: Pool, moment: Moment, victim: Part) -> None:
    """Kill the victim when the moment has come, bring it back, and let a minute pass."""
    process = shop.serve if moment.process == "serve" else shop.work
    way = process.redis if moment.store == "redis" else process.postgres
    stop = way.stop_at(moment.says, moment.held)
    await stop.reached()
    await shop.kill(victim)
    stop.drop()
    await shop.start(victim)
    # A request whose process died may be sent again once nobody can be at it any more.
    await books.execute(
        "UPDATE idempotency_keys SET created_at = created_at - $1 * interval '1 second' "
        "WHERE status IS NULL",
        ABANDONED_S,
    )


async def quiet(shop: Shop, books: Pool, people: httpx.AsyncClient) -> None:
    """Wait until nothing is on its way any more, and everyone is served."""

    async def nothing_waits() -> bool:
        try:
            async with shop.gate() as gate:
                waiting = await gate.xlen(Keys().orders)
            unfinished = await books.fetchval(UNFINISHED)
            ready = (await people.get("/readyz")).is_success
        except (*OUTAGE, httpx.TransportError):
            return False
        return ready and waiting == 0 and not unfinished

    await until_it_holds(nothing_waits)


async def happened(books: Pool, order: OrderView) -> list[str]:
    """Return what the ledger says happened to an order, in order."""
    rows = await books.fetch(
        "SELECT type FROM events WHERE subject_id = $1 ORDER BY id", order["id"]
    )
    return [row["type"] for row in rows]


def places(ledger: Ledger) -> tuple[int, int, int, int, int]:
    """Say where the units are: allocated, available, held, sold, in flight."""
    assert ledger["adds_up"]
    return (
        *(ledger["allocated"], ledger["available"], ledger["held"]),
        *(ledger["sold"], ledger["in_flight"]),
    )


@pytest.mark.parametrize(("moment", "victim"), cases(SALE))
async def test_an_order_is_placed_paid_and_refunded_once_whoever_is_killed(
    shop: Shop,
    books: Pool,
    host: Api,
    people: httpx.AsyncClient,
    moment: Moment,
    victim: Part,
) -> None:
    offer = await on_sale(host)
    buyer = await comes_in(people, offer)
    seller = Buyer(people, offer, host.token)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill_at(shop, books, moment, victim))
        hold = await buyer.reserve("tap")
        [order] = await buyer.orders("awaiting_payment")
        started = await buyer.insist("POST", f"/api/orders/{order['id']}/pay", {})
        await buyer.decide(started["redirect_url"])
        await buyer.orders("paid")
        refund = f"/api/orders/{order['id']}/refund"
        refunded = await seller.insist("POST", refund, {}, key=order["id"])
    await quiet(shop, books, people)
    went = await books.fetch(
        "SELECT status, captured_at IS NOT NULL AS captured, sandbox_refunds.amount_minor "
        "FROM sandbox_charges LEFT JOIN sandbox_refunds USING (reference) WHERE reference = $1",
        started["reference"],
    )

    assert (order["hold"], refunded["status"]) == (hold, "refunded")
    assert await happened(books, order) == ["order.placed", "order.paid", "order.refunded"]
    assert [tuple(row) for row in went] == [("refunded", True, 1900)]
    assert places(await host.ledger(offer["id"])) == (2, 2, 0, 0, 0)
    assert await check(host, offer["show"]) == []
    # Who gave a unit back may buy again.
    await buyer.reserve("once more")
    await buyer.orders("awaiting_payment", "refunded")


@pytest.mark.parametrize(("moment", "victim"), cases(LAPSE))
async def test_an_order_lapses_once_and_its_buyer_is_freed_once_whoever_is_killed(
    shop: Shop,
    books: Pool,
    host: Api,
    people: httpx.AsyncClient,
    moment: Moment,
    victim: Part,
) -> None:
    offer = await on_sale(host)
    buyer = await comes_in(people, offer)
    await buyer.reserve("tap")
    [order] = await buyer.orders("awaiting_payment")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill_at(shop, books, moment, victim))
        await books.execute(
            "UPDATE orders SET pay_by = moment(0), hold_expires_at = moment(0) WHERE id = $1",
            order["id"],
        )
    await buyer.orders("lapsed")
    await quiet(shop, books, people)
    before = places(await host.ledger(offer["id"]))
    await buyer.reserve("once more")
    await buyer.orders("awaiting_payment", "lapsed")

    assert await happened(books, order) == ["order.placed", "order.lapsed"]
    assert before == (2, 2, 0, 0, 0)
    assert places(await host.ledger(offer["id"])) == (2, 1, 1, 0, 0)
    assert await check(host, offer["show"]) == []


async def test_a_redis_that_stalls_longer_than_anyone_waits_sells_each_unit_once(
    shop: Shop, books: Pool, host: Api, people: httpx.AsyncClient
) -> None:
    offer = await on_sale(host)
    path = f"/api/offers/{offer['id']}/reservations"
    buyers = [await comes_in(people, offer) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        with shop.paused("redis"):
            trying = [
                tasks.create_task(buyer.insist("POST", path, {}, key="tap")) for buyer in buyers
            ]
            await until(lambda: all(buyer.put_off for buyer in buyers))
    await quiet(shop, books, people)
    answers = sorted(task.result().get("code", "reserved") for task in trying)
    placed = await host.orders(show=offer["show"])

    assert answers == ["reserved", "reserved", "sold_out", "sold_out"]
    assert sorted(order["hold"] for order in placed["orders"]) == sorted(
        task.result()["hold"] for task in trying if "hold" in task.result()
    )
    assert places(await host.ledger(offer["id"])) == (2, 0, 2, 0, 0)
    assert await check(host, offer["show"]) == []


async def test_while_postgresql_stalls_units_are_held_and_none_is_confirmed(
    shop: Shop, books: Pool, host: Api, people: httpx.AsyncClient
) -> None:
    offer = await on_sale(host)
    buyers = [await comes_in(people, offer) for _ in range(2)]
    early, late = buyers
    async with (
        connect(shop.url, offer["show"], token=early.token) as known,
        connect(shop.url, offer["show"], token=late.token) as room,
    ):
        # The first attempt on a worker looks up which show an offer is in.
        first = await known.reserve(offer["id"], id="tap")
        await early.orders("awaiting_payment")
        with shop.paused("postgres"):
            held = await room.reserve(offer["id"], id="tap")
            again = await room.reserve(offer["id"], id="tap")
            async with shop.gate() as gate:
                waiting = await gate.xlen(Keys().orders)
    placed = [await buyer.orders("awaiting_payment") for buyer in buyers]
    await quiet(shop, books, people)

    assert first["type"] == "reserved"
    assert held["type"] == "reserved"
    assert again == held
    assert waiting == 1
    assert [order["hold"] for [order] in placed] == [first["hold"], held["hold"]]
    assert places(await host.ledger(offer["id"])) == (2, 0, 2, 0, 0)
    assert await check(host, offer["show"]) == []


async def test_the_gate_and_the_ledger_agree_after_all_of_it(shop: Shop) -> None:
    assert await shop.run("reconcile") == "the gate and the ledger agree\n"
    assert "the gateways and the books agree" in await shop.run("reconcile", "--payments")
