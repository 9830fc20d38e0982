"""The line before a sold-out offer: from the place to the order of its turn, whatever dies."""

import pytest

from commerce.ids import AccountId, OfferId
from commerce.messages import PlaceInLine, Reserved, Unwaited
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Held,
    InLine,
    KeyReused,
    LimitReached,
    LineFull,
    NotOpen,
    Place,
    SoldOut,
    Turn,
    UnknownOffer,
)
from commerce.offers.reconcile import Reconciler
from commerce.offers.waitlist import Lined, Waitlist
from commerce.store import offers, waitlist
from commerce.store.pool import acquire
from tests.commerce.shop import TERMS, Shop, open_bare_gate, open_shop, terms

ADA, BO, CY = AccountId("ada"), AccountId("bo"), AccountId("cy")


async def wait(shop: Shop, offer: OfferId, buyer: AccountId, quantity: int = 1) -> Place:
    lined = await Waitlist(shop.gate).join(offer, [Attempt(offer, buyer, "w", quantity)])
    assert isinstance(lined, Lined)
    return lined.places[0]


async def written(shop: Shop, offer: OfferId) -> list[AccountId]:
    """The line as PostgreSQL has it."""
    async with acquire(shop.pool) as connection:
        return [
            waiter.buyer async for chunk in waitlist.line(connection, offer) for waiter in chunk
        ]


