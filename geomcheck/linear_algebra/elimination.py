"""Elimination modulo a prime, in blocks whose products are exact float64 matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from geomcheck.fields.residues import Words, minus, residue_product

LEAF = 16  # columns eliminated one by one; wider panels are halved


@final
@dataclass(frozen=True)
class Elimination:
    """P M = L E for a permutation P of the rows, L unit lower triangular and E in echelon form, modulo p.

    Attributes:
        rows: the rows of M at the first `rank` places after the permutation.
        columns: the pivot columns, increasing: the first columns that are independent of those before them.
        echelon: the nonzero rows of E, (rank, n).
        lower_inverse: the leading (rank, rank) block of L⁻¹.
    The minor M[rows, columns] is not zero modulo p.
    """

    prime: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    echelon: Words
    lower_inverse: Words

    @property
    def rank(self) -> int:
        """The number of pivots."""
        return len(self.columns)

    @property
    def free(self) -> list[int]:
        """The columns that are no pivots, increasing."""
        pivots = set(self.columns)
        return [j for j in range(self.echelon.shape[1]) if j not in pivots]


def eliminate(matrix: Words, prime: int) -> Elimination:
    """Echelon form of residues (m, n) modulo a prime p < 2³¹.

    >>> found = eliminate(np.array([[0, 2], [3, 0], [6, 4]], dtype=np.uint64), 7)
    >>> found.rows, found.columns
    ((1, 0), (0, 1))
    """
    work = _Work(np.array(matrix, dtype=np.uint64), prime)
    columns, lower_inverse = work.panel(0, 0, matrix.shape[1])
    rank = len(columns)
    echelon = work.matrix[:rank].copy()
    for i, column in enumerate(columns):
        echelon[i + 1 :, column] = 0  # multipliers of L are kept there during elimination
    rows = tuple(int(i) for i in work.order[:rank])
    return Elimination(prime, rows, tuple(columns), echelon, lower_inverse)


def kernel(elimination: Elimination, free: Sequence[int]) -> Words:
    """The matrix X, (rank, |F|), with M[:, pivots] X = M[:, F] modulo p, for some free columns F.

    The kernel has the basis that is −X[:, j] on the pivot columns, 1 on free column j and 0 on the others.
    """
    upper = elimination.echelon[:, list(elimination.columns)]
    return solve_upper(upper, elimination.echelon[:, list(free)], elimination.prime)


def inverse(elimination: Elimination) -> Words:
    """The inverse of the minor M[rows, columns] modulo p, (rank, rank)."""
    upper = elimination.echelon[:, list(elimination.columns)]
    return solve_upper(upper, elimination.lower_inverse, elimination.prime)


def solve_upper(upper: Words, right: Words, prime: int) -> Words:
    """X with U X = B modulo p, U (r, r) upper triangular with units on the diagonal, by halving."""
    size, p = len(upper), np.uint64(prime)
    if size > LEAF:
        half = size // 2
        below = solve_upper(upper[half:, half:], right[half:], prime)
        rest = minus(right[:half], residue_product(upper[:half, half:], below, prime), p)
        return np.concatenate([solve_upper(upper[:half, :half], rest, prime), below])
    result = np.zeros_like(right)
    for i in reversed(range(size)):
        known = np.sum(upper[i, i + 1 :, None] * result[i + 1 :] % p, axis=0, dtype=np.uint64) % p
        result[i] = (right[i] + (p - known)) % p * np.uint64(pow(int(upper[i, i]), -1, prime)) % p
    return result


@final
class _Work:
    """The matrix being eliminated in place, and where its rows came from."""

    def __init__(self, matrix: Words, prime: int) -> None:
        self.matrix = matrix
        self.prime = prime
        self.order = np.arange(len(matrix))

    def panel(self, top: int, left: int, right: int) -> tuple[list[int], Words]:
        """Eliminate columns left … right−1 in the rows from `top` on: pivot columns and inverse of their L block."""
        if right - left <= LEAF:
            return self._leaf(top, left, right)
        middle = (left + right) // 2
        p, matrix = np.uint64(self.prime), self.matrix
        first, first_inverse = self.panel(top, left, middle)
        mid = top + len(first)
        if first:
            head = residue_product(first_inverse, matrix[top:mid, middle:right], self.prime)
            matrix[top:mid, middle:right] = head
            if mid < len(matrix):
                update = residue_product(matrix[mid:, first], head, self.prime)
                matrix[mid:, middle:right] = minus(matrix[mid:, middle:right], update, p)
        if mid == len(matrix):
            return first, first_inverse
        second, second_inverse = self.panel(mid, middle, right)
        if not first or not second:
            return first + second, (first_inverse if first else second_inverse)
        between = residue_product(matrix[mid : mid + len(second), first], first_inverse, self.prime)
        corner = (p - residue_product(second_inverse, between, self.prime)) % p
        joined = np.zeros((len(first) + len(second),) * 2, dtype=np.uint64)
        joined[: len(first), : len(first)] = first_inverse
        joined[len(first) :, : len(first)] = corner
        joined[len(first) :, len(first) :] = second_inverse
        return first + second, joined

    def _leaf(self, top: int, left: int, right: int) -> tuple[list[int], Words]:
        p = np.uint64(self.prime)
        columns = self.matrix[top:, left:right].T.copy()  # (right − left, rows): contiguous columns, a copy
        pivots: list[int] = []
        for j in range(right - left):
            place = len(pivots)
            if place == columns.shape[1]:
                break
            candidates = np.flatnonzero(columns[j, place:])
            if not len(candidates):
                continue
            chosen = place + int(candidates[0])
            if chosen != place:
                columns[:, [place, chosen]] = columns[:, [chosen, place]]
                swap = [top + place, top + chosen]
                self.order[swap] = self.order[swap[::-1]]
                self.matrix[swap] = self.matrix[swap[::-1]]
            unit = np.uint64(pow(int(columns[j, place]), -1, self.prime))
            factors = columns[j, place + 1 :] * unit % p
            columns[j, place + 1 :] = factors
            block = columns[j + 1 :, place + 1 :]
            block += factors * (p - columns[j + 1 :, place, None])
            block %= p
            pivots.append(j)
        self.matrix[top:, left:right] = columns.T
        return [left + j for j in pivots], _unit_lower_inverse(columns[pivots, : len(pivots)].T, self.prime)


def _unit_lower_inverse(lower: Words, prime: int) -> Words:
    """The inverse of a small unit lower triangular matrix, of which only the part below the diagonal is read."""
    p = np.uint64(prime)
    result = np.eye(len(lower), dtype=np.uint64)
    for i in range(1, len(lower)):
        known = np.sum(lower[i, :i, None] * result[:i] % p, axis=0, dtype=np.uint64) % p
        result[i] = (result[i] + (p - known)) % p
    return result
