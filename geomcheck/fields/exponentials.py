"""ℚ(e^{1/q}, tan 1/(2q′)): where networks of exponential type have exact values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, ClassVar, Final, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.base import (
    AbstractObjectField,
    NeedsDenominator,
    ObjectArray,
    bareiss,
    elementwise,
    part_by_signs,
    product_of_entries,
    step_by_signs,
)
from geomcheck.fields.enclosures import FIRST_PRECISION, LAST_PRECISION, enclose, working_precision
from geomcheck.fields.rational_functions import RationalFunction, clear_denominators, dot_product
from geomcheck.fields.rationals import ANGLES, EXPONENT_FACTOR, RATIONAL_VALUES

MAX_ANGLE: Final = 200
"""The greatest m of sin(m/q′) and cos(m/q′) as rational functions of degree 2m in u; past it enclosures are used."""


@final
@dataclass(frozen=True)
class ExponentialField(AbstractObjectField):
    """ℚ(t, u) with t = e^{1/q} and u = tan(1/(2q′)), elements `RationalFunction`.

    Theorem. t and u are algebraically independent over ℚ, so an element is zero exactly when its numerator is the zero
    polynomial, and ranks over this field are ranks over the field of rational functions in two free variables.

    Proof. For u alone absent this is Hermite's theorem (1873): e^{1/q} is transcendental, as e is algebraic over
    ℚ(e^{1/q}). In general let w = e^{i/q′}. The numbers 1/q and i/q′ are linearly independent over ℚ, one being real
    and the other imaginary, so e^{1/q} and e^{i/q′} are algebraically independent over ℚ (Lindemann–Weierstrass,
    1885). From u = −i(w − 1)/(w + 1) we get w = (1 + iu)/(1 − iu), so ℚ(i)(t, u) = ℚ(i)(t, w) has transcendence degree
    2 over ℚ, and t, u are algebraically independent.  ∎

    Values of primitives at rationals x: with e^{m/q} = t^m, and e^{im/q′} = ((1 + iu)²/(1 + u²))^m,
        exp x, tanh x = (e^{2x} − 1)/(e^{2x} + 1), sigmoid x = eˣ/(eˣ + 1), cos x, sin x.
    The logarithm is there at the powers of t: log t^m = m/q. NeedsDenominator says which q or q′ an argument needs;
    OutsideField is raised at arguments that are not rational, and by every other primitive.

    Signs are decided by enclosing t and u at growing precision. This ends, because a nonzero polynomial does not
    vanish at (t, u); past 2¹⁶ bits Undecided("sign-unknown") is raised all the same.

    >>> E = ExponentialField(2)
    >>> E.apply("tanh", E.array([Fraction(1, 4)]))[0]
    (t - 1)/(t + 1)
    """

    decides_zero: ClassVar[bool] = True  # by the theorem

    q: int = 1
    angle_q: int = 1

    @property
    def name(self) -> str:
        """ℚ(e^{1/q})."""
        return f"ℚ(e^(1/{self.q}), tan(1/{2 * self.angle_q}))"

    def element(self, value: Fraction) -> RationalFunction:
        """A constant."""
        return RationalFunction.of(flint.fmpq(value.numerator, value.denominator))

    def embed(self, x: Any) -> ObjectArray:
        """An array over ℚ as one over this field."""
        return elementwise(RationalFunction.of, x)

    def quotient(self, a: Any, b: Any) -> RationalFunction:
        """Divide in lowest terms."""
        return RationalFunction.of(a) * RationalFunction.of(b).inverse()  # type: ignore[no-any-return]

    def exponents(self, name: str, x: Any) -> ObjectArray:
        """The integers m with cx = m/q (or m/q′ for angles), c as in `EXPONENT_FACTOR`.

        Raises NeedsDenominator when q (or q′) is not a multiple of the denominators, OutsideField at irrational x.
        """
        angle = name in ANGLES
        factor = EXPONENT_FACTOR.get(name, 1)
        base = self.angle_q if angle else self.q
        scale = factor * base
        scaled = elementwise(
            lambda entry: scale * (entry if isinstance(entry, flint.fmpq) else _rational(name, entry)), x
        )
        missing = lcm(*{int(entry.q) for entry in scaled.reshape(-1)})
        if missing != 1:
            raise NeedsDenominator("angle" if angle else "exponential", base * missing)
        return elementwise(lambda entry: int(entry.p), scaled)

    def primitive(self, name: str, x: Any) -> RationalFunction:
        """One primitive at one element."""
        element = RationalFunction.of(x)
        if name in EXPONENT_FACTOR or name in ANGLES:
            exponent = int(self.exponents(name, element)[()])
            if name in ANGLES and abs(exponent) > MAX_ANGLE:
                raise OutsideField(f"expected an angle up to {MAX_ANGLE}/{self.angle_q}, got {exponent}/{self.angle_q}")
            return _angle(name, exponent) if name in ANGLES else _exponential(name, exponent)
        if name == "log":
            logarithm = _power_of_t(element)
            if logarithm is not None:
                return RationalFunction.of(flint.fmpq(logarithm, self.q))
        rational = _rational(name, element)
        value = RATIONAL_VALUES.get((name, int(rational.p))) if rational.q == 1 else None
        if value is None:
            raise OutsideField(
                f"expected a primitive that stays in {self.name}, {name}({rational}); use rigorous enclosures instead"
            )
        return self.element(value)

    def sign(self, x: Any) -> int:
        """By enclosures of growing precision."""
        element = RationalFunction.of(x)
        rational = element.rational
        if rational is not None:
            return int(rational > 0) - int(rational < 0)
        precision = FIRST_PRECISION
        while precision <= LAST_PRECISION:
            with working_precision(precision):
                value = enclose(element, self.q, self.angle_q)
                if value > 0 or value < 0:
                    return 1 if value > 0 else -1
            precision *= 4
        raise Undecided(
            "sign-unknown",
            f"a number is smaller than {LAST_PRECISION} bits of precision resolve",
            "choose parameters with smaller numerators and denominators",
        )

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By exact signs."""
        return step_by_signs(self, x, positive, negative)

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """By exact signs."""
        return part_by_signs(self, x, positive, negative)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """By dot products that reduce each sum once."""
        return product_of_entries(a, b, dot_product, symmetric=False)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """Half of them."""
        return product_of_entries(a, b, dot_product, symmetric=True)

    def determinant(self, x: ObjectArray) -> RationalFunction:
        """Fraction-free, after clearing the denominators of each row."""
        rows, denominator = [], RationalFunction.of(1)
        for row in x:
            cleared, common = clear_denominators(row)
            rows.append(cleared)
            denominator *= common
        one = RationalFunction.of(1).numerator
        return self.quotient(RationalFunction(bareiss(rows, one, lambda a, b: a / b), one), denominator)

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Whether the numerator is the zero polynomial."""
        return elementwise(lambda entry: RationalFunction.of(entry).is_zero, x).astype(bool)


def _rational(name: str, x: Any) -> Any:
    value = RationalFunction.of(x).rational
    if value is None:
        raise OutsideField(
            f"expected a rational argument of {name}, argument={x} (irrational); use rigorous enclosures instead"
        )
    return value


def _power_of_t(x: RationalFunction) -> int | None:
    """The m with x = t^m, or None."""
    above, below = x.numerator.to_dict(), x.denominator.to_dict()
    if len(above) != 1 or len(below) != 1:
        return None
    (((i, j), c),), (((k, l), d),) = above.items(), below.items()
    return int(i) - int(k) if j == l == 0 and c == d == 1 else None


def _exponential(name: str, exponent: int) -> RationalFunction:
    power = RationalFunction.monomial(exponent)
    if name == "exp":
        return power
    above, below = power.numerator, power.denominator
    return RationalFunction.fraction(above - below if name == "tanh" else above, above + below)


def _angle(name: str, exponent: int) -> RationalFunction:
    """The cosine or sine of m/q′: real or imaginary part of (1 + iu)^{2m}, over (1 + u²)^m."""
    u = RationalFunction.monomial(0, 1).numerator
    real, imaginary, power = u**0, u * 0, (1 - u * u, 2 * u)
    bits = abs(exponent)
    while bits:
        if bits & 1:
            real, imaginary = real * power[0] - imaginary * power[1], real * power[1] + imaginary * power[0]
        bits >>= 1
        if bits:
            power = (power[0] * power[0] - power[1] * power[1], 2 * power[0] * power[1])
    below = (1 + u * u) ** abs(exponent)
    above = real if name == "cos" else (imaginary if exponent >= 0 else -imaginary)
    return RationalFunction(above, below)  # no common factor: i and −i are not roots of the parts of (1 + iu)^{2m}
