"""A graph of pieces as an SVG picture: every component on its own circle, side by side."""

from __future__ import annotations

from html import escape
from math import ceil, cos, pi, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx

__all__ = ["cells_svg"]

_CELL, _LABELLED = 260, 40


def cells_svg(graph: networkx.Graph[str], title: str) -> str:
    """The picture as SVG text; the same graph gives the same text. Names stand beside the nodes of small graphs."""
    import networkx

    parts = sorted((sorted(part) for part in networkx.connected_components(graph)), key=lambda part: (-len(part), part))
    columns = max(1, ceil(sqrt(len(parts))))
    width, height = columns * _CELL, ceil(len(parts) / columns) * _CELL + 40
    at: dict[str, tuple[float, float]] = {}
    for number, part in enumerate(parts):
        x, y = (number % columns + 0.5) * _CELL, (number // columns + 0.5) * _CELL + 40
        radius = 0.0 if len(part) == 1 else 0.34 * _CELL
        for k, name in enumerate(part):
            angle = 2 * pi * k / len(part)
            at[name] = (x + radius * sin(angle), y - radius * cos(angle))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-size="14">{escape(title)}</text>',
    ]
    for a, b in sorted(sorted(edge) for edge in graph.edges):
        (x, y), (u, v) = at[a], at[b]
        ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{u:.1f}" y2="{v:.1f}"'
        lines.append(f'<line {ends} stroke="#1b6ca8" stroke-opacity="0.4"/>')
    for name, (x, y) in at.items():
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#333"/>')
        if len(graph) <= _LABELLED:
            lines.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"
