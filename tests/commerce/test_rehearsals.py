"""Rehearsals in the ledger: practised like a show, and as if nothing had been."""

import asyncio
import time

import asyncpg
import pytest

from commerce import rehearsing
from commerce.catalogue import VariantChange
from commerce.errors import NotFound, Rehearsed, WrongState
from commerce.ids import AccountId, OfferId, OrderId, ShowId, VariantId
from commerce.movements import Adjustment
from commerce.notes import NewNote
from commerce.offers.reconcile import Reconciler
from commerce.store import (
    accounts,
    directory,
    editing,
    feed,
    movements,
    notes,
    offers,
    orders,
    payments,
    prices,
    rehearsals,
    reminders,
    shows,
)
from commerce.store.offers import NewItem, NewOffer
from commerce.store.pool import Connection, Pool, acquire, transaction
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_host, add_live_show, add_show, add_variant


async def add_planned(connection: Connection, id: str = "friday") -> tuple[ShowId, list[OfferId]]:
    """A planned show with a flash sale of one variant, and a bundle of two."""
    show = await add_show(connection, id)
    mug = await add_variant(connection, f"{id}-mug", price_minor=2000)
    pot = await add_variant(connection, f"{id}-pot", price_minor=5000)
    flash = NewOffer(
        variant=mug,
        quantity=5,
        kind="flash",
        price_minor=1500,
        limit_per_buyer=2,
        hold_s=60,
        duration_s=120,
        policy="hold",
    )
    bundle = NewOffer(
        items=[NewItem(pot), NewItem(mug, 2)], quantity=3, price_minor=8000, title="For two"
    )
    made = [await offers.create(connection, show, each) for each in (flash, bundle)]
    return show, [OfferId(each.id) for each in made]


async def begin(pool: Pool, show: ShowId) -> ShowId:
    async with transaction(pool) as connection:
        return ShowId((await rehearsals.begin(connection, show)).id)


async def open_rehearsed(shop: Shop, show: ShowId) -> tuple[ShowId, OfferId]:
    """Rehearse a planned show up to its flash sale, which sells at the gate."""
    rehearsal = await begin(shop.pool, show)
    async with transaction(shop.pool) as connection:
        await shows.start(connection, rehearsal)
        flash, _ = await offers.views_of_show(connection, rehearsal)
        offer = OfferId(flash.id)
        await offers.open_(connection, offer)
        terms = await offers.gate_terms(connection, offer)
    assert await shop.gate.load(terms) == "ok"
    return rehearsal, offer


async def test_a_rehearsal_has_the_run_of_show_on_the_same_terms(pool: Pool) -> None:
    async with transaction(pool) as connection:
        show, (flash, bundle) = await add_planned(connection)
        await notes.write(connection, show, NewNote("Smile", 0))
        await notes.write(connection, show, NewNote("Hold it up", 0, bundle))
        rehearsal = await rehearsals.begin(connection, show)
        planned = await offers.views_of_show(connection, show)
        practised = await offers.views_of_show(connection, ShowId(rehearsal.id))
        noted = await notes.of_show(connection, ShowId(rehearsal.id))

    assert (rehearsal.title, rehearsal.state, rehearsal.rehearses) == ("Tonight", "draft", show)
    assert rehearsal.id.startswith("tonight-rehearsal-")
    kept = ("kind", "state", "variant", "title", "price_minor", "was_minor", "quantity", "position")
    terms = ("limit_per_buyer", "hold_s", "items", "entry", "policy")
    for before, after in zip(planned, practised, strict=True):
        assert [getattr(after, name) for name in (*kept, *terms)] == [
            getattr(before, name) for name in (*kept, *terms)
        ]
    assert {each.id for each in practised} & {flash, bundle} == set()
    assert [(note.offer, note.text) for note in noted] == [
        ("", "Smile"),
        (practised[1].id, "Hold it up"),
    ]
    assert await pool.fetchval(
        "SELECT duration_s FROM offers WHERE id = $1", practised[0].id
    ) == await pool.fetchval("SELECT duration_s FROM offers WHERE id = $1", flash)


