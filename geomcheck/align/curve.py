"""The loss along a segment, and its picture: an SVG written by hand, or a PNG by matplotlib where that is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Final, Literal, final

from geomcheck.align.png import new_figure, picture_kind, save_png
from geomcheck.atomic_write import write_text
from geomcheck.errors import InputError, described

__all__ = ["Curve", "save_picture", "svg", "ticks"]

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 400, 70, 20, 30, 50
_COLOURS: Final = ("#1b6ca8", "#c8553d", "#3a7d44", "#7b4b94", "#8a6d1d")


@final
@dataclass(frozen=True)
class Curve:
    """Loss (mean over samples) and, for class targets, accuracy at (1 - t) A + t B on an even grid of t in [0, 1].

    The maximum is that of the grid, not of the whole segment.
    """

    places: tuple[float, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...] | None
    batchnorm: str

    def barrier(self, baseline: Literal["mean", "linear"] = "linear") -> float:
        """The barrier on the grid, by either definition; they agree when both ends have the same loss.

        "mean": max L(t) - (L(0) + L(1)) / 2 (Frankle et al. 2020). "linear": max of L(t) - (1 - t) L(0) - t L(1)
        (Entezari et al. 2021), which is never negative.

        >>> curve = Curve((0.0, 0.5, 1.0), (0.0, 0.25, 1.0), None, "as-is")
        >>> curve.barrier("mean"), curve.barrier("linear")
        (0.5, 0.0)
        """
        if baseline not in ("mean", "linear"):
            raise InputError(f"baseline: expected mean or linear, got {described('baseline', baseline)}")
        first, last = self.losses[0], self.losses[-1]
        if baseline == "mean":
            return max(self.losses) - (first + last) / 2
        return max(loss - (1 - t) * first - t * last for t, loss in zip(self.places, self.losses, strict=True))

    def save(self, path: str) -> None:
        """Draw the curve to an SVG file, or a PNG file where matplotlib is installed."""
        save_picture(path, {"loss": self})

    def __repr__(self) -> str:
        return (
            f"Curve(points={len(self.places)}, ends=({self.losses[0]:.4g}, {self.losses[-1]:.4g}), "
            f"barrier mean={self.barrier('mean'):.4g}, linear={self.barrier('linear'):.4g}, "
            f"batchnorm={self.batchnorm!r})"
        )


def save_picture(path: str | os.PathLike[str], curves: Mapping[str, Curve]) -> None:
    """Draw losses over t, one line a curve, to a file that ends in .svg or .png.

    Raises:
        InputError: for another ending, for a curve that is not finite, for .png without matplotlib, and for a path that
            cannot be written.
    """
    kind = picture_kind(path)
    if any(not isfinite(loss) for curve in curves.values() for loss in curve.losses):
        raise InputError("expected finite losses to draw, got NaN or infinity along the segment")
    if kind == "svg":
        write_text(path, svg(curves))
    else:
        _png(path, curves)


def svg(curves: Mapping[str, Curve]) -> str:
    """The picture as SVG text; the same curves give the same text."""
    top = max(loss for curve in curves.values() for loss in curve.losses)
    bottom = min(0.0, *(loss for curve in curves.values() for loss in curve.losses))
    marks = ticks(bottom, top if top > bottom else bottom + 1)
    low, high = marks[0], marks[-1]

    def at(t: float, loss: float) -> tuple[float, float]:
        x = _LEFT + t * (_WIDTH - _LEFT - _RIGHT)
        return x, _HEIGHT - _BOTTOM - (loss - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tick in marks:
        y = at(0, tick)[1]
        lines.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.6g}</text>')
    for t in (0, 0.25, 0.5, 0.75, 1):
        x = at(t, low)[0]
        lines.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{t:g}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    lines.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">t, from A (0) to B (1)</text>')
    lines.append(f'<text x="{_LEFT}" y="{_TOP - 12}">loss</text>')
    for number, (label, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        spots = " ".join("{:.1f},{:.1f}".format(*at(t, v)) for t, v in zip(curve.places, curve.losses, strict=True))
        lines.append(f'<polyline points="{spots}" fill="none" stroke="{colour}" stroke-width="2"/>')
        text = f"{label}: barrier {curve.barrier('mean'):.4g} (mean), {curve.barrier('linear'):.4g} (linear)"
        lines.append(
            f'<text x="{_WIDTH - _RIGHT - 6}" y="{_TOP + 14 + 16 * number}" text-anchor="end" '
            f'fill="{colour}">{escape(text)}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def ticks(low: float, high: float) -> Sequence[float]:
    """About five round numbers that enclose the interval.

    >>> [round(tick, 6) for tick in ticks(0, 1.1)]
    [0.0, 0.5, 1.0, 1.5]
    """
    raw = (high - low) / 4
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [k * step for k in range(floor(low / step), ceil(high / step) + 1)]


def _png(path: str | os.PathLike[str], curves: Mapping[str, Curve]) -> None:
    figure = new_figure(6.4, 4.0)
    axes = figure.add_subplot()
    for label, curve in curves.items():
        text = f"{label}: barrier {curve.barrier('mean'):.4g} (mean), {curve.barrier('linear'):.4g} (linear)"
        axes.plot(curve.places, curve.losses, label=text)
    axes.set_xlabel("t, from A (0) to B (1)")
    axes.set_ylabel("loss")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)  # above the curves, never on them
    figure.subplots_adjust(top=0.95 - 0.06 * len(curves))
    save_png(path, figure)
