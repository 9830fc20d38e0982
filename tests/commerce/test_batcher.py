"""Group commit: one answer an attempt, whatever happens."""

import asyncio
from typing import Any

import pytest
import redis.asyncio as redis
from redis.exceptions import ConnectionError as RedisAway

from commerce.ids import AccountId, OfferId, ShowId
from commerce.offers import batcher as module
from commerce.offers.batcher import Batcher, open_batcher
from commerce.offers.outcomes import Attempt, Held, Outcome, SoldOut, Unavailable, UnknownOffer
from commerce.offers.stock import RETRY_AFTER_MS, Gate
from tests.commerce.shop import TERMS, open_bare_gate, terms

OFFER = TERMS.offer


def attempt(number: int, offer: OfferId = OFFER) -> Attempt:
    return Attempt(offer, AccountId(f"acc_{number}"), "1", 1)


def ignore(show: ShowId, offer: OfferId, left: int, version: int) -> None:
    pass


async def test_two_thousand_buyers_at_once_get_exactly_the_twenty_units(redis_url: str) -> None:
    stocks: list[tuple[ShowId, OfferId, int, int]] = []
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=20))
        async with open_batcher(gate, lambda *stock: stocks.append(stock)) as batcher:
            outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(2_000)))

        held = [outcome for outcome in outcomes if isinstance(outcome, Held)]
        assert len(held) == 20
        assert len({hold.hold for hold in held}) == 20
        assert outcomes.count(SoldOut()) == 1_980
        assert await gate.client.xlen(gate.keys.orders) == 20
        assert stocks == [(TERMS.show, OFFER, 0, 1_000_000_020)]


async def test_attempts_of_one_moment_go_in_one_call_in_their_order(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=2))
        async with open_batcher(gate, ignore) as batcher:
            before = await gate.client.info("commandstats")
            outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(3)))
            after = await gate.client.info("commandstats")

    assert [type(outcome) for outcome in outcomes] == [Held, Held, SoldOut]
    calls = [stats.get("cmdstat_evalsha", {"calls": 0})["calls"] for stats in (before, after)]
    assert calls[1] - calls[0] == 1


async def test_every_offer_gets_its_own_answer(redis_url: str) -> None:
    other = OfferId("ofr_2")
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        async with open_batcher(gate, ignore) as batcher:
            first, second = await asyncio.gather(
                batcher.reserve(attempt(1)), batcher.reserve(attempt(1, other))
            )

    assert isinstance(first, Held)
    assert second == UnknownOffer()


async def test_a_double_click_gets_one_hold(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        async with open_batcher(gate, ignore) as batcher:
            outcomes = await asyncio.gather(*(batcher.reserve(attempt(1)) for _ in range(50)))

        assert len({outcome.hold for outcome in outcomes if isinstance(outcome, Held)}) == 1
        assert await gate.client.xlen(gate.keys.orders) == 1


async def test_beyond_the_bound_the_answer_is_to_come_back(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING", 3)
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        async with open_batcher(gate, ignore) as batcher:
            outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(5)))

        assert [type(outcome) for outcome in outcomes] == [Held] * 3 + [Unavailable] * 2
        assert await gate.client.xlen(gate.keys.orders) == 3


async def test_an_answer_is_never_given_from_inside_submit(redis_url: str) -> None:
    answers: list[Outcome] = []
    async with open_bare_gate(redis_url) as gate:
        batcher = Batcher(gate, ignore)
        batcher.close()

        batcher.submit(attempt(1), answers.append)
        assert answers == []
        await asyncio.sleep(0)

    assert answers == [Unavailable(RETRY_AFTER_MS)]


async def test_an_answer_that_fails_is_reported_and_those_behind_it_are_given(
    redis_url: str,
) -> None:
    answers: list[Outcome] = []
    reported: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context))

    def fail(outcome: Outcome) -> None:
        raise ValueError("nobody there")

    try:
        async with open_bare_gate(redis_url) as gate:
            batcher = Batcher(gate, ignore)
            batcher.close()
            for answer in (fail, answers.append, fail):
                batcher.submit(attempt(1), answer)
            answers.append(await batcher.reserve(attempt(1)))
    finally:
        loop.set_exception_handler(None)

    assert answers == [Unavailable(RETRY_AFTER_MS)] * 2
    assert [str(context["exception"]) for context in reported] == ["nobody there"] * 2


async def test_a_redis_that_is_gone_answers_everyone_who_waits(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:

        class Gone(Gate):
            """A gate whose every call fails the way a lost connection does."""

            async def call(self, *_: object, **__: object) -> Unavailable:
                return self.failed("reserve", RedisAway("gone"))

        async with open_batcher(Gone(gate.client, gate.fence), ignore) as batcher:
            outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(1_000)))

    assert set(outcomes) == {Unavailable(RETRY_AFTER_MS)}


async def test_an_answer_lost_to_a_timeout_is_found_by_trying_again(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)

        class Deaf(Gate):
            """A gate whose answers get lost on the way back."""

            async def reserve(self, offer: OfferId, attempts: object) -> Unavailable:
                await gate.reserve(offer, attempts)  # type: ignore[arg-type]
                return Unavailable(RETRY_AFTER_MS)

        async with open_batcher(Deaf(gate.client, gate.fence), ignore) as batcher:
            assert await batcher.reserve(attempt(1)) == Unavailable(RETRY_AFTER_MS)
        async with open_batcher(gate, ignore) as batcher:
            assert isinstance(await batcher.reserve(attempt(1)), Held)

        assert await gate.client.xlen(gate.keys.orders) == 1


async def test_leaving_answers_what_still_waits(redis_url: str) -> None:
    answers: list[Outcome] = []
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        async with open_batcher(gate, ignore) as batcher:
            batcher.submit(attempt(1), answers.append)
        batcher.submit(attempt(2), answers.append)
        await asyncio.sleep(0)

    assert answers == [Unavailable(RETRY_AFTER_MS)] * 2


async def test_a_stalled_redis_is_an_answer_in_time(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.offers.stock.CALL_S", 0.05)
    async with open_bare_gate(redis_url) as gate:
        await gate.load(TERMS)
        async with (
            redis.Redis.from_url(redis_url) as patient,
            open_batcher(gate, ignore) as batcher,
        ):
            await patient.client_pause(400)
            assert await batcher.reserve(attempt(1)) == Unavailable(RETRY_AFTER_MS)
            await patient.ping()

            assert isinstance(await batcher.reserve(attempt(1)), Held)
