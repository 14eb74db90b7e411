"""Real numbers by rigorous enclosures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.base import AbstractObjectField, ObjectArray, choose_by_sign, elementwise, kink_at
from geomcheck.fields.enclosures import enclose, working_precision


@final
@dataclass(frozen=True)
class BallField(AbstractObjectField):
    """ℝ in balls [m ± r], python-flint's `arb`: every result contains the true value.

    Products, quotients, primitives and matrix products are computed with `precision` bits. The operators of the arrays
    use flint's own precision, which making a field raises to at least `precision`; a lower one costs width, never
    truth. Raises OutsideField where a primitive has no value, Undecided("sign-unknown") where a sign or a division
    depends on where in its ball the number lies.

    >>> B = BallField(64)
    >>> bool(B.apply("exp", B.array([1]))[0].contains(flint.arb(1).exp()))
    True
    """

    decides_zero: ClassVar[bool] = False

    precision: int = 128

    def __post_init__(self) -> None:
        flint.ctx.prec = max(flint.ctx.prec, self.precision)

    @property
    def name(self) -> str:
        """The real numbers, with the precision."""
        return f"ℝ in balls of {self.precision} bits"

    def element(self, value: Fraction) -> Any:
        """A ball around a rational."""
        with working_precision(self.precision):
            return flint.arb(flint.fmpq(value.numerator, value.denominator))

    def embed(self, x: Any, q: int = 1, angle_q: int = 1) -> ObjectArray:
        """An array over ℚ or ℚ(e^{1/q}, tan 1/(2q′)) in balls."""
        with working_precision(self.precision):
            return elementwise(lambda entry: enclose(entry, q, angle_q), x)

    def quotient(self, a: Any, b: Any) -> Any:
        """Divide; Undecided when the divisor's ball meets zero."""
        divisor = flint.arb(b)
        if divisor.is_zero():
            raise ZeroDivisionError
        if divisor.contains(0):
            raise _unknown_sign(b, "a divisor")
        with working_precision(self.precision):
            return flint.arb(a) / divisor

    def primitive(self, name: str, x: Any) -> Any:
        """By `arb`."""
        with working_precision(self.precision):
            value = _PRIMITIVES[name](x)
        if not value.is_finite():
            shown = x.str(10) if isinstance(x, flint.arb) else x
            raise OutsideField(f"expected an argument where {name} is finite, argument={shown} (ball)")
        return value

    def sign(self, x: Any) -> int:
        """The sign all numbers in the ball share."""
        if x > 0:
            return 1
        if x < 0:
            return -1
        if x.is_zero():
            return 0
        raise _unknown_sign(x, "a number")

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By certain signs."""
        signs = self.signs(x)
        if not signs.all():
            raise kink_at(signs)
        return choose_by_sign(signs, self.element(positive), self.element(negative))

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """Continuous, so it has an enclosure also where the sign is unknown."""
        above, below = self.element(positive), self.element(negative)

        def part(entry: Any) -> Any:
            with working_precision(self.precision):
                if entry >= 0:
                    return entry * above
                return entry * below if entry <= 0 else entry.max(0) * above + entry.min(0) * below

        return elementwise(part, x)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By flint's ball matrices."""
        (rows, terms), columns = a.shape, b.shape[1]
        result = np.empty(rows * columns, dtype=object)
        with working_precision(self.precision):
            left = flint.arb_mat(rows, terms, list(a.reshape(-1)))
            right = flint.arb_mat(terms, columns, list(b.reshape(-1)))
            result[:] = (left * right).entries()
        return result.reshape(rows, columns)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """The product: flint is faster on the whole than here on one half."""
        return self.product(a, b)

    def determinant(self, x: ObjectArray) -> Any:
        """By flint."""
        with working_precision(self.precision):
            return flint.arb_mat(x.shape[0], x.shape[1], list(x.reshape(-1))).det()

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Where the ball is the one point 0."""
        return elementwise(lambda entry: entry.is_zero(), x).astype(bool)


def _unknown_sign(x: Any, what: str) -> Undecided:
    return Undecided("sign-unknown", f"{what} is enclosed by {x}, which meets zero", "raise the precision")


def _normal_cdf(x: Any) -> Any:
    return (-x / flint.arb(2).sqrt()).erfc() / 2


def _normal_pdf(x: Any) -> Any:
    return (-x * x / 2).exp() / (2 * flint.arb.pi()).sqrt()


_PRIMITIVES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: x.exp().log1p(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "normal_cdf": _normal_cdf,
    "normal_pdf": _normal_pdf,
    "logcosh": lambda x: x.cosh().log(),
}
