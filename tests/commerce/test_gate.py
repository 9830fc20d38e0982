"""The scripts of the gate, one by one, on a real Redis."""

import re
import time
from importlib import resources
from typing import Any

import pytest
import redis.asyncio as redis

from commerce.ids import AccountId, HoldId, OfferId
from commerce.offers.fence import Fence, Standing
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Held,
    KeyReused,
    LimitReached,
    NotOpen,
    SoldOut,
    Unavailable,
    UnknownOffer,
)
from commerce.offers.stock import (
    RETRY_AFTER_MS,
    Freed,
    Gate,
    Level,
    Settled,
    Sold,
    hold_id,
    open_gate,
)
from tests.commerce.shop import TERMS, open_bare_gate, reserve, terms

OFFER = TERMS.offer
ADA, BO, CY = AccountId("acc_ada"), AccountId("acc_bo"), AccountId("acc_cy")
FIRST_VERSION = 1_000_000_000


def now() -> int:
    return time.time_ns() // 1_000_000


async def level(gate: Gate) -> Level:
    levels = await gate.levels([OFFER])
    assert isinstance(levels, dict)
    return levels[OFFER]


async def settle(gate: Gate, holds: list[HoldId]) -> int:
    settled = await gate.settle(OFFER, holds)
    assert isinstance(settled, Settled)
    return settled.units


async def entries(gate: Gate) -> list[dict[str, str]]:
    found: Any = await gate.client.xrange(gate.keys.orders)
    return [fields for _id, fields in found]


async def test_a_unit_that_is_held_is_on_its_way_to_the_ledger(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        before = now()

        held = await reserve(gate, OFFER, ADA, "a", 2)

        assert isinstance(held, Held)
        assert held == Held(
            hold=hold_id(Attempt(OFFER, ADA, "a", 2)),
            expires_at=held.expires_at,
            left=3,
            version=FIRST_VERSION + 1,
        )
        assert before <= held.expires_at - 60_000 <= now()
        assert await level(gate) == Level(
            show=TERMS.show,
            state="open",
            allocated=5,
            available=3,
            held=2,
            sold=0,
            version=FIRST_VERSION + 1,
        )
        assert await entries(gate) == [
            {
                "what": "reserved",
                "show": TERMS.show,
                "offer": OFFER,
                "hold": held.hold,
                "buyer": ADA,
                "quantity": "2",
                "at": str(held.expires_at - 60_000),
                "expires_at": str(held.expires_at),
            }
        ]


async def test_an_attempt_that_comes_again_gets_its_first_answer_again(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=1))

        first = await reserve(gate, OFFER, ADA)
        again = await reserve(gate, OFFER, ADA)
        refused = await reserve(gate, OFFER, BO)
        assert isinstance(first, Held)
        await gate.release(OFFER, [first.hold])
        refused_again = await reserve(gate, OFFER, BO)

        assert first == again
        assert refused == refused_again == SoldOut()
        assert (await level(gate)).available == 1
        assert len(await entries(gate)) == 1


async def test_the_same_id_with_another_quantity_is_refused(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        await reserve(gate, OFFER, ADA, "a", 1)
        before = await level(gate)

        assert await reserve(gate, OFFER, ADA, "a", 2) == KeyReused()

        assert await level(gate) == before
        assert len(await entries(gate)) == 1


async def test_the_same_id_of_another_buyer_is_another_attempt(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)

        ada, bo = await reserve(gate, OFFER, ADA, "a"), await reserve(gate, OFFER, BO, "a")

        assert isinstance(ada, Held)
        assert isinstance(bo, Held)
        assert ada.hold != bo.hold


async def test_a_buyer_stops_at_the_limit(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        await reserve(gate, OFFER, ADA, "a", 1)
        before = await level(gate)

        assert await reserve(gate, OFFER, ADA, "b", 2) == LimitReached(held=1)

        assert await level(gate) == before
        assert isinstance(await reserve(gate, OFFER, ADA, "c", 1), Held)
        assert await reserve(gate, OFFER, ADA, "d", 1) == LimitReached(held=2)


async def test_more_than_is_left_is_sold_out_and_less_is_not(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=3))
        await reserve(gate, OFFER, ADA, "a", 2)

        assert await reserve(gate, OFFER, BO, "a", 2) == SoldOut()
        assert isinstance(await reserve(gate, OFFER, BO, "b", 1), Held)
        assert (await level(gate)).available == 0


async def test_a_batch_is_decided_in_order_and_repeats_in_it_count_once(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=3))
        attempts = [
            Attempt(OFFER, ADA, "a", 1),
            Attempt(OFFER, ADA, "a", 1),
            Attempt(OFFER, ADA, "a", 2),
            Attempt(OFFER, ADA, "b", 1),
            Attempt(OFFER, ADA, "c", 1),
            Attempt(OFFER, BO, "a", 2),
            Attempt(OFFER, BO, "b", 1),
            Attempt(OFFER, CY, "a", 1),
        ]

        sold = await gate.reserve(OFFER, attempts)

        assert isinstance(sold, Sold)
        ada_a, again, reused, ada_b, ada_c, bo_a, bo_b, cy_a = sold.outcomes
        assert isinstance(ada_a, Held)
        assert again == ada_a
        assert reused == KeyReused()
        assert isinstance(ada_b, Held)
        assert ada_c == LimitReached(held=2)
        assert bo_a == SoldOut()
        assert isinstance(bo_b, Held)
        assert cy_a == SoldOut()
        assert (sold.left, sold.version, sold.changed) == (0, FIRST_VERSION + 3, True)
        assert len(await entries(gate)) == 3


