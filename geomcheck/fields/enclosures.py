"""Rigorous enclosures of exact elements: the one place where the real values of t and u are computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flint

from geomcheck.fields.rational_functions import RationalFunction

FIRST_PRECISION = 64
LAST_PRECISION = 1 << 16


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Run a block with flint's ball precision set to `bits`, and set it back."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def enclose(x: Any, q: int = 1, angle_q: int = 1) -> Any:
    """An `arb` ball that contains the real value of x, an int, flint rational or element of ℚ(e^{1/q}, tan 1/(2q′)).

    Uses the working precision. The ball is not finite when the denominator's enclosure meets zero.

    >>> bool(enclose(flint.fmpq(1, 3)) * 3 == 1), bool(enclose(flint.fmpq(1, 4)) == flint.arb("0.25"))
    (False, True)
    """
    if not isinstance(x, RationalFunction):
        return flint.arb(x)
    return _polynomial(x.numerator, q, angle_q) / _polynomial(x.denominator, q, angle_q)


def _polynomial(polynomial: Any, q: int, angle_q: int) -> Any:
    u = (flint.arb(1) / (2 * angle_q)).tan()
    total = flint.arb(0)
    for (i, j), coefficient in polynomial.to_dict().items():
        term = flint.arb(coefficient)
        if i:
            term *= flint.arb(flint.fmpq(int(i), q)).exp()
        if j:
            term *= u ** int(j)
        total += term
    return total
