"""
liveshop beside its peers, and how it grows: ``python -m loadtest.bench.compare [--quick]``.

``fanout`` and ``sale`` are written to ``loadtest/results/peers.*``, ``viewers`` and ``workers`` to
``growth.*``: a table, the numbers for programs, and pictures. What was not as promised, such as a
unit sold twice or a viewer left out, fails the run with exit status 1; a peer that is missing is
left out by name.
"""

import argparse
import asyncio
import resource
import signal
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console

from liveshop_client import LiveshopError
from loadtest.bench import growth, plots
from loadtest.bench.fanout import fanout
from loadtest.bench.growth import Point
from loadtest.bench.machine import Machine, this_machine
from loadtest.bench.process import CROWD_CORE, on_core, step_back
from loadtest.bench.report import Figure, Report, Series, table, write
from loadtest.bench.sale import sale
from loadtest.bench.scale import FULL, QUICK, Scale
from loadtest.bench.servers import ServerGone
from loadtest.bench.shop import open_shop
from loadtest.counts import errors_in

RESULTS: Final = Path(__file__).parents[1] / "results"
MOST_FILES: Final = 20_000
MOST_S: Final = 30 * 60
MOST_QUICK_S: Final = 5 * 60
"""A bench that hangs is ended."""

PEERS: Final = ("fanout", "sale")
GROWTH: Final = ("viewers", "workers")
PICTURED: Final = {"fanout": "fan-out", "sale": "flash sale"}
"""How the titles of a part's figures begin."""

FAILURES: Final = (TimeoutError, ServerGone, LiveshopError)

EXIT_BROKEN: Final = 1
EXIT_INTERRUPTED: Final = 130

T = TypeVar("T")


