"""Whether the behaviour sums to 1 in every sample, identically: softmax, or formulas whose sum is 1 as a rational
function of the names and of the calls in them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import flint

from geomcheck.problem import formula as tree
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.model import ExplicitModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geomcheck.problem.problem import Problem

MAX_TERMS: Final = 10_000


def sums_to_one(problem: Problem) -> bool:
    """Whether Σ_k F_k = 1 for all parameters and inputs; False where that is not seen.

    Calls with equal arguments are one free variable each: an identity then holds for whatever values they have.

    >>> from geomcheck.problem.read import problem_from
    >>> model = {"parameters": ["a"], "inputs": [], "outputs": ["exp(a)/(1 + exp(a))", "1/(1 + exp(a))"]}
    >>> sums_to_one(problem_from({"model": model, "samples": 1}))
    True
    """
    if problem.squash is not None:
        return problem.squash == "softmax"
    return isinstance(problem.model, ExplicitModel) and _formulas_sum_to_one(problem.model)


def in_a_simplex(problem: Problem) -> bool:
    """Whether Σ_k F_k ≡ 1 may be used of G and r: for softmax, and for cross-entropy on formulas that sum to 1."""
    if problem.squash is not None:
        return problem.squash == "softmax"
    return isinstance(problem.loss, NamedLoss) and problem.loss.name == "cross_entropy" and sums_to_one(problem)


@lru_cache(maxsize=64)
def _formulas_sum_to_one(model: ExplicitModel) -> bool:
    calls = [text for output in model.outputs for text in _calls(output)]
    names = dict.fromkeys([*model.parameters, *model.inputs, *calls])
    context = flint.fmpq_mpoly_ctx.get([f"v{i}" for i in range(len(names))], flint.Ordering.lex)
    atoms = dict(zip(names, context.gens(), strict=True))
    above, below = context.constant(0), context.constant(1)
    try:
        for output in model.outputs:
            a, b = _fraction(output, atoms, context)
            above, below = _limited(above * b + a * below), _limited(below * b)
    except _TooLarge:
        return False
    return bool(above == below and below)


class _TooLarge(Exception):
    """The expansion has too many terms."""


def _calls(node: tree.Formula) -> Iterator[str]:
    match node:
        case tree.Call():
            yield node.unparse()
        case tree.Neg(inner) | tree.Power(inner, _):
            yield from _calls(inner)
        case tree.Add(left, right) | tree.Sub(left, right) | tree.Mul(left, right) | tree.Div(left, right):
            yield from _calls(left)
            yield from _calls(right)


def _fraction(node: tree.Formula, atoms: Mapping[str, Any], context: Any) -> tuple[Any, Any]:
    one = context.constant(1)
    match node:
        case tree.Number(value):
            return context.constant(flint.fmpq(value.numerator, value.denominator)), one
        case tree.Name(name):
            return atoms[name], one
        case tree.Call():
            return atoms[node.unparse()], one
        case tree.Neg(inner):
            above, below = _fraction(inner, atoms, context)
            return -above, below
        case tree.Power(base, exponent):
            above, below = _fraction(base, atoms, context)
            top, bottom = one, one
            for _ in range(exponent):
                top, bottom = _limited(top * above), _limited(bottom * below)
            return top, bottom
        case tree.Add(left, right) | tree.Sub(left, right) | tree.Mul(left, right) | tree.Div(left, right):
            (a, b), (c, d) = (_fraction(part, atoms, context) for part in (left, right))
            if isinstance(node, tree.Mul):
                return _limited(a * c), _limited(b * d)
            if isinstance(node, tree.Div):
                return _limited(a * d), _limited(b * c)
            other = c if isinstance(node, tree.Add) else -c
            return _limited(a * d + other * b), _limited(b * d)
    raise _TooLarge


def _limited(polynomial: Any) -> Any:
    if len(polynomial) > MAX_TERMS:
        raise _TooLarge
    return polynomial
