"""One parameter: the common zeros of polynomials are the real roots of their greatest common divisor (Sturm 1829)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from geomcheck.connectivity.count import Components
from geomcheck.connectivity.polynomials import Polynomial
from geomcheck.connectivity.rational_matrices import ZERO

Dense: TypeAlias = tuple[Fraction, ...]
"""Coefficients from the constant term up, the last one nonzero; () is 0."""


def components(equations: Sequence[Polynomial]) -> Components | None:
    """The components of {all equations = 0} in one variable; None for none or several, or an empty set.

    >>> one = Fraction(1)
    >>> components([Polynomial({(3,): one, (1,): -one})]).count
    3
    """
    used = {i for equation in equations for exponents in equation.terms for i, e in enumerate(exponents) if e}
    if len(used) != 1:
        return None
    common: Dense = ()
    for equation in equations:
        common = greatest_common_divisor(common, dense(equation, *used))
    if not common:
        return Components(1, "roots", "the equations hold for every value of the parameter")
    count = real_roots(common)
    return Components(count, "roots", f"the equations have {count} common real roots") if count else None


def dense(polynomial: Polynomial, v: int) -> Dense:
    """The coefficients of a polynomial in which no variable but v occurs."""
    by_degree = {exponents[v]: c for exponents, c in polynomial.terms.items()}
    return _trimmed([by_degree.get(i, ZERO) for i in range(polynomial.degree + 1)])


def greatest_common_divisor(a: Dense, b: Dense) -> Dense:
    """A greatest common divisor, up to a factor."""
    while b:
        a, b = b, _remainder(a, b)
    return a


def real_roots(f: Dense) -> int:
    """The number of distinct real roots of f ≠ 0, by the changes of sign in its Sturm sequence at −∞ and +∞.

    >>> real_roots((Fraction(1), Fraction(-2), Fraction(1))), real_roots((Fraction(1), Fraction(0), Fraction(1)))
    (1, 0)
    """
    chain = [f, _trimmed([i * c for i, c in enumerate(f)][1:])]
    while chain[-1]:
        chain.append(tuple(-c for c in _remainder(chain[-2], chain[-1])))
    ends = [[(-1) ** ((len(p) - 1) * below) * p[-1] for p in chain if p] for below in (1, 0)]
    below, above = (sum(int(a * b < 0) for a, b in pairwise(row)) for row in ends)
    return below - above


def _remainder(a: Dense, b: Dense) -> Dense:
    left = list(a)
    while len(left) >= len(b):
        factor = left[-1] / b[-1]
        shift = len(left) - len(b)
        left = [c - factor * b[i - shift] if i >= shift else c for i, c in enumerate(left)][:-1]
        left = list(_trimmed(left))
    return tuple(left)


def _trimmed(coefficients: Sequence[Fraction]) -> Dense:
    size = len(coefficients)
    while size and not coefficients[size - 1]:
        size -= 1
    return tuple(coefficients[:size])
