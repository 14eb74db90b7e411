"""Functions of λ on an interval, as an enclosure of their values and one of their slopes: what a mean value form needs.

A number here is (v, s): v encloses f(λ) for every λ of the interval, s encloses every generalised derivative (Clarke)
of f there. Sums, products and the primitives keep this by the chain rule; at a kink the slope is the hull of both.
Hence (Lebourg's mean value theorem) f(λ) ∈ f(μ) + s (λ − μ) for all λ, μ of the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.balls import BallField
from geomcheck.fields.base import AbstractObjectField, ObjectArray, bareiss, elementwise, product_of_entries


@final
@dataclass(frozen=True, slots=True)
class Dual:
    """A value and a slope, both `arb`. Comparisons with 0 speak of the value.

    >>> x = Dual(flint.arb(3), flint.arb(1))
    >>> (x * x).slope == 6
    True
    """

    value: Any
    slope: Any

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)
        return Dual(self.value * other, self.slope * other)

    __rmul__ = __mul__


@final
@dataclass(frozen=True)
class DualField(AbstractObjectField):
    """Balls with slopes along the segment; see the module's docstring.

    >>> field = DualField(64)
    >>> inside = field.positive_part(field.array([0]) + Dual(flint.arb(0, 1), flint.arb(1)), Fraction(1), Fraction(0))
    >>> bool(inside[0].slope.contains(0)), bool(inside[0].slope.contains(1))
    (True, True)
    """

    decides_zero: ClassVar[bool] = False

    precision: int = 128

    def __post_init__(self) -> None:
        BallField(self.precision)  # raises flint's precision

    @property
    def name(self) -> str:
        """Balls with slopes."""
        return f"functions of λ in balls of {self.precision} bits"

    def element(self, value: Fraction) -> Dual:
        """A constant."""
        return Dual(self._balls.element(value), flint.arb(0))

    @property
    def _balls(self) -> BallField:
        return BallField(self.precision)

    def quotient(self, a: Any, b: Any) -> Dual:
        """(u/v)' = (u' − (u/v) v')/v."""
        above, below = _dual(a), _dual(b)
        value = self._balls.quotient(above.value, below.value)
        return Dual(value, self._balls.quotient(above.slope - value * below.slope, below.value))

    def primitive(self, name: str, x: Any) -> Dual:
        """By the chain rule."""
        try:
            return Dual(_VALUES[name](self._balls, x.value), _SLOPES[name](self._balls, x.value) * x.slope)
        except Undecided as error:
            raise OutsideField(str(error)) from None

    def sign(self, x: Any) -> int:
        """The sign all values share."""
        return self._balls.sign(x.value)

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """Raise OutsideField: a step has no slope."""
        raise OutsideField("expected a continuous function along the segment, got a step; use another loss")

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """Where the sign is unknown, the slope is the hull of both."""
        above, below = self._balls.element(positive), self._balls.element(negative)

        def part(entry: Any) -> Dual:
            if entry.value > 0:
                return Dual(entry.value * above, entry.slope * above)
            if entry.value < 0:
                return Dual(entry.value * below, entry.slope * below)
            value = self._balls.positive_part(entry.value, positive, negative)
            return Dual(np.asarray(value, dtype=object).reshape(-1)[0], entry.slope * above.union(below))

        return elementwise(part, x)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By the definition."""
        return product_of_entries(a, b, _dot, symmetric=False)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """One half of it."""
        return product_of_entries(a, b, _dot, symmetric=True)

    def determinant(self, x: ObjectArray) -> Any:
        """By elimination."""
        return bareiss([list(row) for row in x], self.element(Fraction(1)), self.quotient)

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Where value and slope are the one point 0."""
        return elementwise(lambda entry: entry.value.is_zero() and entry.slope.is_zero(), x).astype(bool)


def _dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(flint.arb(x), flint.arb(0))


def _dot(row: list[Any], column: list[Any]) -> Dual:
    total = Dual(flint.arb(0), flint.arb(0))
    for a, b in zip(row, column, strict=True):
        total = total + a * b
    return total


def _rising(name: str) -> Callable[[BallField, Any], Any]:
    """A function that increases, on a wide ball: the hull of its values at both ends, each of which is a thin ball."""

    def value(balls: BallField, x: Any) -> Any:
        return balls.primitive(name, x.lower()).union(balls.primitive(name, x.upper()))

    return value


def _by_size(function: Callable[[BallField, Any], Any]) -> Callable[[BallField, Any], Any]:
    """An even function that is monotone in |x|, on a wide ball."""

    def value(balls: BallField, x: Any) -> Any:
        least, most = flint.arb(x.abs_lower()), flint.arb(x.abs_upper())
        return function(balls, least).union(function(balls, most))

    return value


def _bell(balls: BallField, x: Any) -> Any:
    return balls.primitive("sigmoid", x) * balls.primitive("sigmoid", -x)


_VALUES: dict[str, Callable[[BallField, Any], Any]] = {
    **{name: _rising(name) for name in ("exp", "log", "tanh", "sigmoid", "softplus", "normal_cdf")},
    "sin": lambda balls, x: balls.primitive("sin", x),
    "cos": lambda balls, x: balls.primitive("cos", x),
    "normal_pdf": _by_size(lambda balls, x: balls.primitive("normal_pdf", x)),
    "logcosh": _by_size(lambda balls, x: balls.primitive("softplus", x * -2) + x - flint.arb(2).log()),
}

_SLOPES: dict[str, Callable[[BallField, Any], Any]] = {
    "exp": _VALUES["exp"],
    "log": lambda balls, x: balls.quotient(flint.arb(1), x),
    "tanh": _by_size(lambda balls, x: 4 * _bell(balls, x * 2)),
    "sigmoid": _by_size(_bell),
    "softplus": _VALUES["sigmoid"],
    "sin": _VALUES["cos"],
    "cos": lambda balls, x: -balls.primitive("sin", x),
    "normal_cdf": _VALUES["normal_pdf"],
    "normal_pdf": lambda balls, x: -x * _VALUES["normal_pdf"](balls, x),
    "logcosh": _VALUES["tanh"],
}
