"""A budget for arithmetic in ℚ(t, u), counted in terms of polynomials, so that it ends alike on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from geomcheck.errors import OutsideField

_left: list[int] = []  # the terms that may still be made; empty where nobody counts


@contextmanager
def limited_effort(terms: int) -> Iterator[None]:
    """Run a block in which `spend` raises ``OutsideField`` once this many terms are made; an outer block's limit stays.

    >>> with limited_effort(10):
    ...     spend(7)
    ...     spend(7)
    Traceback (most recent call last):
    geomcheck.errors.OutsideField: too much work in ℚ(t, u); use fewer samples, fewer units or simpler numbers
    """
    if _left:
        yield
        return
    _left.append(terms)
    try:
        yield
    finally:
        _left.clear()


def spend(terms: int) -> None:
    """Count terms that were made."""
    if _left:
        _left[0] -= terms
        if _left[0] < 0:
            raise OutsideField("too much work in ℚ(t, u); use fewer samples, fewer units or simpler numbers")
