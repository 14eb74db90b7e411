"""Real algebraic numbers: one root of an irreducible polynomial over ℤ, told apart from all others exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, final

import flint

from geomcheck.fields.enclosures import FIRST_PRECISION, working_precision
from geomcheck.fields.rationals import to_fraction

DIGITS = 12
LONGEST_POLYNOMIAL = 60


@final
@dataclass(frozen=True, eq=False)
class RealAlgebraic:
    """The real root number ``index`` (0-based, ascending) of Σ_i coefficients[i] x^i, primitive and irreducible over ℤ.

    The leading coefficient is positive, so two such numbers are equal exactly where their fields are; rational ones
    equal their Fraction. Order is decided by enclosures, refined until they part, which those of unequal numbers do.

    >>> root = real_roots(flint.fmpq_poly([-2, 0, 1]))[1]
    >>> root, root > Fraction(7, 5), root == RealAlgebraic.of(Fraction(7, 5))
    (1.41421356237… (root of x^2 - 2), True, False)
    """

    coefficients: tuple[int, ...]
    index: int = 0

    @classmethod
    def of(cls, number: Fraction | int) -> RealAlgebraic:
        """A rational number."""
        value = Fraction(number)
        return cls((-value.numerator, value.denominator))

    @property
    def degree(self) -> int:
        """The degree over ℚ."""
        return len(self.coefficients) - 1

    @property
    def rational(self) -> Fraction | None:
        """The rational number this is, or None."""
        return Fraction(-self.coefficients[0], self.coefficients[1]) if self.degree == 1 else None

    def enclosure(self, bits: int = FIRST_PRECISION) -> Any:
        """A ball that holds this root and no other real root of its polynomial; the more bits, the smaller."""
        value = self.rational
        if value is not None:
            with working_precision(bits):
                return flint.arb(flint.fmpq(value.numerator, value.denominator))
        return _balls(self.coefficients, bits)[self.index]

    def bounds(self, bits: int = FIRST_PRECISION) -> tuple[Fraction, Fraction]:
        """Rationals low ≤ x ≤ high; equal where x is rational."""
        value = self.rational
        if value is not None:
            return value, value
        return ends(self.enclosure(bits))

    def compare(self, other: RealAlgebraic | Fraction | int) -> int:
        """The sign of self − other, exactly."""
        if self == other:
            return 0
        right = other if isinstance(other, RealAlgebraic) else RealAlgebraic.of(other)
        bits = FIRST_PRECISION
        while True:
            a, b = self.enclosure(bits), right.enclosure(bits)
            if a < b or a > b:
                return 1 if a > b else -1
            bits *= 2

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RealAlgebraic):
            return self.coefficients == other.coefficients and self.index == other.index
        return self.rational == other if isinstance(other, Fraction | int) else NotImplemented

    def __hash__(self) -> int:
        value = self.rational
        return hash((self.coefficients, self.index)) if value is None else hash(value)

    def __lt__(self, other: RealAlgebraic | Fraction | int) -> bool:
        return self.compare(other) < 0

    def __le__(self, other: RealAlgebraic | Fraction | int) -> bool:
        return self.compare(other) <= 0

    def __gt__(self, other: RealAlgebraic | Fraction | int) -> bool:
        return self.compare(other) > 0

    def __ge__(self, other: RealAlgebraic | Fraction | int) -> bool:
        return self.compare(other) >= 0

    def text(self) -> str:
        """``p/q``; else decimals, all of them right, with the polynomial where it is short and its degree where not."""
        value = self.rational
        if value is not None:
            return str(value)
        polynomial = str(flint.fmpz_poly(list(self.coefficients))).replace("+ (-", "- (").replace("(", "")
        polynomial = polynomial.replace(")", "").replace("*", " ")
        known = f"root of {polynomial}" if len(polynomial) <= LONGEST_POLYNOMIAL else f"algebraic, degree {self.degree}"
        return f"{decimals(self)}… ({known})"

    def __repr__(self) -> str:
        return self.text()


def ends(ball: Any) -> tuple[Fraction, Fraction]:
    """Rationals at or outside the two ends of a finite ball, however long its midpoint."""
    with working_precision(max(2 * FIRST_PRECISION, ball.bits() + 2 * FIRST_PRECISION)):
        return to_fraction(ball.lower().fmpq()), to_fraction(ball.upper().fmpq())


def decimals(number: RealAlgebraic, digits: int = DIGITS) -> str:
    """The leading decimals of an irrational number, cut off, not rounded.

    >>> decimals(real_roots(flint.fmpq_poly([-2, 0, 1]))[0], 5)
    '-1.4142'
    """
    bits = FIRST_PRECISION
    while True:
        low, high = (abs(bound) for bound in number.bounds(bits))
        size = len(str(int(high))) if high >= 1 else 1 - _leading_zeros(high)
        places = max(0, digits - size)
        cut = int(low * 10**places)
        if int(high * 10**places) == cut and number.enclosure(bits) != 0:
            whole = str(cut).rjust(places + 1, "0")
            sign = "-" if number.enclosure(bits) < 0 else ""
            return f"{sign}{whole[: len(whole) - places]}" + (f".{whole[-places:]}" if places else "")
        bits *= 2


def _leading_zeros(value: Fraction) -> int:
    count = 0
    while value and value * 10 < 1 and count < 40:
        value, count = value * 10, count + 1
    return count


@lru_cache(maxsize=4096)
def _balls(coefficients: tuple[int, ...], bits: int) -> tuple[Any, ...]:
    """Disjoint balls around the real roots of an irreducible polynomial, ascending.

    ``arb`` isolates all complex roots of a squarefree integer polynomial and gives the real ones, and only those, an
    imaginary part that is exactly zero.
    """
    with working_precision(bits):
        pairs: list[Any] = flint.fmpz_poly(list(coefficients)).complex_roots()
        found = [root for root, _ in pairs]
        reals = [root if isinstance(root, flint.arb) else root.real for root in found if _is_real(root)]
    return tuple(sorted(reals, key=lambda ball: ball.mid()))


def _is_real(root: Any) -> bool:
    return not isinstance(root, flint.acb) or bool(root.imag.is_zero())


def real_roots(polynomial: Any) -> list[RealAlgebraic]:
    """The distinct real roots of a nonzero polynomial over ℚ, ascending.

    >>> real_roots(flint.fmpq_poly([0, -1, 0, 4]))
    [-1/2, 0, 1/2]
    """
    found: list[RealAlgebraic] = []
    for factor, _ in flint.fmpq_poly(polynomial).numer().factor()[1]:
        coefficients = _canonical(factor)
        if len(coefficients) == 2:
            found.append(RealAlgebraic(coefficients))
        else:
            count = len(_balls(coefficients, FIRST_PRECISION))
            found.extend(RealAlgebraic(coefficients, i) for i in range(count))
    return sorted(found)


def _canonical(polynomial: Any) -> tuple[int, ...]:
    sign = -1 if polynomial.coeffs()[-1] < 0 else 1
    return tuple(sign * int(c) for c in polynomial.coeffs())


def value_at(polynomial: Any, number: RealAlgebraic) -> RealAlgebraic:
    """g(α), as a root of its minimal polynomial, which is that of multiplication by g(α) on ℚ(α).

    >>> value_at(flint.fmpq_poly([1, 0, 1]), real_roots(flint.fmpq_poly([-2, 0, 1]))[0])
    3
    """
    value = number.rational
    if value is not None:
        image = to_fraction(flint.fmpq(polynomial(flint.fmpq(value.numerator, value.denominator))))
        return RealAlgebraic.of(image)
    modulus = flint.fmpq_poly(list(number.coefficients))
    n, rows, power = number.degree, [], polynomial % modulus
    for _ in range(n):
        entries = list(power.coeffs())
        rows += entries + [flint.fmpq(0)] * (n - len(entries))
        power = (power * flint.fmpq_poly([0, 1])) % modulus
    minimal = _canonical(flint.fmpq_poly(flint.fmpq_mat(n, n, rows).minpoly()).numer())
    if len(minimal) == 2:
        return RealAlgebraic(minimal)
    bits = FIRST_PRECISION
    while True:
        near = ball_at(polynomial, number, bits)
        hits = [i for i, ball in enumerate(_balls(minimal, bits)) if ball.overlaps(near)]
        if len(hits) == 1:
            return RealAlgebraic(minimal, hits[0])
        bits *= 2


def ball_at(polynomial: Any, number: RealAlgebraic, bits: int = FIRST_PRECISION) -> Any:
    """A ball around g(α)."""
    with working_precision(bits):
        argument, total = number.enclosure(bits), flint.arb(0)
        for c in reversed(polynomial.coeffs()):
            total = total * argument + flint.arb(c)
        return total