@dataclass(slots=True)
class Found:
    """What was measured so far, and what could not be."""

    peers: list[Figure] = field(default_factory=list)
    viewers: list[list[Point]] = field(default_factory=list)
    workers: list[list[Point]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


async def measure(scale: Scale, names: Sequence[str], console: Console) -> Found:
    """Measure the named parts, one after the other; one that fails leaves the others alone."""
    found = Found()
    if "fanout" in names and (made := await _part(found, console, "fanout", fanout(scale))):
        found.peers += made[0]
        found.left_out += made[1]
    with_shop = [name for name in names if name != "fanout"]
    if not with_shop:
        return found
    async with open_shop() as shop:
        # Not before: the databases are to go first, and may have inherited it otherwise.
        step_back()
        if "sale" in names and (figures := await _part(found, console, "sale", sale(scale, shop))):
            found.peers += figures
        for name, points, measured in (
            ("viewers", found.viewers, growth.by_viewers),
            ("workers", found.workers, growth.by_workers),
        ):
            if name in names:
                points += await _part(found, console, name, measured(scale, shop)) or []
    return found


async def _part(found: Found, console: Console, name: str, work: Awaitable[T]) -> T | None:
    begin = time.monotonic()
    made: T | None = None
    try:
        with console.status(f"{name}…"):
            made = await work
    except* FAILURES as group:
        found.failed.extend(
            f"{name} could not be measured: {str(why) or type(why).__name__}"
            for why in errors_in(group)
        )
    mark = "[red]✗[/]" if made is None else "[green]✓[/]"
    console.print(f"{mark} {name} [dim]{time.monotonic() - begin:.0f} s[/]")
    return made


def growth_figures(found: Found, scale: Scale) -> list[Figure]:
    """Return the growth as figures: a size each."""
    figures: list[Figure] = []
    for unit, runs in (("viewers", found.viewers), ("web processes", found.workers)):
        for points in zip(*runs, strict=True):
            size = f"{points[0].size:,} {unit}"
            load = (
                f"servers {points[-1].server_share:.0%} of a core, "
                f"crowd {points[-1].crowd_share:.0%} of its own"
            )
            broken = tuple(what for point in points for what in point.broken)
            for title, of, field_name in (
                ("lines delivered", "a second", "lines_a_second"),
                ("p50 of a line", "ms", "p50_ms"),
                ("p99 of a line", "ms", "p99_ms"),
            ):
                first = field_name == "lines_a_second"
                figures.append(
                    Figure(
                        title=f"{size}: {title}",
                        unit=of,
                        ours=Series(
                            "liveshop", tuple(getattr(each, field_name) for each in points)
                        ),
                        full=scale.full,
                        notes=(load,) if first else (),
                        broken=broken if first else (),
                    )
                )
    return figures


def keep(found: Found, scale: Scale, machine: Machine, folder: Path, console: Console) -> int:
    """Show and keep what was found; return the exit status."""
    reports: list[Report] = []
    if found.peers:
        report = Report(
            machine, tuple(found.peers), tuple(found.left_out), title="liveshop beside its peers"
        )
        write(report, folder, "peers")
        for name in PEERS:
            if figures := [each for each in found.peers if each.title.startswith(PICTURED[name])]:
                plots.bars(figures, folder / f"{name}.svg")
        reports.append(report)
    if found.viewers or found.workers:
        cores = growth.cores_for_servers()
        note = f"the web processes share {cores} core{'s' if cores > 1 else ''} of this machine"
        grown = growth_figures(found, scale)
        report = Report(machine, tuple(grown), (note,), title="How it grows")
        write(report, folder, "growth")
        plots.curves(_panels(found), folder / "growth.svg")
        reports.append(report)
    for report in reports:
        console.print(table(report.figures))
    broken = [what for report in reports for what in report.broken] + found.failed
    for what in found.left_out:
        console.print(f"[yellow]left out[/] {what}", highlight=False)
    for what in broken:
        console.print(f"[bold red]broken[/] {what}", highlight=False)
    return EXIT_BROKEN if broken else 0


def _panels(
    found: Found,
) -> list[tuple[str, str, list[tuple[str, list[float], list[float]]]]]:
    panels = []
    for along, runs in (("viewers", found.viewers), ("web processes", found.workers)):
        if not runs:
            continue
        x = [float(point.size) for point in runs[0]]

        def median(name: str, runs: list[list[Point]] = runs) -> list[float]:
            return [
                Series("", tuple(getattr(point, name) for point in points)).median
                for points in zip(*runs, strict=True)
            ]

        panels.append(
            ("lines delivered a second", along, [("liveshop", x, median("lines_a_second"))])
        )
        panels.append(
            (
                "a line, milliseconds",
                along,
                [("p50", x, median("p50_ms")), ("p99", x, median("p99_ms"))],
            )
        )
    return panels


async def until_told(scale: Scale, names: Sequence[str], console: Console) -> Found:
    """Measure, for as long as allowed and nobody says stop."""
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
    _allow_files()
    console = Console()
    size = "at full size" if scale.full else f"at {scale.share:.0%} of the size, not to be quoted"
    runs = "one run" if scale.runs == 1 else f"{scale.runs} runs"
    machine = this_machine(f"{runs} {size}")
    try:
        with on_core(CROWD_CORE):
            found = asyncio.run(until_told(scale, options.only or [*PEERS, *GROWTH], console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED
    except (TimeoutError, ServerGone) as error:
        sys.stderr.write(f"bench: {str(error) or 'it took too long and was ended'}\n")
        return EXIT_BROKEN
    return keep(found, scale, machine, options.results, console)


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.bench.compare",
        description="liveshop beside its peers, and how it grows.",
    )
    parser.add_argument("--quick", action="store_true", help="small and once: does it work?")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*PEERS, *GROWTH],
        metavar="NAME",
        help=f"one of {', '.join([*PEERS, *GROWTH])}; may be given more than once",
    )
    parser.add_argument("--runs", type=int, metavar="N", help="runs of each part")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(main())
