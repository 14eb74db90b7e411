"""Ranks, kernels, determinants and inertias of small rational matrices, each by a textbook method of its own.

Nothing here is fast. The routes are meant to be independent of the engine's and of each other: elimination with
Fractions, fraction-free elimination of integers (Bareiss), the characteristic polynomial (Faddeev and LeVerrier) with
Descartes' rule of signs, which is exact for a symmetric matrix because all of its roots are real.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

Rows = list[list[Fraction]]


def product(left: Sequence[Sequence[Fraction]], right: Sequence[Sequence[Fraction]]) -> Rows:
    """The matrix product."""
    columns = len(right[0]) if right else 0
    return [[sum((x * row[j] for x, row in zip(line, right, strict=True) if x and row[j]), Fraction(0))
             for j in range(columns)] for line in left]  # fmt: skip


def transposed(rows: Sequence[Sequence[Fraction]]) -> Rows:
    """The transpose of a matrix with at least one row."""
    return [list(column) for column in zip(*rows, strict=True)]


def combined(left: Rows, right: Rows, factor: int) -> Rows:
    """The sum left + factor · right."""
    return [[x + factor * y for x, y in zip(p, q, strict=True)] for p, q in zip(left, right, strict=True)]


def echelon(rows: Rows) -> tuple[Rows, list[int]]:
    """The reduced echelon form and its pivot columns, in Fractions.

    >>> echelon([[Fraction(2), Fraction(4)], [Fraction(1), Fraction(2)]])[1]
    [0]
    """
    rows, pivots = [list(row) for row in rows], list[int]()
    for column in range(len(rows[0]) if rows else 0):
        top = len(pivots)
        place = next((i for i in range(top, len(rows)) if rows[i][column]), None)
        if place is None:
            continue
        rows[top], rows[place] = rows[place], rows[top]
        rows[top] = [x / rows[top][column] for x in rows[top]]
        for i in range(len(rows)):
            if i != top and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[top], strict=True)]
        pivots.append(column)
    return rows, pivots


def rank(rows: Rows) -> int:
    """By elimination in Fractions."""
    return len(echelon(rows)[1])


def kernel(rows: Rows, columns: int) -> Rows:
    """A basis of {v : M v = 0}, one vector a row."""
    reduced, pivots = echelon(rows)
    basis = []
    for free in (j for j in range(columns) if j not in pivots):
        vector = [Fraction(int(j == free)) for j in range(columns)]
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def whole(rows: Rows) -> list[list[int]]:
    """A row multiple of each row, with whole entries."""
    scales = [lcm(*(Fraction(x).denominator for x in row)) for row in rows]
    return [[int(x * scale) for x in row] for row, scale in zip(rows, scales, strict=True)]


def bareiss_rank(rows: Rows) -> int:
    """By fraction-free elimination (Bareiss 1968): every division is exact.

    >>> bareiss_rank([[Fraction(1, 2), Fraction(1)], [Fraction(1), Fraction(2)], [Fraction(0), Fraction(1)]])
    2
    """
    table, found, previous = whole(rows), 0, 1
    for column in range(len(table[0]) if table else 0):
        place = next((i for i in range(found, len(table)) if table[i][column]), None)
        if place is None:
            continue
        table[found], table[place] = table[place], table[found]
        top = table[found]
        for i in range(found + 1, len(table)):
            line = table[i]
            mixed = (top[column] * x - line[column] * y for x, y in zip(line, top, strict=True))
            table[i] = [value // previous for value in mixed]
        previous, found = top[column], found + 1
    return found


def characteristic(rows: Rows) -> list[Fraction]:
    """c_0 = 1, c_1, …, c_n with det(z − M) = Σ c_k z^{n−k} (Faddeev and LeVerrier)."""
    size, coefficients = len(rows), [Fraction(1)]
    power = [[Fraction(0)] * size for _ in range(size)]
    for k in range(1, size + 1):
        shifted = [[x + coefficients[-1] * (i == j) for j, x in enumerate(row)] for i, row in enumerate(power)]
        power = product(rows, shifted)
        coefficients.append(-sum((power[i][i] for i in range(size)), Fraction(0)) / k)
    return coefficients


def determinant(rows: Rows) -> Fraction:
    """From the characteristic polynomial."""
    last = characteristic(rows)[-1]
    return -last if len(rows) % 2 else last


def descartes_inertia(rows: Rows) -> tuple[int, int, int]:
    """(positive, negative, zero) eigenvalues of a symmetric matrix, by the signs of its characteristic polynomial.

    All n roots are real, so Descartes' bound on the positive ones, and that on the negative ones, is attained.

    >>> descartes_inertia([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]])
    (1, 1, 0)
    """
    coefficients = characteristic(rows)
    turned = [c * (-1) ** k for k, c in enumerate(coefficients)]
    zero = next(k for k, c in enumerate(reversed(coefficients)) if c)
    return _changes(coefficients), _changes(turned), zero


def _changes(coefficients: list[Fraction]) -> int:
    signs = [c > 0 for c in coefficients if c]
    return sum(a != b for a, b in pairwise(signs))


def diagonalising(rows: Rows) -> Rows:
    """A basis, one vector a column, in which an invertible symmetric form is diagonal (Lagrange).

    >>> [[str(x) for x in row] for row in diagonalising([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]])]
    [['1', '-1/2'], ['1', '1/2']]
    """
    units = [[Fraction(int(i == j)) for j in range(len(rows))] for i in range(len(rows))]
    found: Rows = []

    def form(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
        return product(product([list(u)], rows), [[x] for x in v])[0][0]

    while units:
        pairs = [(u, u) for u in units] + [(u, v) for u in units for v in units if u is not v]
        u, v = next(pair for pair in pairs if form(*pair))
        pivot = u if u is v else [x + y for x, y in zip(u, v, strict=True)]
        units.remove(u)
        size = form(pivot, pivot)
        units = [[x - form(w, pivot) / size * y for x, y in zip(w, pivot, strict=True)] for w in units]
        found.append(pivot)
    return transposed(found) if found else []


def pivoted_inertia(rows: Rows) -> tuple[int, int, int]:
    """(positive, negative, zero) by congruences: a diagonal pivot where there is one, else e_i + e_j for e_i.

    >>> pivoted_inertia([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]])
    (1, 1, 0)
    """
    left, signs = [list(row) for row in rows], list[int]()
    while left and any(any(row) for row in left):
        size = range(len(left))
        place = next((i for i in size if left[i][i]), None)
        if place is None:
            i, j = next((i, j) for i in size for j in size if left[i][j])
            left[i] = [x + y for x, y in zip(left[i], left[j], strict=True)]
            for row in left:
                row[i] += row[j]
            place = i
        top = left[place]
        signs.append(1 if top[place] > 0 else -1)
        left = [[left[i][j] - left[i][place] * top[j] / top[place] for j in size if j != place]
                for i in size if i != place]  # fmt: skip
    return signs.count(1), signs.count(-1), len(rows) - len(signs)