async def test_a_show_has_one_rehearsal_at_a_time(pool: Pool) -> None:
    async with transaction(pool) as connection:
        show, _ = await add_planned(connection)

    first, second = await asyncio.gather(begin(pool, show), begin(pool, show))
    async with transaction(pool) as connection:
        ended = await shows.end(connection, first)
        none = await rehearsals.current(connection, show)
    third = await begin(pool, show)

    assert first == second
    assert ended.state == "ended"  # before it began, too
    assert none is None
    assert third != first
    assert await pool.fetchval("SELECT count(*) FROM shows") == 3


async def test_only_a_show_that_has_not_started_is_rehearsed(pool: Pool) -> None:
    async with acquire(pool) as connection:
        show, _ = await add_planned(connection)
        rehearsal = ShowId((await rehearsals.begin(connection, show)).id)
        with pytest.raises(Rehearsed, match="is a rehearsal: it has none"):
            await rehearsals.begin(connection, rehearsal)
        with pytest.raises(WrongState, match="is live; it would have to be draft"):
            await rehearsals.begin(connection, await add_live_show(connection, "now"))
        with pytest.raises(NotFound):
            await rehearsals.begin(connection, ShowId("nowhere"))
    assert await pool.fetchval("SELECT count(*) FROM shows WHERE rehearses IS NOT NULL") == 1


async def test_the_show_itself_ends_its_rehearsal(pool: Pool) -> None:
    async with transaction(pool) as connection:
        show, _ = await add_planned(connection)
        rehearsal = ShowId((await rehearsals.begin(connection, show)).id)
        flash, _ = await offers.views_of_show(connection, rehearsal)
        await offers.open_(connection, OfferId(flash.id))
        await shows.start(connection, show)

        assert (await shows.get(connection, show)).state == "live"
        assert (await shows.get(connection, rehearsal)).state == "ended"
    assert await pool.fetchval("SELECT state FROM offers WHERE id = $1", flash.id) == "closing"


async def test_a_rehearsal_leaves_everything_as_it_was(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with transaction(shop.pool) as connection:
            show, (planned, _) = await add_planned(connection)
        await feed.place(shop.pool)
        before = await shop.pool.fetchval("SELECT count(*) FROM events")
        rehearsal, offer = await open_rehearsed(shop, show)
        buyer = await shop.add_buyer()
        order = await shop.place(offer, buyer, quantity=2)
        late = await shop.hold(offer, await shop.add_buyer())
        during = await shop.warehouse(offer)
        with pytest.raises(Rehearsed, match="nothing in it is paid for"):
            await shop.checkout.pay(OrderId(order.id), buyer)
        async with transaction(shop.pool) as connection:
            await shows.end(connection, rehearsal)
        # The last one is written after the end.
        await shop.write_orders()
        cancelled = await rehearsing.clear(shop.pool, shop.gate, shop.heard)
        again = await rehearsing.clear(shop.pool, shop.gate, shop.heard)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)
        await shop.write_orders()
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)

        assert during == 95
        assert (cancelled, again) == (2, 0)
        assert [each.reason for each, *_ in shop.heard.releases] == ["cancelled", "cancelled"]
        assert {each.hold for each, *_ in shop.heard.releases} == {order.hold, late.hold}
        assert await shop.ledger(offer) == ("closed", 0, 0, 0)
        assert await shop.warehouse(offer) == 100
        assert await shop.payments() == []
        async with acquire(shop.pool) as connection:
            tally = await orders.tally(connection, rehearsal)
            assert (tally.orders, tally.paid, tally.awaiting, tally.takings_minor) == (2, 0, 0, 0)
            assert await payments.totals(connection) == []
            assert await orders.miscounted(connection) == []
            assert await movements.miscounted(connection) == ([], [])
            assert (await offers.get(connection, planned)).state == "draft"
        reconciler = Reconciler(shop.pool, shop.gate, shop.epochs, shop.writer, shop.heard)
        assert await reconciler.reconcile() == []
        # Nobody outside hears of it, and nothing of it waits to be told.
        assert await shop.pool.fetchval("SELECT count(*) FROM events") > before
        assert await feed.place(shop.pool) > 0
        assert await shop.pool.fetchval("SELECT count(*) FROM events") == before


