"""What kind a picture is, by its name; PNG pictures by matplotlib, where that is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from geomcheck.atomic_write import writing
from geomcheck.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["new_figure", "picture_kind", "save_png"]


def picture_kind(path: str | os.PathLike[str], what: str = "picture") -> Literal["svg", "png"]:
    """By the ending of the name; InputError for any other ending, where ``what`` says whose name it is.

    >>> picture_kind("curve.svg")
    'svg'
    """
    name = os.fspath(path)
    if name.endswith(".svg"):
        return "svg"
    if name.endswith(".png"):
        return "png"
    raise InputError(f"{what}: expected a name that ends in .svg or .png, got path={name!r}; name it so")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches.

    Raises:
        InputError: without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "expected matplotlib for a PNG picture, which is not installed; name the picture .svg, or install it: "
            'python -m pip install "geomcheck[experiments]"'
        ) from None
    return Figure(figsize=(width, height))


def save_png(path: str | os.PathLike[str], figure: Figure) -> None:
    """Write it whole at 150 dots an inch; InputError for a path that cannot be written."""
    with writing(path) as stream:
        figure.savefig(stream, dpi=150, format="png")
