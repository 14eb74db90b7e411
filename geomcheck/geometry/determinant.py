"""Determinants: exact over ℚ and ℚ(t, u), enclosed in balls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flint

from geomcheck.errors import Undecided
from geomcheck.fields.enclosures import working_precision
from geomcheck.fields.rationals import RationalField

if TYPE_CHECKING:
    from geomcheck.fields.base import AbstractField

LARGEST_FUNCTION_MATRIX = 10
BALL_PRECISION = 256


def determinant(field: AbstractField, matrix: Any) -> Any:
    """det M of a square object array over ``field``.

    Raises ``Undecided`` for matrices over ℚ(t, u) larger than 10 × 10, where elimination takes too long.

    >>> QQ = RationalField()
    >>> determinant(QQ, QQ.array([[1, 2], [3, 4]]))
    -2
    """
    size = matrix.shape[0]
    entries = list(matrix.reshape(-1))
    if isinstance(field, RationalField):
        return flint.fmpq_mat(size, size, entries).det()
    if not field.is_exact:
        with working_precision(BALL_PRECISION):
            return flint.arb_mat(size, size, entries).det()
    if size > LARGEST_FUNCTION_MATRIX:
        raise Undecided("too-large", f"a determinant of size {size} over {field.name}", "use at most 10 parameters")
    return _eliminated(field, [list(row) for row in matrix])


def _eliminated(field: AbstractField, rows: list[list[Any]]) -> Any:
    result = field.ones((1,))[0]
    while rows:
        pivot = next((i for i, row in enumerate(rows) if not bool(field.is_zero(row[0]))), None)
        if pivot is None:
            return result * 0
        first = rows.pop(pivot)
        result = result * first[0] * (-1) ** pivot
        rows = [[x - y * (row[0] / first[0]) for x, y in zip(row[1:], first[1:], strict=True)] for row in rows]
    return result
