"""
The swarm as a program: ``python -m loadtest.swarm --viewers 5000``.

Thousands of viewers enter a show, watch, perhaps talk, and leave; a line says how it goes, a table
what came of it. Invariant: the generator's own share of its core stands beside the figures, so
that nobody takes its limit for the server's. Exit status 1 says that a viewer missed something.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.table import Table

from liveshop_client import Api, LiveshopError
from loadtest import openfiles
from loadtest.bench.conversation import talk
from loadtest.latency import latency, percentile
from loadtest.people.target import is_loopback, refusal
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

MOST_VIEWERS: Final = 18_000
"""Below the usual hard limit of 20,000 open files; more of them is another process."""

SPARE_FILES: Final = 200
SPEAKERS: Final = 50
"""Each may say a line a second; more lines than that are refused."""

STATUS_S: Final = 0.5
ENTER_S: Final = 60.0
SETTLE_S: Final = 10.0
FULL: Final = 0.8
"""From here on a generator's queues grow, and what it measures is itself."""

EXIT_BROKEN: Final = 1
EXIT_USAGE: Final = 2

_TENTH_NS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    url: str
    show: str
    viewers: int
    seconds: float
    lines: float
    deflate: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    live: int
    entered_s: float
    joined_p50_ms: float
    joined_p99_ms: float
    watched_s: float
    frames: int
    lines: int
    skipped: int
    p50_ms: float
    p99_ms: float
    last_p99_ms: float
    # The generator's share of its core: while everybody came, and while they watched.
    entering: float
    watching: float
    broken: tuple[str, ...]
    trouble: str

    @property
    def limited(self) -> bool:
        """Whether the figures may be the generator's own."""
        return max(self.entering, self.watching) > FULL


async def watch(order: Order, console: Console) -> Outcome:
    """
    Fill the show, watch it and leave.

    Raises:
        TimeoutError: not everybody got in; its text says how many did, and what happened.
        LiveshopError: the shop gave no tokens to those who are to talk.

    """
    parts = urlsplit(order.url)
    door = Door(_address(parts.hostname or ""), parts.port or 80, room=order.show)
    speakers = [Spectator(token) for token in await _tokens(order)]
    async with open_swarm(door, deflate=order.deflate) as swarm:
        with console.status("entering…") as status:
            reporting = asyncio.create_task(_report(swarm, order, status.update))
            try:
                return await _evening(order, swarm, speakers)
            finally:
                reporting.cancel()


