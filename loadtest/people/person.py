"""
Somebody with a name, a token and a seat: what all people have in common.

What happens to them becomes Locust's statistics. A refusal of the shop is an answer with a time of
its own, never a failure; a failure is what the shop must not do.
"""

import time
from collections.abc import Collection
from random import Random
from typing import ClassVar, Final, NamedTuple

import gevent
import msgspec
from locust import FastHttpUser
from locust.env import Environment
from locust.exception import StopUser

from liveshop_client.errors import LiveshopError, Unconfirmed
from liveshop_client.messages import Message
from loadtest import temperament
from loadtest.people import stamps
from loadtest.people.evening import Evening
from loadtest.people.seat import Seat
from loadtest.people.target import refusal
from loadtest.phrases import Card, Language, Mood, line, name
from loadtest.voice import card_of

AWAY_S: Final = (1.0, 5.0)
"""How long somebody waits who could not get in."""

ADVICE: Final = {
    429: (
        "the server takes only so many sockets from one address. Name this machine's address in "
        "the server's LIVESHOP_TRUSTED_PROXIES, which lifts the limits of an address, or raise "
        "LIVESHOP_CONNECTIONS_PER_ADDRESS"
    ),
    503: "the server is full or starting; LIVESHOP_CONNECTIONS says how many sockets it holds",
    403: "the server does not take this Origin; LIVESHOP_ORIGINS names those that it does",
}


class TurnedAway(Exception):
    """The server answered the handshake of a socket with an HTTP status."""


class Answer(NamedTuple):
    """What the API answered; ``status`` is 0 where nobody did."""

    status: int
    body: Message

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """Why not, for programs."""
        return str(self.body.get("code", "unreachable"))


