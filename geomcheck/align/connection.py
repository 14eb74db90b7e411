"""What ``gc.connect`` found: a graph of models and paths of low loss, and its picture.

In the picture the models stand on a circle; solid lines are certified, dashed ones sampled.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from math import cos, pi, sin
from typing import TYPE_CHECKING, Final, Literal, final

from geomcheck.align.paths import Kind, Path
from geomcheck.align.png import new_figure, picture_kind, save_png
from geomcheck.atomic_write import write_text

if TYPE_CHECKING:
    import networkx

__all__ = ["Connection", "Edge", "graph_svg", "save_graph"]

_SIZE, _RADIUS = 560, 190
_CAPTION: Final = "solid: certified, dashed: sampled; with the greatest loss"
_COLOURS: Final = {"straight": "#1b6ca8", "aligned": "#3a7d44", "polygon": "#c8553d", "bezier": "#7b4b94"}


@final
@dataclass(frozen=True)
class Edge:
    """One path: its kind, the greatest loss found on it and where, and what is known of the loss all along it.

    ``evidence`` is "sampled" (the losses on a grid, in floats) or "certified": everywhere on the path the loss of real
    arithmetic is at most ``bound``. ``low`` says that it exceeds the greater loss of its ends nowhere, as far as the
    evidence goes, by more than the tolerance. The path ends at a copy of model B with permuted hidden units if
    ``permuted``.
    """

    kind: Kind
    evidence: Literal["sampled", "certified"]
    max_loss: float
    place: float
    bound: float | None
    permuted: bool
    low: bool
    path: Path = field(repr=False)


@final
@dataclass(frozen=True)
class Connection:
    """``graph``: nodes with their ``loss``, joined by the edges that are low; every edge has its `Edge` as ``edge``.

    ``missed`` are the best paths that were found but are not low, by pair of names.
    """

    graph: networkx.Graph[str] = field(repr=False)
    tolerance: float
    missed: Mapping[tuple[str, str], Edge]

    @property
    def connected(self) -> list[list[str]]:
        """The models that certified paths connect, up to permutations of hidden units where a path needed one."""
        import networkx

        sure = networkx.Graph()
        sure.add_nodes_from(self.graph.nodes)
        sure.add_edges_from((a, b) for a, b, edge in self.edges() if edge.evidence == "certified")
        return [sorted(part) for part in networkx.connected_components(sure)]

    def edges(self) -> list[tuple[str, str, Edge]]:
        """The low paths: two names and the evidence."""
        return [(a, b, values["edge"]) for a, b, values in self.graph.edges(data=True)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Draw the graph to an SVG file, or a PNG file where matplotlib is installed."""
        save_graph(path, self)

    def __repr__(self) -> str:
        low = self.edges()
        sure = sum(edge.evidence == "certified" for _, _, edge in low)
        return (
            f"Connection(models={len(self.graph)}, low paths={len(low)} ({sure} certified), missed={len(self.missed)}, "
            f"tolerance={self.tolerance:g})"
        )


def save_graph(path: str | os.PathLike[str], found: Connection) -> None:
    """Draw the graph to a file that ends in .svg or .png.

    Raises:
        InputError: for another ending, for .png without matplotlib, and for a path that cannot be written.
    """
    if picture_kind(path) == "svg":
        write_text(path, graph_svg(found))
    else:
        _png(path, found)


def places(found: Connection) -> dict[str, tuple[float, float]]:
    """Where the models stand on a circle around 0 of radius 1, the first one on top."""
    count = len(found.graph)
    return {name: (sin(2 * pi * k / count), -cos(2 * pi * k / count)) for k, name in enumerate(found.graph.nodes)}


def graph_svg(found: Connection) -> str:
    """The picture as SVG text; the same graph gives the same text."""
    middle = _SIZE / 2
    at = {name: (middle + _RADIUS * x, middle + _RADIUS * y) for name, (x, y) in places(found).items()}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="white"/>',
    ]
    for a, b, edge in found.edges():
        (x, y), (u, v) = at[a], at[b]
        dashes = "" if edge.evidence == "certified" else ' stroke-dasharray="6 4"'
        colour = _COLOURS[edge.kind]
        lines.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{u:.1f}" y2="{v:.1f}" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
        text = f"{edge.kind} {edge.max_loss:.3g}"
        lines.append(
            f'<text x="{(x + u) / 2:.1f}" y="{(y + v) / 2 - 5:.1f}" text-anchor="middle" fill="{colour}">{text}</text>'
        )
    for name, (x, y) in at.items():
        loss = found.graph.nodes[name]["loss"]
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#333"/>')
        below = 22 if y >= middle else -14
        lines.append(f'<text x="{x:.1f}" y="{y + below:.1f}" text-anchor="middle">{escape(name)}: {loss:.3g}</text>')
    lines.append(f'<text x="12" y="{_SIZE - 12}">{_CAPTION}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _png(path: str | os.PathLike[str], found: Connection) -> None:
    figure = new_figure(5.6, 5.6)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    at = {name: (x, -y) for name, (x, y) in places(found).items()}
    for a, b, edge in found.edges():
        style = "-" if edge.evidence == "certified" else "--"
        axes.plot(*zip(at[a], at[b], strict=True), style, color=_COLOURS[edge.kind])
        middle = ((at[a][0] + at[b][0]) / 2, (at[a][1] + at[b][1]) / 2)
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        label = f"{edge.kind} {edge.max_loss:.3g}"
        axes.annotate(label, middle, color=_COLOURS[edge.kind], ha="center", va="center", bbox=plain)
    for name, place in at.items():
        axes.plot(*place, "o", color="#333333")
        text = f"{name}: {found.graph.nodes[name]['loss']:.3g}"
        shift = (0, -18 if place[1] <= 0 else 10)
        axes.annotate(text, place, xytext=shift, textcoords="offset points", ha="center")
    figure.text(0.02, 0.02, _CAPTION)
    axes.set_axis_off()
    axes.margins(0.3)
    save_png(path, figure)
