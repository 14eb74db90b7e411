"""Small exact numbers, vectors and matrices: smallest first, and every draw a function of the seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import TypeAlias

from geomcheck.problem.loss import Domain
from geomcheck.search.rational_algebra import RationalMatrix, identity, matrix, rows_of

Random: TypeAlias = random.Random
Vector: TypeAlias = list[Fraction]
Rows: TypeAlias = list[list[Fraction]]


def integer(rng: Random, size: int) -> Fraction:
    """An integer from −size to size."""
    return Fraction(rng.randint(-size, size))


def nonzero(rng: Random, size: int) -> Fraction:
    """An integer from −size to size that is not 0."""
    return Fraction(rng.randint(1, size) * rng.choice((1, -1)))


def rational(rng: Random, size: int) -> Fraction:
    """p/q with |p| ≤ size and q ≤ 3: few denominators keep the field ℚ(e^{1/q}) small."""
    return Fraction(rng.randint(-size, size), rng.choice((1, 1, 2, 3)))


def integers(rng: Random, count: int, size: int) -> Vector:
    """A vector of integers."""
    return [integer(rng, size) for _ in range(count)]


def rationals(rng: Random, count: int, size: int) -> Vector:
    """A vector of rationals."""
    return [rational(rng, size) for _ in range(count)]


def sparse(rng: Random, count: int, size: int) -> Vector:
    """A vector in which about one entry in three is not zero."""
    return [nonzero(rng, size) if rng.randrange(3) == 0 else Fraction(0) for _ in range(count)]


def grid(count: int, size: int) -> Iterator[Vector]:
    """All integer vectors with entries from −size to size, those with few nonzeros first.

    >>> [list(map(int, v)) for v in grid(2, 1)][:5]
    [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]
    """
    values = [sign * n for n in range(1, size + 1) for sign in (1, -1)]
    for support_size in range(count + 1):
        for support in combinations(range(count), support_size):
            for chosen in product(values, repeat=support_size):
                vector = [Fraction(0)] * count
                for place, value in zip(support, chosen, strict=True):
                    vector[place] = Fraction(value)
                yield vector


def targets_in(domain: Domain, rng: Random, rows: int, columns: int, size: int) -> Rows:
    """Random labels in a loss's domain: anything, [0, 1], the simplex, or ±1; now and then hard or uniform ones."""
    if domain == "signs":
        return [[Fraction(rng.choice((1, -1))) for _ in range(columns)] for _ in range(rows)]
    if domain == "unit":
        return [[Fraction(rng.randint(0, size + 1), size + 1) for _ in range(columns)] for _ in range(rows)]
    if domain == "simplex":
        return [_simplex(rng, columns, size) for _ in range(rows)]
    return [integers(rng, columns, size) for _ in range(rows)]


def _simplex(rng: Random, columns: int, size: int) -> Vector:
    weights = [Fraction(rng.randint(0, size)) for _ in range(columns)]
    total = sum(weights, Fraction(0))
    return [w / total for w in weights] if total else [Fraction(1, columns)] * columns


def orthogonal(rng: Random, n: int, size: int) -> RationalMatrix:
    """A rational orthogonal matrix: the identity for size 0, else Cayley's (I − A)(I + A)⁻¹ with A skew.

    >>> q = orthogonal(random.Random(1), 3, 2)
    >>> q * q.transpose() == identity(3)
    True
    """
    if size == 0:
        return identity(n)
    skew = [[Fraction(0)] * n for _ in range(n)]
    for i, j in combinations(range(n), 2):
        skew[i][j] = integer(rng, size)
        skew[j][i] = -skew[i][j]
    a = matrix(skew, n)
    return (identity(n) - a) * (identity(n) + a).inv()


def unimodular(rng: Random, n: int, size: int) -> RationalMatrix:
    """An integer matrix of determinant ±1: the identity for size 0, else a product of random shears and a swap."""
    rows = rows_of(identity(n))
    for _ in range(n * size if n > 1 else 0):
        i, j = rng.sample(range(n), 2)
        factor = integer(rng, 1)
        rows[i] = [x + factor * y for x, y in zip(rows[i], rows[j], strict=True)]
    if size and n:
        rng.shuffle(rows)
    return matrix(rows, n)