async def _evening(order: Order, swarm: Swarm, speakers: Sequence[Spectator]) -> Outcome:
    begin, cpu = time.monotonic(), time.process_time()
    swarm.admit([*speakers, *(Spectator() for _ in range(order.viewers - len(speakers)))])
    await swarm.until_live(order.viewers, ENTER_S)
    entered_s = time.monotonic() - begin
    entering = (time.process_time() - cpu) / entered_s
    waits = Counter((each.joined_at - each.entered_at) // _TENTH_NS for each in swarm.spectators)
    swarm.forget_frames()
    frames, lines, skipped = swarm.frames, swarm.lines, swarm.skipped
    begin, cpu = time.monotonic(), time.process_time()
    if speakers:
        await talk(swarm, speakers, order.lines, order.seconds)
    else:
        await asyncio.sleep(order.seconds)
    watched_s = time.monotonic() - begin
    watching = (time.process_time() - cpu) / watched_s
    with suppress(TimeoutError):
        # Who is behind then, `Swarm.broken` says.
        await swarm.until(swarm.in_step, SETTLE_S)
    took = latency(swarm.stamped)
    return Outcome(
        live=swarm.live,
        entered_s=entered_s,
        joined_p50_ms=percentile(waits, 0.5),
        joined_p99_ms=percentile(waits, 0.99),
        watched_s=watched_s,
        frames=swarm.frames - frames,
        lines=swarm.lines - lines,
        skipped=swarm.skipped - skipped,
        p50_ms=took.p50_ms,
        p99_ms=took.p99_ms,
        last_p99_ms=took.last_p99_ms,
        entering=entering,
        watching=watching,
        broken=tuple(swarm.broken()),
        trouble=swarm.trouble(),
    )


async def _tokens(order: Order) -> list[str]:
    if not order.lines:
        return []
    tokens: list[str] = []
    async with Api(order.url) as api:
        for number in range(min(SPEAKERS, order.viewers)):
            tokens.append((await api.guest(f"Viewer {number}"))["token"])
            api.token = None
    return tokens


async def _report(swarm: Swarm, order: Order, say: Callable[[str], None]) -> None:
    """Say how it goes, again and again."""
    frames, cpu, then = swarm.frames, time.process_time(), time.monotonic()
    while True:
        await asyncio.sleep(STATUS_S)
        now, used = time.monotonic(), time.process_time()
        rate = (swarm.frames - frames) / (now - then)
        busy = (used - cpu) / (now - then)
        trouble = f" · {swarm.trouble()}" if swarm.trouble() else ""
        say(
            f"{swarm.live:,} of {order.viewers:,} live · {rate:,.0f} frames a second · "
            f"this generator uses {busy:.0%} of a core{trouble}"
        )
        frames, cpu, then = swarm.frames, used, now


def table(order: Order, outcome: Outcome) -> Table:
    """Return what came of it, for the terminal."""
    shown = Table("What", "How much", title=f"{order.viewers:,} viewers of {order.show}")
    receptions = f"{outcome.frames / outcome.watched_s:,.0f} a second"
    rows = [
        ("live at the end", f"{outcome.live:,} of {order.viewers:,}"),
        ("all were in after", f"{outcome.entered_s:.2f} s"),
        ("joins", f"{order.viewers / outcome.entered_s:,.0f} a second"),
        (
            "time to joined, p50 / p99",
            f"{outcome.joined_p50_ms:.1f} / {outcome.joined_p99_ms:.1f} ms",
        ),
        ("frames received", f"{outcome.frames:,} ({receptions})"),
        ("lines received / left out and told", f"{outcome.lines:,} / {outcome.skipped:,}"),
        ("the generator's share of its core, entering", f"{outcome.entering:.0%}"),
        ("the generator's share of its core, watching", f"{outcome.watching:.0%}"),
    ]
    if order.lines:
        rows.insert(6, ("a line, p50 / p99", f"{outcome.p50_ms:.1f} / {outcome.p99_ms:.1f} ms"))
        rows.insert(7, ("a line at its last viewer, p99", f"{outcome.last_p99_ms:.1f} ms"))
    for what, much in rows:
        shown.add_row(what, much)
    return shown


def _address(host: str) -> str:
    return socket.gethostbyname(host)


def first_live_show(url: str) -> str | None:
    """Return the id of a show that is live."""
    with httpx.Client(base_url=url, trust_env=False) as client:
        shows = client.get("/api/shows").json()["shows"]
    return next((show["id"] for show in shows if show["state"] == "live"), None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    why = refusal(options.url, owned=False)
    if why is not None or not is_loopback(urlsplit(options.url).hostname or ""):
        parser.error("the swarm's viewers come from 127.0.0.1 to .250: it drives this machine only")
    console = Console()
    try:
        show = options.show or first_live_show(options.url)
        if show is None:
            sys.stderr.write(f"swarm: {options.url} has no live show\n")
            return EXIT_USAGE
        openfiles.allow(options.viewers + SPARE_FILES)
        order = Order(
            options.url, show, options.viewers, options.seconds, options.lines, options.deflate
        )
        outcome = asyncio.run(watch(order, console))
    except KeyboardInterrupt:
        return 130
    except httpx.TransportError as error:
        sys.stderr.write(f"swarm: nobody answers at {options.url}: {error}\n")
        return EXIT_USAGE
    except (TimeoutError, LiveshopError, OSError) as error:
        sys.stderr.write(f"swarm: {error}\n")
        return EXIT_USAGE
    console.print(table(order, outcome))
    if outcome.limited:
        console.print(
            f"[bold yellow]The generator was busy for more than {FULL:.0%} of its core: these "
            "times may be its own, not the server's. Use fewer viewers or lines.[/]"
        )
    if outcome.trouble:
        console.print(outcome.trouble, highlight=False)
    for what in outcome.broken:
        console.print(f"[bold red]broken[/] {what}", highlight=False)
    return EXIT_BROKEN if outcome.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.swarm", description="Thousands of viewers in one process."
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the shop, on this machine")
    parser.add_argument("--show", help="the show's id; else the first that is live")
    parser.add_argument("--viewers", type=_viewers, default=1_000, metavar="N")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long they watch")
    parser.add_argument("--lines", type=float, default=0.0, help="chat lines they say a second")
    parser.add_argument("--deflate", action="store_true", help="ask for compressed frames")
    return parser


def _viewers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_VIEWERS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_VIEWERS:,}")
    return int(text)
