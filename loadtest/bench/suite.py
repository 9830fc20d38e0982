"""
What one command measures: ``python -m loadtest.bench.NAME [--quick] [--only FIGURE] [--runs N]``.

It writes ``loadtest/results/NAME.md`` and ``NAME.json``, perhaps pictures, and shows the same
table. A promise that was not kept (a hole, a unit too many) fails the run with exit status 1; an
aim that was missed is only told.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from liveshop_client import LiveshopError
from loadtest import openfiles
from loadtest.bench.machine import CORES_OF, this_machine
from loadtest.bench.process import CROWD_CORE, on_core, step_back
from loadtest.bench.report import Figure, Report, table, write
from loadtest.bench.scale import FULL, QUICK, Scale
from loadtest.bench.servers import ServerGone
from loadtest.bench.shop import Shop, open_shop
from loadtest.counts import errors_in

RESULTS: Final = Path(__file__).parents[1] / "results"
MOST_FILES: Final = 20_000
"""Open files a process: the largest crowd, and as many sockets on the other side."""

MOST_S: Final = 15 * 60
MOST_QUICK_S: Final = 3 * 60
"""A bench that hangs is ended."""

FAILURES: Final = (TimeoutError, ServerGone, LiveshopError)
"""What ends one figure."""

EXIT_BROKEN: Final = 1
EXIT_INTERRUPTED: Final = 130


Alone = Callable[[Scale], Awaitable[list[Figure]]]
WithShop = Callable[[Scale, Shop], Awaitable[list[Figure]]]


@dataclass(frozen=True, slots=True)
class Suite:
    """The figures of one command, in the order in which they are measured."""

    name: str
    title: str
    alone: Mapping[str, Alone] = field(default_factory=dict)
    with_shop: Mapping[str, WithShop] = field(default_factory=dict)
    # Says which peers of the chosen figures this machine does not have.
    left_out: Callable[[Sequence[str]], tuple[str, ...]] = lambda names: ()
    # Which core is whose, in words.
    cores_of: str = CORES_OF
    # Draws the figures into a folder.
    draw: Callable[[Sequence[Figure], Path], None] = lambda figures, folder: None
    # What it may take beyond the usual before it is ended.
    longer_s: float = 0.0

    @property
    def names(self) -> list[str]:
        """What may be asked for."""
        return [*self.alone, *self.with_shop]


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, and what could not be."""

    figures: list[Figure]
    failed: list[str]

    def fails(self, name: str) -> bool:
        """Whether ``name`` could not be measured."""
        return any(what.startswith(f"{name} ") for what in self.failed)


async def measure(suite: Suite, scale: Scale, names: Sequence[str], console: Console) -> Found:
    """Measure the named figures, one after the other; one that fails leaves the others alone."""
    found = Found([], [])
    for name in names:
        if name in suite.alone:
            await _measure(found, console, name, suite.alone[name](scale))
    with_shop = [name for name in names if name in suite.with_shop]
    if with_shop:
        async with open_shop() as shop:
            # Not before: the databases are to go first, and may have inherited it otherwise.
            step_back()
            for name in with_shop:
                await _measure(found, console, name, suite.with_shop[name](scale, shop))
    return found


async def _measure(
    found: Found, console: Console, name: str, figures: Awaitable[list[Figure]]
) -> None:
    begin = time.monotonic()
    try:
        with console.status(f"{name}…"):
            found.figures.extend(await figures)
    except* FAILURES as group:
        found.failed.extend(f"{name} could not be measured: {why}" for why in errors_in(group))
    took = f"[dim]{time.monotonic() - begin:.0f} s[/]"
    console.print(f"{'[red]✗[/]' if found.fails(name) else '[green]✓[/]'} {name} {took}")


async def until_told(suite: Suite, scale: Scale, names: Sequence[str], console: Console) -> Found:
    """
    Measure, for as long as `MOST_S` and the suite allow and nobody says stop.

    Raises:
        CancelledError: somebody did.

    """
    measuring = asyncio.create_task(measure(suite, scale, names, console))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    async with asyncio.timeout((MOST_S if scale.full else MOST_QUICK_S) + suite.longer_s):
        return await measuring


def main(suite: Suite, arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parser(suite).parse_args(arguments)
    scale = QUICK if options.quick else FULL
    if options.runs is not None:
        scale = replace(scale, runs=options.runs)
    names = options.only or suite.names
    openfiles.allow(MOST_FILES)
    console = Console()
    size = "at full size" if scale.full else f"at {scale.share:.0%} of the size, not to be quoted"
    runs = "one run" if scale.runs == 1 else f"{scale.runs} runs"
    machine = this_machine(f"{runs} {size}", suite.cores_of)
    try:
        with on_core(CROWD_CORE):
            found = asyncio.run(until_told(suite, scale, names, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED
    except (TimeoutError, ServerGone) as error:
        sys.stderr.write(f"bench: {str(error) or 'it took too long and was ended'}\n")
        return EXIT_BROKEN
    report = Report(
        suite.title, machine, tuple(found.figures), suite.left_out(names), tuple(found.failed)
    )
    suite.draw(found.figures, options.results)
    return conclude(report, options.results, suite.name, console)


def conclude(report: Report, folder: Path, name: str, console: Console) -> int:
    """Show and keep a report; return 1 if something was not as promised."""
    console.print(table(report.figures))
    for figure in report.figures:
        for note in figure.notes:
            console.print(f"[dim]{figure.title}: {note}[/]", highlight=False)
    write(report, folder, name)
    for what in report.broken:
        console.print(f"[bold red]broken[/] {what}", highlight=False)
    return EXIT_BROKEN if report.broken else 0


def _parser(suite: Suite) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m loadtest.bench.{suite.name}", description=f"{suite.title}."
    )
    parser.add_argument("--quick", action="store_true", help="small and once: does it work?")
    parser.add_argument(
        "--only",
        action="append",
        choices=suite.names,
        metavar="NAME",
        help=f"one of {', '.join(suite.names)}; may be given more than once",
    )
    parser.add_argument("--runs", type=_runs, metavar="N", help="runs of each figure")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    return parser


def _runs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 20:
        raise argparse.ArgumentTypeError("a whole number from 1 to 20")
    return int(text)
