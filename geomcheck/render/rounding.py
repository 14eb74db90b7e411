"""The ends of certified intervals in few digits, rounded outwards: what is printed is still a bound."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final

__all__ = ["at_least", "at_most"]

_DIGITS: Final = 8


def at_most(number: float | Decimal) -> str:
    """The greatest number of a few digits that is not above this one.

    >>> from fractions import Fraction
    >>> at_most(0.1), Fraction(at_most(1 / 3)) <= Fraction(1 / 3)
    ('0.1', True)
    """
    return _text(Context(_DIGITS, ROUND_FLOOR).create_decimal(Decimal(number)))


def at_least(number: float | Decimal) -> str:
    """The least number of a few digits that is not below this one.

    >>> at_least(1 / 3)
    '0.33333334'
    """
    return _text(Context(_DIGITS, ROUND_CEILING).create_decimal(Decimal(number)))


def _text(number: Decimal) -> str:
    return format(number.normalize(), "g")