async def test_before_the_sale_opens_the_answer_says_how_long_to_wait(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(opens_at=now() + 30_000))

        early = await reserve(gate, OFFER, ADA)

        assert isinstance(early, NotOpen)
        assert 25_000 < early.retry_after_ms <= 30_000
        assert (await level(gate)).available == 5
        assert await entries(gate) == []


async def test_an_early_attempt_may_come_again_with_the_same_id(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(opens_at=now() + 30_000))
        assert isinstance(await reserve(gate, OFFER, ADA), NotOpen)
        await gate.client.hset(gate.keys.terms(OFFER), "opens_at", now() - 1)

        assert isinstance(await reserve(gate, OFFER, ADA), Held)


async def test_after_its_time_an_offer_is_closed_but_replays_are_answered(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(closes_at=now() + 60_000))
        held = await reserve(gate, OFFER, ADA)
        await gate.client.hset(gate.keys.terms(OFFER), "closes_at", now() - 1)

        assert await reserve(gate, OFFER, BO) == Closed()
        assert await reserve(gate, OFFER, ADA) == held


async def test_an_offer_nobody_loaded_is_unknown(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        assert await reserve(gate, OFFER, ADA) == UnknownOffer()
        assert await gate.levels([OFFER]) == {}
        assert await gate.release(OFFER, [HoldId("hld_none")]) == UnknownOffer()
        assert await settle(gate, [HoldId("hld_none")]) == 0


async def test_a_hold_is_settled_once(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA, "a", 2)
        assert isinstance(held, Held)

        assert await settle(gate, [held.hold, held.hold]) == 2
        assert await settle(gate, [held.hold]) == 0

        after = await level(gate)
        assert (after.available, after.held, after.sold) == (3, 0, 2)
        assert after.version == held.version


@pytest.mark.parametrize("settled", [False, True])
async def test_a_hold_is_released_once_and_frees_the_buyer(redis_url: str, settled: bool) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA, "a", 2)
        assert isinstance(held, Held)
        if settled:
            await gate.settle(OFFER, [held.hold])

        first = await gate.release(OFFER, [held.hold, held.hold])
        second = await gate.release(OFFER, [held.hold])

        assert first == Freed(show=TERMS.show, left=5, version=held.version + 1, units=2)
        assert second == Freed(show=TERMS.show, left=5, version=held.version + 1, units=0)
        after = await level(gate)
        assert (after.available, after.held, after.sold) == (5, 0, 0)
        assert await gate.client.exists(gate.keys.buyers(OFFER)) == 0
        assert isinstance(await reserve(gate, OFFER, ADA, "b", 2), Held)


async def test_a_released_hold_cannot_be_settled(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA)
        assert isinstance(held, Held)
        await gate.release(OFFER, [held.hold])

        assert await settle(gate, [held.hold]) == 0

        assert (await level(gate)).available == 5


async def test_closing_marks_the_stream_once_behind_the_reservations(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA, "a", 2)
        assert isinstance(held, Held)

        assert await gate.close(OFFER) == "ok"
        assert await gate.close(OFFER) == "already"

        assert [entry["what"] for entry in await entries(gate)] == ["reserved", "closed"]
        after = await level(gate)
        assert (after.state, after.allocated, after.available, after.held) == ("closed", 2, 0, 2)
        assert await reserve(gate, OFFER, BO) == Closed()
        again = await reserve(gate, OFFER, ADA, "a", 2)
        assert isinstance(again, Held)
        assert (again.hold, again.expires_at, again.left) == (held.hold, held.expires_at, 0)
        for key in await gate.client.keys("*offer*"):
            assert 0 < await gate.client.ttl(key) <= 2 * 86_400


