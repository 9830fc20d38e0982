import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from liveshop_client import (
    JoinRefused,
    Rejected,
    Room,
    RoomEnded,
    Unconfirmed,
    Unreachable,
    connect,
)
from tests.clients.fake_room import DEADLINE_S, FakeRoom, Seat, fake_room
from tests.clients.golden import server_message

FLASH = "ofr_01h8xg9f6g7h8j9k"


@asynccontextmanager
async def seated() -> AsyncIterator[tuple[FakeRoom, Seat, Room]]:
    async with fake_room() as (fake, url), asyncio.TaskGroup() as group:
        entering = group.create_task(_first(fake))
        async with connect(url, "tea-time", token="token", timeout=DEADLINE_S) as room:
            yield fake, await entering, room


async def _first(fake: FakeRoom) -> Seat:
    seat = await fake.seat()
    await seat.admit()
    return seat


async def test_entering_gives_the_room_as_it_is() -> None:
    async with seated() as (_, _, room):
        assert room.live
        assert room.state.show == server_message("joined")["snapshot"]["show"]
        assert (room.gaps, room.reconnects) == (0, 0)


async def test_the_servers_clock_is_known_at_once_and_asked_for_three_times() -> None:
    async with seated() as (_, seat, room):
        at = server_message("joined")["at"]
        assert abs(room.now() - at) < DEADLINE_S * 1000

        pings = [await seat.hear("ping") for _ in range(3)]
        assert [ping["id"] for ping in pings] == [1, 2, 3]
        # A pong from before its ping teaches nothing.
        await seat.tell(
            {"type": "pong", "id": 1, "at": pings[0]["at"] + 10**6, "server_at": 0},
            {"type": "pong", "id": 2, "at": pings[1]["at"], "server_at": at},
            server_message("pulse"),
        )
        await room.until(lambda state: state.viewers == server_message("pulse")["viewers"])

        assert abs(room.now() - at) < DEADLINE_S * 1000


async def test_messages_are_heard_in_order_from_the_moment_of_asking() -> None:
    async with seated() as (_, seat, room):
        messages = room.messages()
        await seat.tell(server_message("chat"), server_message("pulse"))
        await seat.tell(server_message("stock"))

        async with asyncio.timeout(DEADLINE_S):
            heard = [(await anext(messages))["type"] for _ in range(3)]

    assert heard == ["chat", "pulse", "stock"]
    assert [message async for message in messages] == []


async def test_a_line_is_said_once_the_room_accepts_it() -> None:
    async with seated() as (_, seat, room), asyncio.TaskGroup() as group:
        saying = group.create_task(room.say("hello"))
        line = await seat.hear("chat")
        assert line["text"] == "hello"
        assert not saying.done()

        await seat.tell({"type": "ok", "to": line["id"]})

        await saying


async def test_a_line_that_is_refused_says_why_and_when_to_try_again() -> None:
    async with seated() as (_, seat, room), asyncio.TaskGroup() as group:
        saying = group.create_task(_error_of(room.say("hello")))
        line = await seat.hear("chat")
        slower = {"code": "rate_limited", "detail": "slower, please", "retry_after_ms": 900}
        await seat.tell({"type": "error", "to": line["id"], **slower})

        error = await saying

        assert isinstance(error, Rejected)
        assert (error.code, error.retry_after_ms) == ("rate_limited", 900)
        assert room.live


async def test_a_line_whose_answer_never_came_is_unconfirmed() -> None:
    async with seated() as (_, seat, room), asyncio.TaskGroup() as group:
        saying = group.create_task(_error_of(room.say("hello")))
        await seat.hear("chat")

        seat.vanish()

        assert isinstance(await saying, Unconfirmed)


async def _error_of(saying: object) -> Exception | None:
    try:
        await saying  # type: ignore[misc]
    except (Rejected, Unconfirmed) as error:
        return error
    return None


