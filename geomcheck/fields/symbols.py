"""Polynomials over ℚ in named variables and in values of special functions: for derivations a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, final

import flint
import numpy as np
import numpy.typing as npt

from geomcheck.errors import LimitError, OutsideField
from geomcheck.fields.base import (
    AbstractObjectField,
    ObjectArray,
    bareiss,
    elementwise,
    kink_at,
    product_of_entries,
)
from geomcheck.fields.rationals import RATIONAL_VALUES


@final
@dataclass(frozen=True)
class SpecialValue:
    """A generator standing for function(argument); `argument` is a polynomial in the variables and earlier generators.

    The function "step" is 1 for a positive argument and 0 for a negative one; "reciprocal" is 1/argument.
    """

    generator: str
    function: str
    argument: Polynomial


@final
class Polynomial:
    """One polynomial: flint's, without the sequence protocol that numpy would take for an array."""

    __slots__ = ("_text", "terms")

    def __init__(self, terms: Any) -> None:
        self.terms = terms
        self._text: str | None = None

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Polynomial):
            if not other.terms:
                return self
            return Polynomial(self.terms + other.terms) if self.terms else other
        return Polynomial(self.terms + other) if isinstance(other, _NUMBERS) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Polynomial):
            return Polynomial(self.terms - other.terms)
        return Polynomial(self.terms - other) if isinstance(other, _NUMBERS) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return Polynomial(other - self.terms) if isinstance(other, _NUMBERS) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Polynomial):
            if other.terms.is_one() or not self.terms:
                return self
            return other if self.terms.is_one() or not other.terms else Polynomial(self.terms * other.terms)
        return Polynomial(self.terms * other) if isinstance(other, _NUMBERS) else NotImplemented

    __rmul__ = __mul__

    def __neg__(self) -> Polynomial:
        return Polynomial(-self.terms)

    def __pow__(self, exponent: int) -> Polynomial:
        return Polynomial(self.terms**exponent)

    def __eq__(self, other: object) -> bool:
        return bool(self.terms == (other.terms if isinstance(other, Polynomial) else other))

    def __hash__(self) -> int:
        return hash(str(self))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        if self._text is None:
            self._text = str(self.terms)
        return self._text

    __repr__ = __str__

    @property
    def constant(self) -> Any:
        """The number this is, or None."""
        if not self.terms:
            return flint.fmpq(0)
        return self.terms.leading_coefficient() if self.terms.is_constant() else None


_NUMBERS = (int, flint.fmpz, flint.fmpq)


