"""From the money to the parcel: what travels together, and what leaves it again."""

import asyncio

import asyncpg
import pytest
from msgspec.structs import replace

from commerce.errors import NotFound, NotYours, TooManyAddresses, WrongState
from commerce.ids import AccountId, AddressId, OrderId, ShipmentId, TariffId
from commerce.messages import ShipmentView
from commerce.packlist import HEADER, as_csv
from commerce.shipments import TRANSITIONS
from commerce.store import addresses, feed, payments, shipments, tariffs
from commerce.store.pool import acquire, transaction
from tests.commerce.delivery import (
    BERLIN,
    HAMBURG,
    TARIFF,
    begin,
    buy,
    host_of,
    money_comes,
    publish,
    quoted,
    win,
)
from tests.commerce.shop import Shop, open_shop

ADMIN = AccountId("acc_admin")


async def shipment_of(shop: Shop, order: str) -> ShipmentView:
    id = (await shop.order(order)).shipment
    assert id is not None
    async with acquire(shop.pool) as connection:
        (view,) = await shipments.views(connection, [ShipmentId(id)])
    return view


async def move(shop: Shop, shipment: str, event: str, **how: str) -> ShipmentView:
    async with transaction(shop.pool) as connection:
        return await shipments.move(connection, ShipmentId(shipment), event, **how)  # type: ignore[arg-type]


async def refund(shop: Shop, order: str) -> None:
    await shop.checkout.refund(OrderId(order), ADMIN, any_host=True)


async def told(shop: Shop) -> list[str]:
    rows = await shop.pool.fetch("SELECT type FROM events WHERE type LIKE 'shipment.%' ORDER BY id")
    return [row["type"] for row in rows]


