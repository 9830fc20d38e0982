"""The restore drill: a backup of a selling shop, a disaster, and the shop sells on and adds up."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from commerce.store.pool import acquire
from live.embedded import Services
from tests.commerce.stage import by_hand
from tests.deploy.postgres import programs, run
from tests.live.server import Live, open_live
from tests.live.shops import Visitor

SCRIPTS: Final = Path(__file__).parents[2] / "deploy" / "postgres"


@pytest.fixture
async def new_database(database_url: str) -> AsyncIterator[str]:
    """An empty database beside the test's own."""
    name = f"{urlsplit(database_url).path[1:]}_restored"
    admin = await asyncpg.connect(database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def buy(live: Live, offer: dict[str, Any], buyer: Visitor) -> dict[str, Any]:
    """Place an order, and return it."""
    async with live.watching(offer["show"], buyer) as viewer:
        await viewer.hear("joined")
        await viewer.send(type="reserve", id="r1", offer=offer["id"])
        order: dict[str, Any] = (await viewer.hear("placed"))["order"]
    return order


async def pay(live: Live, order: dict[str, Any], buyer: Visitor) -> None:
    """Pay on the sandbox's page."""
    started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
    await live.client.post(started["redirect_url"], data={"decision": "succeed"})


async def test_a_restored_shop_rebuilds_its_gate_and_every_unit_is_somewhere(
    services: Services, new_database: str, tmp_path: Path
) -> None:
    folder = await programs(services.database_url)
    backup = tmp_path / "shop.dump"
    async with open_live(services, tmp_path) as live:
        host, early, late = await live.member("host"), await live.guest(), await live.guest()
        offer = await live.selling(host, quantity=20)
        async with live.watching(offer["show"], early) as viewer:
            await viewer.hear("joined")
            order = await buy(live, offer, early)
            await pay(live, order, early)
            await viewer.hear("paid")
        backed_up = await run(folder, SCRIPTS / "backup.sh", services.database_url, backup)
        lost = await buy(live, offer, late)
        standing = live.shop.gate.fence.standing
        before = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()

    restored = await run(folder, SCRIPTS / "restore.sh", backup, new_database)
    again = Services(database_url=new_database, redis_url=services.redis_url)
    async with open_live(again, tmp_path) as live:
        host = Visitor(live.client, host.token, host.id)
        after = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        listed = (await host.get(f"/api/orders?show={offer['show']}")).json()["orders"]
        now = live.shop.gate.fence.standing
        bought_again = await buy(live, offer, await live.guest("Mei"))
        end = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()

    assert (backed_up[0], restored[0]) == (0, 0), backed_up[1] + restored[1]
    assert (before["available"], before["held"], before["sold"]) == (18, 1, 1)
    # What was placed after the backup is gone from both books alike, and its unit is for sale.
    assert [each["id"] for each in listed] == [order["id"]]
    assert lost["id"] != order["id"]
    assert (after["available"], after["held"], after["sold"], after["adds_up"]) == (19, 0, 1, True)
    assert standing is not None
    assert now is not None
    assert now.epoch > standing.epoch
    assert bought_again["status"] == "awaiting_payment"
    assert (end["available"], end["held"], end["adds_up"]) == (18, 1, True)


async def test_a_backup_is_never_restored_over_a_shop(services: Services, tmp_path: Path) -> None:
    folder = await programs(services.database_url)
    backup = tmp_path / "shop.dump"
    await run(folder, SCRIPTS / "backup.sh", services.database_url, backup)

    code, said = await run(folder, SCRIPTS / "restore.sh", backup, services.database_url)

    assert code == 1
    assert "the database is not empty" in said


async def test_a_backup_that_does_not_add_up_is_an_error(
    services: Services, new_database: str, tmp_path: Path
) -> None:
    folder = await programs(services.database_url)
    backup = tmp_path / "shop.dump"
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        order = await buy(live, await live.selling(host), buyer)
        async with acquire(live.shop.pool) as connection:
            await by_hand(connection, "UPDATE offers SET taken = 2 WHERE id = $1", order["offer"])
    await run(folder, SCRIPTS / "backup.sh", services.database_url, backup)

    code, said = await run(folder, SCRIPTS / "restore.sh", backup, new_database)

    assert code != 0
    assert f"offer {order['offer']}: 2 units taken, 1 in live orders" in said


async def test_a_backup_that_fails_leaves_no_file(services: Services, tmp_path: Path) -> None:
    folder = await programs(services.database_url)

    nowhere = f"{services.database_url}_that_is_not_there"

    code, _ = await run(folder, SCRIPTS / "backup.sh", nowhere, tmp_path / "shop.dump")

    assert code != 0
    assert os.listdir(tmp_path) == []
