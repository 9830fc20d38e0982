"""
One viewer's conversation with a room, across every connection it takes.

::

    connecting --opened--> joining --joined--> live --lost--> waiting --opened--> joining ...

and ``ended`` is final. The caller reports what happened and does what comes back, in order.
Invariants: control events reach the state contiguously and once; a reservation is sent again,
with the same id, until it is answered. No socket, no clock, no chance: those are passed in.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from liveshop_client.backoff import wait_s
from liveshop_client.chat import mentions_in
from liveshop_client.clock import Clock
from liveshop_client.codes import may_return
from liveshop_client.errors import JoinRefused, LiveshopError, RoomEnded
from liveshop_client.messages import Message
from liveshop_client.recovery import Position, Verdict, advanced, judge
from liveshop_client.state import RoomState

STABLE_MS: Final = 10_000
"""A connection that held this long was a good one: the next wait starts small again."""

FIRST_PINGS: Final = 3
"""Sent at once after joining: one sample may have been delayed, hardly three."""

PING_MS: Final = 20_000
"""Clocks drift by less than 2 ms in this time, and routers keep the connection open."""


class Phase(Enum):
    """How far the conversation has come."""

    CONNECTING = "connecting"
    JOINING = "joining"
    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Send:
    """Send the message over the connection."""

    message: Message


@dataclass(frozen=True, slots=True)
class Deliver:
    """Show the message to the program; the state holds it already."""

    message: Message


@dataclass(frozen=True, slots=True)
class Settle:
    """The request with this id has its answer."""

    id: str
    answer: Message


@dataclass(frozen=True, slots=True)
class Abandon:
    """The request with this id will not be answered; whether it was heard is unknown."""

    id: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close the connection, then report it lost."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Open a new connection after a wait."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class End:
    """It is over; ``error`` says why."""

    error: LiveshopError


Effect = Send | Deliver | Settle | Abandon | Hangup | Reconnect | End


class Session:
    """The conversation of one viewer; every ``now`` is local milliseconds that never jump."""

    def __init__(self, room: str, token: str | None = None, device: str | None = None) -> None:
        self.room = room
        self.token = token
        self.device = device
        self.phase = Phase.CONNECTING
        self.state = RoomState()
        self.clock = Clock()
        # Where to resume; None until the first snapshot.
        self.position: Position | None = None
        # Holes seen in the control lane; each costs a connection, and a sound server makes none.
        self.gaps = 0
        # Times the room was entered again.
        self.reconnects = 0
        # What the gate was asked and has not answered, by id, in the order it was asked for.
        self._unanswered: dict[str, Message] = {}
        # Chat lines without an answer, by id; never sent again: twice is worse than not at all.
        self._unconfirmed: set[str] = set()
        # Tries since the last connection that held.
        self._attempt = 0
        self._asked_at = 0.0
        self._joined_at: float | None = None
        self._pings = 0
        # When the next ping is due; None while there is nobody to ping.
        self.ping_at: float | None = None
        # An error about nothing in particular, if it was the server's last word.
        self._complaint: Message | None = None

    # -- What the connection reports ------------------------------------------------------------

    def opened(self, now: float) -> list[Effect]:
        """Ask to enter, from where the viewer left off."""
        self.phase = Phase.JOINING
        self._asked_at = now
        self._complaint = None
        join: Message = {"type": "join", "room": self.room}
        if self.token is not None:
            join["token"] = self.token
        if self.device is not None:
            join["device"] = self.device
        if self.position is not None:
            join["since"] = {"epoch": self.position.epoch, "offset": self.position.offset}
        return [Send(join)]

    def received(self, messages: list[Message], now: float) -> list[Effect]:
        """Take in one frame of the server."""
        effects: list[Effect] = []
        for message in messages:
            effects += self._receive(message, now)
            if effects and isinstance(effects[-1], Hangup):
                # What follows in the frame comes again after the gap is closed.
                break
        return effects

    def tick(self, now: float) -> list[Effect]:
        """Send the ping that is due at ``ping_at``, if it is."""
        if self.ping_at is None or now < self.ping_at:
            return []
        self.ping_at = now + PING_MS
        return [self._ping(now)]

    def lost(self, code: int, reason: str, now: float, draw: float) -> list[Effect]:
        """Decide what follows the end of a connection; ``draw`` is a random number in [0, 1)."""
        if self.phase is Phase.ENDED:
            return []
        complaint, self._complaint = self._complaint, None
        entered = self.phase is Phase.LIVE
        self.ping_at = None
        effects: list[Effect] = [Abandon(id) for id in sorted(self._unconfirmed)]
        self._unconfirmed.clear()
        if not may_return(code):
            self.phase = Phase.ENDED
            return [*effects, End(_verdict(complaint, code, reason, entered=entered))]
        if self._joined_at is not None and now - self._joined_at >= STABLE_MS:
            self._attempt = 0
        self._joined_at = None
        self.phase = Phase.WAITING
        hint_ms = complaint.get("retry_after_ms") if complaint else None
        effects.append(Reconnect(wait_s(self._attempt, draw, hint_ms)))
        self._attempt += 1
        return effects

    # -- What the program wants -----------------------------------------------------------------

    def say(self, id: str, text: str, reply_to: str | None = None) -> list[Effect]:
        """Post a chat line, now or not at all; whom it calls by name is told with it."""
        if self.phase is not Phase.LIVE:
            return [Abandon(id)]
        self._unconfirmed.add(id)
        said: Message = {"type": "chat", "id": id, "text": text}
        if reply_to is not None:
            said["reply_to"] = reply_to
        if "@" in text and (mentions := mentions_in(text, self.state.called())):
            said["mentions"] = mentions
        return [Send(said)]

    def like(self, count: int) -> list[Effect]:
        """Like what is on screen; lost, as a heart on a screen is, while the room is away."""
        return [Send({"type": "like", "count": count})] if self.phase is Phase.LIVE else []

    def click(self, offer: str) -> list[Effect]:
        """Say that an offer was opened; lost while the room is away."""
        return [Send({"type": "click", "offer": offer})] if self.phase is Phase.LIVE else []

    def reserve(self, id: str, offer: str, quantity: int, *, fresh: bool = False) -> list[Effect]:
        """
        Try for units; what is not sent now is sent on entering, until it is answered.

        Brings the admission to an offer with a queue, if there is one.
        ``fresh``: the id was never used before; said the first time only.
        """
        message: Message = {"type": "reserve", "id": id, "offer": offer, "quantity": quantity}
        mine = self.state.queued.get(offer)
        if mine is not None and "admission" in mine:
            message["admission"] = mine["admission"]
        effects = self._ask(message)
        return [Send({**message, "fresh": True}) for _ in effects] if fresh else effects

    def wait(self, id: str, offer: str, quantity: int) -> list[Effect]:
        """Ask for a place in line, until it is answered."""
        return self._ask({"type": "wait", "id": id, "offer": offer, "quantity": quantity})

    def enter(self, id: str, offer: str) -> list[Effect]:
        """Enter the queue of an offer, until it is answered."""
        return self._ask({"type": "enter", "id": id, "offer": offer})

    def unwait(self, id: str, offer: str) -> list[Effect]:
        """Leave the line, until it is answered."""
        return self._ask({"type": "unwait", "id": id, "offer": offer})

    def forget(self, id: str) -> None:
        """Expect no answer any more, and stop asking for it."""
        self._unanswered.pop(id, None)
        self._unconfirmed.discard(id)

    def leave(self) -> None:
        """End the conversation."""
        self.phase = Phase.ENDED
        self.ping_at = None

    def _ask(self, message: Message) -> list[Effect]:
        self._unanswered[message["id"]] = message
        return [Send(message)] if self.phase is Phase.LIVE else []

    # -- One message ----------------------------------------------------------------------------

    def _receive(self, message: Message, now: float) -> list[Effect]:
        self._complaint = None
        match message["type"]:
            case "joined":
                return self._join(message, now)
            case "pong":
                self.clock.sample(
                    sent_at=message["at"], received_at=now, server_at=message["server_at"]
                )
                return []
            case "error" if "to" not in message:
                self._complaint = message
                return [Deliver(message)]
            case _ if "offset" in message:
                return self._control(message)
            case _:
                self.state.apply(message)
                return self._answer(message)

    def _join(self, message: Message, now: float) -> list[Effect]:
        self.reconnects += self.position is not None
        self.phase = Phase.LIVE
        self.position = Position(message["epoch"], message["offset"])
        self._joined_at = now
        # A poor sample, if the room was slow to answer, but there before anyone asks the time.
        self.clock.sample(sent_at=self._asked_at, received_at=now, server_at=message["at"])
        self.state.apply(message)
        self.ping_at = now + PING_MS
        pings = [self._ping(now) for _ in range(FIRST_PINGS)]
        return [Deliver(message), *pings, *map(Send, self._unanswered.values())]

    def _control(self, message: Message) -> list[Effect]:
        if self.position is None:
            # Nothing can be applied before there is a snapshot, which will contain it.
            return []
        match judge(self.position, message["offset"]):
            case Verdict.SKIP:
                return []
            case Verdict.GAP:
                self.gaps += 1
                return [Hangup()]
            case Verdict.APPLY:
                self.position = advanced(self.position, message["offset"])
                self.state.apply(message)
                return [Deliver(message)]

    def _answer(self, message: Message) -> list[Effect]:
        if (to := message.get("to")) is None:
            return [Deliver(message)]
        self.forget(to)
        return [Settle(to, message), Deliver(message)]

    def _ping(self, now: float) -> Send:
        self._pings += 1
        return Send({"type": "ping", "id": self._pings, "at": round(now)})


def _verdict(complaint: Message | None, code: int, reason: str, *, entered: bool) -> LiveshopError:
    error = RoomEnded if entered else JoinRefused
    if complaint is not None:
        return error(complaint["code"], complaint["detail"])
    return error("closed", reason or f"the server closed the connection with code {code}")