@final
class SymbolField(AbstractObjectField):
    """ℚ[v₁, …, v_n, s₁, …, s_k]: polynomials in variables v and special values s.

    Every pair (function, argument) that `apply`, `step` or `divide` meets gets one generator sᵢ, listed in
    `special_values`. A polynomial that is zero is zero as a function; the converse needs no relation to hold between
    the special values (sin² + cos² = 1 is one), so `decides_zero` is False. Signs are known of constants only.

    Args of the constructor: the variables' names, and how many special values there may be. More raise LimitError.

    >>> S = SymbolField(["w", "x"], 1)
    >>> w, x = S.variables(["w", "x"])
    >>> s = S.apply("tanh", [w * x])[0]
    >>> 1 - s * s, S.special_values[0].function, S.special_values[0].argument
    (-s1^2 + 1, 'tanh', w*x)
    """

    decides_zero: ClassVar[bool] = False  # special values may be related

    def __init__(self, names: Sequence[str], capacity: int, prefix: str = "s") -> None:
        self._names = tuple(names)
        self._special = tuple(f"{prefix}{i + 1}" for i in range(capacity))
        every = (*self._names, *self._special)
        if len(set(every)) != len(every):
            raise OutsideField(f"expected distinct names, none of them {prefix}1, {prefix}2, …, names={self._names}")
        self._context = flint.fmpq_mpoly_ctx.get(every, flint.Ordering.degrevlex)
        self._generators = {name: Polynomial(g) for name, g in zip(every, self._context.gens(), strict=True)}
        self._zero = self.element(Fraction(0))
        self._known: dict[tuple[str, str], Any] = {}
        self._values: list[SpecialValue] = []

    @property
    def name(self) -> str:
        """The polynomial ring."""
        return f"ℚ[{', '.join(self._names)}] with special values"

    @property
    def special_values(self) -> tuple[SpecialValue, ...]:
        """The special values met so far, in the order in which they were met."""
        return tuple(self._values)

    def variables(self, names: Sequence[str]) -> ObjectArray:
        """The variables of these names, an array (len(names),)."""
        result = np.empty(len(names), dtype=object)
        result[:] = [self._generators[name] for name in names]
        return result

    def element(self, value: Fraction) -> Any:
        """A constant."""
        return Polynomial(self._context.constant(flint.fmpq(value.numerator, value.denominator)))

    def quotient(self, a: Any, b: Any) -> Any:
        """The polynomial a/b when b divides a, else a times the special value reciprocal(b)."""
        dividend, divisor = self._polynomial(a), self._polynomial(b)
        if not divisor:
            raise ZeroDivisionError
        whole, rest = divmod(dividend.terms, divisor.terms)
        return Polynomial(whole) if not rest else dividend * self._special_value("reciprocal", divisor)

    def primitive(self, name: str, x: Any) -> Any:
        """A rational number where the value is one, else a special value."""
        constant = x.constant
        if constant is not None and constant.q == 1 and (name, int(constant.p)) in RATIONAL_VALUES:
            return self.element(RATIONAL_VALUES[name, int(constant.p)])
        return self._special_value(name, x)

    def sign(self, x: Any) -> int:
        """Of a constant."""
        constant = self._polynomial(x).constant
        if constant is None:
            raise OutsideField(f"expected a number to take the sign of, value={x} (polynomial); give the parameters")
        return int(constant > 0) - int(constant < 0)

    def step(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """The polynomial n + (p − n)·step(x), and a number where x is one."""
        zero = elementwise(lambda entry: not self._polynomial(entry), x).astype(bool)
        if zero.any():
            raise kink_at((~zero).astype(np.int8))
        return elementwise(lambda entry: self._step(entry, positive, negative), x)

    def positive_part(self, x: Any, positive: Fraction, negative: Fraction) -> ObjectArray:
        """The product of x with its step; 0 where x is the constant 0."""
        return elementwise(lambda entry: entry * self._step(entry, positive, negative) if entry else entry, x)

    def product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """Entry by entry."""
        return product_of_entries(a, b, self._dot, symmetric=False)

    def symmetric_product(self, a: ObjectArray, b: ObjectArray) -> ObjectArray:
        """Entry by entry, one half."""
        return product_of_entries(a, b, self._dot, symmetric=True)

    def determinant(self, x: ObjectArray) -> Polynomial:
        """Fraction-free."""
        rows = [[self._polynomial(entry).terms for entry in row] for row in x]
        return Polynomial(bareiss(rows, self._context.constant(1), lambda a, b: a / b))

    def is_zero(self, x: Any) -> npt.NDArray[np.bool_]:
        """Where the polynomial is zero."""
        return elementwise(lambda entry: not self._polynomial(entry), x).astype(bool)

    def _dot(self, row: list[Polynomial], column: list[Polynomial]) -> Polynomial:
        """A sum of products without those that are zero."""
        total = None
        for x, y in zip(row, column, strict=True):
            left, right = x.terms, y.terms
            if left and right:
                total = left * right if total is None else total + left * right
        return self._zero if total is None else Polynomial(total)

    def _polynomial(self, x: Any) -> Polynomial:
        return x if isinstance(x, Polynomial) else Polynomial(self._context.constant(x))

    def _step(self, x: Any, positive: Fraction, negative: Fraction) -> Any:
        if x.constant is not None:
            return self.element(positive if self.sign(x) > 0 else negative)
        return self._special_value("step", x) * self.element(positive - negative) + self.element(negative)

    def _special_value(self, function: str, argument: Any) -> Any:
        key = (function, str(argument))
        if key not in self._known:
            if len(self._values) == len(self._special):
                raise LimitError(
                    f"expected at most {len(self._special)} special values, capacity={len(self._special)} (int); "
                    "derive a smaller network or fewer samples"
                )
            generator = self._special[len(self._values)]
            self._values.append(SpecialValue(generator, function, argument))
            self._known[key] = self._generators[generator]
        return self._known[key]
