"""Deliveries to merchants' programs: signed, at least once, ever later, and never to us."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.errors import InvalidValue, TooManyWebhooks
from commerce.feed import EventType, ShopEvent
from commerce.ids import AccountId, ShowId
from commerce.payments.signature import verify
from commerce.store import accounts, events, feed, shows, webhooks
from commerce.store.pool import Pool, acquire
from commerce.store.webhooks import Delivery, Webhook
from commerce.webhooks import deliverer as deliverer_module
from commerce.webhooks.deliverer import DELAYS_S, PAUSE_AFTER_S, TRIES, Deliverer, open_deliverer
from commerce.webhooks.target import check_url, is_public, transport_for
from tests.commerce.served import served
from tests.commerce.stage import add_live_show

SECRET = bytes(range(32))
DAY_MS = 86_400_000
ENDED: list[EventType] = ["show.ended"]


class Receiver:
    """A merchant's program: answers with the next status, the last one for good."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses = [200]
        self.heard: list[tuple[str, ShopEvent]] = []
        self.arrived = asyncio.Event()
        self.hanging = False
        self.released = asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        signed_at = int(request.headers["webhook-timestamp"]) * 1000
        id = verify(SECRET, request.headers, body, signed_at)
        self.heard.append((id, msgspec.json.decode(body, type=ShopEvent)))
        self.arrived.set()
        if self.hanging:
            await self.released.wait()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(b"x" * 10_000, status, {"location": "/elsewhere"})

    @property
    def ids(self) -> list[str]:
        return [id for id, _ in self.heard]


class Merchant:
    """A host with a show, a program, and a deliverer whose time the test tells."""

    def __init__(self, pool: Pool, show: ShowId, host: AccountId, receiver: Receiver) -> None:
        self.pool = pool
        self.show = show
        self.host = host
        self.receiver = receiver
        # Of PostgreSQL's clock, which need not be this process's.
        self._ahead_ms = 1_000
        self.deliverer: Deliverer

    @property
    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    @now.setter
    def now(self, now: int) -> None:
        self._ahead_ms = now - time.time_ns() // 1_000_000

    async def listen(
        self, url: str | None = None, *, types: list[EventType] | None = None
    ) -> Webhook:
        async with acquire(self.pool) as connection:
            return await webhooks.create(
                connection,
                self.host,
                url=url or self.receiver.url,
                secret=SECRET,
                types=types or [],
            )

    async def happens(self, *types: EventType) -> None:
        async with acquire(self.pool) as connection:
            for type in types or ("show.ended",):
                await events.record(connection, type, self.show, self.show)
        await feed.place(self.pool)

    async def deliver(self) -> int:
        """Deliver all that is due."""
        count = 0
        while some := await self.deliverer.deliver_some():
            count += some
        return count

    async def log(self, webhook: Webhook) -> list[Delivery]:
        async with acquire(self.pool) as connection:
            return await webhooks.deliveries(connection, webhook.id, before=None, limit=100)

    async def webhook(self, webhook: Webhook) -> Webhook:
        async with acquire(self.pool) as connection:
            return await webhooks.get(connection, webhook.id)


@pytest.fixture
async def merchant(pool: Pool) -> AsyncIterator[Merchant]:
    receiver = Receiver()
    async with AsyncExitStack() as stack:
        application = Starlette(routes=[Route("/hook", receiver.__call__, methods=["POST"])])
        receiver.url = f"{await stack.enter_async_context(served(application))}/hook"
        stack.callback(receiver.released.set)
        async with acquire(pool) as connection:
            show = await add_live_show(connection)
            host = AccountId((await shows.get(connection, show)).host)
        await feed.place(pool)
        merchant = Merchant(pool, show, host, receiver)
        merchant.deliverer = await stack.enter_async_context(
            open_deliverer(pool, "any", lambda: merchant.now)
        )
        yield merchant


async def test_what_happens_arrives_signed_and_is_logged(merchant: Merchant) -> None:
    webhook = await merchant.listen()
    await merchant.happens("show.ended", "show.started")

    assert await merchant.deliver() == 2
    assert await merchant.deliver() == 0

    assert sorted(event.type for _, event in merchant.receiver.heard) == [
        "show.ended",
        "show.started",
    ]
    assert {event.id for _, event in merchant.receiver.heard} == set(merchant.receiver.ids)
    newest, oldest = await merchant.log(webhook)
    assert (newest.type, oldest.type) == ("show.started", "show.ended")
    assert (newest.attempts, newest.status, newest.error, newest.due_at) == (1, 200, None, None)
    assert newest.delivered_at is not None


