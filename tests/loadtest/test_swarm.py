"""The swarm in a real room, over real sockets."""

from collections.abc import AsyncIterator

import pytest
from msgspec import Struct

from loadtest.bench.publisher import chat_line, notice
from loadtest.latency import latency
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm
from rooms.brokers import Line
from rooms.brokers.memory import MemoryBroker
from rooms.history import Position
from tests.bench.bare_rooms import ROOM, open_rooms

VIEWERS = 20
PATIENCE_S = 5.0
SMALL_BUFFER = 8 * 1024


class FaultyBroker(MemoryBroker):
    """A memory broker that loses or repeats events when it is told to."""

    deliveries = 1

    async def publish(self, room: str, event: bytes) -> Position:
        state = self._room(room)
        listener = state.listener
        heard: list[bytes] = []

        class Ear:
            def control(self, event: bytes) -> None:
                heard.append(event)

        state.listener = Ear()  # type: ignore[assignment]
        position = await super().publish(room, event)
        state.listener = listener
        for _ in range(self.deliveries):
            assert listener is not None
            listener.control(heard[0])
        return position


class House(Struct):
    """A served room and how to reach it."""

    broker: FaultyBroker
    port: int
    number: int = 0

    @property
    def door(self) -> Door:
        return Door("127.0.0.1", self.port, room=ROOM)

    async def happen(self, *, deliveries: int = 1) -> None:
        """Let one control event happen, delivered so many times."""
        self.number += 1
        self.broker.deliveries = deliveries
        await self.broker.publish(ROOM, notice(self.number, 0))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    broker = FaultyBroker()
    async with open_rooms(broker, SMALL_BUFFER) as port:
        yield House(broker, port)


@pytest.fixture
async def swarm(house: House) -> AsyncIterator[Swarm]:
    async with open_swarm(house.door) as swarm:
        swarm.admit(Spectator() for _ in range(VIEWERS))
        await swarm.until_live(VIEWERS, PATIENCE_S)
        yield swarm


def offsets(swarm: Swarm) -> set[int]:
    return {spectator.lane.offset for spectator in swarm.spectators}


async def until_at(swarm: Swarm, offset: int) -> None:
    await swarm.until(lambda: offsets(swarm) == {offset}, PATIENCE_S)


async def test_everyone_sees_every_event_once_and_every_line(house: House, swarm: Swarm) -> None:
    for number in range(5):
        await house.happen()
        await house.broker.say(ROOM, Line("ann", chat_line(number, 1), always=True))
    await until_at(swarm, 5)
    await swarm.until(lambda: swarm.lines == 5 * VIEWERS, PATIENCE_S)

    assert [spectator.lane.events for spectator in swarm.spectators] == [5] * VIEWERS
    assert swarm.broken() == []
    assert latency(swarm.stamped).receptions == 10 * VIEWERS


async def test_a_hole_is_found_in_every_viewers_lane(house: House, swarm: Swarm) -> None:
    await house.happen()
    await house.happen(deliveries=0)
    await house.happen()
    await until_at(swarm, 3)

    assert swarm.broken() == [f"{VIEWERS} control events were never seen"]


async def test_an_event_that_comes_twice_is_found(house: House, swarm: Swarm) -> None:
    await house.happen(deliveries=2)
    await house.happen()
    await until_at(swarm, 2)

    assert swarm.broken() == [f"{VIEWERS} control events came twice"]


async def test_a_viewer_who_did_not_get_the_last_event_is_found(house: House, swarm: Swarm) -> None:
    last = swarm.spectators[0]
    swarm.stop_reading([last])
    await house.happen()
    others = swarm.spectators[1:]
    await swarm.until(lambda: all(each.lane.offset == 1 for each in others), PATIENCE_S)

    assert swarm.broken() == ["1 viewers did not reach event 1"]
    swarm.read_again([last])
    await until_at(swarm, 1)
    assert swarm.broken() == []
    # It was late because it did not read; that is not the room's latency.
    assert latency(swarm.stamped).receptions == VIEWERS - 1