async def test_what_comes_back_goes_to_the_first_in_line_and_to_nobody_else(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        ada, bo, cy, di = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy", "Di")]
        order = await shop.place(offer, ada)
        assert await wait(shop, offer, bo) == InLine(place=1, quantity=1)
        assert await wait(shop, offer, cy) == InLine(place=2, quantity=1)
        assert await wait(shop, offer, cy) == InLine(place=2, quantity=1)
        await shop.write_orders()
        assert await written(shop, offer) == [bo, cy]

        await shop.overdue(order.id)
        await shop.sweeper.sweep(1)

        assert await shop.reserve(offer, di) == SoldOut()
        assert await shop.units(offer) == (1, 0, 1, 0)
        assert shop.heard.stocks[-1][2] == 0
        await shop.write_orders()
        turn, buyer = shop.heard.turns[-1]
        placed = shop.heard.placed_orders[-1]
        assert buyer == placed.buyer == bo
        assert turn == Reserved(
            offer=offer, hold=placed.hold, quantity=1, expires_at=turn.expires_at, waited=True
        )
        assert await written(shop, offer) == [cy]
        assert await shop.ledger(offer) == ("open", 1, 1, 0)


async def test_who_does_not_pay_in_time_makes_way_for_the_next(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        buyers = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        order = await shop.place(offer, buyers[0])
        for buyer in buyers[1:]:
            await wait(shop, offer, buyer)
        for buyer in buyers[1:]:
            await shop.overdue(order.id)
            await shop.sweeper.sweep(1)
            await shop.write_orders()
            order = shop.heard.placed_orders[-1]
            assert order.buyer == buyer
        await shop.checkout.cancel(order.id, buyers[2])  # type: ignore[arg-type]

        assert await shop.units(offer) == (1, 1, 0, 0)
        assert await written(shop, offer) == []


async def test_a_turn_is_for_as_many_units_as_there_are(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=2, limit=5)
        ada, bo, cy = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        order = await shop.place(offer, ada, quantity=2)
        await wait(shop, offer, bo, quantity=1)
        await wait(shop, offer, cy, quantity=3)

        await shop.checkout.cancel(order.id, ada)  # type: ignore[arg-type]
        await shop.write_orders()

        assert [(turn.quantity, buyer) for turn, buyer in shop.heard.turns] == [(1, bo), (1, cy)]
        assert await shop.ledger(offer) == ("open", 2, 2, 0)
        assert await wait(shop, offer, cy, quantity=3) == Turn(
            held=Held(
                hold=shop.heard.turns[1][0].hold,  # type: ignore[arg-type]
                expires_at=shop.heard.turns[1][0].expires_at,
                left=0,
                version=1_000_000_003,
            ),
            quantity=1,
        )


async def test_who_left_is_passed_over_and_not_told_so_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        ada, bo, cy = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        order = await shop.place(offer, ada)
        await wait(shop, offer, bo)
        await wait(shop, offer, cy)
        await shop.write_orders()

        assert await Waitlist(shop.gate).leave(offer, bo) is True
        assert await Waitlist(shop.gate).leave(offer, bo) is False
        assert await Waitlist(shop.gate).place(offer, bo) is None
        assert await Waitlist(shop.gate).place(offer, cy) == InLine(place=1, quantity=1)
        await shop.checkout.cancel(order.id, ada)  # type: ignore[arg-type]
        await shop.write_orders()

        assert shop.heard.departures == []
        assert [buyer for _, buyer in shop.heard.turns] == [cy]
        assert await written(shop, offer) == []


async def test_a_closed_offer_ends_its_line(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        ada, bo = await shop.add_buyer("Ada"), await shop.add_buyer("Bo")
        order = await shop.place(offer, ada)
        await wait(shop, offer, bo)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        await shop.gate.close(offer)
        await shop.write_orders()

        await shop.checkout.cancel(order.id, ada)  # type: ignore[arg-type]

        assert await wait(shop, offer, bo) == Closed()
        assert (shop.heard.turns, await written(shop, offer)) == ([], [])
        assert await shop.ledger(offer) == ("closed", 0, 0, 0)


async def test_a_rebuilt_gate_knows_the_line_and_serves_it_before_it_opens(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=2)
        buyers = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy", "Di", "Ed")]
        first = await shop.place(offer, buyers[0])
        await shop.place(offer, buyers[1])
        for buyer in buyers[2:]:
            await wait(shop, offer, buyer)
        await shop.write_orders()
        # The order lapses while the gate is away, and all that Redis knew is lost.
        await shop.overdue(first.id)
        await shop.gate.client.flushdb()
        await shop.sweeper.sweep(1)

        await shop.renew()

        assert await shop.units(offer) == (2, 0, 2, 0)
        assert await wait(shop, offer, buyers[4]) == InLine(place=2, quantity=1)
        await shop.write_orders()
        assert [buyer for _, buyer in shop.heard.turns] == [buyers[2]]
        assert await written(shop, offer) == buyers[3:]
        assert await shop.ledger(offer) == ("open", 2, 2, 0)


async def test_a_turn_whose_limit_is_reached_passes_to_the_next(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=2)
        ada, bo, cy = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        first = await shop.place(offer, ada)
        await shop.place(offer, bo)
        await wait(shop, offer, cy)
        await shop.write_orders()
        # As if bo's place had been taken in another epoch, before bo bought.
        await shop.pool.execute("INSERT INTO waitlist VALUES ('hld_bo', $1, $2, 1, 1)", offer, bo)
        await shop.overdue(first.id)
        await shop.sweeper._lapse(1)

        await shop.renew()
        await shop.write_orders()

        assert shop.heard.departures == [(Unwaited(offer=offer, reason="limit_reached"), bo)]
        assert [buyer for _, buyer in shop.heard.turns] == [cy]


async def test_an_entry_that_is_written_twice_makes_one_place(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        ada, bo = await shop.add_buyer("Ada"), await shop.add_buyer("Bo")
        order = await shop.place(offer, ada)
        await wait(shop, offer, bo)
        await shop.checkout.cancel(order.id, ada)  # type: ignore[arg-type]
        entries = await shop.writer.read()

        async with acquire(shop.pool) as connection:
            await shop.writer.write(connection, entries)
            await shop.writer.write(connection, entries)

        assert await written(shop, offer) == []
        assert await shop.ledger(offer) == ("open", 1, 1, 0)
        assert await shop.waiting() == 0


async def test_a_viewer_who_returns_finds_their_places(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, limit=3)
        ada, bo, cy = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        await shop.place(offer, ada)
        await wait(shop, offer, bo)
        await wait(shop, offer, cy, quantity=2)
        await shop.write_orders()

        async with acquire(shop.pool) as connection:
            places = await waitlist.places(connection, [(cy, shop.show), (ada, shop.show)])

        assert places == {(cy, shop.show): [PlaceInLine(offer=offer, place=2, quantity=2)]}


async def test_reconciling_mends_a_line_that_differs(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1)
        ada, bo = await shop.add_buyer("Ada"), await shop.add_buyer("Bo")
        await shop.place(offer, ada)
        await wait(shop, offer, bo)
        await shop.write_orders()
        reconciler = Reconciler(shop.pool, shop.gate, shop.epochs, shop.writer, shop.heard)
        assert await reconciler.reconcile() == []
        await shop.gate.client.delete(shop.gate.keys.line(offer), shop.gate.keys.waits(offer))

        (drift,) = await reconciler.reconcile(mend=True)

        assert (drift.code, drift.mended) == ("line_differs", True)
        assert await Waitlist(shop.gate).place(offer, bo) == InLine(place=1, quantity=1)
        assert await reconciler.reconcile() == []


async def test_every_edge_has_its_answer(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.offers.waitlist.MOST", 1)
    offer = TERMS.offer
    async with open_bare_gate(redis_url) as gate:
        line = Waitlist(gate)

        async def ask(buyer: AccountId, id: str = "w", quantity: int = 1) -> Place:
            lined = await line.join(offer, [Attempt(offer, buyer, id, quantity)])
            assert isinstance(lined, Lined)
            return lined.places[0]

        assert await ask(ADA) == UnknownOffer()
        await gate.load(terms(allocated=1, opens_at=2**41))
        early = await ask(ADA)
        assert isinstance(early, NotOpen)

        await gate.client.hset(gate.keys.terms(offer), "opens_at", 0)
        now = await ask(ADA)
        assert isinstance(now, Turn)
        assert (now.quantity, now.held.left) == (1, 0)
        assert await ask(ADA) == now
        assert await ask(ADA, "again", 2) == LimitReached(held=1)
        assert await ask(ADA, quantity=2) == KeyReused()
        assert await ask(BO) == InLine(place=1, quantity=1)
        # Another attempt hears of the place there is; the same one cannot want something else.
        assert await ask(BO, "again", 2) == InLine(place=1, quantity=1)
        assert await ask(BO, quantity=2) == KeyReused()
        assert await ask(CY) == LineFull()
        # The same id for `reserve` is another attempt.
        sold = await gate.reserve(offer, [Attempt(offer, BO, "w", 1)])
        assert sold.outcomes == [SoldOut()]  # type: ignore[union-attr]
        await gate.close(offer)
        assert await ask(CY) == Closed()
        assert await gate.client.exists(gate.keys.line(offer), gate.keys.waits(offer)) == 0
