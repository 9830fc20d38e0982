"""
Whether a show's books add up: ``python -m loadtest.audit --url URL --show ID``.

Says each thing that does not hold, a line each, and exits with 1; with 0 when all is well, and
with 2 when it could not look. The host's token, or address and password, come from the environment;
orders that somebody was told are placed may be given on standard input, a line each.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from liveshop_client import Api, LiveshopError
from loadtest.invariants import check, unknown_orders
from loadtest.people.account import NOBODY, Account, find_account

EXIT_BROKEN: Final = 1
EXIT_UNSEEN: Final = 2

LATEST_S: Final = 120.0
"""Thousands of orders are read a hundred at a time."""


async def audit(url: str, show: str, account: Account, placed: Sequence[str]) -> list[str]:
    """Return what does not hold; `LiveshopError` if the books cannot be read."""
    async with asyncio.timeout(LATEST_S), Api(url, account.token or None) as api:
        if not account.token:
            await api.login(account.email, account.password)
        return [*await check(api, show), *await unknown_orders(api, show, placed)]


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.audit", description="Whether a show's books add up."
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the shop")
    parser.add_argument("--show", default="demo", help="the show's id")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path(".liveshop"),
        metavar="FOLDER",
        help="where a demo keeps how its host signs in",
    )
    parser.add_argument(
        "--placed", action="store_true", help="read ids of placed orders from standard input"
    )
    options = parser.parse_args(arguments)
    account = find_account(environ, options.data_dir)
    if account is None:
        sys.stderr.write(f"audit: {NOBODY}\n")
        return EXIT_UNSEEN
    placed = sys.stdin.read().split() if options.placed else []
    try:
        broken = asyncio.run(audit(options.url, options.show, account, placed))
    except (LiveshopError, TimeoutError) as error:
        sys.stderr.write(f"audit: {str(error) or 'reading the books took too long'}\n")
        return EXIT_UNSEEN
    for what in broken:
        sys.stdout.write(what + "\n")
    return EXIT_BROKEN if broken else 0


if __name__ == "__main__":
    sys.exit(main())
