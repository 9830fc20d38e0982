"""A show minute by minute: what is counted is counted once, whoever dies meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from commerce.ids import OfferId, ShowId
from commerce.store import minutes, moments
from commerce.store.moments import Moment
from commerce.store.pool import Connection, open_connection
from live.clicks import Clicks
from live.embedded import Services
from live.minutes import LOCK, Minutes
from live.traffic import Traffic
from rooms.brokers.redis import RedisBroker, open_redis_broker
from rooms.passes import BOUNDS_S, Durations
from tests.live.shops import Visitor, Web, open_web

AT = 1_800_000_000_000


@asynccontextmanager
async def reading(services: Services) -> AsyncIterator[tuple[Minutes, Connection, RedisBroker]]:
    """Run a worker's part; each has a broker and a connection of its own."""
    async with (
        open_redis_broker(services.redis_url) as broker,
        open_connection(services.database_url) as connection,
    ):
        yield Minutes(services.database_url, broker), connection, broker


@asynccontextmanager
async def tea(services: Services, folder: Path) -> AsyncIterator[tuple[Web, Visitor]]:
    """Run a shop whose show `tea` is live."""
    async with open_web(services, folder) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post("/api/shows/tea/start")
        yield web, host


async def listed(host: Visitor, since: int = 0) -> list[dict[str, Any]]:
    answer = await host.get(f"/api/shows/tea/minutes?since={since}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["minutes"]
    return found


async def test_a_worker_that_comes_back_goes_on_with_the_same_minute(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as (_web, host):
        async with reading(services) as (worker, connection, broker):
            await broker.count("tea", "web-1", 10, 3)
            await worker.read(connection, AT)
            await broker.count("tea", "web-1", 40, 2)
            await worker.read(connection, AT + 5_000)
        # It died; another one takes its place within the minute.
        async with reading(services) as (worker, connection, broker):
            await broker.count("tea", "web-1", 25, 0)
            await worker.read(connection, AT + 30_000)
            await worker.read(connection, AT + 60_000)

        assert await listed(host) == [
            {"at": AT, "viewers": 25.0, "viewers_peak": 40, "likes": 5},
            {"at": AT + 60_000, "viewers": 25.0, "viewers_peak": 25, "likes": 5},
        ]
        assert await listed(host, AT + 1) == (await listed(host))[1:]


async def test_of_several_workers_one_reads(services: Services, tmp_path: Path) -> None:
    async with tea(services, tmp_path) as (_web, host):
        async with reading(services) as (worker, connection, _broker):
            assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK)
            async with asyncio.timeout(10):
                await worker.take_turn()  # it is another's, so this one stands by
            assert await listed(host) == []
        async with reading(services) as (worker, connection, _broker), asyncio.TaskGroup() as tasks:
            turn = tasks.create_task(worker.take_turn())
            async with asyncio.timeout(10):
                while not await listed(host):
                    await connection.execute("SELECT 1")
            turn.cancel()

        assert [minute.get("viewers_peak", 0) for minute in await listed(host)] == [0]


async def test_a_chat_line_counts_in_its_minute_and_once_however_often_it_is_told(
    services: Services, tmp_path: Path
) -> None:
    lines = [
        Moment(ShowId("tea"), "chat", f"acc_1.{number}", AT + number * 30_000, "{}")
        for number in range(3)
    ]
    async with tea(services, tmp_path) as (_web, host):
        async with reading(services) as (_worker, connection, _broker):
            await moments.write(connection, lines)
            await moments.write(connection, lines[1:])
            await moments.take_away(connection, ShowId("tea"), ["acc_1.0"])

        assert await listed(host) == [
            {"at": AT, "viewers": 0.0, "chat_lines": 2},
            {"at": AT + 60_000, "viewers": 0.0, "chat_lines": 1},
        ]


async def test_deliveries_of_all_processes_are_added_up_bound_by_bound(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as (_web, host):
        async with reading(services) as (worker, connection, _broker):
            await worker.read(connection, AT)
            fast, slow = Durations(), Durations()
            for _ in range(98):
                fast.add(0.002)
            slow.add(0.04)
            slow.add(0.2)
            for each in (fast, slow):
                await minutes.note_deliveries(connection, each.counts, AT + 7)
            # A release with fewer bounds is still running.
            await minutes.note_deliveries(connection, [0, 1], AT + 9)

        [minute] = await listed(host)
        assert len(fast.counts) == len(BOUNDS_S) + 1
        assert (minute["delivery_p50_ms"], minute["delivery_p99_ms"]) == (2.5, 50.0)


async def test_what_could_not_be_written_is_written_with_the_next(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as (web, host):
        offer = await web.drafted(host, "tea")
        clicks, reached = Clicks(), Durations()
        traffic = Traffic(web.shop.pool, clicks, reached)
        clicks.note(ShowId("tea"), OfferId(offer["id"]), "ann", AT)
        clicks.note(ShowId("other"), OfferId(offer["id"]), "ben", AT)
        clicks.note(ShowId("tea"), OfferId("ofr_nowhere"), "ben", AT)
        reached.add(0.003)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(minutes, "note_deliveries", _away)
            with pytest.raises(ConnectionError):
                await traffic.write()
        assert await listed(host) == []
        await traffic.write()
        await traffic.write()

        assert await listed(host) == [{"at": AT, "viewers": 0.0, "clicks": 1}]
        async with web.shop.pool.acquire() as connection:
            [counts] = await connection.fetch("SELECT sum(n) FROM deliveries, unnest(counts) AS n")
        assert counts["sum"] >= 1


async def _away(*_: object) -> None:
    raise ConnectionError("PostgreSQL is away")


async def paid(web: Web, offer: dict[str, Any], buyer: Visitor, quantity: int) -> dict[str, Any]:
    """Buy, and pay in the sandbox."""
    path = f"/api/offers/{offer['id']}/reservations"
    reserved = await buyer.post(path, {"quantity": quantity}, key=buyer.id)
    assert reserved.status_code == 201, reserved.text
    await web.write_orders()
    [order] = (await buyer.get("/api/orders")).json()["orders"]
    started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
    decided = await web.client.post(
        f"/sandbox/pay/{started['reference']}", data={"decision": "succeed"}
    )
    assert decided.status_code < 400, decided.text
    await web.shop.sandbox.deliver_due(web.client, time.time_ns() // 1_000_000)
    bought: dict[str, Any] = order
    return bought


async def test_a_show_is_summed_up_from_the_ledger(services: Services, tmp_path: Path) -> None:
    async with tea(services, tmp_path) as (web, host):
        offer = await web.drafted(host, "tea", limit_per_buyer=3)
        await host.post(f"/api/offers/{offer['id']}/open")
        ann, ben = await web.guest("Ann"), await web.guest("Ben")
        order = await paid(web, offer, ann, 2)
        await ben.post(f"/api/offers/{offer['id']}/reservations", {"quantity": 1}, key="b")
        await web.write_orders()
        refund = await host.post(f"/api/orders/{order['id']}/refund", {"amount_minor": 600})
        assert refund.status_code == 200, refund.text
        async with reading(services) as (worker, connection, broker):
            for viewers, at in ((10, AT), (30, AT + 5_000), (8, AT + 60_000)):
                await broker.count("tea", "web-1", viewers, 1)
                await worker.read(connection, at)
            clicked = minutes.Clicked(ShowId("tea"), OfferId(offer["id"]), AT, 4)
            await minutes.note_clicks(connection, [clicked])
        await host.post("/api/shows/tea/end")
        summed = (await host.get("/api/shows/tea/summary")).json()
        table = await host.get("/api/shows/tea/summary.csv")
        by_minute = await host.get("/api/shows/tea/minutes.csv")
        tally = (await host.get("/api/shows/tea/tally")).json()
        found = await listed(host)

        assert summed["show"]["state"] == "ended"
        del summed["show"]
        [of_offer] = summed.pop("offers")
        assert summed == {
            "currency": "USD",
            "viewers_peak": 30,
            "viewers_average": 16.0,
            "watched_minutes": 28.0,
            "likes": 3,
            "chat_lines": 0,
            "clicks": 4,
            "orders": 2,
            "paid": 1,
            "units": 2,
            "captured_minor": 9600,
            "refunded_minor": 600,
            "takings_minor": 9000,
            "conversion": 0.25,
        }
        assert (of_offer["clicks"], of_offer["units"], of_offer["refunded_minor"]) == (4, 2, 600)
        assert tally["takings_minor"] == summed["takings_minor"]
        assert sum(minute.get("captured_minor", 0) for minute in found) == 9600
        assert sum(minute.get("refunded_minor", 0) for minute in found) == 600
        assert sum(minute.get("orders", 0) for minute in found) == 2
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert table.text.splitlines()[1] == (
            "POT-tea,Teapot,,everyday,48.00,USD,20,4,2,1,2,96.00,6.00,90.00,0.2500"
        )
        assert len(by_minute.text.splitlines()) == 1 + len(found)


async def test_how_a_show_goes_is_for_those_who_run_it(services: Services, tmp_path: Path) -> None:
    async with tea(services, tmp_path) as (web, _host):
        other, viewer = await web.member("host", "Zoe"), await web.guest()
        for path in ("minutes", "minutes.csv", "summary", "summary.csv"):
            theirs = await other.get(f"/api/shows/tea/{path}")
            nobodys = await viewer.get(f"/api/shows/tea/{path}")

            assert (theirs.status_code, theirs.json()["code"]) == (403, "not_yours")
            assert (nobodys.status_code, nobodys.json()["code"]) == (403, "forbidden")
