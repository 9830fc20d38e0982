"""
The rooms' figures: ``python -m loadtest.bench.rooms [--quick] [--only NAME] [--runs N]``.

Writes ``loadtest/results/rooms.md`` and ``rooms.json``, and shows the same table. A viewer who
missed a control event, or got one twice, fails the run with exit status 1; an aim that was missed
is only told.
"""

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from loadtest.bench.figures.arrivals import arrivals
from loadtest.bench.figures.delivery import delivery, left_out
from loadtest.bench.figures.evening import evening
from loadtest.bench.figures.slow import slow
from loadtest.bench.figures.storm import storm
from loadtest.bench.machine import this_machine
from loadtest.bench.process import CROWD_CORE, on_core, step_back
from loadtest.bench.report import Figure, Report, table, write
from loadtest.bench.scale import FULL, QUICK, Scale
from loadtest.bench.shop import open_shop

RESULTS: Final = Path(__file__).parents[1] / "results"
MOST_FILES: Final = 20_000
"""Open files a process: the largest crowd, and as many sockets on the other side."""

ALONE: Final = {"delivery": delivery, "slow": slow}
WITH_SHOP: Final = {"evening": evening, "storm": storm, "arrivals": arrivals}

EXIT_BROKEN: Final = 1
EXIT_INTERRUPTED: Final = 130


async def measure(scale: Scale, names: Sequence[str], console: Console) -> list[Figure]:
    """Measure the named figures, one after the other."""
    found: list[Figure] = []
    for name in names:
        if name in ALONE:
            with _step(console, name):
                found += await ALONE[name](scale)
    with_shop = [name for name in names if name in WITH_SHOP]
    if with_shop:
        async with open_shop() as shop:
            # Not before: what is started from here on inherits it, and has a core to itself.
            step_back()
            for name in with_shop:
                with _step(console, name):
                    found += await WITH_SHOP[name](scale, shop)
    return found


@contextmanager
def _step(console: Console, name: str) -> Iterator[None]:
    begin = time.monotonic()
    with console.status(f"{name}…"):
        yield
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - begin:.0f} s[/]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    scale = QUICK if options.quick else FULL
    if options.runs is not None:
        scale = replace(scale, runs=options.runs)
    names = options.only or [*ALONE, *WITH_SHOP]
    _allow_files()
    console = Console()
    size = "at full size" if scale.full else f"at {scale.share:.0%} of the size, not to be quoted"
    machine = this_machine(f"{scale.runs} runs {size}")
    try:
        with on_core(CROWD_CORE):
            figures = asyncio.run(measure(scale, names, console))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    report = Report(machine, tuple(figures), left_out() if "delivery" in names else ())
    console.print(table(report.figures))
    for figure in report.figures:
        for note in figure.notes:
            console.print(f"[dim]{figure.title}: {note}[/]", highlight=False)
    write(report, options.results, "rooms")
    for what in report.broken:
        console.print(f"[bold red]broken[/] {what}", highlight=False)
    return EXIT_BROKEN if report.broken else 0


def _allow_files() -> None:
    """Raise the soft limit of open files as far as it takes, for this process and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.rooms", description="What the rooms cost."
    )
    parser.add_argument("--quick", action="store_true", help="small and once: does it work?")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*ALONE, *WITH_SHOP],
        metavar="NAME",
        help=f"one of {', '.join([*ALONE, *WITH_SHOP])}; may be given more than once",
    )
    parser.add_argument("--runs", type=_runs, metavar="N", help="runs of each figure")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    return parser


def _runs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 20:
        raise argparse.ArgumentTypeError("a whole number from 1 to 20")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
