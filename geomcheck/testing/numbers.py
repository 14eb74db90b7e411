"""Rational numbers of small height."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.testing.validation import check_count, check_interval, check_rational, check_type

_positive = check_count(1)


def rationals(
    *,
    min_value: Fraction | int | None = None,
    max_value: Fraction | int | None = None,
    max_height: int = 9,
    max_denominator: int | None = None,
    allow_zero: bool = True,
) -> SearchStrategy[Fraction]:
    """Fractions p/q with |p| ≤ max_height and 1 ≤ q ≤ max_denominator, within the bounds, both ends included.

    `max_denominator` is min(3, max_height) unless given: few denominators keep the fields ℚ(e^{1/q}) small. Shrinks to
    small denominators, then towards 0, positive before negative.

    Raises InvalidArgument where no such number exists.

    >>> from hypothesis import find
    >>> find(rationals(), lambda x: x > 0), find(rationals(max_value=-1), lambda x: x.denominator > 1)
    (Fraction(1, 1), Fraction(-3, 2))
    """
    low = None if min_value is None else check_rational(min_value, "min_value")
    high = None if max_value is None else check_rational(max_value, "max_value")
    check_interval(low, high, "min_value", "max_value")
    height = _positive(max_height, "max_height")
    denominator = min(3, height) if max_denominator is None else _positive(max_denominator, "max_denominator")
    check_type(bool, allow_zero, "allow_zero")
    if denominator > height:
        raise InvalidArgument(f"Cannot have max_denominator={denominator} > max_height={height}")
    numerators = {}
    for q in range(1, denominator + 1):
        first = -height if low is None else max(-height, ceil(low * q))
        last = height if high is None else min(height, floor(high * q))
        if first <= last and (allow_zero or first or last):
            numerators[q] = (first, last)
    if not numerators:
        raise InvalidArgument(
            f"There are no rationals with min_value={min_value}, max_value={max_value}, max_height={height}, "
            f"max_denominator={denominator}, allow_zero={allow_zero}"
        )
    return _rationals(numerators, allow_zero)


@st.composite
def _rationals(draw: DrawFn, numerators: dict[int, tuple[int, int]], allow_zero: bool) -> Fraction:
    q = draw(st.sampled_from(sorted(numerators)))
    p = st.integers(*numerators[q])
    return Fraction(draw(p if allow_zero else p.filter(bool)), q)


def small_rationals() -> SearchStrategy[Fraction]:
    """What points and data are made of unless the caller says otherwise: |p| ≤ 4, q ≤ 2."""
    return rationals(max_height=4, max_denominator=2)


def small_integers() -> SearchStrategy[Fraction]:
    """What factors of matrices are made of unless the caller says otherwise: integers from −3 to 3."""
    return rationals(max_height=3, max_denominator=1)