async def test_who_comes_back_resumes_and_has_missed_nothing(house: House, swarm: Swarm) -> None:
    await house.happen()
    await until_at(swarm, 1)
    swarm.hang_up(swarm.spectators)
    assert swarm.live == 0
    await house.happen()
    swarm.admit(swarm.spectators)
    await swarm.until_live(VIEWERS, PATIENCE_S)
    await until_at(swarm, 2)

    assert swarm.recoveries == VIEWERS
    assert swarm.closes == {1006: VIEWERS}
    assert swarm.broken() == []


async def test_a_viewer_who_stops_reading_gets_nothing_and_then_what_it_is_owed(
    house: House,
) -> None:
    lazy, keen = Spectator(receive_buffer=SMALL_BUFFER), Spectator()
    async with open_swarm(house.door) as swarm:
        swarm.admit([lazy, keen])
        await swarm.until_live(2, PATIENCE_S)
        frames = lazy.frames
        swarm.stop_reading([lazy])
        # More than the buffers of both systems and of the transport hold, in steps the keen reads.
        for number in range(1, 301):
            await house.broker.say(ROOM, Line("ann", chat_line(number, 1, 1_000), always=True))
            await swarm.until(lambda number=number: keen.lines == number, PATIENCE_S)  # type: ignore[misc]
        await house.happen()
        await swarm.until(lambda: keen.lane.offset == 1, PATIENCE_S)

        assert (lazy.frames, lazy.lane.offset) == (frames, 0)
        swarm.read_again([lazy])
        await swarm.until(lambda: lazy.lane.offset == 1, PATIENCE_S)

        assert lazy.skipped > 0
        assert lazy.lines + lazy.skipped == 300
        assert swarm.broken() == []
        # Its late receptions are not anybody's latency.
        assert latency(swarm.stamped).receptions == 301


async def test_close_codes_are_counted(house: House) -> None:
    async with open_swarm(Door("127.0.0.1", house.port)) as swarm:
        rude = Spectator()
        swarm.admit([rude])
        await swarm.until_live(1, PATIENCE_S)
        swarm.say(rude, "1", "no join first")
        await swarm.until(lambda: swarm.live == 0, PATIENCE_S)

        assert (rude.code, swarm.closes) == (3502, {3502: 1})


async def test_a_door_that_is_not_there_is_told_with_its_status(house: House) -> None:
    async with open_swarm(Door("127.0.0.1", house.port, path="/elsewhere")) as swarm:
        swarm.admit([Spectator()])

        with pytest.raises(TimeoutError, match=r"0 of 1 viewers .* 1 got HTTP 404"):
            await swarm.until_live(1, 0.3)


async def test_a_line_that_was_said_is_answered_and_timed(house: House, swarm: Swarm) -> None:
    speaker = Spectator("ann")
    swarm.admit([speaker])
    await swarm.until_live(VIEWERS + 1, PATIENCE_S)
    swarm.say(speaker, "l1", "hello")
    await swarm.until(lambda: swarm.lines == VIEWERS + 1, PATIENCE_S)
    await swarm.until(lambda: swarm.answers["ok"] == 1, PATIENCE_S)

    assert len(swarm.answered["ok"]) == 1


async def test_a_storm_of_arrivals_holds_only_so_many_handshakes_at_a_time(house: House) -> None:
    async with open_swarm(house.door, in_flight=3) as swarm:
        swarm.admit(Spectator() for _ in range(50))
        connecting = [each for each in swarm.spectators if each.sock is not None]
        await swarm.until_live(50, PATIENCE_S)

        assert len(connecting) == 3
        assert all(each.joined_at >= each.entered_at > 0 for each in swarm.spectators)


async def test_those_who_take_compressed_frames_hear_the_same(house: House) -> None:
    async with open_swarm(house.door, deflate=True) as swarm:
        swarm.admit(Spectator() for _ in range(VIEWERS))
        await swarm.until_live(VIEWERS, PATIENCE_S)
        await house.happen()
        await house.broker.say(ROOM, Line("ann", chat_line(1, 1, 1_000), always=True))
        await swarm.until(lambda: swarm.lines == VIEWERS, PATIENCE_S)

        assert offsets(swarm) == {1}
        assert swarm.broken() == []
