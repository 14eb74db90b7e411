"""Small exact linear algebra over ℚ: elimination, ranks, and whether a vector lies in a cone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

from geomcheck.linear_algebra.linear_program import minimise

Vector: TypeAlias = tuple[Fraction, ...]

ZERO, ONE = Fraction(0), Fraction(1)


def combination(weights: Iterable[Fraction], vectors: Iterable[Sequence[Fraction]], size: int) -> Vector:
    """Σ weight · vector, of length `size`."""
    total = [ZERO] * size
    for weight, vector in zip(weights, vectors, strict=True):
        if weight:
            total = [a + weight * b for a, b in zip(total, vector, strict=True)]
    return tuple(total)


def echelon(rows: Iterable[Sequence[Fraction]]) -> tuple[list[int], list[list[Fraction]]]:
    """The pivot columns and the nonzero rows of the reduced row echelon form.

    >>> echelon([(Fraction(2), Fraction(4)), (Fraction(1), Fraction(2))])
    ([0], [[Fraction(1, 1), Fraction(2, 1)]])
    """
    pivots: list[int] = []
    reduced: list[list[Fraction]] = []
    for row in rows:
        left = list(row)
        for column, other in zip(pivots, reduced, strict=True):
            if left[column]:
                left = [a - left[column] * b for a, b in zip(left, other, strict=True)]
        place = next((j for j, entry in enumerate(left) if entry), None)
        if place is None:
            continue
        left = [entry / left[place] for entry in left]
        reduced = [[a - other[place] * b for a, b in zip(other, left, strict=True)] for other in reduced]
        pivots.append(place)
        reduced.append(left)
    return pivots, reduced


def rank(rows: Iterable[Sequence[Fraction]]) -> int:
    """The rank of a matrix given by its rows.

    >>> rank([(Fraction(1), Fraction(2)), (Fraction(2), Fraction(4))])
    1
    """
    return len(echelon(rows)[0])


def kernel(rows: Sequence[Sequence[Fraction]], size: int) -> list[Vector]:
    """A basis of {x ∈ ℚ^size : row · x = 0 for all rows}."""
    pivots, reduced = echelon(rows)
    basis = []
    for free in range(size):
        if free not in pivots:
            vector = [ZERO] * size
            vector[free] = ONE
            for column, row in zip(pivots, reduced, strict=True):
                vector[column] = -row[free]
            basis.append(tuple(vector))
    return basis


def product(left: Sequence[Sequence[Fraction]], right: Sequence[Sequence[Fraction]]) -> list[Vector]:
    """The matrix product, by rows; `right` has at least one row."""
    columns = list(zip(*right, strict=True))
    return [tuple(dot(row, column) for column in columns) for row in left]


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Σ a_i b_i."""
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


def in_cone(generators: Sequence[Vector], target: Vector) -> bool:
    """Whether target = Σ λ_i generator_i with all λ_i ≥ 0: a linear program without costs.

    >>> one, none = Fraction(1), Fraction(0)
    >>> in_cone([(one, none), (one, one)], (2 * one, one)), in_cone([(one, none), (one, one)], (none, one))
    (True, False)
    """
    rows = [{j: g[i] for j, g in enumerate(generators) if g[i]} for i in range(len(target))]
    return minimise([ZERO] * len(generators), rows, target) is not None
