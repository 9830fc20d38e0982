import stat
from pathlib import Path

from commerce.ids import OfferId, ShowId
from commerce.store import accounts, offers, products, shows
from commerce.store.pool import acquire, open_pool, transaction
from live.seed import EVERYDAY, FLASH, seed
from tests.commerce.stage import by_hand


async def test_the_demo_has_a_live_show_with_a_full_bag(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        demo = await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            stage = await shows.stage(connection, ShowId("demo"))
            bag = await offers.views_of_show(connection, ShowId("demo"))
            found = await accounts.find_by_email(connection, demo.email)

    assert found is not None
    assert (found[0].kind, found[0].id) == ("host", stage.show.host)
    assert stage.show.state == "live"
    assert [offer.kind for offer in bag if offer.state == "open"] == ["everyday"] * len(EVERYDAY)
    assert [offer.kind for offer in bag if offer.state == "draft"] == ["flash"] * len(FLASH)
    assert stage.pinned == bag[0].id
    for offer in bag:
        if offer.kind == "flash":
            assert (offer.quantity, offer.limit_per_buyer) == (20, 1)
            assert offer.was_minor is not None
            assert offer.price_minor < offer.was_minor


async def test_what_the_demo_remembers_is_for_its_owner_alone(
    database_url: str, tmp_path: Path
) -> None:
    async with open_pool(database_url) as pool:
        await seed(pool, tmp_path, "USD")

    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600


async def test_run_again_it_finds_the_same_shop(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        first = await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            before = await offers.views_of_show(connection, ShowId("demo"))
        second = await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            after = await offers.views_of_show(connection, ShowId("demo"))

    assert second == first
    assert after == before


async def test_units_that_are_on_sale_are_not_made_again(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            before, _ = await products.search(connection, limit=100)
        await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            after, _ = await products.search(connection, limit=100)

    assert after == before


async def test_an_empty_warehouse_is_filled_again(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            await by_hand(connection, "UPDATE variants SET available = 1")
        await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            found, _ = await products.search(connection, text="moon-mug", limit=1)

    assert max(variant.available for variant in found[0].variants) > 100


async def test_a_show_that_ended_gets_a_successor(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        await seed(pool, tmp_path, "USD")
        async with transaction(pool) as connection:
            await shows.end(connection, ShowId("demo"))
            for offer in await offers.views_of_show(connection, ShowId("demo")):
                await offers.finish_closing(connection, OfferId(offer.id))
        demo = await seed(pool, tmp_path, "USD")
        async with acquire(pool) as connection:
            stage = await shows.stage(connection, ShowId(demo.show))
            bag = await offers.views_of_show(connection, ShowId(demo.show))

    assert demo.show.startswith("demo-")
    assert stage.show.state == "live"
    assert len([offer for offer in bag if offer.state == "open"]) == len(EVERYDAY)


async def test_a_lost_password_makes_another_host(database_url: str, tmp_path: Path) -> None:
    async with open_pool(database_url) as pool:
        first = await seed(pool, tmp_path, "USD")
        (tmp_path / "demo.json").unlink()
        second = await seed(pool, tmp_path, "USD")

    assert second.email != first.email
    assert second.show != first.show
