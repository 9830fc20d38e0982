import asyncio

import pytest

from liveshop_client.errors import RoomEnded
from liveshop_client.inbox import UNREAD_MESSAGES, Inbox


async def test_a_reader_gets_messages_in_order_and_then_the_end() -> None:
    inbox = Inbox()
    inbox.offer({"type": "a"})
    inbox.offer({"type": "b"})
    inbox.end(None)

    assert [message["type"] async for message in inbox] == ["a", "b"]


async def test_a_waiting_reader_is_woken() -> None:
    inbox = Inbox()
    reading = asyncio.create_task(anext(inbox))
    await asyncio.sleep(0)

    inbox.offer({"type": "a"})

    assert await asyncio.wait_for(reading, 5) == {"type": "a"}


async def test_cancelling_a_reader_loses_nothing() -> None:
    inbox = Inbox()
    reading = asyncio.create_task(anext(inbox))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])

    inbox.offer({"type": "a"})

    assert await anext(inbox) == {"type": "a"}


async def test_a_reader_who_falls_behind_misses_the_oldest_and_is_told_how_many() -> None:
    inbox = Inbox()

    for number in range(UNREAD_MESSAGES + 3):
        inbox.offer({"type": "notice", "offset": number})

    assert inbox.missed == 3
    assert (await anext(inbox))["offset"] == 3


async def test_an_end_that_the_server_wanted_is_raised_after_the_last_message() -> None:
    inbox = Inbox()
    inbox.offer({"type": "a"})
    inbox.end(RoomEnded("banned", "you are banned"))

    assert await anext(inbox) == {"type": "a"}
    with pytest.raises(RoomEnded, match="you are banned"):
        await anext(inbox)
