"""Elements of ℚ(t, u): fractions of integer polynomials in lowest terms."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Any, final

import flint

from geomcheck.errors import OutsideField
from geomcheck.fields.effort import spend

MOST_TERMS = 4_000
HIGHEST_DEGREE = 50_000  # of a common divisor: Euclid fills the gaps of sparse polynomials, so degree is what it costs
_CONTEXT = flint.fmpz_mpoly_ctx.get(("t", "u"), flint.Ordering.lex)
_ONE = _CONTEXT.constant(1)
_ZERO = _CONTEXT.constant(0)


@final
class RationalFunction:
    """n/d with n, d in ℤ[t, u], gcd(n, d) = 1 and the leading coefficient of d (lexicographic, t > u) positive.

    The form is unique, so elements are equal exactly when their parts are. Polynomials are sparse: t^1000000 costs
    no more than t. Combines with ints and flint rationals.

    >>> t = RationalFunction.monomial(1)
    >>> str((t * t - 1) / (t + 1) / 2)
    '(t - 1)/2'
    """

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Any, denominator: Any) -> None:
        """The parts as they are; they must already be in lowest terms (`fraction` brings them there).

        Raises OutsideField past MOST_TERMS terms: such an element exists, but computing with it would take forever.
        """
        terms = len(numerator) + len(denominator)
        spend(terms)
        if terms > MOST_TERMS:
            raise OutsideField(
                f"expected an element of ℚ(t, u) of at most {MOST_TERMS} terms, terms={terms} (int); "
                "use fewer samples, fewer units or simpler numbers"
            )
        self.numerator = numerator
        self.denominator = denominator

    @staticmethod
    def fraction(numerator: Any, denominator: Any) -> RationalFunction:
        """n/d brought to lowest terms; ZeroDivisionError when d = 0."""
        if not denominator:
            raise ZeroDivisionError("expected a nonzero denominator, denominator=0 (polynomial)")
        common = _gcd(numerator, denominator)
        if common is not None:
            numerator, denominator = numerator / common, denominator / common
        if denominator.leading_coefficient() < 0:
            numerator, denominator = -numerator, -denominator
        return RationalFunction(numerator, denominator)

    @staticmethod
    def of(value: Any) -> RationalFunction:
        """An int, flint rational or RationalFunction as a RationalFunction."""
        converted = _coerce(value)
        if converted is None:
            raise TypeError(f"expected an int, a flint rational or a RationalFunction, value={value!r}")
        return converted

    @staticmethod
    def monomial(t_exponent: int, u_exponent: int = 0) -> RationalFunction:
        """t^i u^j for any integers i, j."""
        above = _CONTEXT.from_dict({(max(t_exponent, 0), max(u_exponent, 0)): 1})
        below = _CONTEXT.from_dict({(max(-t_exponent, 0), max(-u_exponent, 0)): 1})
        return RationalFunction(above, below)

    @property
    def rational(self) -> Any:
        """The flint rational this is, or None when t or u occurs."""
        if not (self.numerator.is_constant() and self.denominator.is_constant()):
            return None
        above = self.numerator.leading_coefficient() if self.numerator else 0
        return flint.fmpq(above, self.denominator.leading_coefficient())

    @property
    def is_zero(self) -> bool:
        """Whether this is 0."""
        return not self.numerator

    def residue_pair(self, t: int, u: int, prime: int) -> tuple[int, int]:
        """Numerator and denominator modulo a prime at residues t, u."""
        return _residue(self.numerator, t, u, prime), _residue(self.denominator, t, u, prime)

    def __add__(self, other: Any) -> Any:
        right = _coerce(other)
        if right is None:
            return NotImplemented
        if self.denominator == right.denominator:
            if self.denominator == _ONE:
                return RationalFunction(self.numerator + right.numerator, _ONE)
            return RationalFunction.fraction(self.numerator + right.numerator, self.denominator)
        common = _gcd(self.denominator, right.denominator)
        if common is None:  # coprime denominators: the sum is already in lowest terms
            above = self.numerator * right.denominator + right.numerator * self.denominator
            return RationalFunction(above, self.denominator * right.denominator)
        left_rest, right_rest = self.denominator / common, right.denominator / common
        above = self.numerator * right_rest + right.numerator * left_rest
        return RationalFunction.fraction(above, self.denominator * right_rest)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        right = _coerce(other)
        if right is None:
            return NotImplemented
        if not self.numerator or not right.numerator:
            return RationalFunction(_ZERO, _ONE)
        above, below = self.numerator, self.denominator
        more_above, more_below = right.numerator, right.denominator
        cross = _gcd(above, more_below)
        if cross is not None:
            above, more_below = above / cross, more_below / cross
        cross = _gcd(more_above, below)
        if cross is not None:
            more_above, below = more_above / cross, below / cross
        return RationalFunction(above * more_above, below * more_below)

    __rmul__ = __mul__

    def __neg__(self) -> RationalFunction:
        return RationalFunction(-self.numerator, self.denominator)

    def __sub__(self, other: Any) -> Any:
        right = _coerce(other)
        return NotImplemented if right is None else self + -right

    def __rsub__(self, other: Any) -> Any:
        left = _coerce(other)
        return NotImplemented if left is None else left + -self

    def __truediv__(self, other: Any) -> Any:
        right = _coerce(other)
        return NotImplemented if right is None else self * right.inverse()

    def __rtruediv__(self, other: Any) -> Any:
        left = _coerce(other)
        return NotImplemented if left is None else left * self.inverse()

    def inverse(self) -> RationalFunction:
        """d/n; ZeroDivisionError at 0."""
        if not self.numerator:
            raise ZeroDivisionError("expected a nonzero element, value=0 (RationalFunction)")
        if self.numerator.leading_coefficient() < 0:
            return RationalFunction(-self.denominator, -self.numerator)
        return RationalFunction(self.denominator, self.numerator)

    def __pow__(self, exponent: int) -> RationalFunction:
        base = self if exponent >= 0 else self.inverse()
        return RationalFunction(base.numerator ** abs(exponent), base.denominator ** abs(exponent))

    def __eq__(self, other: object) -> bool:
        right = _coerce(other)
        if right is None:
            return NotImplemented
        return bool(self.numerator == right.numerator and self.denominator == right.denominator)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        above = str(self.numerator)
        if self.denominator == _ONE:
            return above
        below = str(self.denominator)
        simple_above = f"({above})" if len(self.numerator) > 1 else above
        return f"{simple_above}/{below}" if self.denominator.is_constant() else f"{simple_above}/({below})"

    __repr__ = __str__


def dot_product(left: list[RationalFunction], right: list[RationalFunction]) -> RationalFunction:
    """Σ lᵢ rᵢ, summed by denominators so that lowest terms are found once for each."""
    sums: list[tuple[Any, Any]] = []
    for a, b in zip(left, right, strict=True):
        if not a.numerator or not b.numerator:
            continue
        above, below = a.numerator * b.numerator, a.denominator * b.denominator
        for i, (known, sum_above) in enumerate(sums):
            if known == below:
                sums[i] = (known, sum_above + above)
                break
        else:
            sums.append((below, above))
    terms = [RationalFunction.fraction(above, below) for below, above in sums]
    while len(terms) > 1:  # a balanced tree keeps the denominators small
        pairs = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + ([terms[-1]] if len(terms) % 2 else [])
    return terms[0] if terms else RationalFunction(_ZERO, _ONE)


def clear_denominators(row: Iterable[Any]) -> tuple[list[Any], RationalFunction]:
    """The polynomials that are a row of elements times their least common denominator, and that denominator."""
    elements = [RationalFunction.of(x) for x in row]
    common = _ONE
    for x in elements:
        common = common * (x.denominator / common.gcd(x.denominator))
    return [x.numerator * (common / x.denominator) for x in elements], RationalFunction(common, _ONE)


def _gcd(a: Any, b: Any) -> Any:
    """The greatest common divisor, or None when it is 1.

    Raises OutsideField where both degrees pass HIGHEST_DEGREE: parameters read from floats give t^(2^40).
    """
    if _ONE in (a, b):
        return None
    degree = min(max(a.degrees()), max(b.degrees())) if a and b and 1 not in (len(a), len(b)) else 0
    if degree > HIGHEST_DEGREE:  # in t^m and u^m for the greatest m that serves: flint deflates before it divides
        degree //= gcd(*(int(e) for polynomial in (a, b) for powers in polynomial.monoms() for e in powers))
    if degree > HIGHEST_DEGREE:
        raise OutsideField(
            f"expected an element of ℚ(t, u) of degree at most {HIGHEST_DEGREE}, degree={degree} (int); "
            "use numbers with smaller denominators"
        )
    common = a.gcd(b)
    return None if common == _ONE else common


def _coerce(value: Any) -> RationalFunction | None:
    if isinstance(value, RationalFunction):
        return value
    if isinstance(value, (int, flint.fmpz)):
        return RationalFunction(_CONTEXT.constant(value), _ONE)
    if isinstance(value, flint.fmpq):
        return RationalFunction(_CONTEXT.constant(value.p), _CONTEXT.constant(value.q))
    return None


def _residue(polynomial: Any, t: int, u: int, prime: int) -> int:
    terms = polynomial.to_dict().items()
    return sum(int(c) * pow(t, int(i), prime) * pow(u, int(j), prime) for (i, j), c in terms) % prime
