"""Bounds of the rank of a matrix known in balls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.fields.enclosures import working_precision
from geomcheck.linear_algebra.dyadic import dyadic, scaled_floats
from geomcheck.linear_algebra.evidence import LowerBound, UpperBound

BALL_ELIMINATION_LIMIT = 48  # larger matrices choose their minor in float64
GUARD_BITS = 32


def ball_lower_bound(matrix: Any, symmetric: bool = False) -> LowerBound:
    """The size of a minor A of M, (m, n) balls, that a dyadic matrix B proves invertible: ‖I − AB‖_∞ < 1 in balls.

    B is an approximate inverse of the midpoints of A. A is chosen by elimination with complete pivoting.
    """
    entries = np.asarray(matrix, dtype=object)
    if min(entries.shape) == 0:
        return LowerBound(0)
    rows, columns = _by_balls(entries) if min(entries.shape) <= BALL_ELIMINATION_LIMIT else _by_floats(entries)
    while columns:
        chosen_rows = sorted(columns) if symmetric else sorted(rows)
        bound = _certified(entries, chosen_rows, sorted(columns))
        if bound is not None:
            return bound
        if symmetric:
            bound = _certified(entries, sorted(rows), sorted(columns))
            if bound is not None:
                return bound
        rows, columns = rows[:-1], columns[:-1]
    return LowerBound(0)


def ball_upper_bound(matrix: Any) -> UpperBound:
    """The smaller of the shape and the number of columns that are not exactly zero."""
    entries = np.asarray(matrix, dtype=object)
    rows, columns = entries.shape
    zero = [j for j in range(columns) if all(x.is_zero() for x in entries[:, j])]
    if columns - len(zero) >= min(rows, columns):
        return UpperBound(min(rows, columns))
    units = tuple([int(i == j) for i in range(columns)] for j in zero)
    return UpperBound(columns - len(zero), "kernel", units)


def _certified(entries: Any, rows: Sequence[int], columns: Sequence[int]) -> LowerBound | None:
    size = len(rows)
    minor = flint.arb_mat(size, size, list(entries[np.ix_(list(rows), list(columns))].reshape(-1)))
    precision = max(flint.ctx.prec, 64)
    with working_precision(precision + GUARD_BITS):
        try:
            approximate = minor.mid().inv()
        except ZeroDivisionError:
            return None
        if not all(x.is_finite() for x in approximate.entries()):
            return None
        inverse = [dyadic(x, precision) for x in approximate.entries()]
        right = flint.arb_mat(size, size, [flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in inverse])
        product = (minor * right).table()
        for i, row in enumerate(product):
            total = sum((abs(x - (i == j)) for j, x in enumerate(row)), flint.arb(0))
            if not total < 1:
                return None
    table = tuple(tuple(inverse[i * size : (i + 1) * size]) for i in range(size))
    return LowerBound(size, tuple(rows), tuple(columns), precision=precision, inverse=table)


def _by_balls(entries: Any) -> tuple[list[int], list[int]]:
    """Rows and columns of pivots that are nonzero in balls, in elimination with complete pivoting."""
    work = entries.copy()
    rows, columns = list(range(work.shape[0])), list(range(work.shape[1]))
    size = 0
    while size < min(work.shape):
        best, place = flint.arb(0), None
        for i in range(size, work.shape[0]):
            for j in range(size, work.shape[1]):
                low = work[i, j].abs_lower()
                if low > best:
                    best, place = low, (i, j)
        if place is None:
            break
        for axis, order, at in ((0, rows, place[0]), (1, columns, place[1])):
            order[size], order[at] = order[at], order[size]
            swapped = work.swapaxes(0, axis)
            swapped[[size, at]] = swapped[[at, size]]
        factors = work[size + 1 :, size] / work[size, size]
        work[size + 1 :, size + 1 :] -= factors[:, None] * work[size, size + 1 :]
        size += 1
    return rows[:size], columns[:size]


def _by_floats(entries: Any) -> tuple[list[int], list[int]]:
    """As `_by_balls`, with float64 midpoints after scaling: a proposal only."""
    work, _, _ = scaled_floats(entries)
    rows, columns = list(range(work.shape[0])), list(range(work.shape[1]))
    tolerance = np.finfo(np.float64).eps * max(work.shape) * max(1, np.abs(work).max())
    size = 0
    while size < min(work.shape):
        rest: npt.NDArray[np.float64] = np.abs(work[size:, size:])
        i, j = np.unravel_index(int(np.argmax(rest)), rest.shape)
        if rest[i, j] <= tolerance:
            break
        for axis, order, at in ((0, rows, size + int(i)), (1, columns, size + int(j))):
            order[size], order[at] = order[at], order[size]
            swapped = work.swapaxes(0, axis)
            swapped[[size, at]] = swapped[[at, size]]
        work[size + 1 :, size:] -= np.outer(work[size + 1 :, size] / work[size, size], work[size, size:])
        size += 1
    return rows[:size], columns[:size]
