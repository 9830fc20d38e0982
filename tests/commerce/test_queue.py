"""The queue before a sale: drawn, admitted, told; whatever dies, and whoever hammers."""

import asyncio

import pytest

from commerce.ids import AccountId, OfferId
from commerce.offers import draw
from commerce.offers.admission import TURN_S, Admission
from commerce.offers.batcher import open_batcher
from commerce.offers.doorman import Doorman
from commerce.offers.outcomes import (
    Admitted,
    Attempt,
    Closed,
    Held,
    InQueue,
    KeyReused,
    LimitReached,
    NoQueue,
    NotAdmitted,
    Outcome,
    QueueFull,
    SoldOut,
    UnknownOffer,
)
from commerce.offers.stock import Sold, open_gate
from commerce.offers.waitlist import Waitlist
from commerce.store import offers, queues
from commerce.store.pool import acquire
from tests.commerce.shop import SEAL, Shop, open_shop
from tests.commerce.stage import nobody

NOT_ADMITTED = NotAdmitted(why="not_admitted")
TURN_OVER = NotAdmitted(why="turn_over")
TURN_USED = NotAdmitted(why="turn_used")


async def entrants(shop: Shop, offer: OfferId, count: int) -> list[AccountId]:
    """So many buyers who are in the queue."""
    buyers = [await shop.add_buyer(f"B{number}") for number in range(count)]
    assert await shop.enter(offer, *buyers) == [InQueue(place=0)] * count
    return buyers


async def drawn(shop: Shop, offer: OfferId, buyers: list[AccountId]) -> list[AccountId]:
    """Those buyers, in the order that anyone computes from what is published."""
    async with acquire(shop.pool) as connection:
        proof = await queues.proof(connection, offer)
        tickets = await queues.tickets(connection, offer)
    assert proof is not None
    assert proof.seed is not None
    assert draw.commitment(bytes.fromhex(proof.seed)) == proof.commitment
    assert draw.roll(tickets) == proof.roll
    of_ticket = {draw.ticket(offer, buyer): buyer for buyer in buyers}
    return [of_ticket[each] for each in draw.order(bytes.fromhex(proof.seed), tickets)]


def admissions(shop: Shop) -> dict[AccountId, Admission]:
    """The last admission that each buyer heard of."""
    heard = {}
    for told, buyer in shop.heard.admissions:
        admission = SEAL.read(told.admission, OfferId(told.offer), buyer)
        assert admission is not None
        assert admission.until == told.until
        heard[buyer] = admission
    return heard


async def miss_turns(shop: Shop, offer: OfferId) -> None:
    """Let the time of every turn be over."""
    await shop.pool.execute(
        "UPDATE entrants SET turn_until = moment(0) WHERE offer_id = $1 AND turn_until IS NOT NULL",
        offer,
    )


async def test_places_are_drawn_from_what_was_committed_and_the_first_are_admitted(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=5)
        async with acquire(shop.pool) as connection:
            committed = (await offers.get(connection, offer)).commitment
            hidden = await queues.proof(connection, offer)
        buyers = await entrants(shop, offer, 30)
        await shop.doorman.serve()
        assert shop.heard.admissions == [] == shop.heard.places

        await shop.begin(offer)
        await shop.doorman.serve()

        order = await drawn(shop, offer, buyers)
        assert order != buyers
        assert hidden is not None
        assert (hidden.seed, hidden.roll) == (None, None)
        assert hidden.commitment == committed
        assert [buyer for _, buyer in shop.heard.admissions] == order[:5]
        assert [(told.place, buyer) for told, buyer in shop.heard.places] == [
            (place, buyer) for place, buyer in enumerate(order, 1) if place > 5
        ]
        assert [(queue.entrants, queue.called) for queue in shop.heard.queues] == [(30, 0), (30, 5)]
        assert await shop.enter(offer, order[0], order[5]) == [
            Admitted(admissions(shop)[order[0]]),
            InQueue(place=6),
        ]
        # Told once.
        await shop.doorman.serve()
        assert (len(shop.heard.admissions), len(shop.heard.places)) == (5, 25)


