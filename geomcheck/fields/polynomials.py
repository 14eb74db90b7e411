"""ℚ[λ] on an open interval of λ: what a number that moves along a segment is, where signs stay what they are."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import GeomcheckError, OutsideField
from geomcheck.fields.algebraic import RealAlgebraic, real_roots
from geomcheck.fields.base import AbstractObjectField, ObjectArray, bareiss, elementwise, product_of_entries
from geomcheck.fields.rationals import RATIONAL_VALUES


@final
class NeedsCuts(GeomcheckError):
    """Some sign changes inside the interval, at the algebraic numbers ``at``; ask again on each part."""

    def __init__(self, at: tuple[RealAlgebraic, ...]) -> None:
        super().__init__(at)
        self.at = at


@final
@dataclass(frozen=True)
class PolynomialField(AbstractObjectField):
    """Polynomials in λ over ℚ, as functions on the open interval (left, right): `fmpq_poly`, and `fmpq` for constants.

    A polynomial has a length, so numpy would take a lone one for an array: only constants are used as scalars.

    A sign is that of the function on the whole interval; where it changes, NeedsCuts says at which λ. Division is by
    constants. Exponentials and the like raise OutsideField, except of constants at which they are rational.

    >>> field = PolynomialField(RealAlgebraic.of(0), RealAlgebraic.of(1))
    >>> field.positive_part(field.line([Fraction(1)], [Fraction(3)]), Fraction(1), Fraction(0))
    array([2*x + 1], dtype=object)
    """

    decides_zero: ClassVar[bool] = True

    left: RealAlgebraic
    right: RealAlgebraic

    @property
    def name(self) -> str:
        """ℚ[λ]."""
        return "ℚ[λ]"

    @cached_property
    def sample(self) -> Any:
        """A rational strictly inside the interval."""
        bits = 32
        while True:
            low, high = self.left.bounds(bits)[1], self.right.bounds(bits)[0]
            if low < high:
                middle = (low + high) / 2
                return flint.fmpq(middle.numerator, middle.denominator)
            bits *= 2

    def line(self, start: Any, end: Any) -> ObjectArray:
        """(1 − λ) start + λ end, entry by entry."""
        pairs = zip(start, end, strict=True)
        result = np.empty(len(start), dtype=object)
        result[:] = [flint.fmpq_poly([_fmpq(a), _fmpq(b - a)]) for a, b in pairs]
        return result

    def element(self, value: Fraction) -> Any:
        """A constant."""
        return _fmpq(value)

    def quotient(self, a: Any, b: Any) -> Any:
        """Divide by a constant."""
        divisor = flint.fmpq_poly(b)
        if divisor.degree() > 0:
            raise OutsideField("expected a constant divisor along the segment; use rigorous enclosures instead")
        if not divisor:
            raise ZeroDivisionError
        return flint.fmpq_poly(a) / divisor[0]

    def primitive(self, name: str, x: Any) -> Any:
        """The value at a constant where it is rational."""
        polynomial = flint.fmpq_poly(x)
        at = polynomial[0]
        value = RATIONAL_VALUES.get((name, int(at.p))) if polynomial.degree() <= 0 and at.q == 1 else None
        if value is None:
            raise OutsideField(f"expected a polynomial along the segment, got {name}; use rigorous enclosures instead")
        return self.element(value)

    def sign(self, x: Any) -> int:
        """The sign on the interval."""
        if inner := self._roots_inside(x):
            raise NeedsCuts(tuple(inner))
        value = flint.fmpq_poly(x)(self.sample)
        return int(value > 0) - int(value < 0)

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By signs; where x is the zero polynomial, the slope for positive numbers."""
        above, below = self.element(positive), self.element(negative)
        return elementwise(lambda sign: above if sign >= 0 else below, self._all_signs(x))

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By signs, all cuts that are needed asked for at once."""
        above, below = _fmpq(positive), _fmpq(negative)
        signs = self._all_signs(x)
        part: ObjectArray = np.asarray(x, dtype=object) * elementwise(lambda sign: above if sign >= 0 else below, signs)
        return part

    def _all_signs(self, x: Any) -> ObjectArray:
        cuts: set[RealAlgebraic] = set()

        def sign(entry: Any) -> int:
            try:
                return self.sign(entry)
            except NeedsCuts as more:
                cuts.update(more.at)
                return 0

        signs = elementwise(sign, x)
        if cuts:
            raise NeedsCuts(tuple(sorted(cuts)))
        return signs

    def _roots_inside(self, x: Any) -> list[RealAlgebraic]:
        polynomial = flint.fmpq_poly(x)
        if polynomial.degree() < 1:
            return []
        return [root for root in real_roots(polynomial) if self.left < root < self.right]

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By the definition."""
        return product_of_entries(a, b, _dot, symmetric=False)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """One half of it."""
        return product_of_entries(a, b, _dot, symmetric=True)

    def determinant(self, x: ObjectArray) -> Any:
        """By fraction-free elimination."""
        rows = [[flint.fmpq_poly(entry) for entry in row] for row in x]
        return bareiss(rows, flint.fmpq_poly([1]), lambda a, b: a // b)

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Exact."""
        return elementwise(lambda entry: not entry, x).astype(bool)


def _fmpq(value: Fraction) -> Any:
    return flint.fmpq(value.numerator, value.denominator)


def _dot(row: list[Any], column: list[Any]) -> Any:
    total = flint.fmpq_poly([])
    for a, b in zip(row, column, strict=True):
        if a and b:
            total += a * b
    return total
