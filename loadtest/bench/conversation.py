"""
What goes on in a real show while it is measured: people talk and buy, the host presents.

Whoever speaks stamps the line when it leaves, so that its whole way counts: socket, room, Redis,
pass. Each returns how much it has done, and is paced by the clock.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import count, cycle, islice
from typing import Final

from liveshop_client import Api
from loadtest.hearing import STAMP
from loadtest.spectator import Spectator
from loadtest.swarm import Swarm

WORDS: Final = " does the blue teapot come with four cups as well?"
PRESENT_S: Final = 0.5
"""A control event every half second: far more than a host's hands do."""

TICK_S: Final = 0.001
"""A crowd that wakes up for each of 22,000 attempts a second spends four times as much on them."""

AT_ONCE: Final = 64
"""Messages sent before what has come is read again: a millisecond of work."""

A_PERSON: Final = 25.0
"""Attempts a second of one person: beyond `rooms.session.FRAMES_A_SECOND` they are a flood."""

ANSWER_S: Final = 15.0
"""What an answer may take at most."""

_numbers = count(1)


async def talk(swarm: Swarm, speakers: Sequence[Spectator], rate: float, seconds: float) -> int:
    """Let ``speakers`` say ``rate`` lines a second, in turn; return how many were said."""

    def say(speaker: Spectator) -> None:
        swarm.say(speaker, f"l{next(_numbers)}", f"{STAMP}{time.monotonic_ns()}{WORDS}")

    return await _paced(say, speakers, rate, seconds)


async def buy(
    swarm: Swarm, buyers: Sequence[Spectator], offer: str, rate: float, seconds: float
) -> int:
    """Let ``buyers`` try for units, in turn; return how often they did."""

    def reserve(buyer: Spectator) -> None:
        swarm.reserve(buyer, f"r{next(_numbers)}", offer)

    return await _paced(reserve, buyers, rate, seconds)


async def rush(
    swarm: Swarm, buyers: Sequence[Spectator], offer: str, in_flight: int, seconds: float
) -> int:
    """
    Let ``buyers`` try as fast as they are answered, in turn; return how often they did.

    Nobody tries more often than `A_PERSON` allows: 2,000 buyers are paced by it at 50,000/s.
    """
    begin, coming, done = time.monotonic(), cycle(buyers), 0
    while (since := time.monotonic() - begin) < seconds:
        await swarm.until(lambda: swarm.unanswered < in_flight, ANSWER_S)
        due = int(since * A_PERSON * len(buyers)) + 1
        many = min(AT_ONCE, in_flight - swarm.unanswered, due - done)
        for buyer in islice(coming, many):
            swarm.reserve(buyer, f"r{next(_numbers)}", offer)
        done += many
        await asyncio.sleep(0 if many else TICK_S)
    return done


async def present(api: Api, offer: str, seconds: float) -> int:
    """Put an offer on screen and take it off again; return how many events that made."""
    until = time.monotonic() + seconds
    events = 0
    for act in cycle((api.pin_offer, api.unpin_offer)):
        if time.monotonic() >= until:
            return events
        await act(offer)
        events += 1
        await asyncio.sleep(PRESENT_S)
    return events


async def _paced(
    act: Callable[[Spectator], None], people: Sequence[Spectator], rate: float, seconds: float
) -> int:
    """Act as often as the clock says, up to `AT_ONCE` times a turn of the loop."""
    begin, total = time.monotonic(), round(rate * seconds)
    coming, done = cycle(people), 0
    while done < total:
        due = min(int((time.monotonic() - begin) * rate) + 1, total, done + AT_ONCE)
        for person in islice(coming, due - done):
            act(person)
        done = due
        ahead_s = begin + done / rate - time.monotonic()
        await asyncio.sleep(max(ahead_s, TICK_S) if ahead_s > 0 else 0)
    return done
