"""
One run in this process: who is there, what is measured, what broke.

Every process of a distributed run has its own; the master has one without seats and collects what
the others found. Invariant: whatever is promised to every viewer is judged here, and each promise
that was broken is a sentence in ``findings``.
"""

import hashlib
import logging
import os
import time
from collections import Counter
from pathlib import Path
from typing import Final

import gevent
import httpx
from locust.env import Environment

from liveshop_client.errors import LiveshopError
from liveshop_client.messages import Message
from liveshop_client.transport import is_local
from loadtest.people.board import Board
from loadtest.people.readings import Readings
from loadtest.people.seat import Seat
from loadtest.people.shapes import Plan
from loadtest.people.stamps import Stamp

ASK_S: Final = 10.0

log: Final = logging.getLogger("liveshop")

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class NoShow(Exception):
    """There is nothing to watch; ``str`` says why."""


class Evening:
    """A show, the people of this process in it, and what happened to them."""

    def __init__(self, environment: Environment, plan: Plan, show: str) -> None:
        self.plan = plan
        self.show = show
        self.readings = Readings()
        self.board = Board()
        self.seats: set[Seat] = set()
        # Orders that the shop said were placed: every one of them is to be in its books.
        self.placed: set[str] = set()
        self.machine = _machine()
        self._environment = environment
        self._began = time.monotonic()
        self._broken: Counter[str] = Counter()
        # HTTP statuses of the door that were explained already.
        self._explained: set[int] = set()
        self._numbers = 0

    @property
    def url(self) -> str:
        """The shop's address."""
        return self._environment.host or ""

    def now_s(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._began

    def number(self) -> int:
        """Return a number that nobody else in this process has."""
        self._numbers += 1
        return self._numbers

    def stamp(self, seat: Seat) -> Stamp:
        """Return this moment, as whoever reads a line can tell it."""
        return Stamp(self.machine, time.monotonic_ns() // 1000, round(seat.server_ms() * 1000))

    # -- What is measured -----------------------------------------------------------------------

    def took(self, kind: str, name: str, ms: float) -> None:
        """Record how long something took that went as it should."""
        self._environment.events.request.fire(
            request_type=kind, name=name, response_time=ms, response_length=0, context={}
        )

    def failed(self, kind: str, name: str, ms: float, error: Exception) -> None:
        """Record something that did not."""
        self._environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=ms,
            response_length=0,
            context={},
            exception=error,
        )

    def explain(self, status: int, sentence: str) -> None:
        """Say once what to do about people who are turned away at the door."""
        if status not in self._explained:
            self._explained.add(status)
            log.error("people are turned away: %s", sentence)

    # -- What is promised -----------------------------------------------------------------------

    def broke(self, promise: str, times: int = 1) -> None:
        """Write down that a promise was broken."""
        self._broken[promise] += times

    def leave(self, seat: Seat) -> None:
        """Let somebody go; what they missed stays known."""
        self.seats.discard(seat)
        self._judge(seat)

    def settle(self, most_s: float) -> None:
        """
        Wait until everybody who is live has caught up with the room, at most ``most_s`` seconds.

        Where the room stands, a witness says who enters afresh: the log's word, not ours.
        """
        seats = [seat for seat in self.seats if seat.live]
        if not seats:
            return
        ears = _Deaf()
        witness = Seat(self.url, self.show, None, ears, self.readings)
        try:
            witness.enter(most_s)
        except LiveshopError as error:
            if ears.refused:
                # The door has a bound, and may be full; that breaks no promise.
                log.warning("nobody looked whether all caught up: %s", error)
                return
            self.broke(f"the room could not be entered at the end: {error}")
            return
        epoch, offset = witness.lane.epoch, witness.lane.offset
        witness.leave()
        deadline = time.monotonic() + most_s
        for seat in seats:
            seat.look_again()
        for seat in seats:
            left_s = max(deadline - time.monotonic(), 0.0)
            if seat.lane.epoch == epoch and not seat.until_at(offset, left_s):
                self.broke("viewers were silently left behind: live, but not at the last event")

    def findings(self) -> list[str]:
        """Return each promise that was broken, with how often; of everybody, also who is here."""
        for seat in list(self.seats):
            self.leave(seat)
        return [f"{count} × {promise}" for promise, count in sorted(self._broken.items())]

    def _judge(self, seat: Seat) -> None:
        if seat.lane.holes:
            self.broke("control events were never seen", seat.lane.holes)
        if seat.lane.duplicates:
            self.broke("control events came twice", seat.lane.duplicates)


class _Deaf:
    """Someone who is only there to see where the room stands."""

    def __init__(self) -> None:
        self.refused = False

    def joined(self, took_ms: float, *, again: bool) -> None:
        """Not measured."""

    def delivered(self, message: Message) -> None:
        """Not listened to."""

    def turned_away(self, status: int, detail: str) -> None:
        """Remember that the door did not let it through."""
        self.refused = True

    def ended(self, error: LiveshopError) -> None:
        """Told by `Seat.enter`."""


def find_show(url: str, wanted: str | None) -> str:
    """
    Return the id of the show to go to: ``wanted``, or the first that is live.

    Raises:
        NoShow: there is none, or nobody answers.

    """
    try:
        with httpx.Client(base_url=url, timeout=ASK_S, trust_env=not is_local(url)) as client:
            answer = client.get("/api/shows")
    except httpx.TransportError as error:
        raise NoShow(f"nobody answers at {url}: {error}") from error
    if not answer.is_success:
        raise NoShow(f"{url} answers HTTP {answer.status_code}; is that a shop?")
    shows = answer.json()["shows"]
    live = [show["id"] for show in shows if show["state"] == "live"]
    if wanted is None and live:
        return str(live[0])
    if wanted in live:
        return str(wanted)
    there = ", ".join(live) or "none"
    raise NoShow(f"{url} has no live show{f' {wanted!r}' if wanted else ''}; live there: {there}")


def cut_everyone(evening: Evening) -> None:
    """Cut all seats of this process at each moment that the plan says."""
    for moment in evening.plan.cuts_s:
        gevent.sleep(max(moment - evening.now_s(), 0.0))
        for seat in list(evening.seats):
            seat.cut()


def _machine() -> str:
    """Return a name for the clock of this machine; processes that share it share the clock."""
    boot = _BOOT.read_bytes() if _BOOT.exists() else os.urandom(16)
    return hashlib.blake2s(boot, digest_size=3).hexdigest()
