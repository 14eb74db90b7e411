"""Matrices that no block of brackets holds, entry by entry: zeros are left out, what symmetry repeats is named once."""

from __future__ import annotations

from collections.abc import Sequence

from geomcheck.render.matrix import shape_words

__all__ = ["entry_lines", "is_sparse"]

Rows = Sequence[Sequence[str]]


def is_sparse(rows: Rows, most: int) -> bool:
    """Whether at most ``most`` lines say which entries are not 0, and what they are.

    >>> is_sparse([["0"] * 13] * 12 + [["1"] * 13], 5), is_sparse([["0"] * 13] * 13, 5)
    (False, True)
    """
    return sum(entry != "0" for row in rows for entry in row) <= most * (1 + _is_symmetric(rows))


def entry_lines(name: str, rows: Rows, width: int, most: int) -> list[str]:
    r"""A headline and the entries that are not 0, one a line: at most ``most`` of them, none wider than ``width``.

    >>> print("\n".join(entry_lines("H", [["0", "-1", "0"], ["-1", "0", "0"], ["0", "0", "2"]], 60, 10)))
    3 × 3, symmetric; entries not shown are 0
    H[0, 1] = H[1, 0] = -1
    H[2, 2]           = 2
    """
    if not any(entry != "0" for row in rows for entry in row):
        return [f"0 ({shape_words(rows)})"]
    symmetric = _is_symmetric(rows) and len(rows) > 1
    named = name if name.replace("_", "").isalnum() else f"({name})"
    found = [
        ((i, j), entry)
        for i, row in enumerate(rows)
        for j, entry in enumerate(row)
        if entry != "0" and not (symmetric and i > j)
    ]
    labels = [
        f"{named}[{i}, {j}]" + (f" = {named}[{j}, {i}]" if symmetric and i != j else "") for (i, j), _ in found[:most]
    ]
    column = max(map(len, labels))
    head = shape_words(rows) + (", symmetric" if symmetric else "")
    lines = [head + ("; entries not shown are 0" if any(entry == "0" for row in rows for entry in row) else "")]
    lines += [
        f"{label:<{column}} = {_cut(entry, max(width - column - 3, 8))}"
        for label, (_, entry) in zip(labels, found, strict=False)
    ]
    if len(found) > most:
        lines.append(f"… and {len(found) - most} entries more")
    return lines


def _cut(entry: str, room: int) -> str:
    if len(entry) <= room:
        return entry
    head = (room - 1) // 2
    return f"{entry[:head]}…{entry[len(entry) - (room - 1 - head) :]}"


def _is_symmetric(rows: Rows) -> bool:
    """Whether the matrix is square and its entries are written as those of its transpose are."""
    return len(rows) == len(rows[0]) and all(
        row == column for row, column in zip(map(tuple, rows), zip(*rows, strict=True), strict=True)
    )
