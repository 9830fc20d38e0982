"""The SDK in a room of the real node; only the shop is made up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from live.wire import encode
from liveshop_client import JoinRefused, Rejected, connect
from rooms.brokers.memory import MemoryBroker
from tests.clients.golden import server_message
from tests.clients.teahouse import House, Teahouse, running

FLASH = "ofr_01h8xg9f6g7h8j9k"
DEADLINE_S = 10


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running(MemoryBroker(), Teahouse()) as house:
        yield house


async def test_what_one_viewer_says_another_hears(house: House) -> None:
    async with (
        connect(house.url, "tea-time", token="ann") as ann,
        connect(house.url, "tea-time", token="ben") as ben,
    ):
        await ann.say("hello   everyone")
        await ben.until(lambda state: state.chat)

        (line,) = ben.state.chat.values()
        assert (line["from"]["name"], line["text"]) == ("ann", "hello everyone")


async def test_someone_without_a_name_watches_and_may_not_speak(house: House) -> None:
    async with connect(house.url, "tea-time") as room:
        assert room.state.show == server_message("joined")["snapshot"]["show"]

        with pytest.raises(Rejected, match="sign in") as refused:
            await room.say("hello")

    assert refused.value.code == "unauthorised"


async def test_the_room_sets_the_clock(house: House) -> None:
    async with connect(house.url, "tea-time") as ann, connect(house.url, "tea-time") as ben:
        await ann.until(lambda _: ann.now() > 10**12)
        await ben.until(lambda _: ben.now() > 10**12)

        assert abs(ann.now() - ben.now()) < 50


async def test_likes_reach_the_pulse(house: House) -> None:
    async with connect(house.url, "tea-time") as room:
        before = room.state.likes
        await room.like(5)

        await room.until(lambda state: state.likes not in (0, before), timeout=DEADLINE_S)

        assert room.state.likes == 5


async def test_the_last_unit_goes_to_one_of_two(house: House) -> None:
    async with (
        connect(house.url, "tea-time", token="ann") as ann,
        connect(house.url, "tea-time", token="ben") as ben,
    ):
        first = await ann.reserve(FLASH)
        second = await ben.reserve(FLASH)
        again = await ann.reserve(FLASH, id=first["to"])

    assert first["type"] == "reserved"
    assert second["type"] == "refused"
    assert second["reason"] == "sold_out"
    assert again == first


async def test_control_events_arrive_in_order_and_without_a_gap(house: House) -> None:
    async with connect(house.url, "tea-time") as room:
        messages = room.messages()

        for number in range(200):
            await house.publish(type="notice", text=str(number))

        async with asyncio.timeout(DEADLINE_S):
            heard = [await anext(messages) for _ in range(200)]
        assert [message["text"] for message in heard] == [str(number) for number in range(200)]
        assert (room.gaps, room.reconnects) == (0, 0)


async def test_a_restarted_server_is_come_back_to_with_nothing_missing() -> None:
    broker, shop = MemoryBroker(), Teahouse()
    async with AsyncExitStack() as stack:
        async with running(broker, shop) as first:
            room = await stack.enter_async_context(connect(first.url, "tea-time", token="ann"))
            messages = room.messages()
            await first.publish(type="notice", text="before")
        # Reserved while nobody is there to answer.
        buying = asyncio.create_task(room.reserve(FLASH))
        await broker.publish("tea-time", encode({"type": "notice", "text": "meanwhile"}))

        async with running(broker, shop, first.port) as again:
            bought = await asyncio.wait_for(buying, DEADLINE_S)
            await again.publish(type="notice", text="after")
            async with asyncio.timeout(DEADLINE_S):
                notices: list[str] = []
                while "after" not in notices:
                    message = await anext(messages)
                    notices += [message["text"]] if message["type"] == "notice" else []

            assert bought["type"] == "reserved"
            assert notices == ["before", "meanwhile", "after"]
            # A server that goes away may be met once more before it is gone.
            assert room.reconnects in (1, 2)
            assert room.gaps == 0


async def test_a_show_that_does_not_exist_cannot_be_entered(house: House) -> None:
    with pytest.raises(JoinRefused, match="there is no show nowhere") as refused:
        async with connect(house.url, "nowhere"):
            pass

    assert refused.value.code == "unknown_show"