async def test_wins_that_are_paid_one_by_one_share_a_parcel_and_its_shipping(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        buyer = await shop.add_buyer()
        first, second = await win(shop, buyer)

        (paid,) = await buy(shop, [first])
        quote = await quoted(shop, [second])
        (later,) = await buy(shop, [second])

        assert (paid.shipping_minor, paid.total_minor) == (500, 2689)
        assert (quote.shipping_minor, quote.joins) == (0, paid.shipment)
        assert (later.shipping_minor, later.total_minor) == (0, 2189)
        assert later.shipment == paid.shipment
        assert (await shipment_of(shop, first.id)).orders == [first.id, second.id]
        assert await told(shop) == ["shipment.opened"]


async def test_another_address_option_or_buyer_is_another_parcel(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        lin, bo = await shop.add_buyer("Lin"), await shop.add_buyer("Bo")
        one, two, three = await win(shop, lin, 3)
        (other,) = await win(shop, bo, 1)

        await buy(shop, [one])
        await buy(shop, [two], HAMBURG)
        await buy(shop, [three], option="express")
        await buy(shop, [other])

        parcels = {(await shop.order(each.id)).shipment for each in (one, two, three, other)}
        assert len(parcels) == 4
        assert [(await shop.order(each.id)).shipping_minor for each in (two, three, other)] == [
            500,
            1200,
            500,
        ]


async def test_what_is_packed_takes_nothing_more(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        first, second = await win(shop, await shop.add_buyer())
        (paid,) = await buy(shop, [first])
        started = await begin(shop, [second], await quoted(shop, [second]))
        await move(shop, str(paid.shipment), "pack")

        await money_comes(shop, started)

        later = await shop.order(second.id)
        assert later.status == "paid"
        assert later.shipment not in (None, paid.shipment)
        # It was promised to travel along, and does so at the shop's cost.
        assert later.shipping_minor == 0


async def test_two_payments_at_once_open_one_parcel(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        first, second = await win(shop, await shop.add_buyer())
        started = [
            await begin(shop, [each], await quoted(shop, [each])) for each in (first, second)
        ]

        effects = await asyncio.gather(*(money_comes(shop, each) for each in started))

        assert effects == ["paid", "paid"]
        assert (await shop.order(first.id)).shipment == (await shop.order(second.id)).shipment
        assert await told(shop) == ["shipment.opened"]


async def test_a_refund_before_it_leaves_takes_the_order_out_and_the_last_one_ends_it(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        first, second = await buy(shop, await win(shop, await shop.add_buyer()))
        parcel = str(first.shipment)
        await shop.checkout.refund(
            OrderId(first.id), ADMIN, amount_minor=100, return_units=False, any_host=True
        )
        kept = (await shipment_of(shop, first.id)).orders

        await refund(shop, first.id)
        left = await shipment_of(shop, second.id)
        await refund(shop, second.id)
        async with acquire(shop.pool) as connection:
            (ended,) = await shipments.views(connection, [ShipmentId(parcel)])

        # Money alone leaves the goods where they are.
        assert sorted(kept) == sorted([first.id, second.id])
        assert (left.state, left.orders) == ("open", [second.id])
        assert (ended.state, ended.orders) == ("cancelled", [])
        assert await told(shop) == ["shipment.opened", "shipment.cancelled"]


async def test_what_has_left_is_refunded_and_stays_in_its_parcel(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        (order,) = await buy(shop, await win(shop, await shop.add_buyer(), 1))
        await move(shop, str(order.shipment), "ship", carrier="DHL")

        await refund(shop, order.id)

        sent = await shipment_of(shop, order.id)
        assert (sent.state, sent.orders) == ("shipped", [order.id])


async def test_a_parcel_goes_its_way_step_by_step_and_no_step_twice(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        (order,) = await buy(shop, await win(shop, await shop.add_buyer(), 1))
        parcel = str(order.shipment)

        with pytest.raises(WrongState, match="is open; it would have to be shipped"):
            await move(shop, parcel, "deliver")
        packed = await move(shop, parcel, "pack")
        with pytest.raises(WrongState):
            await move(shop, parcel, "pack")
        shipped = await move(shop, parcel, "ship", carrier="DHL", tracking="0034")
        with pytest.raises(WrongState):
            await move(shop, parcel, "ship", carrier="UPS")
        delivered = await move(shop, parcel, "deliver")
        with pytest.raises(NotFound):
            await move(shop, "shp_none", "pack")

        assert (packed.state, shipped.state, delivered.state) == ("packed", "shipped", "delivered")
        assert (delivered.carrier, delivered.tracking) == ("DHL", "0034")
        assert delivered.delivered_at is not None
        assert await told(shop) == [
            "shipment.opened",
            "shipment.packed",
            "shipment.shipped",
            "shipment.delivered",
        ]
        seen = await shop.order(order.id)
        assert (seen.shipment_state, seen.carrier, seen.tracking) == ("delivered", "DHL", "0034")
        await feed.place(shop.pool)
        async with acquire(shop.pool) as connection:
            page = await feed.after(connection, None, host=None, limit=50)
            events = await feed.told(connection, page.events)
        sent = [each for each in events if each.type == "shipment.shipped"]
        assert [each.shipment for each in sent] == [delivered]


def test_every_state_is_reached_and_two_are_ends() -> None:
    befores = {was for was, _ in TRANSITIONS}
    afters = set(TRANSITIONS.values())

    assert befores | afters == {"open", "packed", "shipped", "delivered", "cancelled"}
    assert afters - befores == {"delivered", "cancelled"}


async def test_a_pack_list_has_every_line_and_no_formula(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        trickster = replace(BERLIN, name="=HYPERLINK(1)", lines=["+1", "Flat, 2"])
        one, two = await buy(shop, await win(shop, await shop.add_buyer()), trickster)
        gone, *_ = await buy(shop, await win(shop, await shop.add_buyer(), 1))
        await move(shop, str(gone.shipment), "ship", carrier="DHL")

        async with acquire(shop.pool) as connection:
            listed = await shipments.of_show(connection, shop.show, ("open", "packed"))
        rows = as_csv(listed).splitlines()

        (parcel,) = listed
        assert parcel.address == trickster
        assert [(each.order, each.quantity) for each in parcel.lines] == [(one.id, 1), (two.id, 1)]
        assert rows[0] == "\ufeff" + ",".join(HEADER)
        assert len(rows) == 3
        assert "'=HYPERLINK(1)" in rows[1]
        assert '"\'+1, Flat, 2"' in rows[1]


async def test_deleting_an_address_keeps_the_parcels_copy(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        buyer = await shop.add_buyer()
        async with transaction(shop.pool) as connection:
            kept = await addresses.keep(connection, buyer, BERLIN)
            same = await addresses.keep(connection, buyer, BERLIN)
        (order,) = await buy(shop, await win(shop, buyer, 1))

        async with transaction(shop.pool) as connection:
            await addresses.delete(connection, buyer, AddressId(kept.id))
            with pytest.raises(NotFound):
                await addresses.get(connection, buyer, AddressId(kept.id))
            (parcel,) = await shipments.parcels(connection, [ShipmentId(str(order.shipment))])

        assert same == kept
        assert parcel.address == BERLIN


async def test_an_address_that_nobody_paid_for_is_forgotten_and_a_paid_one_stays(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        first, second, third = await win(shop, await shop.add_buyer(), 3)
        await buy(shop, [first])
        await begin(shop, [second], await quoted(shop, [second]))
        await shop.pool.execute("UPDATE payments SET created_at = now() - interval '31 days'")
        await begin(shop, [third], await quoted(shop, [third]))

        async with transaction(shop.pool) as connection:
            await payments.forget_destinations(connection)

        rows = await shop.pool.fetch(
            "SELECT order_id FROM payments WHERE address IS NOT NULL ORDER BY id"
        )
        assert [row["order_id"] for row in rows] == [first.id, third.id]


async def test_a_book_has_an_end_and_begins_with_what_was_used_last(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        buyer, other = await shop.add_buyer(), await shop.add_buyer()
        for number in range(20):
            async with transaction(shop.pool) as connection:
                await addresses.keep(connection, buyer, replace(BERLIN, lines=[f"Allee {number}"]))
        await buy(shop, await win(shop, buyer, 1), replace(BERLIN, lines=["Allee 7"]))

        async with transaction(shop.pool) as connection:
            with pytest.raises(TooManyAddresses):
                await addresses.keep(connection, buyer, HAMBURG)
            book = await addresses.of_account(connection, buyer)
            with pytest.raises(NotFound):
                await addresses.get(connection, other, AddressId(book[0].id))

        assert len(book) == 20
        assert book[0].address.lines == ["Allee 7"]
        assert book[1].address.lines == ["Allee 19"]


async def test_a_published_tariff_never_changes_and_holds_from_its_moment(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        host = await host_of(shop)
        async with transaction(shop.pool) as connection:
            first = await tariffs.draft(connection, host, TARIFF)
            again = await tariffs.draft(connection, host, replace(TARIFF, taxes=[]))
            assert await tariffs.in_force(connection, host) is None
            with pytest.raises(NotYours):
                await tariffs.publish(connection, AccountId("acc_x"), TariffId(first.id))
            await tariffs.publish(connection, host, TariffId(first.id))
            with pytest.raises(WrongState):
                await tariffs.publish(connection, host, TariffId(first.id))
            coming = await tariffs.draft(connection, host, TARIFF)
            await tariffs.publish(
                connection, host, TariffId(coming.id), valid_from=4_000_000_000_000
            )
            held = await tariffs.in_force(connection, host)
            versions = await tariffs.of_host(connection, host)
        with pytest.raises(asyncpg.RaiseError, match="a published tariff never changes"):
            await shop.pool.execute("UPDATE tariffs SET tariff = '{}'")
        # Nothing to deliver any more: as it was before there was a tariff.
        await publish(shop, replace(TARIFF, zones=[], taxes=[]))
        async with acquire(shop.pool) as connection:
            none = await tariffs.in_force(connection, host)

        assert again.id == first.id
        assert held is not None
        assert (held.id, held.tariff.taxes) == (first.id, [])
        assert [(each.version, each.in_force) for each in versions] == [(2, False), (1, True)]
        assert none is None
