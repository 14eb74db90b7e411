"""Both bounds of the rank of an integer matrix from a kernel written down beforehand: mostly by three products.

Lemma. Let M be (m, n), V (c, n) with M Vᵀ = 0, F a set of c columns and C the others, and R a set of n − c rows. If
V[:, F] and M[R, C] are invertible, then rank(M) = n − c: the rows of V are c independent kernel vectors, and M[R, C] is
a nonzero minor. If M = Mᵀ, then R = C will do whenever any R does (the columns C span the column space of M).

An integer matrix A is invertible when an integer matrix B and some k have ‖2^k I − A B‖_∞ < 2^k, for then A B is
strictly diagonally dominant. Floats propose B; the products that decide are exact. Where that fails, A is eliminated
modulo a prime.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from geomcheck.fields.integers import Ints, magnitude
from geomcheck.fields.residues import primes_below_limit
from geomcheck.linear_algebra.elimination import eliminate
from geomcheck.linear_algebra.evidence import LowerBound, RankBounds, UpperBound
from geomcheck.linear_algebra.integer_matrix import IntegerMatrix, exact_product, product_vanishes

_WORD = 62  # bits of the numbers 2^k and 2^k A⁻¹


def bounds_by_kernel(matrix: Ints, kernel: Ints, free: Sequence[int], symmetric: bool = False) -> RankBounds | None:
    """The rank of ``matrix`` (m, n) when the rows of ``kernel`` (c, n) are a basis of its kernel, else None.

    ``free`` guesses columns on which the kernel vectors are independent; a wrong guess gives None, never a wrong bound.

    >>> bounds_by_kernel(np.array([[2, 4], [3, 6]]), np.array([[2, -1]]), [0]).decided
    1
    """
    (rows, columns), count = matrix.shape, len(kernel)
    rank = columns - count
    if not 0 < rank <= rows or not count or len(set(free)) != count:
        return None
    known = np.zeros(columns, dtype=bool)
    known[list(free)] = True
    pivots = np.flatnonzero(~known)
    independent = kernel[:, known]
    if not product_vanishes(matrix, kernel.T) or not (is_invertible(independent) or _prime(independent)):
        return None
    chosen = pivots if symmetric else np.arange(rank)
    minor = matrix[np.ix_(chosen, pivots)]
    lower = LowerBound(rank, tuple(chosen.tolist()), tuple(pivots.tolist()), invertible=minor)
    if not is_invertible(minor):
        prime = _prime(minor)
        if prime is None:
            return None
        lower = replace(lower, prime=prime, invertible=None)
    return RankBounds(lower, UpperBound(rank, "kernel", kernel))


def is_invertible(matrix: Ints) -> bool:
    """Whether a square integer matrix is shown to be invertible; False says nothing.

    >>> is_invertible(np.array([[1, 2], [3, 4]])), is_invertible(np.array([[1, 2], [2, 4]]))
    (True, False)
    """
    size = len(matrix)
    room = size * magnitude(matrix)
    bits = room.bit_length() + 1
    if bits > _WORD:
        return False
    try:
        scaled = np.ldexp(np.linalg.inv(matrix), bits)
    except np.linalg.LinAlgError:
        return False
    if not np.isfinite(scaled).all() or np.abs(scaled).max(initial=0) >= 1 << _WORD - bits:
        return False
    product = exact_product(matrix, np.rint(scaled).astype(np.int64))
    if product is None:
        return False
    product[np.arange(size), np.arange(size)] -= 1 << bits
    off = np.abs(product)
    limit = 1 << bits
    return bool((off < limit).all() and (off.sum(axis=1) < limit).all())


def with_prime(bound: LowerBound) -> LowerBound:
    """The same bound with a prime modulo which its minor is not zero, as a certificate tells it."""
    if bound.invertible is None:
        return bound
    return replace(bound, prime=_prime(bound.invertible, sys.maxsize), invertible=None)


def _prime(matrix: Ints, tries: int = 1) -> int | None:
    """The first of some primes modulo which a square matrix is invertible, or None."""
    whole = IntegerMatrix(matrix)
    for prime in islice(primes_below_limit(), tries):
        if eliminate(whole.modulo(prime), prime).rank == len(matrix):
            return prime
    return None
