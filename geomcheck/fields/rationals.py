"""ℚ, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, ClassVar, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField
from geomcheck.fields.base import AbstractObjectField, NeedsDenominator, ObjectArray, part_by_signs, step_by_signs

RATIONAL_VALUES: dict[tuple[str, int], Fraction] = {
    ("exp", 0): Fraction(1),
    ("log", 1): Fraction(0),
    ("tanh", 0): Fraction(0),
    ("sigmoid", 0): Fraction(1, 2),
    ("sin", 0): Fraction(0),
    ("cos", 0): Fraction(1),
    ("normal_cdf", 0): Fraction(1, 2),
    ("logcosh", 0): Fraction(0),
}
"""The rational numbers at which a primitive is rational: no others (Lindemann 1882 for the elementary ones)."""

EXPONENT_FACTOR = {"exp": 1, "tanh": 2, "sigmoid": 1}
"""The multiple c such that the primitive at x is a rational function of e^{cx}."""

ANGLES = ("sin", "cos")


def to_fraction(x: Any) -> Fraction:
    """A flint rational as a Fraction.

    >>> to_fraction(flint.fmpq(6, 4))
    Fraction(3, 2)
    """
    return Fraction(int(x.p), int(x.q))


def missing_denominator(name: str, x: Fraction) -> NeedsDenominator | None:
    """What a field would have to hold for the primitive `name` at the rational x, or None when none would do."""
    if name in EXPONENT_FACTOR:
        return NeedsDenominator("exponential", (EXPONENT_FACTOR[name] * x).denominator)
    if name in ANGLES:
        return NeedsDenominator("angle", x.denominator)
    return None


def require_rational_values(name: str, x: ObjectArray) -> None:
    """Raise NeedsDenominator, once for all entries, unless the primitive is rational at every entry."""
    kind = "angle" if name in ANGLES else "exponential"
    factor = EXPONENT_FACTOR.get(name, 1)
    denominators = {int((entry * factor).q) for entry in x.reshape(-1) if entry}
    if denominators:
        raise NeedsDenominator(kind, lcm(*denominators))


@final
@dataclass(frozen=True)
class RationalField(AbstractObjectField):
    """ℚ with python-flint's `fmpq` as elements.

    A primitive has a value here only where that value is rational, which is where `RATIONAL_VALUES` lists it.
    Elsewhere e^x, tanh x and the like raise NeedsDenominator, an OutsideField that says which larger field holds them.

    >>> QQ = RationalField()
    >>> a = QQ.array([[1, Fraction(1, 2)], [0, 3]])
    >>> QQ.matmul(a, a)[0, 1]
    2
    """

    decides_zero: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """ℚ."""
        return "ℚ"

    def element(self, value: Fraction) -> Any:
        """The `fmpq`."""
        return flint.fmpq(value.numerator, value.denominator)

    def quotient(self, a: Any, b: Any) -> Any:
        """Divide in ℚ, also two ints."""
        return flint.fmpq(a) / b

    def primitive(self, name: str, x: Any) -> Any:
        """The value where it is rational."""
        value = RATIONAL_VALUES.get((name, int(x.p))) if x.q == 1 else None
        if value is not None:
            return self.element(value)
        missing = missing_denominator(name, to_fraction(x))
        if missing is not None:
            raise missing
        raise OutsideField(
            f"expected an argument at which {name} is rational, x={x} (rational); use rigorous enclosures instead"
        )

    def sign(self, x: Any) -> int:
        """Exact."""
        return int(x > 0) - int(x < 0)

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By exact signs."""
        return step_by_signs(self, x, positive, negative)

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By exact signs."""
        return part_by_signs(self, x, positive, negative)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By flint, which clears denominators and multiplies integers (small products stay in Python)."""
        (rows, terms), columns = a.shape, b.shape[1]
        if rows * terms * columns <= 64:
            small: ObjectArray = np.matmul(a, b)
            return small
        left = flint.fmpq_mat(rows, terms, list(a.reshape(-1)))
        right = flint.fmpq_mat(terms, columns, list(b.reshape(-1)))
        result = np.empty(rows * columns, dtype=object)
        result[:] = (left * right).entries()
        return result.reshape(rows, columns)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """The product: flint is faster on the whole than here on one half."""
        return self.product(a, b)

    def determinant(self, x: ObjectArray) -> Any:
        """By flint."""
        return flint.fmpq_mat(x.shape[0], x.shape[1], list(x.reshape(-1))).det()

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Exact."""
        return np.asarray(np.asarray(x, dtype=object) == 0, dtype=bool)