class Person(FastHttpUser):
    """Somebody at the show; made by Locust."""

    abstract = True
    network_timeout = 30.0
    connection_timeout = 15.0

    evening: ClassVar[Evening]
    """The run of this process; set before anybody comes."""

    receive_buffer: ClassVar[int | None] = None

    punctual: ClassVar[bool] = True
    """Whether what reaches this person late is the room's doing, and counts."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.chance = Random()
        self.language: Language = "zh" if self.chance.random() < temperament.CHINESE else "en"
        self.number = self.evening.number()
        self.token = ""
        # The newest version of each offer's stock on this screen.
        self._versions: dict[str, int] = {}
        # Since when this person has been in the room without a break, on the monotonic clock.
        self._here_ms = 0.0
        self._seat: Seat | None = None

    @property
    def seat(self) -> Seat:
        """The seat, once there is one."""
        if self._seat is None:
            raise AssertionError("nobody sits before on_start is over")
        return self._seat

    # -- Coming and going -----------------------------------------------------------------------

    def on_start(self) -> None:
        """Come in: a guest's name, a token, a seat; as often as it takes."""
        owned = bool(getattr(self.environment.parsed_options, "own_target", False))
        if refusal(self.host or "", owned=owned) is not None:
            # Said once, by the process that runs the show.
            raise StopUser
        while not self._arrive():
            gevent.sleep(self.chance.uniform(*AWAY_S))

    def on_stop(self) -> None:
        """Go home."""
        if self._seat is not None:
            self.evening.leave(self._seat)
            self._seat.leave()

    def sign_in(self) -> str | None:
        """Return a token, or ``None`` if the shop gave none."""
        called = name(self.language, self.chance)
        answer = self.call("POST", "/api/auth/guest", {"name": called})
        return answer.body["token"] if answer.ok else None

    def _arrive(self) -> bool:
        token = self.sign_in()
        if token is None:
            return False
        self.token = token
        began = time.monotonic()
        seat = Seat(
            self.host or "",
            self.evening.show,
            token,
            self,
            self.evening.readings,
            receive_buffer=self.receive_buffer,
        )
        try:
            seat.enter()
        except LiveshopError as error:
            self.evening.failed("room", "joined", (time.monotonic() - began) * 1000, error)
            return False
        self._seat = seat
        self.evening.seats.add(seat)
        return True

    # -- What the seat tells --------------------------------------------------------------------

    def joined(self, took_ms: float, *, again: bool) -> None:
        """Count the way in, or back."""
        self._here_ms = time.monotonic() * 1000
        self.evening.took("room", "back to live" if again else "joined", took_ms)

    def turned_away(self, status: int, detail: str) -> None:
        """Count a refused handshake, with what to do about it."""
        advice = ADVICE.get(status, "is that the shop's address?")
        why = f"HTTP {status}: {detail or 'no reason given'}"
        self.evening.explain(status, f"{why} ({advice})")
        self.evening.failed("room", "handshake", 0.0, TurnedAway(why))

    def ended(self, error: LiveshopError) -> None:
        """Count the end of the conversation."""
        self.evening.failed("room", "sent away", 0.0, error)

    def delivered(self, message: Message) -> None:
        """Measure what others said and bought."""
        match message["type"]:
            case "chat" if self.punctual:
                stamp = stamps.read(message["id"])
                if stamp is not None and self._seat is not None:
                    ms = stamp.age_ms(
                        self.evening.machine,
                        time.monotonic_ns() / 1000,
                        self._seat.server_ms() * 1000,
                    )
                    self.evening.took("room", "chat line, at everyone's", ms)
            case "stock" if self.punctual:
                self._number_changed(message)
            case "placed":
                self.evening.placed.add(message["order"]["id"])
            case _:
                pass

    def _number_changed(self, stock: Message) -> None:
        offer, version = stock["offer"], stock["version"]
        before = self._versions.get(offer, 0)
        if version <= before:
            return
        self._versions[offer] = version
        now_ms = time.monotonic() * 1000
        for ms in self.evening.board.seen(
            offer, self.number, (before, version), (self._here_ms, now_ms)
        ):
            self.evening.took("room", "stock, from a press to others", ms)

    # -- What people do -------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Message | None = None,
        *,
        name: str | None = None,
        key: str | None = None,
        refusals: Collection[str] = (),
    ) -> Answer:
        """
        Call the API; whoever may be refused with the codes of ``refusals`` does not fail.

        ``key`` makes a retry harmless, as ``Idempotency-Key``; ``name`` is how Locust lists it.
        """
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        with self.client.request(
            method, path, json=body or {}, headers=headers, name=name or path, catch_response=True
        ) as response:
            answer = _answer(response.status_code, response.text)
            if answer.ok or answer.code in refusals:
                response.success()
            else:
                detail = answer.body.get("detail", "no answer")
                response.failure(f"HTTP {answer.status}: {answer.code}: {detail}")
        return answer

    def say(self, mood: Mood) -> None:
        """Say something, about what is on screen if it is about anything."""
        pinned = self.seat.state.pinned_offer
        card: Card | None = card_of(pinned) if pinned else None
        text = line(mood, self.language, self.chance, card)
        began = time.monotonic()
        id = self.evening.stamp(self.seat).id(f"{self.chance.getrandbits(32):08x}")
        try:
            answer = self.seat.say(id, text)
        except Unconfirmed:
            # The network was cut; a line is never sent twice, and nobody promised more.
            self.evening.took("room", "say → unconfirmed", (time.monotonic() - began) * 1000)
            return
        except LiveshopError as error:
            self.evening.failed("room", "say", (time.monotonic() - began) * 1000, error)
            return
        ms = (time.monotonic() - began) * 1000
        if answer["type"] == "ok":
            self.evening.took("room", "say → ok", ms)
        else:
            self.evening.took("room", f"say → refused: {answer['code']}", ms)


def _answer(status: int, text: str | None) -> Answer:
    try:
        body = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        body = {}
    return Answer(status, body if isinstance(body, dict) else {})