async def test_only_an_admission_buys_and_each_buys_once(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=2, limit=3)
        ada, bo = await entrants(shop, offer, 2)
        await shop.begin(offer)
        assert await shop.reserve(offer, ada) == NOT_ADMITTED
        await shop.doorman.serve()
        turn = admissions(shop)[ada]
        assert await shop.reserve(offer, ada) == NOT_ADMITTED
        assert (
            await shop.reserve(offer, bo, quantity=3, admission=admissions(shop)[bo]) == SoldOut()
        )
        assert await shop.units(offer) == (2, 2, 0, 0)

        held = await shop.reserve(offer, ada, admission=turn)

        assert isinstance(held, Held)
        # The same attempt has the same answer, whatever it brings now.
        for admission in (turn, None):
            again = await shop.reserve(offer, ada, admission=admission)
            assert isinstance(again, Held)
            assert (again.hold, again.expires_at) == (held.hold, held.expires_at)
        assert await shop.reserve(offer, ada, quantity=2, admission=turn) == KeyReused()
        assert await shop.reserve(offer, ada, "2", admission=turn) == TURN_USED
        assert await shop.units(offer) == (2, 1, 1, 0)
        # What was sold out did not cost the turn.
        assert isinstance(await shop.reserve(offer, bo, "2", admission=admissions(shop)[bo]), Held)


async def test_an_admission_brought_twice_at_the_same_instant_buys_once(
    database_url: str, redis_url: str
) -> None:
    async with (
        open_shop(database_url, redis_url) as shop,
        open_gate(redis_url, shop.fence) as elsewhere,
    ):
        offer = await shop.add_queue(quantity=8, limit=8)
        (ada,) = await entrants(shop, offer, 1)
        await shop.begin(offer)
        await shop.doorman.serve()
        turn = admissions(shop)[ada]

        def batch(worker: str) -> list[Attempt]:
            return [Attempt(offer, ada, f"{worker}{n}", 1, admission=turn) for n in range(20)]

        # Within a batch, and from two workers whose calls are under way together.
        sold = await asyncio.gather(
            *(
                gate.reserve(offer, batch(f"{call}{n}"))
                for n in range(5)
                for call, gate in (("a", shop.gate), ("b", elsewhere))
            )
        )

        outcomes: list[Outcome] = []
        for each in sold:
            assert isinstance(each, Sold)
            outcomes += each.outcomes
        assert [type(outcome) for outcome in outcomes if outcome != TURN_USED] == [Held]
        assert await shop.units(offer) == (8, 7, 1, 0)