async def test_a_webhook_gets_the_types_it_wants_of_its_hosts_shows(merchant: Merchant) -> None:
    async with acquire(merchant.pool) as connection:
        other = await add_live_show(connection, "other")
        admin = await accounts.register(
            connection, kind="admin", name="Root", email="root@shop.example", password_hash="x"
        )
    chosen = await merchant.listen(types=["show.ended"])
    everything = await merchant.listen()
    merchant.host = admin.id
    of_all = await merchant.listen()
    await merchant.happens("show.ended", "show.started")
    merchant.show = other
    await merchant.happens("show.ended")

    types = [
        [each.type for each in await merchant.log(one)] for one in (chosen, everything, of_all)
    ]
    assert types == [
        ["show.ended"],
        ["show.started", "show.ended"],
        ["show.ended", "show.started", "show.ended", "show.started"],
    ]


async def test_what_fails_is_tried_ever_later_until_it_is_given_up(merchant: Merchant) -> None:
    webhook = await merchant.listen()
    merchant.receiver.statuses = [500]
    await merchant.happens()
    begin = merchant.now

    for number, delay_s in enumerate(DELAYS_S, start=1):
        assert await merchant.deliver() == 1
        (delivery,) = await merchant.log(webhook)
        assert (delivery.attempts, delivery.status) == (number, 500)
        assert delivery.error == "answered 500"
        assert delivery.due_at is not None
        # Less the moment since the try.
        assert 0.8 * delay_s - 3 <= (delivery.due_at - merchant.now) / 1000 <= 1.2 * delay_s
        merchant.now = delivery.due_at + 1
        assert len(merchant.receiver.heard) == number
    assert await merchant.deliver() == 1

    (delivery,) = await merchant.log(webhook)
    assert (delivery.attempts, delivery.due_at, delivery.delivered_at) == (TRIES, None, None)
    assert 2 * DAY_MS < merchant.now - begin < 5 * DAY_MS
    assert len(set(merchant.receiver.ids)) == 1
    assert (await merchant.webhook(webhook)).failing_since is not None


async def test_what_arrives_in_the_end_ends_the_failure(merchant: Merchant) -> None:
    webhook = await merchant.listen()
    merchant.receiver.statuses = [503, 302, 204]
    await merchant.happens()

    for _ in range(3):
        await merchant.deliver()
        merchant.now += 3_600_000

    (delivery,) = await merchant.log(webhook)
    assert (delivery.attempts, delivery.status) == (3, 204)
    assert (await merchant.webhook(webhook)).failing_since is None
    assert len(merchant.receiver.heard) == 3


async def test_after_days_of_failure_a_webhook_is_paused_and_loses_nothing(
    merchant: Merchant,
) -> None:
    webhook = await merchant.listen()
    merchant.receiver.statuses = [500]
    await merchant.happens("show.ended")
    await merchant.deliver()
    await merchant.pool.execute(
        "UPDATE webhooks SET failing_since = now() - $1 * interval '1 second'", PAUSE_AFTER_S
    )
    merchant.now += DAY_MS
    await merchant.deliver()

    assert (await merchant.webhook(webhook)).paused_at is not None
    await merchant.happens("show.started")
    merchant.now += DAY_MS
    assert await merchant.deliver() == 0

    merchant.receiver.statuses = [200]
    merchant.receiver.heard.clear()
    async with acquire(merchant.pool) as connection:
        await webhooks.resume(connection, webhook.id)
    assert await merchant.deliver() == 2
    assert (await merchant.webhook(webhook)).paused_at is None
    assert {event.type for _, event in merchant.receiver.heard} == {"show.ended", "show.started"}


async def test_a_program_that_says_gone_is_left_alone_at_once(merchant: Merchant) -> None:
    webhook = await merchant.listen()
    merchant.receiver.statuses = [410]
    await merchant.happens()

    await merchant.deliver()

    assert (await merchant.webhook(webhook)).paused_at is not None


async def test_a_program_that_does_not_answer_is_not_waited_for(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliverer_module, "ANSWER_S", 0.1)
    webhook = await merchant.listen()
    nowhere = await merchant.listen("http://127.0.0.1:1/hook")
    merchant.receiver.hanging = True
    await merchant.happens()

    assert await merchant.deliver() == 2

    ((slow,), (away,)) = await merchant.log(webhook), await merchant.log(nowhere)
    assert (slow.status, slow.error) == (None, "no answer in 0 s")
    assert away.status is None
    assert away.error


async def test_a_slow_program_delays_nobody_elses(merchant: Merchant) -> None:
    quick = Receiver()
    application = Starlette(routes=[Route("/hook", quick.__call__, methods=["POST"])])
    async with served(application) as url:
        await merchant.listen()
        await merchant.listen(f"{url}/hook")
        merchant.receiver.hanging = True
        await merchant.happens(*ENDED * 20)

        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(merchant.deliverer.run())
            while len(quick.heard) < 20:
                quick.arrived.clear()
                await quick.arrived.wait()
            running.cancel()

    assert len(merchant.receiver.heard) <= deliverer_module.BATCH