async def test_what_a_rehearsal_asks_was_never_asked(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with transaction(shop.pool) as connection:
            show, (planned, _) = await add_planned(connection)
            flash = await offers.get(connection, planned)
        _, offer = await open_rehearsed(shop, show)
        async with transaction(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        assert await shop.gate.close(offer) == "ok"
        await shop.write_orders()
        async with transaction(shop.pool) as connection:
            history = await prices.of_variant(connection, flash.variant)  # type: ignore[arg-type]
            # Refused if the rehearsal's 15.00 were the lowest price of the last 30 days.
            opened = await offers.open_(connection, planned)

        assert [(each.minor, each.offer) for each in history.prices] == [(2000, None)]
        assert history.lowest_minor == 2000
        assert opened.state == "open"


async def test_what_is_held_in_a_rehearsal_makes_nothing_low(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with transaction(shop.pool) as connection:
            show, (planned, _) = await add_planned(connection)
            mug = VariantId((await offers.get(connection, planned)).variant)
            await editing.change_variant(connection, mug, VariantChange(alert_at=98))
        rehearsal, offer = await open_rehearsed(shop, show)
        await shop.place(offer, await shop.add_buyer(), quantity=2)
        async with transaction(shop.pool) as connection:
            left = await movements.low_stock(connection, mug)
            quiet = await connection.fetch("SELECT show_id FROM events WHERE type = 'stock.low'")
            await shows.end(connection, rehearsal)
            await connection.execute("UPDATE shows SET state = 'ended' WHERE id = $1", show)
            # The rehearsal was the last to offer it; the show is told all the same.
            await movements.adjust(
                connection, mug, Adjustment(-2, "damaged"), by=await add_host(connection)
            )
            told = await connection.fetch("SELECT show_id FROM events WHERE type = 'stock.low'")

        assert left is not None
        assert left.left == 100
        assert quiet == []
        assert [row["show_id"] for row in told] == [show]


async def test_what_was_reserved_in_a_rehearsal_is_in_its_list_alone(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with transaction(shop.pool) as connection:
            show, _ = await add_planned(connection)
        rehearsal, offer = await open_rehearsed(shop, show)
        buyer = await shop.add_buyer()
        bought = await shop.place(await shop.add_offer(), buyer)
        practised = await shop.place(offer, buyer)
        async with acquire(shop.pool) as connection:
            everywhere = await orders.of_buyer(connection, buyer)
            there = await orders.of_buyer(connection, buyer, show=rehearsal)

        assert [each.id for each in everywhere] == [bought.id]
        assert [each.id for each in there] == [practised.id]


async def test_the_database_itself_takes_no_payment_in_a_rehearsal(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with transaction(shop.pool) as connection:
            show, _ = await add_planned(connection)
        rehearsal, offer = await open_rehearsed(shop, show)
        order = await shop.place(offer, await shop.add_buyer())

        with pytest.raises(asyncpg.RestrictViolationError, match="nothing in a rehearsal"):
            await shop.pool.execute(
                "WITH begun AS ("
                " INSERT INTO payments (id, order_id, gateway, amount_minor, currency)"
                " VALUES ('pay_1', $1, 'sandbox', 1500, 'USD'))"
                " INSERT INTO payment_parts (payment_id, order_id, goods_minor)"
                " VALUES ('pay_1', $1, 1500)",
                order.id,
            )
        with pytest.raises(asyncpg.RestrictViolationError, match="a show stays a show"):
            await shop.pool.execute("UPDATE shows SET rehearses = NULL WHERE id = $1", rehearsal)
        assert await shop.payments() == []


async def test_rehearsals_are_in_no_list_that_others_read(pool: Pool) -> None:
    async with transaction(pool) as connection:
        show, _ = await add_planned(connection)
        rehearsal = await rehearsals.begin(connection, show)
        await shows.start(connection, ShowId(rehearsal.id))
        follower = await add_follower(connection, AccountId(rehearsal.host))

        assert [each.id for each in await shows.list_shows(connection)] == [show]
        assert [each.show.id for each in await directory.windows(connection)] == [show]
        assert [each.show.id for each in await reminders.of_account(connection, follower)] == [show]
        with pytest.raises(Rehearsed, match="nobody is reminded"):
            await reminders.remind(connection, follower, ShowId(rehearsal.id))
        # Who watches it is counted all the same: the host practises with the numbers.
        assert await shows.on_stage(connection, limit=10) == [rehearsal.id]


async def add_follower(connection: Connection, host: AccountId) -> AccountId:
    follower = (await accounts.create_guest(connection, "Bo")).id
    await connection.execute(
        "INSERT INTO follows (host_id, account_id) VALUES ($1, $2)", host, follower
    )
    return follower