async def test_who_misses_their_turn_makes_way_and_comes_again_behind_everyone(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        buyers = await entrants(shop, offer, 3)
        await shop.begin(offer)
        await shop.doorman.serve()
        first, second, third = await drawn(shop, offer, buyers)
        assert admissions(shop).keys() == {first}
        await shop.doorman.serve()
        assert admissions(shop).keys() == {first}

        await miss_turns(shop, offer)
        await shop.doorman.serve()

        over = Admission(turn=1, until=1_000)
        assert await shop.reserve(offer, first, admission=over) == TURN_OVER
        assert admissions(shop).keys() == {first, second}
        assert (
            await shop.enter(offer, first) == await shop.enter(offer, first) == [InQueue(place=4)]
        )
        turn = admissions(shop)[second]
        assert isinstance(await shop.reserve(offer, second, admission=turn), Held)
        await shop.doorman.serve()
        assert admissions(shop).keys() == {first, second}  # nothing is left
        assert third not in admissions(shop)


async def test_a_turn_lasts_as_long_as_it_says(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue()
        (ada,) = await entrants(shop, offer, 1)
        await shop.begin(offer)
        before = await shop.pool.fetchval("SELECT ms(clock_timestamp())")
        await shop.doorman.serve()
        after = await shop.pool.fetchval("SELECT ms(clock_timestamp())")

        until = admissions(shop)[ada].until
        assert before + TURN_S * 1000 <= until <= after + TURN_S * 1000


async def test_a_unit_that_comes_back_goes_on_in_the_drawn_order(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        buyers = await entrants(shop, offer, 3)
        await shop.begin(offer)
        await shop.doorman.serve()
        first, second, third = await drawn(shop, offer, buyers)
        held = await shop.reserve(offer, first, admission=admissions(shop)[first])
        assert isinstance(held, Held)
        await shop.write_orders()
        # Nobody gets around the queue by waiting in line.
        lined = await Waitlist(shop.gate).join(offer, [Attempt(offer, third, "w", 1)])
        assert getattr(lined, "places") == [NOT_ADMITTED]  # noqa: B009 - of a union

        await shop.overdue(shop.heard.placed_orders[-1].id)
        await shop.sweeper.sweep(1)
        assert await shop.units(offer) == (1, 1, 0, 0)
        await shop.doorman.serve()

        assert admissions(shop).keys() == {first, second}
        assert await shop.reserve(offer, first, "2", admission=admissions(shop)[first]) == TURN_USED
        assert isinstance(
            await shop.reserve(offer, second, admission=admissions(shop)[second]), Held
        )


async def test_whoever_comes_after_the_draw_stands_behind_in_order_of_arrival(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        buyers = await entrants(shop, offer, 2)
        late = [await shop.add_buyer(name) for name in ("Cy", "Di", "Ed")]
        await shop.begin(offer)

        # The first of them comes before the doorman has looked.
        assert await shop.enter(offer, late[0], late[1]) == [InQueue(place=3), InQueue(place=4)]
        assert await shop.enter(offer, late[2], late[1]) == [InQueue(place=5), InQueue(place=4)]
        await shop.doorman.serve()

        order = await drawn(shop, offer, buyers)
        assert admissions(shop).keys() == {order[0]}
        async with acquire(shop.pool) as connection:
            proof = await queues.proof(connection, offer)
        assert proof is not None
        assert (proof.entrants, proof.last, proof.called) == (5, 5, 1)


async def test_redis_forgets_neither_who_was_admitted_nor_who_bought(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=3, limit=3)
        buyers = await entrants(shop, offer, 4)
        await shop.begin(offer)
        await shop.doorman.serve()
        ada, bo, cy, di = await drawn(shop, offer, buyers)
        turns = admissions(shop)
        assert isinstance(await shop.reserve(offer, ada, admission=turns[ada]), Held)
        assert isinstance(await shop.reserve(offer, bo, admission=turns[bo]), Held)
        await shop.write_orders()
        lapsed = next(order for order in shop.heard.placed_orders if order.buyer == bo)
        await shop.overdue(lapsed.id)
        await shop.sweeper.sweep(1)

        await shop.gate.client.flushdb()
        await shop.renew()

        assert await shop.reserve(offer, ada, "2", admission=turns[ada]) == TURN_USED
        assert await shop.reserve(offer, bo, "2", admission=turns[bo]) == TURN_USED
        assert await shop.reserve(offer, cy, "2") == NOT_ADMITTED
        assert isinstance(await shop.reserve(offer, cy, admission=turns[cy]), Held)
        await shop.write_orders()  # until then the turn counts as one that may still buy
        await shop.doorman.serve()
        assert admissions(shop).keys() == {ada, bo, cy, di}
        assert await shop.units(offer) == (3, 1, 2, 0)


async def test_an_admission_whose_hold_redis_lost_buys_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        (ada,) = await entrants(shop, offer, 1)
        await shop.begin(offer)
        await shop.doorman.serve()
        turn = admissions(shop)[ada]
        assert isinstance(await shop.reserve(offer, ada, admission=turn), Held)

        await shop.gate.client.flushdb()  # before anybody wrote the order
        await shop.renew()

        assert isinstance(await shop.reserve(offer, ada, "2", admission=turn), Held)
        assert await shop.units(offer) == (1, 0, 1, 0)


async def test_who_could_not_be_told_is_told_again(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        buyers = await entrants(shop, offer, 2)
        await shop.begin(offer)
        shop.heard.deaf = True
        await shop.doorman.serve()
        shop.heard.deaf = False
        # The doorman of another process goes on where this one was.
        await Doorman(shop.pool, shop.gate, SEAL, shop.heard).serve()
        await shop.doorman.serve()

        first, second = await drawn(shop, offer, buyers)
        assert [buyer for _, buyer in shop.heard.admissions] == [first, first]
        assert shop.heard.admissions[0] == shop.heard.admissions[1]
        assert [buyer for _, buyer in shop.heard.places] == [second, second]


async def test_several_doormen_admit_no_more_than_there_are_units(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=3)
        buyers = await entrants(shop, offer, 12)
        await shop.begin(offer)
        doormen = [Doorman(shop.pool, shop.gate, SEAL, shop.heard) for _ in range(4)]

        for _ in range(3):
            await asyncio.gather(*(doorman.serve() for doorman in doormen))

        assert sorted(admissions(shop)) == sorted((await drawn(shop, offer, buyers))[:3])


async def test_nobody_is_admitted_while_the_gate_cannot_say_what_is_left(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=1)
        buyers = await entrants(shop, offer, 2)
        await shop.begin(offer)
        await shop.gate.fence_off("a test")

        await shop.doorman.serve()
        assert (shop.heard.admissions, len(shop.heard.places)) == ([], 2)

        await shop.renew()
        await shop.doorman.serve()
        assert [buyer for _, buyer in shop.heard.admissions] == (await drawn(shop, offer, buyers))[
            :1
        ]


async def test_who_cannot_enter_hears_why(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, open_to_all = await shop.add_queue(quantity=1), await shop.add_offer()
        ada, bo, cy = [await shop.add_buyer(name) for name in ("Ada", "Bo", "Cy")]
        assert await shop.enter(open_to_all, ada) == [NoQueue(draft=False)]
        assert await shop.enter(OfferId("ofr_none"), ada) == [UnknownOffer()]
        # A token may outlive its account; nobody else waits for that one.
        assert await shop.enter(offer, nobody(), ada) == [UnknownOffer(), InQueue(place=0)]

        monkeypatch.setattr(queues, "MOST", 2)
        assert await shop.enter(offer, bo, cy, ada) == [InQueue(0), QueueFull(), InQueue(0)]
        monkeypatch.undo()

        await shop.begin(offer)
        await shop.doorman.serve()
        first = (await drawn(shop, offer, [ada, bo]))[0]
        assert isinstance(await shop.reserve(offer, first, admission=admissions(shop)[first]), Held)
        await shop.write_orders()
        assert await shop.enter(offer, first) == [LimitReached(held=1)]

        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        assert await shop.enter(offer, cy) == [Closed()]


async def test_whoever_hammers_without_an_admission_costs_the_gate_nothing(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue()
        (ada,) = await entrants(shop, offer, 1)
        bot = await shop.add_buyer("Bot")
        await shop.begin(offer)
        await shop.doorman.serve()
        calls: list[float] = []
        async with open_batcher(shop.gate, lambda *_: None, calls.append) as batcher:
            answers = [await batcher.reserve(Attempt(offer, bot, str(n))) for n in range(500)]
            assert answers == [NOT_ADMITTED] * 500
            assert len(calls) == 1  # and with that the worker knows

            held = await batcher.reserve(Attempt(offer, ada, "1", admission=admissions(shop)[ada]))
            assert isinstance(held, Held)


async def test_being_a_bot_gives_nothing(database_url: str, redis_url: str) -> None:
    """
    Bots press a hundred times for each press of a human, with every admission they ever got.

    Who gets the units is known from the drawn order alone, so the bots' share is their accounts'.
    """
    units, humans, bots = 30, 100, 5
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_queue(quantity=units)
        buyers = await entrants(shop, offer, humans + bots)
        robots = buyers[:bots]  # they were first, too
        for _ in range(20):
            await shop.enter(offer, *robots)
        await shop.begin(offer)
        got: set[AccountId] = set()

        async with open_batcher(shop.gate, lambda *_: None) as batcher:

            async def hammer(bot: AccountId, round: int) -> None:
                turn = admissions(shop).get(bot)
                attempts = [
                    Attempt(offer, bot, f"{round} {n}", admission=turn if n % 2 else None)
                    for n in range(100)
                ]
                for outcome in await asyncio.gather(*map(batcher.reserve, attempts)):
                    if isinstance(outcome, Held):
                        assert bot not in got
                        got.add(bot)

            async def press(human: AccountId) -> None:
                turn = admissions(shop).get(human)
                if turn is not None and human not in got:
                    held = await batcher.reserve(Attempt(offer, human, "1", admission=turn))
                    assert isinstance(held, Held)  # an admission of one each is never in vain
                    got.add(human)

            await asyncio.gather(*(hammer(bot, 0) for bot in robots))
            assert got == set()
            for round in range(1, 4):
                await shop.doorman.serve()
                await asyncio.gather(*(hammer(bot, round) for bot in robots))
                await asyncio.gather(*map(press, buyers[bots:]))

        order = await drawn(shop, offer, buyers)
        assert got == set(order[:units])
        assert await shop.units(offer) == (units, 0, units, 0)
