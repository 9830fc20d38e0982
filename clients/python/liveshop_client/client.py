"""
A seat in a room: ``connect`` enters, and the ``Room`` stays there until the block ends.

One task a room reads, answers and reconnects; whatever it decides is decided in
``session.Session``. Invariant: ``room.state`` is never seen half changed, because a frame is
applied without awaiting in between.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Final, TypeVar, cast
from uuid import uuid4
from weakref import WeakSet

from liveshop_client.errors import LiveshopError, Rejected, RoomEnded, Unconfirmed, Unreachable
from liveshop_client.inbox import Inbox
from liveshop_client.messages import Admitted, Entered, Message, Refused, Reserved, Waiting
from liveshop_client.session import (
    Abandon,
    Deliver,
    Effect,
    End,
    Hangup,
    Phase,
    Reconnect,
    Send,
    Session,
    Settle,
)
from liveshop_client.state import RoomState
from liveshop_client.transport import ConnectionLost, Transport, open_websocket, socket_url

JOIN_S: Final = 30.0
"""How long ``connect`` tries to enter before it gives up; once inside, it never does."""

ANSWER_S: Final = 30.0
"""How long a request waits for its answer, over as many connections as that takes."""

Found = TypeVar("Found")
Opener = Callable[[str], AbstractAsyncContextManager[Transport]]


@asynccontextmanager
async def connect(
    base_url: str,
    room: str,
    *,
    token: str | None = None,
    device: str | None = None,
    timeout: float = JOIN_S,
    open_transport: Opener = open_websocket,
) -> AsyncIterator["Room"]:
    """
    Enter ``room`` of the shop at ``base_url`` and stay for as long as the block lasts.

    Args:
        base_url: The shop's address, such as ``https://shop.example``.
        room: The show's id.
        token: Who is watching; without one, somebody who may only look.
        device: A random name that this machine keeps; a moderator's ban may hold it.
        timeout: Seconds to get in.
        open_transport: How to open a connection to an address.

    Raises:
        JoinRefused: the room does not exist, or is not for this token.
        Unreachable: no server let the viewer in within ``timeout`` seconds.

    """
    seat = Room(Session(room, token, device), socket_url(base_url), open_transport)
    stay = asyncio.create_task(seat.stay(), name=f"room {room}")
    stay.add_done_callback(seat.stopped)
    try:
        await seat.entered(timeout)
        yield seat
    finally:
        seat.leave()
        stay.cancel()
        await asyncio.wait([stay])


class Room:
    """A viewer's seat; made by :func:`connect`."""

    def __init__(self, session: Session, url: str, open_transport: Opener) -> None:
        self._session = session
        self._url = url
        self._open = open_transport
        # The connection, while there is one.
        self._transport: Transport | None = None
        # Set, and replaced, whenever the state or the phase may have changed.
        self._changed = asyncio.Event()
        # Who waits for an answer, by the id of the request.
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._inboxes: WeakSet[Inbox] = WeakSet()
        # Why the conversation ended, once it has.
        self._end: LiveshopError | None = None
        # Why the last connection ended, for whoever cannot get in.
        self._trouble = "there was no answer"

    # -- What there is to see -------------------------------------------------------------------

    @property
    def state(self) -> RoomState:
        """The room as it is now."""
        return self._session.state

    @property
    def live(self) -> bool:
        """Whether the room is connected at the moment."""
        return self._session.phase is Phase.LIVE

    @property
    def gaps(self) -> int:
        """Holes seen in the control lane; each made the room reconnect and resume."""
        return self._session.gaps

    @property
    def reconnects(self) -> int:
        """How often the room was entered again."""
        return self._session.reconnects

    def now(self) -> float:
        """Return the server's Unix time in milliseconds, right to some ten of them."""
        return self._session.clock.now(_local_ms())

    def messages(self) -> Inbox:
        """
        Return an iterator over what the room says from this moment on.

        It ends when this viewer leaves, and raises ``RoomEnded`` when the server ends it.
        """
        inbox = Inbox()
        self._inboxes.add(inbox)
        return inbox

    async def until(
        self, condition: Callable[[RoomState], Found | None], *, timeout: float = ANSWER_S
    ) -> Found:
        """
        Wait until ``condition`` of the state holds, and return what it returned.

        It is looked at now and after every frame. Cancelling is safe.

        Raises:
            TimeoutError: it did not hold within ``timeout`` seconds.
            RoomEnded: the conversation ended.

        """
        async with asyncio.timeout(timeout):
            while not (found := condition(self.state)):
                await self._change()
            return found

    # -- What a viewer does ---------------------------------------------------------------------

    async def say(
        self, text: str, *, reply_to: str | None = None, timeout: float = ANSWER_S
    ) -> None:
        """
        Post a chat line, and return once the room has accepted it.

        ``reply_to`` is the id of the line that it answers. Whom it calls ("@Ann") is found among
        those who spoke or are here.

        Raises:
            Rejected: the room did not accept it: too fast, too long, muted, a refused word...
            Unconfirmed: the connection broke before the answer.
            TimeoutError: the room was away for ``timeout`` seconds.

        """
        id = uuid4().hex
        async with asyncio.timeout(timeout):
            while not self.live:
                await self._change()
            with self._answer_to(id) as answer:
                await self._send(self._session.say(id, text, reply_to))
                _accepted(await answer)

    async def like(self, count: int = 1) -> None:
        """Like what is on screen; lost, as a heart on a screen is, while the room is away."""
        await self._send(self._session.like(count))

    async def click(self, offer: str) -> None:
        """Say that an offer was opened, for the host's figures; not answered."""
        await self._send(self._session.click(offer))

    async def reserve(
        self, offer: str, quantity: int = 1, *, id: str | None = None, timeout: float = ANSWER_S
    ) -> Reserved | Refused:
        """
        Try for ``quantity`` units, and return the gate's answer.

        Idempotent by ``id``: over every reconnect it is the same attempt that is sent again.

        Raises:
            Rejected: the attempt itself was wrong, such as an ``id`` used for something else.
            TimeoutError: no answer within ``timeout`` seconds; ask again with the same ``id`` to
                learn whether the units were held.

        """
        # An id that is the program's may have been sent before.
        fresh, id = id is None, id or uuid4().hex
        async with asyncio.timeout(timeout):
            with self._answer_to(id) as answer:
                await self._send(self._session.reserve(id, offer, quantity, fresh=fresh))
                return cast(Reserved | Refused, _accepted(await answer))

    async def wait(
        self, offer: str, quantity: int = 1, *, timeout: float = ANSWER_S
    ) -> Waiting | Reserved | Refused:
        """
        Wait in line for what comes back of a sold-out offer, ``quantity`` units at most.

        One place a viewer: asked again, it says where they stand now. The turn is a `Reserved`, as
        the answer or later, in ``state.holds``.

        Raises:
            TimeoutError: no answer within ``timeout`` seconds; ask again.

        """
        id = uuid4().hex
        async with asyncio.timeout(timeout):
            with self._answer_to(id) as answer:
                await self._send(self._session.wait(id, offer, quantity))
                return cast(Waiting | Reserved | Refused, _accepted(await answer))

    async def enter(self, offer: str, *, timeout: float = ANSWER_S) -> Entered | Admitted | Refused:
        """
        Enter the queue of an offer, or hear where one stands in it.

        The turn is an `Admitted`, as the answer or later, in ``state.queued``; `reserve` brings the
        admission by itself.

        Raises:
            TimeoutError: no answer within ``timeout`` seconds; ask again.

        """
        id = uuid4().hex
        async with asyncio.timeout(timeout):
            with self._answer_to(id) as answer:
                await self._send(self._session.enter(id, offer))
                return cast(Entered | Admitted | Refused, _accepted(await answer))

    async def unwait(self, offer: str, *, timeout: float = ANSWER_S) -> None:
        """
        Leave the line of an offer; idempotent.

        Raises:
            Rejected: the gate is away; try again.
            TimeoutError: no answer within ``timeout`` seconds; ask again.

        """
        id = uuid4().hex
        async with asyncio.timeout(timeout):
            with self._answer_to(id) as answer:
                await self._send(self._session.unwait(id, offer))
                if (said := _accepted(await answer))["type"] == "refused":
                    detail = f"the line cannot be left now: {said['reason']}"
                    raise Rejected(said["reason"], detail, said.get("retry_after_ms"))

    def leave(self) -> None:
        """Leave for good; idempotent, and what the end of the block does."""
        self._session.leave()
        self._finish(RoomEnded("left", "the viewer has left the room"), inbox_error=None)

    # -- The conversation -----------------------------------------------------------------------

    async def stay(self) -> None:
        """Stay in the room until the conversation ends; :func:`connect` runs this."""
        while self._end is None:
            lost = await self._connection()
            self._transport = None
            self._trouble = lost.reason or f"the connection closed with code {lost.code}"
            for effect in self._session.lost(
                lost.code, lost.reason, _local_ms(), draw=random.random()
            ):
                match effect:
                    case Reconnect(wait_s):
                        await asyncio.sleep(wait_s)
                    case End(error):
                        self._finish(error, inbox_error=error)
                    case _:
                        self._take(effect)

    def stopped(self, stay: asyncio.Task[None]) -> None:
        """Tell whoever waits that a fault of this package ended the conversation, if one did."""
        if not stay.cancelled() and (fault := stay.exception()) is not None:
            error = RoomEnded("broken", f"the client failed: {fault!r}")
            error.__cause__ = fault
            self._finish(error, inbox_error=error)

    async def entered(self, timeout: float) -> None:
        """Wait to be in the room for the first time; raise why it cannot be."""
        try:
            async with asyncio.timeout(timeout):
                while not self.live:
                    await self._change()
        except TimeoutError as error:
            detail = f"could not enter within {timeout:g} s: {self._trouble}"
            raise Unreachable("unreachable", detail) from error

    async def _connection(self) -> ConnectionLost:
        """Hold one connection from beginning to end, and return how it ended."""
        try:
            async with self._open(self._url) as transport:
                self._transport = transport
                effects = self._session.opened(_local_ms())
                while True:
                    for effect in effects:
                        match effect:
                            case Send(message):
                                await transport.send(message)
                            case Hangup():
                                return ConnectionLost(reason="a control event was missing")
                            case _:
                                self._take(effect)
                    effects = await self._next(transport)
        except ConnectionLost as lost:
            return lost

    async def _next(self, transport: Transport) -> list[Effect]:
        """Return the effects of the next frame, or of a ping that falls due before it."""
        due = self._session.ping_at
        try:
            async with asyncio.timeout(
                None if due is None else max(0.0, (due - _local_ms()) / 1000)
            ):
                frame = await transport.receive()
        except TimeoutError:
            return self._session.tick(_local_ms())
        effects = self._session.received(frame, _local_ms())
        self._wake()
        return effects

    async def _send(self, effects: list[Effect]) -> None:
        """Do what a request of the program asks for, unless the connection is just being lost."""
        for effect in effects:
            match effect:
                case Send(message) if self._transport is not None:
                    with suppress(ConnectionLost):
                        await self._transport.send(message)
                case _:
                    self._take(effect)

    def _take(self, effect: Effect) -> None:
        """Do what needs no connection."""
        match effect:
            case Deliver(message):
                for inbox in self._inboxes:
                    inbox.offer(message)
            case Settle(id, answer) if id in self._answers and not self._answers[id].done():
                self._answers[id].set_result(answer)
            case Abandon(id) if id in self._answers and not self._answers[id].done():
                detail = "the connection broke before the answer"
                self._answers[id].set_exception(Unconfirmed("unconfirmed", detail))

    # -- Waiting --------------------------------------------------------------------------------

    @contextmanager
    def _answer_to(self, id: str) -> Iterator[asyncio.Future[Message]]:
        """Expect an answer to the request ``id`` for as long as the block lasts."""
        if self._end is not None:
            raise self._end
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[id] = answer
        try:
            yield answer
        finally:
            del self._answers[id]
            self._session.forget(id)

    async def _change(self) -> None:
        """Wait for the next change; raise why there will be none."""
        if self._end is not None:
            raise self._end
        await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _finish(self, error: LiveshopError, *, inbox_error: LiveshopError | None) -> None:
        if self._end is not None:
            return
        self._end = error
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(error)
        for inbox in self._inboxes:
            inbox.end(inbox_error)
        self._wake()


def _local_ms() -> float:
    return time.monotonic() * 1000


def _accepted(answer: Message) -> Message:
    if answer["type"] == "error":
        raise Rejected(answer["code"], answer["detail"], answer.get("retry_after_ms"))
    return answer
