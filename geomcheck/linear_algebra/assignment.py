"""The linear assignment problem, exactly: min Σ c[i][s(i)] over permutations s of a square matrix of rationals.

Shortest augmenting paths with potentials u, v (Kuhn 1955, Munkres 1957; Jonker and Volgenant 1987): throughout
c[i][j] − u_i − v_j ≥ 0, with equality on what is assigned, so that Σ u + Σ v is a lower bound that the result reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from geomcheck.errors import InputError


def assignment(costs: Sequence[Sequence[Fraction]]) -> tuple[int, ...]:
    """The images s(0), s(1), … of a cheapest assignment; raises ``InputError`` for a matrix that is not square.

    >>> assignment([[Fraction(x) for x in row] for row in ([5, -1, 10], [2, 5, -3], [7, 0, 4])])
    (0, 2, 1)
    """
    size = len(costs)
    if any(len(row) != size for row in costs):
        raise InputError(f"expected a square matrix of costs, got {size} rows of {sorted({len(row) for row in costs})}")
    scale = lcm(*(x.denominator for row in costs for x in row)) if size else 1
    whole = [[int(x * scale) for x in row] for row in costs]
    rows, columns = [0] * size, [0] * (size + 1)
    owner = [-1] * (size + 1)  # the row that each column is assigned to; the last column is where each search starts
    for row in range(size):
        owner[size], column = row, size
        distance: list[int | None] = [None] * size
        before, reached = [size] * size, [False] * (size + 1)
        while owner[column] >= 0:
            reached[column] = True
            here, nearest, gap = owner[column], -1, 0
            for j in range(size):
                if reached[j]:
                    continue
                slack = whole[here][j] - rows[here] - columns[j]
                known = distance[j]
                if known is None or slack < known:
                    known = distance[j] = slack
                    before[j] = column
                if nearest < 0 or known < gap:
                    nearest, gap = j, known
            for j in range(size + 1):
                if reached[j]:
                    rows[owner[j]] += gap
                    columns[j] -= gap
                elif j < size and (known := distance[j]) is not None:
                    distance[j] = known - gap
            column = nearest
        while column != size:
            owner[column] = owner[before[column]]
            column = before[column]
        owner[size] = -1
    images = [0] * size
    for j in range(size):
        images[owner[j]] = j
    reaches = sum(whole[i][j] for i, j in enumerate(images)) == sum(rows) + sum(columns[:size])
    feasible = all(whole[i][j] >= rows[i] + columns[j] for i in range(size) for j in range(size))
    if not (reaches and feasible):
        raise AssertionError("the potentials of an assignment do not prove it")
    return tuple(images)