async def test_killed_in_the_middle_a_delivery_is_made_again_under_the_same_id(
    merchant: Merchant,
) -> None:
    webhook = await merchant.listen()
    merchant.receiver.hanging = True
    await merchant.happens()
    killed = asyncio.create_task(merchant.deliver())
    async with asyncio.timeout(5):
        await merchant.receiver.arrived.wait()
    killed.cancel()
    await asyncio.wait([killed])
    merchant.receiver.hanging = False

    assert await merchant.deliver() == 0
    merchant.now += 6_000
    async with open_deliverer(merchant.pool, "any", lambda: merchant.now) as another:
        assert await another.deliver_some() == 1

    assert len(merchant.receiver.ids) == 2
    assert len(set(merchant.receiver.ids)) == 1
    (delivery,) = await merchant.log(webhook)
    assert (delivery.attempts, delivery.status) == (2, 200)


async def test_two_processes_deliver_each_event_once(merchant: Merchant) -> None:
    await merchant.listen()
    await merchant.happens(*ENDED * 40)

    async with open_deliverer(merchant.pool, "any", lambda: merchant.now) as another:

        async def all_of_it(deliverer: Deliverer) -> None:
            while await deliverer.deliver_some():
                pass

        await asyncio.gather(all_of_it(merchant.deliverer), all_of_it(another))

    assert len(merchant.receiver.ids) == len(set(merchant.receiver.ids)) == 40


async def test_an_event_or_everything_since_can_be_replayed(merchant: Merchant) -> None:
    webhook = await merchant.listen()
    await merchant.happens(*ENDED * 4)
    await merchant.deliver()
    first, *_, last = sorted(each.event_id for each in await merchant.log(webhook))
    merchant.receiver.heard.clear()

    async with acquire(merchant.pool) as connection:
        assert await webhooks.replay(connection, webhook.id, event=first) == 1
        assert await merchant.deliver() == 1
        page = await feed.after(connection, None, host=merchant.host, limit=100)
        after = page.events[-3].position
        assert await webhooks.replay(connection, webhook.id, after=after) == 2
        assert await webhooks.replay(connection, webhook.id, event=last + 1000) == 0
    assert await merchant.deliver() == 2

    assert len(merchant.receiver.heard) == 3


async def test_an_account_has_so_many_webhooks_and_a_deleted_one_hears_nothing(
    merchant: Merchant,
) -> None:
    webhook, *_ = [await merchant.listen() for _ in range(webhooks.MOST)]
    with pytest.raises(TooManyWebhooks):
        await merchant.listen()
    await merchant.happens()

    async with acquire(merchant.pool) as connection:
        await webhooks.delete(connection, webhook.id)

    assert await merchant.deliver() == webhooks.MOST - 1


# -- Where they may go --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_no_address_of_ours_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7"))
def test_no_private_network_is_public(address: Any) -> None:
    assert not is_public(str(address))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "not a URL"),
        ("ftp://shop.example/hook", "not a URL"),
        ("https://", "not a URL"),
        ("https://[::1/hook", "not a URL"),
        ("https://shop.example:port/", "not a URL"),
        ("http://shop.example/hook", "https://"),
        ("https://user:secret@shop.example/", "password"),
        ("https://127.0.0.1/hook", "not a public address"),
        ("https://[::1]/hook", "not a public address"),
    ],
)
def test_what_may_not_be_reached_is_refused_when_it_is_named(url: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why):
        check_url(url, "public")


def test_what_may_be_reached_is_taken_as_it_is() -> None:
    assert check_url("https://shop.example/hook?a=1", "public") == "https://shop.example/hook?a=1"
    assert check_url("http://127.0.0.1:80/hook", "any") == "http://127.0.0.1:80/hook"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_to_us_is_not_followed(merchant: Merchant, host: str) -> None:
    port = httpx.URL(merchant.receiver.url).port
    async with httpx.AsyncClient(transport=transport_for("public")) as client:
        with pytest.raises(httpx.ConnectError, match="not a public address"):
            await client.post(f"http://{host}:{port}/hook")

    assert merchant.receiver.heard == []


async def test_a_name_is_looked_at_and_connected_to_once(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes its mind between the look and the connection gains nothing."""
    looked: list[str] = []
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def getaddrinfo(host: str, port: Any, **how: Any) -> Any:
        looked.append(host)
        return await resolve("127.0.0.1", port, **how)

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr("commerce.webhooks.target.is_public", lambda address: True)
    port = httpx.URL(merchant.receiver.url).port
    async with httpx.AsyncClient(transport=transport_for("public")) as client:
        answer = await client.get(f"http://hook.example:{port}/hook")

    assert (answer.status_code, answer.request.headers["host"]) == (405, f"hook.example:{port}")
    assert looked.count("hook.example") == 1