async def test_what_a_closed_offer_gets_back_is_not_sold_again(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA, "a", 2)
        assert isinstance(held, Held)
        await gate.close(OFFER)

        freed = await gate.release(OFFER, [held.hold])

        assert freed == Freed(show=TERMS.show, left=0, version=held.version + 1, units=2)
        after = await level(gate)
        assert (after.allocated, after.available, after.held) == (0, 0, 0)


async def test_a_load_that_comes_after_the_close_cannot_open_the_offer(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        assert await gate.close(OFFER) == "ok"

        assert await gate.load(TERMS) == "already"

        assert await reserve(gate, OFFER, ADA) == Closed()


async def test_loading_again_changes_nothing(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        assert await gate.load(TERMS) == "ok"
        await reserve(gate, OFFER, ADA)
        before = await level(gate)

        assert await gate.load(terms(allocated=500)) == "already"

        assert await level(gate) == before


async def test_an_offer_with_orders_that_the_gate_forgot_is_not_loaded(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        assert await gate.load(terms(taken=1)) == "lost"

        assert await reserve(gate, OFFER, ADA) == UnknownOffer()


async def test_in_another_epoch_nothing_is_done_and_the_fence_shuts(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA)
        assert isinstance(held, Held)
        terms_before = await gate.client.hgetall(gate.keys.terms(OFFER))
        standing = gate.fence.standing
        assert standing is not None
        await gate.client.set(gate.keys.epoch, 2)
        unavailable = Unavailable(RETRY_AFTER_MS)

        for call in (
            lambda: reserve(gate, OFFER, BO),
            lambda: gate.settle(OFFER, [held.hold]),
            lambda: gate.release(OFFER, [held.hold]),
            lambda: gate.close(OFFER),
            lambda: gate.load(TERMS),
        ):
            gate.fence.open(standing)
            assert await call() == unavailable
            assert gate.fence.standing is None

        assert await gate.client.hgetall(gate.keys.terms(OFFER)) == terms_before
        assert len(await entries(gate)) == 1


async def test_an_offer_of_an_earlier_epoch_sells_nothing(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        held = await reserve(gate, OFFER, ADA)
        standing = gate.fence.standing
        assert standing is not None
        await gate.client.set(gate.keys.epoch, 2)
        gate.fence.open(Standing(epoch=2, run_id=standing.run_id))

        assert await reserve(gate, OFFER, BO) == Closed()
        assert await reserve(gate, OFFER, ADA) == held
        assert await gate.levels([OFFER]) == {}


async def test_no_command_reaches_a_server_that_is_not_the_recorded_one(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
    fence = Fence()
    fence.open(Standing(epoch=1, run_id="another server"))

    async with open_gate(redis_url, fence) as gate:
        assert await reserve(gate, OFFER, ADA) == Unavailable(RETRY_AFTER_MS)

    assert fence.standing is None
    async with redis.Redis.from_url(redis_url) as client:
        assert await client.xlen(gate.keys.orders) == 0


async def test_a_redis_that_does_not_answer_is_an_answer() -> None:
    fence = Fence()
    fence.open(Standing(epoch=1, run_id="any"))
    async with open_gate("unix:///nowhere/redis.sock", fence) as gate:
        assert await reserve(gate, OFFER, ADA) == Unavailable(RETRY_AFTER_MS)
        assert await gate.levels([OFFER]) == Unavailable(RETRY_AFTER_MS)
        assert fence.standing is not None


async def test_a_script_that_redis_forgot_is_sent_again(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        await gate.client.script_flush()

        assert isinstance(await reserve(gate, OFFER, ADA), Held)


@pytest.mark.parametrize(
    "name",
    [
        *("reserve", "wait", "unwait", "settle", "release"),
        *("close", "load", "restore", "restore_line"),
    ],
)
def test_the_header_of_a_script_lists_its_keys_and_arguments_in_order(name: str) -> None:
    folder = resources.files("commerce.offers") / "lua"
    header, _, code = (folder / f"{name}.lua").read_text().partition("\n\n")

    keys = [int(number) for number in re.findall(r"^-- KEYS\[(\d+)\]", header, re.MULTILINE)]
    arguments = [int(number) for number in re.findall(r"^-- ARGV\[(\d+)", header, re.MULTILINE)]
    bound = re.search(r"^local ([\w, ]+) =\s+unpack\(KEYS\)$", code, re.MULTILINE)

    assert bound is not None
    assert keys == list(range(1, len(bound[1].split(",")) + 1))
    assert arguments == list(range(1, len(arguments) + 1))
    assert "Returns " in header
    assert "KEYS[" not in code


def test_an_attempt_always_names_the_same_hold() -> None:
    offer = OfferId("ofr_1")

    assert hold_id(Attempt(offer, ADA, "a", 1)) == "hld_d891e5baecb0aed65656cc6cef5f3701"
