"""The figure of the merging experiment: loss and accuracy along the segment, by hand as SVG, by matplotlib as PNG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, final

import numpy as np

from geomcheck.align.curve import ticks
from geomcheck.align.png import new_figure, picture_kind, save_png
from geomcheck.atomic_write import write_text
from geomcheck.errors import InputError
from geomcheck.experiments.statistics import interval
from geomcheck.experiments.trial import SEGMENTS, Outcome, Recipe
from geomcheck.experiments.verdicts import METRICS

__all__ = ["check_name", "save_figure", "svg"]

_COLOURS: Final = {
    "plain": "#c8553d",
    "weights": "#1b6ca8",
    "activations": "#3a7d44",
    "straight-through": "#7b4b94",
    "ensemble": "#444444",
    "everything": "#999999",
}
_LEVELS: Final = ("ensemble", "everything")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM, _LEGEND = 430, 300, 62, 14, 34, 44, 54


@final
@dataclass(frozen=True)
class _Panel:
    """One pair of axes: (mean, low, high) at every place for every way, and at one for every level."""

    title: str
    places: tuple[float, ...]
    series: dict[str, list[tuple[float, float, float]]]

    @property
    def range(self) -> tuple[float, float]:
        """The least and the largest number drawn."""
        numbers = [number for rows in self.series.values() for row in rows for number in row]
        return min(numbers), max(numbers)


def check_name(path: str | os.PathLike[str]) -> None:
    """Stop before hours of work where the figure could not be written at their end.

    Raises:
        InputError: for an ending other than .svg and .png, a folder that is not there, and .png without matplotlib.
    """
    name, kind = os.fspath(path), picture_kind(path, "figure")
    if not os.path.isdir(os.path.dirname(name) or "."):
        raise InputError(f"figure: expected a path in an existing folder, got path={name!r}; make the folder first")
    if kind == "png":
        new_figure(1, 1)


def save_figure(path: str | os.PathLike[str], data: str, recipe: Recipe, outcomes: Sequence[Outcome]) -> None:
    """Draw the figure to a file that ends in .svg or .png; `data` is the name of the data set.

    Raises:
        InputError: as `check_name`, and for a path that cannot be written.
    """
    check_name(path)
    if picture_kind(path) == "svg":
        write_text(path, svg(data, recipe, outcomes))
    else:
        _png(path, data, recipe, outcomes)


def _networks(outcomes: Sequence[Outcome]) -> list[str]:
    return [*dict.fromkeys(outcome.network for outcome in outcomes)]


def _panels(recipe: Recipe, outcomes: Sequence[Outcome]) -> list[_Panel]:
    places = tuple(k / (recipe.points - 1) for k in range(recipe.points))
    answer = []
    for network in _networks(outcomes):
        lines = [outcome.lines for outcome in outcomes if outcome.network == network]
        for metric in METRICS:
            series = {}
            for way in (*SEGMENTS, *_LEVELS):
                found = [line[way].losses if metric == "loss" else line[way].accuracies for line in lines]
                drawn = [interval(column) for column in zip(*found, strict=True)]
                if metric == "accuracy":  # no interval of a share reaches further
                    drawn = [(mean, max(low, 0.0), min(high, 1.0)) for mean, low, high in drawn]
                series[way] = drawn
            answer.append(_Panel(f"{network}: held-out {metric}", places, series))
    return answer


def svg(data: str, recipe: Recipe, outcomes: Sequence[Outcome]) -> str:
    """The figure as SVG text; the same outcomes give the same text."""
    panels = _panels(recipe, outcomes)
    width, height = 2 * _WIDTH, _HEIGHT * len(_networks(outcomes)) + _LEGEND
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        lines += _drawn(panel, (number % 2) * _WIDTH, (number // 2) * _HEIGHT)
    base = height - _LEGEND + 16
    for number, (way, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + number * 132
        dash = ' stroke-dasharray="6 4"' if way in _LEVELS else ""
        lines.append(f'<path d="M{x} {base}h24" stroke="{colour}" stroke-width="2"{dash}/>')
        lines.append(f'<text x="{x + 30}" y="{base + 4}">{way}</text>')
    lines.append(f'<text x="{_LEFT}" y="{base + 26}" fill="#555">{escape(_caption(data, recipe, outcomes))}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _caption(data: str, recipe: Recipe, outcomes: Sequence[Outcome]) -> str:
    normalised = f"; BatchNorm statistics {recipe.batchnorm}" if "resnet" in _networks(outcomes) else ""
    seeds = len({outcome.seed for outcome in outcomes})
    return f"{data}, {recipe.division} halves, mean of {seeds} seeds with 95 % intervals{normalised}"


def _drawn(panel: _Panel, left: float, top: float) -> list[str]:
    low, high = panel.range
    marks = ticks(low, high if high > low else low + 1)
    x0, x1, y0, y1 = left + _LEFT, left + _WIDTH - _RIGHT, top + _HEIGHT - _BOTTOM, top + _TOP

    def at(t: float, value: float) -> str:
        y = y0 - (value - marks[0]) / (marks[-1] - marks[0]) * (y0 - y1)
        return f"{x0 + t * (x1 - x0):.1f},{y:.1f}"

    def row(value: float) -> float:
        return float(at(0, value).split(",")[1])

    lines = [f'<text x="{(x0 + x1) / 2:.1f}" y="{y1 - 12}" text-anchor="middle">{escape(panel.title)}</text>']
    for mark in marks:
        lines.append(f'<path d="M{x0} {row(mark)}H{x1}" stroke="#ddd"/>')
        lines.append(f'<text x="{x0 - 8}" y="{row(mark) + 4:.1f}" text-anchor="end">{mark:.4g}</text>')
    for t in (0, 0.25, 0.5, 0.75, 1):
        x = x0 + t * (x1 - x0)
        lines.append(f'<text x="{x:.1f}" y="{y0 + 18}" text-anchor="middle">{t:g}</text>')
    lines.append(f'<text x="{(x0 + x1) / 2:.1f}" y="{y0 + 36}" text-anchor="middle">t, from A (0) to B (1)</text>')
    for way in _LEVELS:
        mean, below, above = panel.series[way][0]
        corners = [at(0, below), at(1, below), at(1, above), at(0, above)]
        lines.append(f'<polygon points="{" ".join(corners)}" fill="{_COLOURS[way]}" fill-opacity="0.12"/>')
        lines.append(
            f'<path d="M{x0} {row(mean)}H{x1}" stroke="{_COLOURS[way]}" stroke-width="2" stroke-dasharray="6 4"/>'
        )
    for way in SEGMENTS:
        found = list(zip(panel.places, panel.series[way], strict=True))
        band = [at(t, below) for t, (_, below, _) in found] + [at(t, above) for t, (_, _, above) in found[::-1]]
        lines.append(f'<polygon points="{" ".join(band)}" fill="{_COLOURS[way]}" fill-opacity="0.18"/>')
        spots = " ".join(at(t, mean) for t, (mean, _, _) in found)
        lines.append(f'<polyline points="{spots}" fill="none" stroke="{_COLOURS[way]}" stroke-width="2"/>')
    return lines


def _png(path: str | os.PathLike[str], data: str, recipe: Recipe, outcomes: Sequence[Outcome]) -> None:
    panels = _panels(recipe, outcomes)
    figure = new_figure(2 * _WIDTH / 100, (_HEIGHT * len(_networks(outcomes)) + _LEGEND) / 100)
    figure.set_layout_engine("constrained")
    grid: Any = figure.subplots(len(_networks(outcomes)), 2, squeeze=False)
    handles: list[Any] = []
    for panel, axes in zip(panels, grid.flat, strict=True):
        handles = _plotted(panel, axes)
    figure.suptitle(_caption(data, recipe, outcomes), fontsize=9)
    figure.legend(handles, list(_COLOURS), loc="outside lower center", ncols=len(_COLOURS), fontsize=8)
    save_png(path, figure)


def _plotted(panel: _Panel, axes: Any) -> list[Any]:
    """Draw one panel; what stands for each way in the legend."""
    handles = []
    for way, colour in _COLOURS.items():
        mean, below, above = (np.array(column) for column in zip(*panel.series[way], strict=True))
        if way in _LEVELS:
            handles.append(axes.axhline(mean[0], color=colour, linestyle="--"))
            axes.axhspan(below[0], above[0], color=colour, alpha=0.12)
        else:
            (line,) = axes.plot(panel.places, mean, color=colour)
            handles.append(line)
            axes.fill_between(panel.places, below, above, color=colour, alpha=0.18, linewidth=0)
    axes.set_title(panel.title, fontsize=10)
    axes.set_xlabel("t, from A (0) to B (1)")
    return handles
