"""
A show's worth of people: ``python -m loadtest.crowd --url URL --show ID --viewers 60``.

They use the real API and the real socket, and nothing else. One line of JSON every two seconds
says what they did. The crowd stops at once on SIGTERM and SIGINT, and when the program that started
it is gone; until then it survives whatever the server does.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from random import Random
from typing import Final

from loadtest.counts import Counts
from loadtest.host import Account, Host
from loadtest.parent import parent_gone
from loadtest.viewer import Show, Viewer

STATUS_S: Final = 2.0

JOINS_A_SECOND: Final = 12.0
"""Sixty people are there after five seconds, and no server takes it for an attack."""

PASSWORD_VARIABLE: Final = "LIVESHOP_HOST_PASSWORD"

EXIT_USAGE: Final = 2


async def crowd(show: Show, *, seed: int | None = None, host: Account | None = None) -> None:
    """Fill the show with people until cancelled."""
    chance = Random(seed)
    async with asyncio.TaskGroup() as group:
        group.create_task(report(show.counts))
        if host is not None:
            group.create_task(Host(show, host, Random(chance.random())).run())
        for _ in range(show.viewers):
            group.create_task(Viewer(show, Random(chance.random())).run())
            await asyncio.sleep(1 / JOINS_A_SECOND)


async def report(counts: Counts) -> None:
    """Write the status line, again and again."""
    while True:
        sys.stdout.write(counts.status() + "\n")
        sys.stdout.flush()
        await asyncio.sleep(STATUS_S)


async def until_told(show: Show, *, seed: int | None, host: Account | None, after_s: float) -> None:
    """Run the crowd until a signal, the end of the parent, or the end of its time."""
    loop = asyncio.get_running_loop()
    people = asyncio.create_task(crowd(show, seed=seed, host=host), name="crowd")
    watch = asyncio.create_task(parent_gone(), name="parent")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, people.cancel)
    try:
        await asyncio.wait({people, watch}, timeout=after_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        people.cancel()
        watch.cancel()
        await asyncio.wait({people, watch})
    if not people.cancelled():
        people.result()
    sys.stdout.write(show.counts.status() + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    host = None
    if options.host_email:
        password = os.environ.get(options.host_password_env)
        if not password:
            parser.error(f"{options.host_password_env} is not set: the host cannot sign in")
        host = Account(options.host_email, password)
    show = Show(options.url, options.show, options.viewers, Counts())
    asyncio.run(until_told(show, seed=options.seed, host=host, after_s=options.duration))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.crowd", description="People.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the shop")
    parser.add_argument("--show", default="demo", help="the show's id")
    parser.add_argument("--viewers", type=int, default=60, help="how many people")
    parser.add_argument("--seed", type=int, help="the same audience again")
    parser.add_argument("--duration", type=float, help="seconds to stay; without it, for ever")
    parser.add_argument("--host-email", help="host the show, too, as this account")
    parser.add_argument(
        "--host-password-env",
        default=PASSWORD_VARIABLE,
        metavar="NAME",
        help=f"the environment variable with the host's password ({PASSWORD_VARIABLE})",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
