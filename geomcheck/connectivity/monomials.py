"""Equations c·θ^α = y, one monomial each: orthant by orthant an affine subspace in the coordinates log |θ_i|.

Where every y ≠ 0, all variables that occur are nonzero. In an orthant with the right signs the equations are linear in
log |θ_i|, so the solutions are either empty in every orthant (if Π |y_j/c_j|^{n_j} ≠ 1 for an integer relation
Σ n_j α_j = 0) or connected in each; orthants do not touch where variables are nonzero. So the count is the number of
sign vectors with
Π sign(θ_i)^{α_i} = sign(y/c): 2^{variables − rank over F_2} or none. An equation with y = 0 must contain a variable
that occurs in no equation with y ≠ 0; in these other variables the solutions form a cone, which is connected.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from geomcheck.connectivity.count import Components, unknown
from geomcheck.connectivity.polynomials import Exponents, Polynomial
from geomcheck.connectivity.rational_matrices import kernel

MAX_VARIABLES = 64
_MAX_BITS = 100_000


def components(equations: Sequence[Polynomial]) -> Components | None:
    """The components of {all equations = 0}; None where one is no monomial plus a constant, or the set is empty.

    >>> one = Fraction(1)
    >>> components([Polynomial({(1, 1, 1): one, (0, 0, 0): -one})]).count
    4
    >>> components([Polynomial({(2, 2): one, (0, 0): one})]) is None
    True
    """
    split = [_split(equation) for equation in equations if equation.terms]
    if None in split:
        return None
    firm = [(exponents, value) for exponents, value in (part for part in split if part) if value]
    used = {i for exponents, _ in firm for i, e in enumerate(exponents) if e}
    for exponents, value in (part for part in split if part):
        if not value and not any(e for i, e in enumerate(exponents) if i not in used):
            return None  # a product of nonzero numbers is not zero, and neither is a constant
    if not _consistent(firm):
        return None
    free = _sign_choices(firm, sorted(used))
    if free is None:
        return None
    signs = "in one orthant the signs are right" if free == 0 else f"in {2**free} orthants the signs are right"
    why = f"{signs}, and in each the set is affine in log |θ|, so one component"
    return Components(2**free, "monomials", why)


def _split(equation: Polynomial) -> tuple[Exponents, Fraction] | None:
    """(α, y/c) of an equation c θ^α − y; α = 0 stands for an equation 0 = y, whose `value` is then 0."""
    moving = {exponents: c for exponents, c in equation.terms.items() if any(exponents)}
    size = len(next(iter(equation.terms)))
    if len(moving) > 1 or size > MAX_VARIABLES:
        return None
    if not moving:
        return (0,) * size, Fraction(0)
    ((exponents, c),) = moving.items()
    return exponents, -equation.terms.get((0,) * size, Fraction(0)) / c


def _consistent(firm: Sequence[tuple[Exponents, Fraction]]) -> bool:
    """Whether Π |value_j|^{n_j} = 1 for every integer relation Σ n_j α_j = 0."""
    if not firm:
        return True
    rows = [tuple(Fraction(exponents[i]) for exponents, _ in firm) for i in range(len(firm[0][0]))]
    for relation in kernel(rows, len(firm)):
        scale = lcm(*(n.denominator for n in relation))
        powers = [int(n * scale) for n in relation]
        bits = sum(
            abs(n) * (value.numerator.bit_length() + value.denominator.bit_length())
            for n, (_, value) in zip(powers, firm, strict=True)
        )
        if bits > _MAX_BITS:
            raise unknown("the exponents of a relation between the equations are too large")
        total = Fraction(1)
        for n, (_, value) in zip(powers, firm, strict=True):
            total *= Fraction(abs(value) ** n)
        if total != 1:
            return False
    return True


def _sign_choices(firm: Sequence[tuple[Exponents, Fraction]], used: Sequence[int]) -> int | None:
    """The dimension over F_2 of the sign vectors of the used variables, or None where there is none."""
    rows = [[exponents[i] % 2 for i in used] + [int(value < 0)] for exponents, value in firm]
    pivots: list[list[int]] = []
    for row in rows:
        for other in pivots:
            if row[other.index(1)]:
                row = [a ^ b for a, b in zip(row, other, strict=True)]  # noqa: PLW2901 (elimination)
        if not any(row):
            continue
        if not any(row[:-1]):
            return None
        pivots.append(row)
    return len(used) - len(pivots)
