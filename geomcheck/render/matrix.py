"""Small matrices as aligned text, side by side where they fit."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "MAX_ENTRY",
    "MAX_SIDE",
    "abridged",
    "beside",
    "is_constant",
    "is_large_zero",
    "matrix_lines",
    "shape_words",
    "whole_lines",
]

Rows = Sequence[Sequence[str]]

MAX_SIDE = 12
MAX_ENTRY = 40
_MAX_ROWS = 24
_SHOWN_ZEROS = 6


def abridged(rows: Rows, most: int = MAX_SIDE) -> list[list[str]]:
    """At most `most` rows and columns of it, a row or column of dots for the rest, and no entry over MAX_ENTRY.

    >>> abridged([["1"] * 30])
    [['1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '…']]
    """
    shown = [list(row) for row in rows]
    if len(shown) > most:
        shown = [*shown[: most - 1], ["⋮"] * len(shown[0])]
    if shown and len(shown[0]) > most:
        shown = [[*row[: most - 1], "⋱" if row[0] == "⋮" else "…"] for row in shown]
    return [[_short(entry) for entry in row] for row in shown]


def matrix_lines(rows: Rows, whole: bool = False) -> list[str]:
    r"""The matrix between brackets, columns aligned to the right; abridged unless it is wanted whole.

    >>> print("\n".join(matrix_lines([["1", "-1/2"], ["0", "3"]])))
    ⎡1  -1/2⎤
    ⎣0     3⎦
    """
    shown = [list(row) for row in rows] if whole else abridged(rows)
    if not shown or not shown[0]:
        return [f"(empty, {shape_words(rows)})"]
    widths = [max(len(row[j]) for row in shown) for j in range(len(shown[0]))]
    inner = ["  ".join(entry.rjust(width) for entry, width in zip(row, widths, strict=True)) for row in shown]
    if len(inner) == 1:
        return [f"[{inner[0]}]"]
    last = len(inner) - 1
    left = ["⎡" if i == 0 else "⎣" if i == last else "⎢" for i in range(len(inner))]
    right = ["⎤" if i == 0 else "⎦" if i == last else "⎥" for i in range(len(inner))]
    return [f"{a}{line}{b}" for a, line, b in zip(left, inner, right, strict=True)]


def whole_lines(rows: Rows, width: int) -> list[str] | None:
    """The matrix between brackets with nothing of it cut, or None where that is too high or too wide.

    >>> whole_lines([["1", "0"]], 80), whole_lines([["1" * 41]], 80)
    (['[1  0]'], None)
    """
    if len(rows) > _MAX_ROWS or any(len(entry) > MAX_ENTRY for row in rows for entry in row):
        return None
    body = matrix_lines(rows, whole=True)
    return body if len(body[0]) <= width else None


def is_large_zero(rows: Rows) -> bool:
    """Whether all entries are written 0, of a matrix larger than is worth showing for that.

    >>> is_large_zero([["0"] * 13] * 13), is_large_zero([["0"] * 2] * 2)
    (True, False)
    """
    return len(rows) > 0 and max(len(rows), len(rows[0])) > _SHOWN_ZEROS and all(e == "0" for row in rows for e in row)


def is_constant(rows: Rows) -> bool:
    """Whether there are entries, all written alike, and short.

    >>> is_constant([["1", "1"]]), is_constant([["1", "2"]]), is_constant([[]])
    (True, False, False)
    """
    entries = {entry for row in rows for entry in row}
    return len(entries) == 1 and len(rows[0][0]) <= MAX_ENTRY


def shape_words(rows: Rows) -> str:
    """The shape in words: ``2 × 3``.

    >>> shape_words([["1", "2", "3"], ["4", "5", "6"]])
    '2 × 3'
    """
    return f"{len(rows)} × {len(rows[0]) if rows else 0}"


def beside(named: Sequence[tuple[str, Rows]], width: int) -> list[str]:
    r"""Each matrix as ``name = [...]``, several on a row while the row stays within ``width`` columns.

    >>> print("\n".join(beside([("G", [["1", "0"], ["0", "1"]]), ("r", [["0"], ["0"]])], 40)))
    G = ⎡1  0⎤   r = ⎡0⎤
        ⎣0  1⎦       ⎣0⎦
    """
    lines: list[str] = []
    row: list[list[str]] = []
    used = 0
    for name, rows in named:
        block = _titled(name, rows, width)
        extent = len(block[0])
        if row and used + 3 + extent > width:
            lines += [*_joined(row)]
            row, used = [], 0
        used += extent + (3 if row else 0)
        row.append(block)
    return lines + _joined(row)


def _titled(name: str, rows: Rows, width: int) -> list[str]:
    whole = whole_lines(rows, width - len(name) - 3)
    body = matrix_lines(rows) if whole is None else whole
    cut = whole is None and (len(rows) > MAX_SIDE or (len(rows) > 0 and len(rows[0]) > MAX_SIDE))
    if is_large_zero(rows) or (cut and is_constant(rows)):
        body, cut = [f"{rows[0][0]} ({shape_words(rows)}{'' if rows[0][0] == '0' else ', in every entry'})"], False
    title = f"{name} ({shape_words(rows)}) = " if cut else f"{name} = "
    middle = (len(body) - 1) // 2
    lines = [(title if i == middle else " " * len(title)) + line for i, line in enumerate(body)]
    extent = max(len(line) for line in lines)
    return [line.ljust(extent) for line in lines]


def _joined(blocks: list[list[str]]) -> list[str]:
    height = max((len(block) for block in blocks), default=0)
    padded = []
    for block in blocks:
        above = (height - 1) // 2 - (len(block) - 1) // 2  # so that the named rows are in line
        blank = " " * len(block[0])
        padded.append([blank] * above + block + [blank] * (height - above - len(block)))
    return ["   ".join(parts).rstrip() for parts in zip(*padded, strict=True)]


def _short(entry: str) -> str:
    if len(entry) <= MAX_ENTRY:
        return entry
    kept = MAX_ENTRY // 2 - 1
    return f"{entry[:kept]}…{entry[-kept:]}"
