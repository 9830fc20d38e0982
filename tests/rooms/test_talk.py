"""Replies, mentions and arrivals, through a real node and real sockets."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from rooms.hub import encode
from rooms.messages import ChatRemoved
from tests.rooms.test_node import House, hear, joined, open_house, say


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def heard(viewer: ClientConnection, type: str) -> dict[str, Any]:
    """Read on until a message of ``type`` comes."""
    while True:
        for message in await hear(viewer):
            if message["type"] == type:
                return message


async def test_a_reply_reaches_everyone_with_what_it_answers_and_whom_it_calls(
    house: House,
) -> None:
    async with connect(house.url) as ann, connect(house.url) as ben:
        await joined(ann, token="ann")
        await joined(ben, token="ben")
        await say(ann, type="chat", id="1", text="how big is it?")
        await heard(ben, "chat")
        await say(
            ben,
            type="chat",
            id="1",
            text="@ann two litres, @cy",
            reply_to="ann.1",
            mentions=[
                {"id": "ann", "name": "ann"},
                {"id": "dan", "name": "dan"},
                {"id": "ann", "name": "ann"},
            ],
        )
        reply = await heard(ben, "chat")

    del reply["at"]
    assert reply == {
        "type": "chat",
        "id": "ben.1",
        "from": {"id": "ben", "name": "ben"},
        "text": "@ann two litres, @cy",
        "reply_to": "ann.1",
        "mentions": [{"id": "ann", "name": "ann"}],
        "quote": {"from": {"id": "ann", "name": "ann"}, "text": "how big is it?"},
    }


async def test_who_comes_after_a_line_was_taken_away_reads_the_replies_without_it(
    house: House,
) -> None:
    async with connect(house.url) as ann, connect(house.url) as late:
        await joined(ann, token="ann")
        await say(ann, type="chat", id="1", text="something rude")
        await heard(ann, "chat")
        await say(ann, type="chat", id="2", text="sorry", reply_to="ann.1")
        assert (await heard(ann, "chat"))["quote"]["text"] == "something rude"
        await house.broker.publish("tea", encode(ChatRemoved(id="ann.1")))
        await heard(ann, "chat_removed")
        [greeting, *_] = await joined(late)

    [sorry] = greeting["chat"]
    assert (sorry["text"], sorry["reply_to"], "quote" in sorry) == ("sorry", "ann.1", False)


async def test_those_who_come_in_are_told_of_and_those_who_come_back_are_not(
    house: House,
) -> None:
    async with connect(house.url) as host:
        [greeting, *_] = await joined(host, token="host")
        await heard(host, "pulse")
        since = {"epoch": greeting["epoch"], "offset": greeting["offset"]}
        async with connect(house.url) as back, connect(house.url) as tab, connect(house.url) as ann:
            await joined(back, token="ben", since=since)
            await joined(tab, token="host")
            await joined(ann, token="ann")
            told = await heard(host, "arrivals")
            async with connect(house.url) as late:
                greeted = await joined(late, token="late")

    assert told == {"type": "arrivals", "count": 1, "newest": "ann"}
    assert "arrivals" not in {message["type"] for message in greeted}