@pytest.mark.parametrize("answer", ["reserved", "refused"])
async def test_an_attempt_to_buy_gets_the_gates_answer(answer: str) -> None:
    async with seated() as (_, seat, room), asyncio.TaskGroup() as group:
        buying = group.create_task(room.reserve(FLASH, 2))
        attempt = await seat.hear("reserve")
        assert (attempt["offer"], attempt["quantity"]) == (FLASH, 2)

        await seat.tell({**server_message(answer), "to": attempt["id"]})

        assert await buying == {**server_message(answer), "to": attempt["id"]}


async def test_an_unanswered_attempt_is_sent_again_with_the_same_id_after_a_reconnect() -> None:
    async with seated() as (fake, seat, room), asyncio.TaskGroup() as group:
        buying = group.create_task(room.reserve(FLASH))
        first = await seat.hear("reserve")
        seat.vanish()

        back = await fake.seat()
        join = await back.admit(recovered=True, snapshot=None)
        assert join["since"] == {"epoch": "b7f3", "offset": 42}
        assert {**await back.hear("reserve"), "fresh": True} == first
        await back.tell({**server_message("reserved"), "to": first["id"]})

        assert (await buying)["type"] == "reserved"
        assert (room.reconnects, room.gaps) == (1, 0)


async def test_a_hole_in_the_control_lane_makes_the_room_resume_before_it() -> None:
    async with seated() as (fake, seat, room):
        await seat.tell({"type": "pinned", "offer": "ofr_lost", "offset": 44})

        back = await fake.seat()
        join = await back.admit(recovered=True, snapshot=None)
        await back.tell({"type": "notice", "text": "a", "offset": 43})
        await back.tell({"type": "pinned", "offer": FLASH, "offset": 44})
        await room.until(lambda state: state.pinned == FLASH)

        assert join["since"]["offset"] == 42
        assert room.gaps == 1


async def test_a_final_code_ends_everything_that_waits() -> None:
    async with seated() as (_, seat, room):
        messages = room.messages()
        await seat.tell({"type": "error", "code": "banned", "detail": "you are banned"})
        await seat.close(3501)

        with pytest.raises(RoomEnded, match="you are banned"):
            await room.until(lambda state: state.viewers == -1)
        with pytest.raises(RoomEnded, match="you are banned"):
            await room.reserve(FLASH)
        assert (await anext(messages))["code"] == "banned"
        with pytest.raises(RoomEnded, match="you are banned"):
            await anext(messages)


async def test_a_room_that_does_not_exist_cannot_be_entered() -> None:
    async with fake_room() as (fake, url), asyncio.TaskGroup() as group:
        group.create_task(_refuse(fake))

        with pytest.raises(JoinRefused) as refused:
            async with connect(url, "nowhere", timeout=DEADLINE_S):
                pass

    assert refused.value.code == "unknown_show"


async def _refuse(fake: FakeRoom) -> None:
    seat = await fake.seat()
    await seat.hear("join")
    await seat.tell({"type": "error", "code": "unknown_show", "detail": "there is no such show"})
    await seat.close(3501, "the room does not admit you")


async def test_a_server_that_is_away_for_a_moment_is_waited_for() -> None:
    async with fake_room() as (fake, url), asyncio.TaskGroup() as group:

        async def stumble() -> None:
            (await fake.seat()).vanish()
            await (await fake.seat()).admit()

        group.create_task(stumble())
        async with connect(url, "tea-time", timeout=DEADLINE_S) as room:
            assert room.live


async def test_a_shop_that_nobody_runs_is_unreachable_in_the_time_given() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(Unreachable, match=r"could not enter within 0\.2 s"):
            async with connect(url, "tea-time", timeout=0.2):
                pass


async def test_what_cannot_be_understood_ends_the_room_instead_of_hanging() -> None:
    async with seated() as (_, seat, room):
        await seat.connection.send("[{]")

        with pytest.raises(RoomEnded, match="the client failed"):
            await room.until(lambda state: state.viewers == -1, timeout=DEADLINE_S)
