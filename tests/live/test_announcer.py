"""News of the shop on its way to the rooms."""

import asyncio
from typing import cast

import msgspec
import pytest

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.messages import Released
from live.announcer import TOGETHER, Announcer, open_announcer
from live.telemetry import Metrics
from rooms.brokers import Broker, BrokerUnavailable, Whisper

PATIENCE_S = 5.0


class HeldBack:
    """A broker that takes whispers only when the test lets it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.asked = asyncio.Semaphore(0)
        self.let = asyncio.Semaphore(0)
        self.away = False

    async def whisper(self, room: str, *whispers: Whisper) -> None:
        self.asked.release()
        await self.let.acquire()
        if self.away:
            raise BrokerUnavailable("a test says so")
        holds = [msgspec.json.decode(each.body)["hold"] for each in whispers]
        self.calls.append((room, holds))


@pytest.fixture
def broker() -> HeldBack:
    return HeldBack()


def tell(announcer: Announcer, show: str, *numbers: int) -> None:
    for number in numbers:
        released = Released(hold=f"hld_{number}", offer=OfferId("ofr_1"), reason="lapsed")
        announcer.released(released, ShowId(show), AccountId(f"acc_{number % 7}"))


def holds(*numbers: int) -> list[HoldId]:
    return [HoldId(f"hld_{number}") for number in numbers]


async def test_what_waits_for_a_call_leaves_together_and_in_order(broker: HeldBack) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        open_announcer(cast(Broker, broker), Metrics()) as announcer,
    ):
        tell(announcer, "tea", 0)
        await broker.asked.acquire()
        tell(announcer, "tea", *range(1, TOGETHER + 3))
        for _ in range(3):
            broker.let.release()
        assert await announcer.delivered(announcer.mark())

    assert broker.calls == [
        ("tea", holds(0)),
        ("tea", holds(*range(1, TOGETHER + 1))),
        ("tea", holds(TOGETHER + 1, TOGETHER + 2)),
    ]


async def test_whoever_waits_hears_when_the_news_before_has_left(broker: HeldBack) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        open_announcer(cast(Broker, broker), Metrics()) as announcer,
    ):
        tell(announcer, "tea", 1, 2)
        waiting = asyncio.ensure_future(announcer.delivered(announcer.mark()))
        await broker.asked.acquire()
        tell(announcer, "tea", 3)
        assert not waiting.done()
        broker.let.release()

        # The news behind it is still held back.
        assert await waiting
        assert broker.calls == [("tea", holds(1, 2))]


async def test_news_that_could_not_be_delivered_is_told_to_whoever_waits(
    broker: HeldBack,
) -> None:
    broker.away = True
    broker.let.release()
    async with (
        asyncio.timeout(PATIENCE_S),
        open_announcer(cast(Broker, broker), Metrics()) as announcer,
    ):
        before = announcer.mark()
        tell(announcer, "tea", 1, 2)

        assert not await announcer.delivered(before)
        assert announcer.mark() == before + 2
