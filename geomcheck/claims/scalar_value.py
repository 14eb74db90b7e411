"""The value of a scalar term at an instance: an exact field element, or a rigorous enclosure of one.

Arithmetic keeps exactness where both sides are exact and encloses otherwise; both must come from the same field.
Comparisons with zero have three answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, final

import flint

from geomcheck.fields.enclosures import enclose, working_precision
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.rational_functions import RationalFunction
from geomcheck.fields.rationals import RationalField
from geomcheck.truth import Truth

PRECISION = 192
LONGEST_FORMULA = 80


@final
@dataclass(frozen=True)
class Value:
    """Either ``element`` of the exact field ``field``, or a real number inside the ball ``enclosure``.

    ``known`` is how to write a number that lies in no field here, ``exact`` whether it is known exactly nevertheless:
    an algebraic one.
    """

    field: RationalField | ExponentialField
    element: Any = None
    enclosure: Any = None
    known: str = ""
    exact: bool = False

    @classmethod
    def of(cls, field: RationalField | ExponentialField, number: int | Fraction) -> Value:
        """A rational number."""
        return cls(field, field.element(Fraction(number)))

    @classmethod
    def between(cls, field: RationalField | ExponentialField, low: int, high: int) -> Value:
        """An integer known to lie in [low, high]; exact when the two agree."""
        if low == high:
            return cls.of(field, low)
        return cls(field, enclosure=flint.arb(flint.fmpq(low + high, 2), flint.fmpq(high - low, 2)))

    @property
    def is_exact(self) -> bool:
        """Whether the value is known exactly."""
        return self.element is not None

    @property
    def ball(self) -> Any:
        """An enclosure, whether or not the value is exact."""
        if self.element is None:
            return self.enclosure
        with working_precision(max(PRECISION, flint.ctx.prec)):
            return enclose(self.element, *self._generators)

    @property
    def _generators(self) -> tuple[int, int]:
        return (self.field.q, self.field.angle_q) if isinstance(self.field, ExponentialField) else (1, 1)

    @property
    def status(self) -> Literal["exact", "enclosed"]:
        """How the text of the value is to be read."""
        return "exact" if self.exact or self._formula is not None else "enclosed"

    def text(self) -> str:
        """The value: ``p/q``, a formula in t = e^(1/q) and u = tan(1/(2q′)), or an enclosure ``[m ± r]``.

        An exact value whose formula is too long to read is given as an enclosure with many digits.
        """
        formula = self.known or self._formula
        return str(self.ball.str(20, radius=True)).replace("+/-", "±") if formula is None else formula

    @property
    def _formula(self) -> str | None:
        if self.element is None:
            return None
        written = str(self.element)
        if not isinstance(self.element, RationalFunction) or self.element.rational is not None:
            return written
        return f"{written} with {self._meaning(written)}" if len(written) <= LONGEST_FORMULA else None

    def _meaning(self, written: str) -> str:
        return meaning(self.field, written)

    def __add__(self, other: Value) -> Value:
        if self.is_exact and other.is_exact:
            return Value(self.field, self.element + other.element)
        return Value(self.field, enclosure=self.ball + other.ball)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __neg__(self) -> Value:
        return Value(self.field, -self.element) if self.is_exact else Value(self.field, enclosure=-self.enclosure)

    def __mul__(self, other: Value) -> Value:
        if self.is_exact and other.is_exact:
            return Value(self.field, self.element * other.element)
        return Value(self.field, enclosure=self.ball * other.ball)

    def compared_with_zero(self, operator: str) -> Truth:
        """``self operator 0`` for == != <= < >= >, three-valued."""
        holds = _HOLDS[operator]
        if self.is_exact:
            return Truth.of(holds(self.field.sign(self.element)))
        possible = {-1: not self.ball >= 0, 0: bool(self.ball.contains(0)), 1: not self.ball <= 0}
        answers = {holds(sign) for sign, can_be in possible.items() if can_be}
        return Truth.of(answers.pop()) if len(answers) == 1 else Truth.UNKNOWN


_HOLDS: Final[dict[str, Callable[[int], bool]]] = {
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
    "<=": lambda sign: sign <= 0,
    "<": lambda sign: sign < 0,
    ">=": lambda sign: sign >= 0,
    ">": lambda sign: sign > 0,
}


def meaning(field: Any, written: str) -> str:
    """What the letters t and u in a written element of the field stand for; empty where it has neither.

    >>> meaning(ExponentialField(2, 1), "t^2 + 1")
    't = e^(1/2)'
    """
    if not isinstance(field, ExponentialField):
        return ""
    meanings = {"t": f"t = e^(1/{field.q})" if field.q > 1 else "t = e", "u": f"u = tan(1/{2 * field.angle_q})"}
    return ", ".join(words for letter, words in meanings.items() if letter in written)
