"""Linear programming over ℚ: the exact simplex method with Bland's rule.

The programs of the prover have tens of variables, so a sparse tableau of exact rationals is fast enough, and its answer
needs no rounding and no second look.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from flint import fmpq

Rational: TypeAlias = Any  # flint's fmpq, many times faster than Fraction
Row: TypeAlias = dict[int, Rational]
_ZERO = fmpq(0)


def minimise(
    costs: Sequence[Fraction], rows: Sequence[Mapping[int, Fraction]], right: Sequence[Fraction]
) -> tuple[Fraction, ...] | None:
    """A vertex x ≥ 0 of {A x = b} of least cost c·x, or None where there is no x ≥ 0 with A x = b.

    `rows` are the sparse rows of A (column → entry), `right` is b, `costs` is c ≥ 0 (so the minimum is attained).
    Bland's rule (Bland 1977, "New finite pivoting rules for the simplex method", Theorem 2.1) makes it terminate.

    >>> one = Fraction(1)
    >>> [str(x) for x in minimise([one, 3 * one], [{0: one, 1: one}], [Fraction(2)])]
    ['2', '0']
    >>> minimise([one], [{0: one}], [-one]) is None
    True
    """
    n = len(costs)
    tableau = _Tableau(rows, right, n)
    tableau.descend({n + i: fmpq(1) for i in range(len(rows))}, allowed=n + len(rows))
    if any(column >= n and value != 0 for column, value in tableau.point()):
        return None
    tableau.drive_out(n)
    tableau.descend({column: _fmpq(cost) for column, cost in enumerate(costs)}, allowed=n)
    point = dict(tableau.point())
    return tuple(Fraction(int(x.p), int(x.q)) for x in (point.get(column, _ZERO) for column in range(n)))


def _fmpq(x: Fraction) -> Rational:
    return fmpq(x.numerator, x.denominator)


class _Tableau:
    """The rows B⁻¹A and B⁻¹b of the current basis B; the artificial columns n, n+1, … come after the n given ones."""

    def __init__(self, rows: Sequence[Mapping[int, Fraction]], right: Sequence[Fraction], n: int) -> None:
        self._rows: list[Row] = []
        self._right: list[Rational] = []
        self._basis = [n + i for i in range(len(rows))]
        for i, (row, value) in enumerate(zip(rows, right, strict=True)):
            sign = -1 if value < 0 else 1
            self._rows.append({c: _fmpq(sign * a) for c, a in row.items() if a} | {n + i: fmpq(1)})
            self._right.append(_fmpq(sign * value))

    def point(self) -> list[tuple[int, Rational]]:
        return list(zip(self._basis, self._right, strict=True))

    def descend(self, costs: Mapping[int, Rational], allowed: int) -> None:
        """Pivot among the columns below `allowed` until no reduced cost is negative."""
        while True:
            reduced = {c: a for c, a in costs.items() if a}
            for row, column in zip(self._rows, self._basis, strict=True):
                if weight := costs.get(column, _ZERO):
                    _subtract(reduced, row, weight)
            entering = min((c for c, a in reduced.items() if a < 0 and c < allowed), default=None)
            if entering is None:
                return
            ratios = [
                (self._right[i] / row[entering], self._basis[i], i)
                for i, row in enumerate(self._rows)
                if row.get(entering, _ZERO) > 0
            ]
            self._pivot(min(ratios)[2], entering)

    def drive_out(self, n: int) -> None:
        """Take the artificial columns out of the basis; a row without any other column says 0 = 0 and is dropped."""
        for i in reversed(range(len(self._rows))):
            if self._basis[i] >= n:
                column = min((c for c in self._rows[i] if c < n), default=None)
                if column is None:
                    del self._rows[i], self._right[i], self._basis[i]
                else:
                    self._pivot(i, column)

    def _pivot(self, i: int, column: int) -> None:
        scale = 1 / self._rows[i][column]
        pivot = {c: a * scale for c, a in self._rows[i].items()}
        value = self._right[i] * scale
        for j, row in enumerate(self._rows):
            factor = row.get(column)
            if j != i and factor:
                _subtract(row, pivot, factor)
                self._right[j] -= factor * value
        self._rows[i], self._right[i], self._basis[i] = pivot, value, column


def _subtract(row: Row, other: Row, factor: Rational) -> None:
    for column, entry in other.items():
        value = row.get(column, _ZERO) - factor * entry
        if value:
            row[column] = value
        else:
            row.pop(column, None)
