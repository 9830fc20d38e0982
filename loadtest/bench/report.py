"""
Figures: medians of several runs beside a floor or a peer of the same run, and what we aim at.

Pure but for `write`. A figure without an aim only informs; one of a quick run has no verdict.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

from loadtest.bench.machine import Machine


@dataclass(frozen=True, slots=True)
class Series:
    """What one server measured, a value a run."""

    name: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value in the middle."""
        return median(self.values)

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        spread = f" ({_short(low)}–{_short(high)})" if len(self.values) > 1 else ""
        return f"{_short(self.median)}{spread}"


@dataclass(frozen=True, slots=True)
class Aim:
    """At most ``limit``, or at least; times the median of the series ``of``, if it names one."""

    limit: float
    at_least: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure: ours, what stands beside it, and what we aim at."""

    title: str
    unit: str
    ours: Series
    beside: tuple[Series, ...] = ()
    aim: Aim | None = None
    # Whether it was measured at the size that the aim is about.
    full: bool = True
    notes: tuple[str, ...] = ()
    # What was not as promised; any of it fails the run.
    broken: tuple[str, ...] = ()

    @property
    def limit(self) -> float | None:
        """The aim as a number; none without an aim, or without what it is relative to."""
        if self.aim is None:
            return None
        if self.aim.of is None:
            return self.aim.limit
        of = next((each for each in self.beside if each.name == self.aim.of), None)
        return None if of is None else self.aim.limit * of.median

    @property
    def reached(self) -> bool | None:
        """Whether the aim is met; ``None`` where nothing can be said."""
        if self.aim is None or self.limit is None or not self.full:
            return None
        if self.aim.at_least:
            return self.ours.median >= self.limit
        return self.ours.median <= self.limit

    @property
    def verdict(self) -> str:
        """Whether the aim is met, in words, and by how much not."""
        if self.broken:
            return "BROKEN"
        match self.reached:
            case None:
                return "—" if self.aim is None else "not at full size"
            case True:
                return "reached"
            case False:
                off = abs(self.ours.median / self.limit - 1) if self.limit else float("inf")
                return f"missed by {off:.0%}"

    @property
    def target(self) -> str:
        """The aim, in words."""
        if self.aim is None or self.limit is None:
            return ""
        sign = "≥" if self.aim.at_least else "≤"
        of = f" ({self.aim.limit:g} × {self.aim.of})" if self.aim.of else ""
        return f"{sign} {_short(self.limit)}{of}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of the bench found."""

    title: str
    machine: Machine
    figures: tuple[Figure, ...]
    # Peers and figures that were left out, and why.
    left_out: tuple[str, ...] = ()
    # Figures that could not be measured, and why.
    failed: tuple[str, ...] = ()

    @property
    def broken(self) -> list[str]:
        """Return every promise that was not kept."""
        found = [f"{figure.title}: {what}" for figure in self.figures for what in figure.broken]
        return [*found, *self.failed]


def table(figures: Sequence[Figure]) -> Table:
    """Return figures as the terminal shows them."""
    shown = Table("Figure", "Unit", "liveshop", "Aim", "Verdict", "Beside", show_lines=True)
    colours = {None: "yellow", True: "green", False: "red"}
    for figure in figures:
        colour = "bold red" if figure.broken else colours[figure.reached]
        beside = "\n".join(f"{each.name}: {each}" for each in figure.beside)
        shown.add_row(
            figure.title,
            figure.unit,
            str(figure.ours),
            figure.target,
            f"[{colour}]{figure.verdict}[/]",
            beside,
        )
    return shown


def markdown(report: Report) -> str:
    """Return a report as a page."""
    lines = [f"# {report.title}", "", *report.machine.sentences(), ""]
    lines += ["| figure | unit | liveshop | aim | verdict | beside it, in the same run |"]
    lines += ["|---|---|---|---|---|---|"]
    for figure in report.figures:
        beside = "; ".join(f"{each.name} {each}" for each in figure.beside)
        cells = (figure.title, figure.unit, figure.ours, figure.target, figure.verdict, beside)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    notes = [
        f"- {figure.title}: {note}"
        for figure in report.figures
        for note in (*figure.notes, *figure.broken)
    ]
    lines += ["", "Medians; in brackets the lowest and the highest run.", "", *notes]
    lines += [f"- left out: {what}" for what in report.left_out]
    lines += [f"- {what}" for what in report.failed]
    return "\n".join(lines) + "\n"


def document(report: Report) -> str:
    """Return a report for programs."""
    figures = [
        {
            **asdict(figure),
            "median": figure.ours.median,
            "limit": figure.limit,
            "reached": figure.reached,
            "verdict": figure.verdict,
        }
        for figure in report.figures
    ]
    whole = {
        "machine": asdict(report.machine),
        "figures": figures,
        "left_out": report.left_out,
        "broken": report.broken,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write(report: Report, folder: Path, name: str) -> None:
    """Keep a report as ``name.md`` and ``name.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(markdown(report), encoding="utf-8")
    (folder / f"{name}.json").write_text(document(report), encoding="utf-8")


def _short(value: float) -> str:
    """Return a number with three digits that say something."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
