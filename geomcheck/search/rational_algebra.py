"""Linear algebra over ℚ for constructions: solving, null spaces and rational spectra, by python-flint's `fmpq_mat`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import flint

from geomcheck.fields.rationals import to_fraction

RationalMatrix: TypeAlias = Any
"""A flint `fmpq_mat`."""

Vector: TypeAlias = list[Fraction]
Rows: TypeAlias = Sequence[Sequence[Fraction]]


def matrix(rows: Rows, columns: int | None = None) -> RationalMatrix:
    """The matrix with these rows; `columns` is needed when there is no row.

    >>> matrix([[Fraction(1, 2), Fraction(0)]])
    [1/2, 0]
    """
    width = len(rows[0]) if columns is None else columns
    return flint.fmpq_mat(len(rows), width, [_element(x) for row in rows for x in row])


def rows_of(m: RationalMatrix) -> list[Vector]:
    """The rows as Fractions."""
    flat = [to_fraction(x) for x in m.entries()]
    width = m.ncols()
    return [flat[i * width : (i + 1) * width] for i in range(m.nrows())]


def column(vector: Iterable[Fraction]) -> RationalMatrix:
    """A vector as one column."""
    entries = [_element(x) for x in vector]
    return flint.fmpq_mat(len(entries), 1, entries)


def flat(m: RationalMatrix) -> Vector:
    """All entries, row by row."""
    return [to_fraction(x) for x in m.entries()]


def identity(n: int) -> RationalMatrix:
    """The (n, n) identity."""
    return flint.fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def null_space(m: RationalMatrix) -> list[Vector]:
    """A basis of {v : M v = 0} in primitive integers, one vector for each free column.

    >>> null_space(matrix([[Fraction(1), Fraction(2)]]))
    [[Fraction(-2, 1), Fraction(1, 1)]]
    """
    reduced, rank = m.rref()
    pivots = _pivots(reduced, rank)
    free = [j for j in range(m.ncols()) if j not in set(pivots)]
    basis = []
    for j in free:
        vector = [Fraction(0)] * m.ncols()
        vector[j] = Fraction(1)
        for i, pivot in enumerate(pivots):
            vector[pivot] = -to_fraction(reduced[i, j])
        basis.append(primitive(vector))
    return basis


def solution(m: RationalMatrix, right: RationalMatrix) -> RationalMatrix | None:
    """Some X with M X = B (free unknowns 0), or None when there is none."""
    unknowns, width = m.ncols(), right.ncols()
    left_rows, right_rows = m.tolist(), right.tolist()
    entries = [x for i in range(m.nrows()) for x in (*left_rows[i], *right_rows[i])]
    joined = flint.fmpq_mat(m.nrows(), unknowns + width, entries)
    reduced, rank = joined.rref()
    pivots = _pivots(reduced, rank)
    if pivots and pivots[-1] >= unknowns:
        return None
    found = flint.fmpq_mat(unknowns, width)
    for i, pivot in enumerate(pivots):
        for j in range(width):
            found[pivot, j] = reduced[i, unknowns + j]
    return found


def least_squares(m: RationalMatrix, right: RationalMatrix, ridge: Fraction = Fraction(0)) -> RationalMatrix:
    """Some X with MᵀM X + ridge X = MᵀB: the exact minimisers of ½‖M X − B‖² + ½ ridge ‖X‖²."""
    normal = m.transpose() * m + identity(m.ncols()) * _element(ridge)
    found = solution(normal, m.transpose() * right)
    assert found is not None, "normal equations always have a solution"
    return found


def rational_spectrum(m: RationalMatrix) -> list[tuple[Fraction, list[Vector]]] | None:
    """Eigenvalues of a symmetric matrix, largest first, each with a basis of its eigenspace; None if one is irrational.

    >>> rational_spectrum(matrix([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]]))[0][0]
    Fraction(1, 1)
    """
    values = []
    for factor, _ in m.charpoly().factor()[1]:
        if factor.degree() != 1:
            return None
        values.append(to_fraction(-factor[0] / factor[1]))
    return [(value, null_space(m - identity(m.nrows()) * _element(value))) for value in sorted(values, reverse=True)]


def primitive(vector: Vector) -> Vector:
    """The multiple with coprime integer entries and the same signs."""
    from math import gcd, lcm

    scale = lcm(*(x.denominator for x in vector))
    common = gcd(*(int(x * scale) for x in vector))
    return [x * scale / common for x in vector] if common else vector


def _pivots(reduced: RationalMatrix, rank: int) -> list[int]:
    pivots = []
    j = 0
    for i in range(rank):
        while reduced[i, j] == 0:
            j += 1
        pivots.append(j)
    return pivots


def _element(value: Fraction) -> Any:
    return flint.fmpq(value.numerator, value.denominator)
