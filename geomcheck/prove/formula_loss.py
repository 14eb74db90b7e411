"""When f = y minimises a loss given as a formula, and what its Hessian is there: decided by expanding a polynomial."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb
from typing import Any, Final, Literal

import flint

from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Name, Neg, Number, Power, Sub
from geomcheck.problem.loss import FormulaLoss

MAX_MONOMIALS: Final = 50_000
Definiteness = Literal["definite", "semidefinite"]


@cache
def definiteness_at_fit(loss: FormulaLoss) -> Definiteness | None:
    """Whether the Hessian in f is positive (semi)definite at f = y and f = y minimises the loss; None where not shown.

    With e = f − y, v(y + e, y) − v(y, y) must be a polynomial in e alone without linear part, its quadratic part
    positive semidefinite, and every other monomial a nonnegative multiple of even powers. Then it is ≥ 0, so the
    gradient vanishes at f = y, f = y is a global minimiser, and the Hessian there is that of the quadratic part.

    >>> from geomcheck.problem.loss import formula_loss
    >>> definiteness_at_fit(formula_loss(["f", "g"], ["y", "z"], "(f - y)^2 + (g - z)^4"))
    'semidefinite'
    >>> definiteness_at_fit(formula_loss(["f"], ["y"], "(f - y)^2 - (f - y)^4")) is None
    True
    """
    degree, k = _degree(loss.value), loss.n_outputs
    if degree is None or comb(2 * k + degree, degree) > MAX_MONOMIALS:
        return None
    context = flint.fmpq_mpoly_ctx.get([*(f"e{i}" for i in range(k)), *(f"y{i}" for i in range(k))], "lex")
    generators = context.gens()
    errors, targets = generators[:k], generators[k:]
    fit = dict(zip(loss.targets, targets, strict=True))
    off = fit | {name: e + y for name, e, y in zip(loss.outputs, errors, targets, strict=True)}
    at = fit | dict(zip(loss.outputs, targets, strict=True))
    one = context.constant(1)
    difference = _expand(loss.value, off, one) - _expand(loss.value, at, one)
    hessian = [[Fraction(0)] * k for _ in range(k)]
    for exponents, coefficient in difference.to_dict().items():
        powers, total = exponents[:k], sum(exponents[:k])
        if any(exponents[k:]) or total < 2:
            return None
        value = Fraction(int(coefficient.p), int(coefficient.q))
        if total == 2:
            i, j = (i for i, power in enumerate(powers) for _ in range(power))
            hessian[i][j] += value
            hessian[j][i] += value
        elif value < 0 or any(power % 2 for power in powers):
            return None
    return definiteness(hessian)


def definiteness(matrix: Sequence[Sequence[Fraction]]) -> Definiteness | None:
    """Whether a symmetric matrix over ℚ is positive definite or semidefinite, by exact elimination; else None.

    >>> definiteness([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(1)]])
    'semidefinite'
    """
    rows = [list(row) for row in matrix]
    result: Definiteness = "definite"
    while rows:
        (pivot, *right), below = rows[0], rows[1:]
        if pivot < 0 or (pivot == 0 and any(right)):
            return None
        if pivot == 0:
            result = "semidefinite"
            rows = [row[1:] for row in below]
        else:
            rows = [[a - row[0] * b / pivot for a, b in zip(row[1:], right, strict=True)] for row in below]
    return result


def _degree(formula: Formula) -> int | None:
    """A bound on the degree, None where the formula is not written as a polynomial."""
    match formula:
        case Number():
            return 0
        case Name():
            return 1
        case Neg(a):
            return _degree(a)
        case Power(a, n):
            inner = _degree(a)
            return None if inner is None else n * inner
        case Call():
            return None
        case Add(a, b) | Sub(a, b) | Mul(a, b) | Div(a, b):
            left, right = _degree(a), _degree(b)
            if left is None or right is None:
                return None
            if isinstance(formula, Div):
                return left if isinstance(b, Number) else None
            return left + right if isinstance(formula, Mul) else max(left, right)


def _expand(formula: Formula, values: dict[str, Any], one: Any) -> Any:
    match formula:
        case Number(value):
            return one * flint.fmpq(value.numerator, value.denominator)
        case Name(name):
            return values[name]
        case Neg(a):
            return -_expand(a, values, one)
        case Add(a, b):
            return _expand(a, values, one) + _expand(b, values, one)
        case Sub(a, b):
            return _expand(a, values, one) - _expand(b, values, one)
        case Mul(a, b):
            return _expand(a, values, one) * _expand(b, values, one)
        case Power(a, n):
            return _expand(a, values, one) ** n
        case Div(a, Number(value)):
            return _expand(a, values, one) * flint.fmpq(value.denominator, value.numerator)
    raise AssertionError("not a polynomial")
