"""The event feed: everything that happened, once, in an order that never changes."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from commerce.errors import EventsGone
from commerce.feed import event_id, event_number
from commerce.ids import AccountId, OrderId
from commerce.messages import OrderView
from commerce.payments import GatewayEvent
from commerce.store import events, feed, offers, shows
from commerce.store.pool import acquire, transaction
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_live_show

NOBODY = AccountId("acc_admin")


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


async def pay(shop: Shop, order: OrderView) -> None:
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.decide(started.reference, "succeed")
    event = GatewayEvent(
        event_id=f"evt_{order.id}",
        payment=charge.payment,
        reference=charge.reference,
        outcome="captured",
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )
    assert await shop.checkout.apply("sandbox", event) == "paid"


async def read(
    shop: Shop, after: int | None = None, *, host: AccountId | None = None, limit: int = 100
) -> feed.Page:
    async with acquire(shop.pool) as connection:
        return await feed.after(connection, after, host=host, limit=limit)


def said(page: feed.Page) -> list[tuple[str, str]]:
    return [(event.type, event.subject) for event in page.events]


async def test_everything_that_happens_is_told_once_in_order(shop: Shop) -> None:
    offer = await shop.add_offer()
    kept, cancelled, lapsed = [await shop.place(offer, await shop.add_buyer()) for _ in range(3)]
    await pay(shop, kept)
    await shop.checkout.cancel(OrderId(cancelled.id), AccountId(cancelled.buyer))
    await shop.overdue(lapsed.id)
    await shop.sweeper.sweep(time.time_ns() // 1_000_000)
    await shop.checkout.refund(
        OrderId(kept.id), NOBODY, amount_minor=1, return_units=False, any_host=True
    )
    await shop.checkout.refund(OrderId(kept.id), NOBODY, any_host=True)
    async with acquire(shop.pool) as connection:
        await shows.end(connection, shop.show)
        await offers.finish_closing(connection, offer)

    assert said(await read(shop)) == []
    assert await feed.place(shop.pool) == 12
    assert await feed.place(shop.pool) == 0

    assert said(await read(shop)) == [
        ("show.started", shop.show),
        ("offer.opened", offer),
        *(("order.placed", order.id) for order in (kept, cancelled, lapsed)),
        ("order.paid", kept.id),
        ("order.cancelled", cancelled.id),
        ("order.lapsed", lapsed.id),
        ("order.refunded", kept.id),
        ("order.refunded", kept.id),
        ("show.ended", shop.show),
        ("offer.closed", offer),
    ]


async def test_a_hold_that_is_written_twice_is_placed_once(shop: Shop) -> None:
    offer = await shop.add_offer()
    await shop.hold(offer, await shop.add_buyer())
    async with acquire(shop.pool) as connection:
        entries = await shop.writer.read()
        await shop.writer.write(connection, entries)
        await shop.writer.write(connection, entries)
    await feed.place(shop.pool)

    assert [type for type, _ in said(await read(shop))].count("order.placed") == 1


async def test_an_event_shows_what_it_is_about_as_that_is_now(shop: Shop) -> None:
    order = await shop.place(offer := await shop.add_offer(), await shop.add_buyer())
    await pay(shop, order)
    await feed.place(shop.pool)
    page = await read(shop)

    async with acquire(shop.pool) as connection:
        told = await feed.told(connection, page.events)

    assert [event.id for event in told] == [event_id(each.id) for each in page.events]
    placed = next(event for event in told if event.type == "order.placed")
    opened = next(event for event in told if event.type == "offer.opened")
    assert placed.order == await shop.order(order.id)
    assert placed.order is not None
    assert placed.order.status == "paid"
    assert placed.offer is None
    assert opened.offer is not None
    assert opened.offer.id == offer
    assert {event.show.id for event in told} == {shop.show}


async def test_pages_follow_each_other_without_a_hole(shop: Shop) -> None:
    offer = await shop.add_offer()
    for _ in range(5):
        await shop.place(offer, await shop.add_buyer())
    await feed.place(shop.pool)
    everything = await read(shop)

    seen, after = [], None
    while True:
        page = await read(shop, after, limit=3)
        seen += page.events
        after = page.next
        if len(page.events) < 3:
            break

    assert seen == everything.events
    assert (await read(shop, after)).events == []
    await shop.place(offer, await shop.add_buyer())
    await feed.place(shop.pool)
    assert [type for type, _ in said(await read(shop, after))] == ["order.placed"]


async def test_a_transaction_that_commits_late_comes_after_what_was_read(shop: Shop) -> None:
    await feed.place(shop.pool)
    after = (await read(shop)).next
    async with transaction(shop.pool) as late:
        await events.record(late, "show.started", shop.show, "late")
        async with acquire(shop.pool) as connection:
            await events.record(connection, "show.started", shop.show, "early")
        await feed.place(shop.pool)
        early = await read(shop, after)
    await feed.place(shop.pool)

    assert said(early) == [("show.started", "early")]
    assert said(await read(shop, early.next)) == [("show.started", "late")]


async def test_two_processes_that_place_at_once_place_each_event_once(shop: Shop) -> None:
    async with acquire(shop.pool) as connection:
        for number in range(300):
            await events.record(connection, "show.started", shop.show, str(number))

    counts = await asyncio.gather(*(feed.place(shop.pool) for _ in range(3)))

    assert sum(counts) == 301
    page = await read(shop, limit=1000)
    assert [event.subject for event in page.events] == [
        shop.show,
        *(str(number) for number in range(300)),
    ]
    assert len({event.position for event in page.events}) == 301


async def test_a_host_reads_of_their_own_shows_and_the_cursor_moves_on(shop: Shop) -> None:
    async with acquire(shop.pool) as connection:
        other = await add_live_show(connection, "other")
        host = AccountId((await shows.get(connection, other)).host)
    await feed.place(shop.pool)

    own = await read(shop, host=host)
    assert said(own) == [("show.started", other)]
    async with acquire(shop.pool) as connection:
        for _ in range(3):
            await events.record(connection, "show.started", shop.show, shop.show)
    await feed.place(shop.pool)

    nothing = await read(shop, own.next, host=host)
    assert nothing.events == []
    assert nothing.next == own.next + 3


async def test_a_cursor_whose_events_were_deleted_says_so(shop: Shop) -> None:
    for _ in range(3):
        async with acquire(shop.pool) as connection:
            await events.record(connection, "show.started", shop.show, shop.show)
        await feed.place(shop.pool)
    first = (await read(shop, limit=1)).next
    last = (await read(shop)).next
    assert last == first + 3

    async with acquire(shop.pool) as connection:
        await connection.execute(
            "UPDATE events SET recorded_at = now() - interval '31 days' WHERE position < $1", last
        )
        await feed.purge(connection)

    assert len((await read(shop)).events) == 1
    assert len((await read(shop, last - 1)).events) == 1
    with pytest.raises(EventsGone) as gone:
        await read(shop, first)
    assert gone.value.oldest == str(last - 1)

    async with acquire(shop.pool) as connection:
        await connection.execute("UPDATE events SET recorded_at = now() - interval '31 days'")
        await feed.purge(connection)
    assert await read(shop, last) == feed.Page([], last)
    with pytest.raises(EventsGone):
        await read(shop, last - 1)


def test_the_name_of_an_event_is_read_back_and_nothing_else_is() -> None:
    assert event_number(event_id(12)) == 12
    for id in ("", "12", "evt_", "evt_x", "evt_-1", "evt_²", "ord_1", "evt_" + "9" * 30):
        assert event_number(id) is None
