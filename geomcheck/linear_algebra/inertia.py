"""Certified numbers of positive and negative eigenvalues of a symmetric matrix, over ℚ or in balls.

A congruence VᵀAV keeps the inertia of A (Sylvester). If it is strictly diagonally dominant, the signs of its diagonal
count the eigenvalues (Gershgorin). V is only proposed in floating point, the dominance is verified exactly or in
balls; a regular V is implied by it, because a singular VᵀAV could not be strictly dominant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from geomcheck.errors import GeomcheckError
from geomcheck.fields.enclosures import working_precision
from geomcheck.linear_algebra.dyadic import Floats, dyadic, scaled_floats
from geomcheck.linear_algebra.evidence import Inertia

Basis = list[list[Fraction]]
FIRST_PRECISION = 128
LAST_PRECISION = 8192
EIGENVECTOR_BITS = (8, 24, 48)
PIVOT_LIMIT = 120  # larger matrices are only tried with eigenvectors in float64


def certified_inertia(
    size: int,
    rank_upper: int,
    subset: Sequence[int],
    *,
    exact: Any | None = None,
    enclosed: Callable[[int], Any] | None = None,
) -> Inertia:
    """Bounds of the inertia of a symmetric M, (size, size), of rank at most `rank_upper`.

    Args:
        size: the number of rows.
        rank_upper: a proved upper bound of the rank.
        subset: rows S of a nonzero principal minor, as large as known: `RankBounds.lower.columns`.
        exact: M over ℚ (flint rationals), or
        enclosed: M in balls, as a function of the precision in bits.

    With |S| = rank_upper and success the inertia is decided; without success nothing is counted.

    >>> M = np.array([[flint.fmpq(0), flint.fmpq(1)], [flint.fmpq(1), flint.fmpq(0)]])
    >>> certified_inertia(2, 2, [0, 1], exact=M).decided
    (1, 1, 0)
    """
    chosen = list(subset)
    if chosen:
        found = _exactly(np.asarray(exact), chosen) if exact is not None else _in_balls(enclosed, chosen)
        if found is not None:
            positive, negative, basis = found
            rows = tuple(tuple(row) for row in basis)
            return Inertia(size, rank_upper, positive, negative, tuple(chosen), rows)
    return Inertia(size, rank_upper, 0, 0)


def _exactly(exact: Any, subset: list[int]) -> tuple[int, int, Basis] | None:
    minor = exact[np.ix_(subset, subset)]
    matrix = flint.fmpq_mat(len(subset), len(subset), list(minor.reshape(-1)))
    for basis in _eigenvector_bases(minor):
        counts = dominant_signs(_congruence(matrix, basis, flint.fmpq_mat))
        if counts is not None:
            return (*counts, basis)
    precision = FIRST_PRECISION
    while precision <= LAST_PRECISION and len(subset) <= PIVOT_LIMIT:
        with working_precision(precision):
            pivoted = _pivoted_basis(_balls(minor), precision)
        if pivoted is not None:
            counts = dominant_signs(_congruence(matrix, pivoted, flint.fmpq_mat))
            if counts is not None:
                return (*counts, pivoted)
        precision *= 2
    return None


def _in_balls(enclosed: Callable[[int], Any] | None, subset: list[int]) -> tuple[int, int, Basis] | None:
    precision = FIRST_PRECISION
    while enclosed is not None and precision <= LAST_PRECISION:
        try:
            minor = np.asarray(enclosed(precision), dtype=object)[np.ix_(subset, subset)]
        except GeomcheckError:
            minor = None
        if minor is not None:
            with working_precision(precision):
                matrix = flint.arb_mat(len(subset), len(subset), list(minor.reshape(-1)))
                for basis in _bases(minor, precision):
                    counts = dominant_signs(_congruence(matrix, basis, flint.arb_mat))
                    if counts is not None:
                        return (*counts, basis)
        precision *= 2
    return None


def _bases(minor: Any, precision: int) -> Iterator[Basis]:
    if precision == FIRST_PRECISION:
        yield from _eigenvector_bases(minor)
    if len(minor) <= PIVOT_LIMIT:
        pivoted = _pivoted_basis(minor, precision)
        if pivoted is not None:
            yield pivoted


def dominant_signs(matrix: Any) -> tuple[int, int] | None:
    """Positive and negative diagonal entries of a flint matrix, if it is strictly diagonally dominant, else None."""
    positive = negative = 0
    for i, row in enumerate(matrix.table()):
        others = sum((abs(x) for j, x in enumerate(row) if j != i), row[i] * 0)
        if row[i] > others:
            positive += 1
        elif -row[i] > others:
            negative += 1
        else:
            return None
    return positive, negative


def _congruence(matrix: Any, basis: Basis, kind: Any) -> Any:
    """VᵀAV."""
    size = len(basis)
    right = flint.fmpq_mat(size, size, [flint.fmpq(x.numerator, x.denominator) for row in basis for x in row])
    v = right if kind is flint.fmpq_mat else kind(right)
    return v.transpose() * matrix * v


def _eigenvector_bases(minor: Any) -> Iterator[Basis]:
    """Approximate eigenvectors of the scaled matrix, undone by powers of two and rounded ever more finely."""
    scaled, exponents, _ = scaled_floats(minor)
    if not np.isfinite(scaled).all():
        return
    vectors: Floats = np.linalg.eigh((scaled + scaled.T) / 2)[1]
    for bits in EIGENVECTOR_BITS:
        whole = np.rint(np.ldexp(vectors, bits)).astype(np.int64).tolist()
        shifts = (exponents.max(initial=0) - exponents).tolist()
        yield [[Fraction(x, 1 << shift) for x in row] for row, shift in zip(whole, shifts, strict=True)]


def _balls(minor: Any) -> Any:
    balls = np.empty(minor.shape, dtype=object)
    balls.reshape(-1)[:] = [flint.arb(x) for x in minor.reshape(-1)]
    return balls


def _pivoted_basis(minor: Any, precision: int) -> Basis | None:
    """V with VᵀAV nearly diagonal, from symmetric elimination with complete pivoting in approximate arithmetic.

    When an off-diagonal entry a_ij is the largest, e_i ± e_j replace e_i, e_j first, which makes the diagonal large.
    """
    size = len(minor)
    work, vectors = _midpoints(minor), np.empty((size, size), dtype=object)  # rows of vectors: the basis so far
    vectors.reshape(-1)[:] = [flint.arb(int(i == j)) for i in range(size) for j in range(size)]
    for k in range(size):
        i, j = _largest(work, k)
        if 2 * max(abs(work[i, i]), abs(work[j, j])) < abs(work[i, j]):
            for table in (work, work.T, vectors):
                table[i], table[j] = table[i] + table[j], table[i] - table[j]
        pivot = i if abs(work[i, i]) > abs(work[j, j]) else j
        for table in (work, work.T, vectors):
            table[[k, pivot]] = table[[pivot, k]]
        if not abs(work[k, k]) > 0:
            return None
        factors = work[k + 1 :, k] / work[k, k]
        work[k + 1 :, k + 1 :] = _midpoints(work[k + 1 :, k + 1 :] - factors[:, None] * work[k, k + 1 :])
        vectors[k + 1 :] = _midpoints(vectors[k + 1 :] - factors[:, None] * vectors[k])
    return [[dyadic(vectors[j, i], precision) for j in range(size)] for i in range(size)]


def _midpoints(balls: Any) -> Any:
    result = np.empty(balls.shape, dtype=object)
    result.reshape(-1)[:] = [x.mid() for x in balls.reshape(-1)]
    return result


def _largest(work: Any, start: int) -> tuple[int, int]:
    size = len(work)
    best, place = abs(work[start, start]), (start, start)
    for i in range(start, size):
        for j in range(start, i + 1):
            if abs(work[i, j]) > best:
                best, place = abs(work[i, j]), (i, j)
    return place
