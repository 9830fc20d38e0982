"""
The video's figures: ``python -m loadtest.bench.media [--quick] [--only NAME] [--runs N]``.

Writes ``loadtest/results/media.md`` and ``media.json``, and shows the same table. A viewer who was
sent nothing fails the run with exit status 1; an aim that was missed is only told.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx
from playwright.async_api import Error as BrowserError
from rich.console import Console

from liveshop_client import LiveshopError
from loadtest.bench.figures.forwarding import forwarding
from loadtest.bench.figures.glass import glass
from loadtest.bench.figures.packaging import packaging
from loadtest.bench.figures.purchases import purchases
from loadtest.bench.machine import this_machine
from loadtest.bench.process import CROWD_CORE, on_core, step_back
from loadtest.bench.report import Figure, Report, table, write
from loadtest.bench.scale import FULL, QUICK, Scale
from loadtest.bench.servers import ServerGone
from loadtest.bench.shop import Shop, open_shop
from loadtest.counts import errors_in

RESULTS: Final = Path(__file__).parents[1] / "results"
FIGURES: Final = {
    "forwarding": forwarding,
    "packaging": packaging,
    "purchases": purchases,
    "glass": glass,
}

MOST_S: Final = 8 * 60
MOST_QUICK_S: Final = 4 * 60
"""A bench that hangs is ended."""

FAILURES: Final = (TimeoutError, ServerGone, LiveshopError, httpx.HTTPError, BrowserError)
"""What ends one figure."""

CORES_OF: Final = (
    "Media process and web process share core 0, aiortc's relay has it to itself; publishers, "
    "viewers, databases and order writer are on core 1. The two browsers of a figure from glass "
    "to glass have both."
)

EXIT_BROKEN: Final = 1
EXIT_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, and what could not be."""

    figures: list[Figure] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


async def measure(scale: Scale, names: Sequence[str], console: Console) -> Found:
    """Measure the named figures, one after the other; one that fails leaves the others alone."""
    found = Found()
    async with open_shop() as shop:
        # Not before: the databases are to go first, and may have inherited it otherwise.
        step_back()
        for name in names:
            begin = time.monotonic()
            failed = await _measured(found, name, scale, shop)
            took = f"[dim]{time.monotonic() - begin:.0f} s[/]"
            console.print(f"{'[red]✗[/]' if failed else '[green]✓[/]'} {name} {took}")
    return found


async def _measured(found: Found, name: str, scale: Scale, shop: Shop) -> bool:
    """Measure one; return whether that failed."""
    failed = False
    try:
        found.figures.extend(await FIGURES[name](scale, shop))
    except* FAILURES as group:
        found.failed.extend(f"{name} could not be measured: {why}" for why in errors_in(group))
        failed = True
    return failed


async def until_told(scale: Scale, names: Sequence[str], console: Console) -> Found:
    """
    Measure, for as long as `MOST_S` allows and nobody says stop.

    Raises:
        CancelledError: somebody did.

    """
    measuring = asyncio.create_task(measure(scale, names, console))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    async with asyncio.timeout(MOST_S if scale.full else MOST_QUICK_S):
        return await measuring


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    scale = QUICK if options.quick else FULL
    if options.runs is not None:
        scale = replace(scale, runs=options.runs)
    console = Console()
    size = "at full size" if scale.full else "small, not to be quoted"
    runs = "one run" if scale.runs == 1 else f"{scale.runs} runs"
    machine = this_machine(f"{runs} {size}", CORES_OF)
    try:
        with on_core(CROWD_CORE):
            found = asyncio.run(until_told(scale, options.only or list(FIGURES), console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED
    except (TimeoutError, ServerGone) as error:
        sys.stderr.write(f"bench: {str(error) or 'it took too long and was ended'}\n")
        return EXIT_BROKEN
    report = Report(
        machine, tuple(found.figures), title="What the video costs", failed=tuple(found.failed)
    )
    console.print(table(report.figures))
    for figure in report.figures:
        for note in figure.notes:
            console.print(f"[dim]{figure.title}: {note}[/]", highlight=False)
    write(report, options.results, "media")
    for what in report.broken:
        console.print(f"[bold red]broken[/] {what}", highlight=False)
    return EXIT_BROKEN if report.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.media", description="What the video costs."
    )
    parser.add_argument("--quick", action="store_true", help="small and once: does it work?")
    parser.add_argument(
        "--only",
        action="append",
        choices=FIGURES,
        metavar="NAME",
        help=f"one of {', '.join(FIGURES)}; may be given more than once",
    )
    parser.add_argument("--runs", type=int, choices=range(1, 21), metavar="N", help="of each")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(main())
