"""The node behind a real uvicorn, spoken to by a real WebSocket client."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any

import msgspec
import pytest
import uvicorn
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from live.http import BoundedHttp
from live.wire import decode_client_message
from rooms.application import Identity, Viewer
from rooms.bounds import Bounds
from rooms.brokers import Line, Whisper
from rooms.brokers.memory import MemoryBroker
from rooms.connection import UNSENT_BYTES
from rooms.door import Door
from rooms.messages import Error
from rooms.node import DRAIN_TICK_S, GREETING_S, Node, open_node
from tests.rooms.open_floor import OpenFloor
from tests.waiting import until

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: tea\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Teahouse(OpenFloor):
    """An application with one room, a token that is a name, and a counter of snapshots."""

    def __init__(self) -> None:
        self.snapshots = 0
        self.forwarded: list[object] = []
        self.asked = asyncio.Event()
        self.hold: asyncio.Event | None = None

    def decode(self, frame: bytes) -> object:
        return decode_client_message(frame)

    async def admit(self, room: str, token: str | None, device: object = None) -> Identity | Error:
        if room != "tea":
            return Error(code="unknown_show", detail=f"there is no show {room}")
        if token == "broken":
            raise RuntimeError("the application is broken")
        return Identity(id=token or "nobody", name=token or "", may_speak=token is not None)

    async def you(self, room: str, identity: Identity) -> bytes:
        if self.hold is not None:
            self.asked.set()
            await self.hold.wait()
        return msgspec.json.encode({"id": identity.id})

    async def snapshot(self, room: str, viewers: int, likes: int) -> bytes:
        self.snapshots += 1
        return b'{"taken":%d}' % self.snapshots

    def handle(self, viewer: Viewer, message: object) -> None:
        self.forwarded.append(message)
        viewer.send(b'{"type":"handled","by":"%b"}' % viewer.identity.id.encode())


class House(Struct):
    """A running server."""

    port: int
    node: Node
    broker: MemoryBroker
    application: Teahouse

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def is_left_by_all_but(self, viewers: int) -> bool:
        return self.node.statistics().viewers <= viewers


@asynccontextmanager
async def serving(ws: Any) -> AsyncIterator[int]:
    async def nothing_here(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(
        nothing_here, http=BoundedHttp, ws=ws, lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # A small buffer of the system's, so that a slow viewer is one soon.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@asynccontextmanager
async def open_house(bounds: Bounds | None = None) -> AsyncIterator[House]:
    broker, application = MemoryBroker(), Teahouse()
    bounds = bounds or Bounds()
    # Loopback is the address of everyone here, and not that of a proxy.
    door = Door(bounds, origins=["https://partner.example.com"])
    async with (
        open_node(broker, application, door=door, bounds=bounds) as node,
        serving(node.protocol) as port,
    ):
        yield House(port, node, broker, application)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def say(viewer: ClientConnection, **message: object) -> None:
    await viewer.send(msgspec.json.encode(message).decode())


async def hear(viewer: ClientConnection) -> list[dict[str, Any]]:
    async with asyncio.timeout(5):
        messages = msgspec.json.decode(await viewer.recv())
    assert isinstance(messages, list)
    return messages


async def joined(viewer: ClientConnection, **fields: object) -> list[dict[str, Any]]:
    await say(viewer, type="join", room="tea", **fields)
    return await hear(viewer)


async def closed(viewer: ClientConnection) -> int | None:
    """Read on until the server closes, and return its code."""
    async with asyncio.timeout(5):
        try:
            while True:
                await viewer.recv()
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else None


async def test_a_viewer_who_joins_gets_the_whole_state_and_then_what_happens(house: House) -> None:
    async with connect(house.url) as viewer:
        [greeting] = await joined(viewer, token="ann")
        await house.broker.publish("tea", b'{"type":"notice"}')

        assert greeting["type"] == "joined"
        assert (greeting["room"], greeting["you"], greeting["offset"]) == ("tea", {"id": "ann"}, 0)
        assert greeting["snapshot"] == {"taken": 1}
        assert "recovered" not in greeting
        assert await hear(viewer) == [{"offset": 1, "type": "notice"}]


async def test_a_viewer_who_comes_back_gets_what_it_missed_and_no_snapshot(house: House) -> None:
    async with connect(house.url) as viewer:
        [greeting] = await joined(viewer)
        for n in range(3):
            await house.broker.publish("tea", b'{"n":%d}' % n)
        assert (await hear(viewer))[0] == {"offset": 1, "n": 0}
    async with connect(house.url) as viewer:
        since = {"epoch": greeting["epoch"], "offset": 1}
        back, *missed = await joined(viewer, since=since)

    assert (back["recovered"], back["offset"]) == (True, 1)
    assert "snapshot" not in back
    assert missed == [{"offset": 2, "n": 1}, {"offset": 3, "n": 2}]
    assert house.application.snapshots == 1


@pytest.mark.parametrize("since", [{"epoch": "other", "offset": 0}, {"epoch": None, "offset": 9}])
async def test_a_position_that_cannot_be_proven_gets_a_fresh_snapshot(
    house: House, since: dict[str, Any]
) -> None:
    async with connect(house.url) as viewer:
        [greeting] = await joined(viewer)
    async with connect(house.url) as viewer:
        since = {**since, "epoch": since["epoch"] or greeting["epoch"]}
        [back] = await joined(viewer, since=since)

    assert "recovered" not in back
    assert back["snapshot"] == {"taken": 1}
    assert back["offset"] == 0


async def test_what_happens_while_someone_enters_is_neither_lost_nor_doubled(house: House) -> None:
    async with connect(house.url) as witness, connect(house.url) as late:
        await joined(witness, token="bob")
        house.application.hold = asyncio.Event()
        await say(late, type="join", room="tea", token="cid")
        async with asyncio.timeout(5):
            await house.application.asked.wait()

        await house.broker.publish("tea", b'{"n":0}')
        await house.broker.whisper("tea", Whisper("cid", b'{"type":"placed"}'))
        await hear(witness)
        house.application.hold.set()
        greeting, *rest = await hear(late)
        await house.broker.publish("tea", b'{"n":1}')
        rest += await hear(late)

    # Either the greeting stands behind the event, or the event follows it; never both or neither.
    assert greeting["type"] == "joined"
    assert [m["offset"] for m in rest if "n" in m] == list(range(greeting["offset"] + 1, 3))
    assert [m for m in rest if m.get("type") == "placed"] == [{"type": "placed"}]


async def test_a_chat_line_reaches_everyone_and_its_sender_is_told(house: House) -> None:
    async with connect(house.url) as ann, connect(house.url) as bob:
        await joined(ann, token="ann")
        await joined(bob, token="bob")
        await say(ann, type="chat", id="1", text="hello")
        heard = [await hear(ann), await hear(ann)]
        [line] = await hear(bob)

    assert line["from"] == {"id": "ann", "name": "ann"}
    assert (line["id"], line["text"]) == ("ann.1", "hello")
    assert [line] in heard
    assert [{"type": "ok", "to": "1"}] in heard


async def test_who_comes_late_reads_the_last_lines(house: House) -> None:
    async with connect(house.url) as ann:
        await joined(ann, token="ann")
        await say(ann, type="chat", id="1", text="hello")
        await hear(ann)
        await hear(ann)
    async with connect(house.url) as bob:
        [greeting] = await joined(bob)

    assert [line["text"] for line in greeting["chat"]] == ["hello"]


async def test_a_message_that_is_not_the_rooms_goes_to_the_application(house: House) -> None:
    async with connect(house.url) as viewer:
        await joined(viewer, token="ann")
        await say(viewer, type="reserve", id="1", offer="ofr_1")

        assert await hear(viewer) == [{"type": "handled", "by": "ann"}]
    assert len(house.application.forwarded) == 1


async def test_what_does_not_decode_is_answered_and_the_connection_stays(house: House) -> None:
    async with connect(house.url) as viewer:
        await joined(viewer, token="ann")
        await viewer.send("{")
        [malformed] = await hear(viewer)
        await say(viewer, type="chat", id="1", text="x" * 301)
        [too_long] = await hear(viewer)
        await say(viewer, type="ping", id=7, at=17)
        [pong] = await hear(viewer)

    assert malformed["code"] == "malformed_json"
    assert (too_long["code"], too_long["path"]) == ("invalid_message", "$.text")
    assert (pong["id"], pong["at"]) == (7, 17)


async def test_an_unknown_room_is_said_so_and_the_connection_ends_for_good(house: House) -> None:
    async with connect(house.url) as viewer:
        await say(viewer, type="join", room="hats")

        assert (await hear(viewer))[0]["code"] == "unknown_show"
        assert await closed(viewer) == 3501


async def test_an_application_that_fails_ends_one_entrance_and_nothing_else(house: House) -> None:
    async with connect(house.url) as unlucky, connect(house.url) as viewer:
        await say(unlucky, type="join", room="tea", token="broken")
        [error] = await hear(unlucky)
        [greeting] = await joined(viewer, token="ann")

        assert error["code"] == "unavailable"
        assert await closed(unlucky) == 3013
        assert greeting["type"] == "joined"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"binary", 1003),
        ("x" * (16 * 1024 + 1), 1009),
        ('{"type":"chat","id":"1","text":"hi"}', 3502),
    ],
    ids=["binary", "over 16 KiB", "no join first"],
)
async def test_misuse_closes_with_a_code(house: House, frame: str | bytes, code: int) -> None:
    async with connect(house.url) as viewer:
        await viewer.send(frame)

        assert await closed(viewer) == code


async def test_the_socket_is_at_one_path(house: House) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(house.url + "x")

    assert refused.value.response.status_code == 404


async def test_the_subprotocol_is_chosen_when_offered_and_not_needed(house: House) -> None:
    async with connect(house.url, subprotocols=["liveshop.v1"]) as viewer:  # type: ignore[list-item]
        assert viewer.subprotocol == "liveshop.v1"
    async with connect(house.url, subprotocols=["other"]) as viewer:  # type: ignore[list-item]
        assert viewer.subprotocol is None


async def test_who_drains_sends_everyone_away_to_come_back_later(house: House) -> None:
    async with connect(house.url) as viewer:
        await joined(viewer, token="ann")
        assert house.node.ready
        await house.node.drain(over_s=0.0)
        [error] = await hear(viewer)

        assert error["code"] == "going_away"
        assert 0 <= error["retry_after_ms"] <= 1000
        assert await closed(viewer) == 3001
    assert not house.node.ready
    with pytest.raises(InvalidStatus) as refused:
        await connect(house.url)
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["Retry-After"] == "1"


async def offsets(viewer: ClientConnection) -> list[int]:
    """Read on until the server closes, and return the offsets that were heard."""
    heard: list[int] = []
    with suppress(ConnectionClosed):
        while True:
            heard += [m["offset"] for m in await hear(viewer) if "offset" in m]
    return heard


async def test_while_it_drains_those_who_still_wait_hear_what_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.node.DRAIN_BATCH", 1)
    async with AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(connect(house.url)) for _ in range(8)]
        for viewer in viewers:
            await joined(viewer)
        listening = [asyncio.create_task(offsets(viewer)) for viewer in viewers]
        draining = asyncio.create_task(house.node.drain(over_s=8 * DRAIN_TICK_S))
        published = 0
        for left in range(7, 0, -1):
            await until(partial(house.is_left_by_all_but, left))
            published = (await house.broker.publish("tea", b'{"type":"notice"}')).offset
        await draining
        heard = [await task for task in listening]

    # Everyone heard all of it until they were sent away, one after another.
    assert all(seen == list(range(1, len(seen) + 1)) for seen in heard)
    assert sorted(map(len, heard)) == list(range(published + 1))


async def test_a_line_that_was_taken_is_delivered_before_the_worker_ends(house: House) -> None:
    async with connect(house.url) as ann:
        await joined(ann, token="ann")
        for number in range(5):
            await say(ann, type="chat", id=str(number), text="last words")
        await say(ann, type="ping", id=1, at=1)
        while not any(m["type"] == "pong" for m in await hear(ann)):
            pass
        await house.node.drain(over_s=0.0)

    assert len(house.broker._room("tea").chat) == 5


async def test_likes_and_viewers_are_told_in_the_pulse(house: House) -> None:
    async with connect(house.url) as viewer:
        await joined(viewer, token="ann")
        await say(viewer, type="like", count=3)
        heard = await hear(viewer)
        while {"type": "pulse", "viewers": 1, "likes": 3} not in heard:
            heard = await hear(viewer)


async def test_a_viewer_who_left_is_forgotten(house: House) -> None:
    async with connect(house.url) as witness:
        await joined(witness, token="bob")
        async with connect(house.url) as viewer:
            await joined(viewer, token="ann")
            assert house.node.statistics().viewers == 2
        async with asyncio.timeout(5):
            while house.node.statistics().connections != 1:
                await say(witness, type="ping", id=1, at=1)
                await hear(witness)

        assert house.node.statistics().viewers == 1


async def test_a_viewer_whose_socket_is_full_is_paused_and_then_caught_up(house: House) -> None:
    async with (
        connect(house.url, max_queue=1, compression=None) as slow,
        connect(house.url) as quick,
    ):
        await joined(slow, token="slow")
        await joined(quick, token="quick")
        room = house.node._hub.rooms()[0]
        line = b'{"type":"chat","text":"%b"}' % (b"x" * 60_000)
        paused = False
        for _ in range(400):
            await house.broker.say("tea", Line("ann", line, always=True))
            await hear(quick)
            if any(member.backlog is not None for member in room.members):
                paused = True
                break
        assert paused
        await house.broker.publish("tea", b'{"n":1}')
        await house.broker.set("tea", "stock:a", b'{"left":2}')
        await house.broker.set("tea", "stock:a", b'{"left":1}')
        heard: list[dict[str, Any]] = []
        while not any("left" in message for message in heard):
            heard += await hear(slow)

    assert [m for m in heard if "n" in m] == [{"offset": 1, "n": 1}]
    assert [m for m in heard if "left" in m] == [{"left": 1}]


async def test_a_viewer_who_reads_nothing_is_not_read_from_either(house: House) -> None:
    loop = asyncio.get_running_loop()
    ping = bytes([0x89, 0x80 | 125]) + bytes(4) + bytes(125)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", house.port))
        await loop.sock_sendall(deaf, HANDSHAKE)
        async with asyncio.timeout(5):
            # Once its answers fill the socket, what it sends stays where it is.
            with suppress(BlockingIOError):
                while True:
                    deaf.send(ping * 100)
                    async with connect(house.url):
                        pass  # The server has had its turn.

        [full] = [connection for connection in house.node._wheel.things() if connection.full]
        assert not full._transport.is_reading()
        assert full._transport.get_write_buffer_size() < 4 * UNSENT_BYTES


async def test_who_takes_compressed_frames_gets_them_and_hears_the_same(house: House) -> None:
    text = "hello " * 50
    async with (
        connect(house.url) as deflating,
        connect(house.url, compression=None) as plain,
    ):
        assert [of.name for of in deflating.protocol.extensions] == ["permessage-deflate"]
        greetings = [await joined(deflating, token="ann"), await joined(plain, token="ann")]
        await house.broker.say("tea", Line("bob", b'{"type":"chat","text":"%b"}' % text.encode()))
        heard = [await hear(deflating), await hear(plain)]

    assert [greeting["type"] for [greeting] in greetings] == ["joined", "joined"]
    assert [greeting["snapshot"] for [greeting] in greetings] == [{"taken": 1}] * 2
    assert heard == [[{"type": "chat", "text": text}]] * 2


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example.com", 403), ("https://partner.example.com", 101), (None, 101)],
)
async def test_a_page_of_another_site_may_not_open_the_socket(
    house: House, origin: str | None, status: int
) -> None:
    headers = {"Origin": origin} if origin is not None else {}
    try:
        async with connect(house.url, additional_headers=headers) as viewer:
            [greeting] = await joined(viewer)
            assert greeting["type"] == "joined"
            answered = 101
    except InvalidStatus as refused:
        answered = refused.response.status_code

    assert answered == status


async def test_who_comes_to_a_full_worker_is_told_to_try_again_and_finds_a_place() -> None:
    async with open_house(Bounds(connections=1)) as house:
        async with connect(house.url) as viewer:
            await joined(viewer)
            with pytest.raises(InvalidStatus) as refused:
                await connect(house.url)
        await until(lambda: not house.node.statistics().connections)
        async with connect(house.url) as viewer:
            [greeting] = await joined(viewer)

    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["Retry-After"] == "5"
    assert greeting["type"] == "joined"


async def test_one_viewer_too_many_in_a_second_is_told_when_to_come_again() -> None:
    async with (
        open_house(Bounds(joins_a_second=1.0)) as house,
        connect(house.url) as first,
        connect(house.url) as second,
    ):
        [greeting] = await joined(first)
        [error] = await joined(second)
        code = await closed(second)

    assert greeting["type"] == "joined"
    assert (error["code"], code) == ("unavailable", 3013)
    assert error["retry_after_ms"] >= 500


async def test_the_tabs_of_one_user_share_what_they_may_say(house: House) -> None:
    async with connect(house.url) as phone, connect(house.url) as laptop:
        await joined(phone, token="ann")
        await joined(laptop, token="ann")
        answers: list[str] = []
        for number, tab in enumerate([phone, laptop] * 4):
            await say(tab, type="chat", id=str(number), text="hi")
            reply: dict[str, Any] = {}
            while reply.get("to") != str(number):
                [reply] = [m for m in await hear(tab) if m["type"] != "chat"][:1] or [{}]
            answers.append(reply.get("code", reply["type"]))

    assert answers == ["ok"] * 5 + ["rate_limited"] * 3


async def test_a_small_room_hears_who_is_there(house: House) -> None:
    async with connect(house.url) as ann, connect(house.url) as nobody:
        await joined(ann, token="ann")
        await joined(nobody)
        told: list[dict[str, Any]] = []
        while not told:
            told = [m for m in await hear(ann) if m["type"] == "people"]
        asked = await house.node.people("tea")

    assert told == [{"type": "people", "people": [{"id": "ann", "name": "ann"}]}]
    assert [person.id for person in asked] == ["ann"]


async def test_a_connection_that_says_nothing_and_one_that_does_not_close_are_ended(
    house: House,
) -> None:
    async with connect(house.url) as silent:
        await until(house.node._wheel.things)
        [connection] = house.node._wheel.things()
        # The wheel's next turns, at once.
        for _ in range(GREETING_S):
            for due in house.node._wheel.turn():
                house.node._look_after(due, connection.opened_at + GREETING_S)
        assert connection.closing
        assert await closed(silent) == 3002


async def test_a_worker_that_hears_nothing_any_more_sends_its_viewers_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.node.DEAF_S", 0.0)
    async with connect(house.url) as viewer:
        await joined(viewer)
        monkeypatch.setattr(MemoryBroker, "deaf_since", asyncio.get_running_loop().time())

        assert await closed(viewer) == 3001
    assert not house.node.ready


async def test_the_descriptor_is_open_until_a_lost_connection_was_told(house: House) -> None:
    """What `Connection` relies on: nobody else gets its descriptor while it may still write."""
    lost: list[int] = []
    disconnected = house.node.disconnected

    def noted(connection: Any) -> None:
        lost.append(os.fstat(connection._transport.get_extra_info("socket").fileno()).st_ino)
        disconnected(connection)

    house.node.disconnected = noted  # type: ignore[method-assign]
    for abort in (False, True):
        viewer = await connect(house.url)
        await joined(viewer)
        if abort:
            viewer.transport.abort()
        else:
            await viewer.close()
    await until(lambda: len(lost) == 2)

    assert all(lost)


async def test_a_socket_outlives_the_deadline_of_its_head(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.http.HEAD_S", 0.05)
    async with connect(house.url) as viewer:
        # Opened after it and closed for saying nothing, this one ends later than it would.
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        assert await reader.read() == b""
        writer.close()

        [greeting] = await joined(viewer)
        assert greeting["type"] == "joined"
