"""Matrices whose rank and inertia are known by construction, and an independent look at the evidence.

The evidence is checked with plain Fractions and Python ints, by code that shares nothing with what produced it.
"""

from fractions import Fraction

import numpy as np

from geomcheck.fields.rationals import RationalField, to_fraction

QQ = RationalField()


def unit_triangular(random, size, spread):
    """An integer matrix of determinant 1, dense."""
    lower = np.tril(random.integers(-spread, spread + 1, (size, size)), -1) + np.eye(size, dtype=int)
    upper = np.triu(random.integers(-spread, spread + 1, (size, size)), 1) + np.eye(size, dtype=int)
    return lower.astype(object) @ upper.astype(object)


def of_rank(random, rows, columns, rank, spread=2):
    """P [I_r 0; 0 0] Q with P, Q unimodular: an integer matrix of exactly this rank."""
    middle = np.zeros((rows, columns), dtype=object)
    for i in range(rank):
        middle[i, i] = int(random.integers(1, 9))
    return unit_triangular(random, rows, spread) @ middle @ unit_triangular(random, columns, spread)


def of_inertia(random, positive, negative, zero, spread=2):
    """Pᵀ diag(±) P with P unimodular."""
    size = positive + negative + zero
    signs = [1] * positive + [-1] * negative + [0] * zero
    random.shuffle(signs)
    p = unit_triangular(random, size, spread)
    scales = [s * int(random.integers(1, 50)) for s in signs]
    return p.T @ np.diag(np.array(scales, dtype=object)) @ p


def rational(matrix):
    return QQ.array(np.asarray(matrix, dtype=object))


def plain_rank(rows):
    """Gaussian elimination in Fractions."""
    rows = [[Fraction(x) for x in row] for row in rows]
    rank = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank


def determinant_modulo(rows, prime):
    rows = [list(row) for row in rows]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k] % prime), None)
        if pivot is None:
            return 0
        rows[k], rows[pivot] = rows[pivot], rows[k]
        unit = pow(rows[k][k], -1, prime)
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] * unit
            rows[i] = [(x - factor * y) % prime for x, y in zip(rows[i], rows[k], strict=True)]
    return 1


def check_bounds(bounds, matrix, symmetric=False):
    """Every claim of the evidence, for a matrix of Fractions."""
    table = [[Fraction(x) for x in row] for row in matrix]
    lower, upper = bounds.lower, bounds.upper
    assert len(lower.rows) == len(lower.columns) == lower.value
    assert list(lower.rows) == sorted(set(lower.rows)) and list(lower.columns) == sorted(set(lower.columns))
    if symmetric:
        assert lower.rows == lower.columns
    if lower.value:
        p = lower.prime
        minor = [
            [table[i][j].numerator * pow(table[i][j].denominator, -1, p) for j in lower.columns] for i in lower.rows
        ]
        assert determinant_modulo(minor, p)
    if upper.kind == "shape":
        assert upper.value == min(len(table), len(table[0]) if table else 0)
        return
    vectors = [[Fraction(x) for x in vector] for vector in upper.kernel]
    for vector in vectors:
        assert all(sum(a * x for a, x in zip(row, vector, strict=True)) == 0 for row in table)
    assert plain_rank(vectors) == len(vectors)
    assert upper.value == len(table[0]) - len(vectors)


def check_inertia(found, matrix):
    """The congruence, in Fractions: strictly dominant with the stated signs."""
    subset, v = found.subset, [list(row) for row in found.basis]
    minor = [[Fraction(matrix[i][j]) for j in subset] for i in subset]
    size = len(subset)
    half = [[sum(minor[i][k] * v[k][j] for k in range(size)) for j in range(size)] for i in range(size)]
    full = [[sum(v[k][i] * half[k][j] for k in range(size)) for j in range(size)] for i in range(size)]
    signs = []
    for i, row in enumerate(full):
        assert abs(row[i]) > sum(abs(x) for j, x in enumerate(row) if j != i)
        signs.append(row[i] > 0)
    assert (sum(signs), size - sum(signs)) == (found.positive, found.negative)


def fractions_of(array):
    return [[to_fraction(x) for x in row] for row in array]
