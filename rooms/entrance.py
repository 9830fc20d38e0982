"""
How a viewer comes in: asked who it is, brought to where the room is, and let in without a gap.

Invariant: between the greeting and the first pass nothing waits, so no event falls between them.
A snapshot is taken once for all who come in at one position, and what all greetings carry is
compressed once: ten thousand who come at once cost one snapshot.
"""

import asyncio
import time

import structlog
from msgspec import Raw

from rooms.application import Application, Unavailable
from rooms.bounds import Bounds
from rooms.brokers import BrokerUnavailable
from rooms.codes import BANNED, NOT_ADMITTED, UNAVAILABLE
from rooms.connection import Connection
from rooms.frames import Shared, text_frame
from rooms.history import Position
from rooms.hub import Hub, OpenRoom, Taken, encode
from rooms.limits import JoinGate
from rooms.messages import Error, Join, Joined

log = structlog.get_logger()


class Entrance:
    """The entrance to the rooms of one worker."""

    def __init__(
        self, hub: Hub, application: Application, bounds: Bounds, tasks: asyncio.TaskGroup
    ) -> None:
        self.joins = self.resumes = self.refused = self.deferred = 0
        self._hub = hub
        self._application = application
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._gate = JoinGate(bounds.joins_a_second, self._loop.time())

    def knock(self, connection: Connection, join: Join) -> None:
        """Let a viewer in soon; one too many is told when to come again."""
        if wait_s := self._gate.knock(self._loop.time()):
            self.turn_away(connection, round(wait_s * 1000))
        else:
            self._tasks.create_task(self._admit(connection, join))

    def turn_away(self, connection: Connection, retry_after_ms: int | None = None) -> None:
        """Send a viewer away, to come back."""
        self.deferred += 1
        error = Error(
            code="unavailable",
            detail="the room cannot be opened just now; try again in a moment",
            retry_after_ms=retry_after_ms,
        )
        connection.write(text_frame((encode(error),)))
        connection.leave(UNAVAILABLE)

    def turn_out(self, connection: Connection) -> None:
        """Send someone who is banned away, for good."""
        self.refused += 1
        error = Error(code="banned", detail="you are banned from this host's shows")
        connection.write(text_frame((encode(error),)))
        connection.leave(BANNED)

    async def _admit(self, connection: Connection, join: Join) -> None:
        try:
            answer = await self._application.admit(join.room, join.token, join.device)
            if isinstance(answer, Error):
                self._refuse(connection, answer)
                return
            state = await self._hub.open(join.room)
            if connection.closing:
                return
            state.arriving += 1
            try:
                connection.home = state.room
                connection.session.identity = answer
                state.room.expect(connection)
                await self._greet(connection, state, join)
            finally:
                state.arriving -= 1
        except (BrokerUnavailable, Unavailable) as why:
            log.warning("join_deferred", room=join.room, error=str(why))
            self.turn_away(connection)
        except Exception:  # One entrance that fails must not end the worker.
            log.exception("join_failed", room=join.room, connection=connection.connection)
            self.turn_away(connection)

    def _refuse(self, connection: Connection, why: Error) -> None:
        self.refused += 1
        connection.send(encode(why))
        connection.leave(NOT_ADMITTED)

    async def _greet(self, connection: Connection, state: OpenRoom, join: Join) -> None:
        """Bring an expected viewer to where the room is, and let it in without a gap."""
        room, identity = state.room, connection.identity
        you = await self._application.you(room.name, identity)
        since = Position(join.since.epoch, join.since.offset) if join.since else None
        missed = room.history.since(since) if since is not None else None
        snapshot: Shared | None = None
        while since is None or missed is None:
            since, snapshot = await self._snapshot(state)
            missed = room.history.since(since)
        # Nothing waits from here on, so no event can fall between the greeting and the passes.
        if connection.closing:
            return
        if state.floor.rules.bans(identity):
            self.turn_out(connection)
            return
        joined = Joined(
            room=room.name,
            you=Raw(you),
            epoch=since.epoch,
            offset=since.offset,
            at=time.time_ns() // 1_000_000,
            recovered=snapshot is None,
            chat=[],
        )
        room.enter(connection, _greeting(joined, room.tail.shared, snapshot, missed))
        connection.session.admit(identity, state.floor)
        # Who comes back, or opens another tab, has been told of already.
        if join.since is None and len(room.by_user[identity.id]) == 1:
            state.turnstile.enter(identity.name if identity.may_speak else None)
        self.joins += 1
        self.resumes += snapshot is None
        log.debug(
            "joined",
            room=room.name,
            connection=connection.connection,
            user=identity.id,
            resumed=snapshot is None,
        )

    async def _snapshot(self, state: OpenRoom) -> tuple[Position, Shared]:
        """Return the state at a position; one taking serves everyone who waits for it."""
        taking = state.snapshot
        if taking is None or (taking.done() and not _current(state, taking)):
            taking = state.snapshot = self._loop.create_future()
            self._tasks.create_task(self._take_snapshot(state, taking))
        return taking.result() if taking.done() else await asyncio.shield(taking)

    async def _take_snapshot(self, state: OpenRoom, taking: Taken) -> None:
        # The position is read first: the state may be newer than it says, never older.
        position, crowd = state.room.history.position, state.crowd
        try:
            body = await self._application.snapshot(state.room.name, crowd.viewers, crowd.likes)
        except Exception as error:  # noqa: BLE001 - raised to those who wait for it
            taking.set_exception(error)
        else:
            taking.set_result((position, Shared(body)))


def _current(state: OpenRoom, taken: Taken) -> bool:
    return taken.exception() is None and taken.result()[0] == state.room.history.position


def _greeting(
    joined: Joined, last_lines: Shared, snapshot: Shared | None, missed: list[bytes]
) -> list[bytes | Shared]:
    """Splice what all greetings carry into what is this viewer's own; see `Joined`."""
    head = encode(joined)
    assert head.endswith(b'"chat":[]}'), "chat and snapshot are the last fields of joined"
    parts: list[bytes | Shared] = [head[:-2], last_lines, b"]"]
    if snapshot is not None:
        parts += [b',"snapshot":', snapshot]
    return [*parts, b"".join([b"}", *(b"," + event for event in missed)])]
