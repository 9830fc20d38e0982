"""
Figures as pictures: small SVG files that can be read on white and on black.

Text stays text, the background is transparent, and every colour has contrast with both. The same
figures give the same file.
"""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from loadtest.bench.report import Figure

INK: Final = "#808080"
"""Contrast 3.9 on white and 5.3 on black: for text and axes."""

OURS: Final = "#d9480f"
OTHERS: Final = "#6c8ebf"

ABREAST: Final = 2

TICKS: Final = 4
"""Along an axis: with more, five figures run into each other."""

_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "liveshop",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def bars(figures: Sequence[Figure], path: Path) -> None:
    """Draw each figure as bars: ours and what stands beside it, in order."""
    with mpl.rc_context(_STYLE):
        rows = [1 + len(figure.beside) for figure in figures]
        canvas = Canvas(figsize=(9.5, sum(0.24 * each + 0.5 for each in rows)))
        for axes, figure in zip(_stacked(canvas, rows), figures, strict=True):
            series = sorted((figure.ours, *figure.beside), key=lambda each: each.median)
            names = [each.name for each in series]
            values = [each.median for each in series]
            colours = [OURS if each is figure.ours else OTHERS for each in series]
            drawn = axes.barh(names, values, color=colours, height=0.7)
            axes.bar_label(drawn, [_short(value) for value in values], padding=3, color=INK)
            axes.invert_yaxis()
            axes.set_title(_title(figure), loc="left", fontsize=9, color=INK)
            axes.spines["bottom"].set_visible(False)
            axes.xaxis.set_visible(False)
        _save(canvas, path)


class Line(NamedTuple):
    """A line with a name, and its points."""

    name: str
    x: list[float]
    y: list[float]


class Panel(NamedTuple):
    """Lines over the same axis."""

    title: str
    along: str
    lines: list[Line]


def curves(panels: Sequence[Panel], path: Path) -> None:
    """Draw panels, two abreast."""
    with mpl.rc_context(_STYLE):
        rows = ceil(len(panels) / ABREAST)
        canvas = Canvas(figsize=(3.7 * ABREAST, 2.6 * rows))
        drawn = canvas.subplots(rows, ABREAST, squeeze=False).flat
        for axes, panel in zip(drawn, panels, strict=False):
            for line, colour in zip(panel.lines, (OURS, OTHERS), strict=False):
                axes.plot(line.x, line.y, marker="o", markersize=3, color=colour, label=line.name)
            axes.set_title(panel.title, loc="left", fontsize=9, color=INK)
            axes.set_xlabel(panel.along)
            # What hardly changes is a line below the frame, not on it.
            axes.set_ylim(0, 1.08 * max(max(line.y) for line in panel.lines))
            axes.set_xlim(left=0)
            axes.xaxis.set_major_locator(MaxNLocator(TICKS, integer=True))
            axes.xaxis.set_major_formatter("{x:,.0f}")
            axes.yaxis.set_major_formatter("{x:,.0f}")
            if len(panel.lines) > 1:
                axes.legend(frameon=False, labelcolor=INK)
        _save(canvas, path)


def _stacked(canvas: Canvas, rows: Sequence[int]) -> Sequence[Axes]:
    """Return a place for each figure, as high as its rows."""
    below = canvas.subplots(len(rows), 1, squeeze=False, height_ratios=rows)
    return [axes[0] for axes in below]


def _title(figure: Figure) -> str:
    better = "more" if figure.unit.endswith("a second") else "less"
    return f"{figure.title}, {figure.unit} ({better} is better)"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _save(canvas: Canvas, path: Path) -> None:
    canvas.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(
        path,
        format="svg",
        transparent=True,
        # Nothing that differs from run to run.
        metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
    )
