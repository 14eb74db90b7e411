"""What is known of a loss as a function of the behaviour: is F = y its minimiser, how definite is D, is it convex?

Named losses say so in their entry. For a loss formula ℓ(f, y), put f = y + e and expand ℓ(y + e, y) − ℓ(y, y) as a
polynomial in e. If its coefficients are free of y, it has no linear part, its quadratic part Q is positive
semidefinite, and every monomial of degree three or more has even exponents and a nonnegative coefficient, then it is
≥ 0: f = y minimises ℓ, the gradient vanishes there, and D = 2Q. If moreover the higher monomials are powers of single
variables, ℓ is convex. Nothing is claimed of any other formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, final

import flint

from geomcheck.geometry.probability_simplex import sums_to_one
from geomcheck.problem import formula as tree
from geomcheck.problem.loss import FormulaLoss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomcheck.problem.problem import Problem

MAX_TERMS = 10_000
Definiteness = Literal["definite", "semidefinite", "zero"] | None


@final
@dataclass(frozen=True)
class LossFacts:
    """Facts that hold for every behaviour and every target in the loss's domain.

    minimised_at_fit: F = link⁻¹(y) minimises the loss of each sample among the behaviours the model can have.
    gradient_vanishes_at_fit: and r = 0 there. at_fit, everywhere: definiteness of D at a fit, and at every behaviour.
    rank_at_fit: of ∂²ℓ/∂f² for one sample, and zero_at_fit: ℓ = 0 at a fit, where a loss formula tells.
    """

    link: str | None
    minimised_at_fit: bool
    why_not: str
    gradient_vanishes_at_fit: bool
    at_fit: Definiteness
    everywhere: Definiteness
    convex: bool
    rank_at_fit: int | None = None
    zero_at_fit: bool = False


def loss_facts(problem: Problem) -> LossFacts:
    """The facts of a problem's loss, together with its behaviour."""
    loss = problem.loss
    if isinstance(loss, FormulaLoss):
        return _formula_facts(loss)
    normalised = not loss.needs_normalised or sums_to_one(problem)
    if loss.link is None:
        why_not = f"{loss.name} has no finite minimiser, so no point is a perfect fit"
    elif not normalised:
        why_not = f"{loss.name} is least at F = y only among outputs that sum to one, which this model's need not"
    else:
        why_not = ""
    return LossFacts(
        link=loss.link,
        minimised_at_fit=not why_not,
        why_not=why_not,
        gradient_vanishes_at_fit=loss.gradient_vanishes_at_fit and loss.link is not None,
        at_fit=loss.definite_at_fit,
        everywhere=loss.definite_everywhere,
        convex=loss.convex,
    )


_UNKNOWN_FORMULA = LossFacts(
    link="identity",
    minimised_at_fit=False,
    why_not="the loss formula is not seen to be least at f = y (it is not a sum of even powers of f − y with "
    "nonnegative constants plus a positive semidefinite quadratic form)",
    gradient_vanishes_at_fit=False,
    at_fit=None,
    everywhere=None,
    convex=False,
)


@lru_cache(maxsize=256)
def _formula_facts(loss: FormulaLoss) -> LossFacts:
    size = loss.n_outputs
    context = flint.fmpq_mpoly_ctx.get([f"v{i}" for i in range(2 * size)], flint.Ordering.lex)
    errors, targets = context.gens()[:size], context.gens()[size:]
    here = {name: targets[k] for k, name in enumerate(loss.targets)}
    moved = here | {name: targets[k] + errors[k] for k, name in enumerate(loss.outputs)}
    still = here | {name: targets[k] for k, name in enumerate(loss.outputs)}
    try:
        excess = _expand(loss.value, moved, context) - _expand(loss.value, still, context)
    except _NotPolynomial:
        return _UNKNOWN_FORMULA
    form = flint.fmpq_mat(size, size)
    separable = True
    for monomial, coefficient in excess.to_dict().items():
        powers, of_targets = [int(e) for e in monomial[:size]], monomial[size:]
        degree = sum(powers)
        if any(of_targets) or degree < 2 or (degree > 2 and (coefficient < 0 or any(e % 2 for e in powers))):
            return _UNKNOWN_FORMULA
        if degree == 2:
            first, second = [k for k, e in enumerate(powers) for _ in range(e)]
            form[first, second] += coefficient
            form[second, first] += coefficient
        separable = separable and (degree == 2 or sum(e > 0 for e in powers) == 1)
    definiteness = _definiteness(form)
    if definiteness is None:
        return _UNKNOWN_FORMULA
    quadratic = excess.total_degree() <= 2
    everywhere: Definiteness = (
        definiteness if quadratic else "definite" if separable and definiteness == "definite" else None
    )
    return LossFacts(
        link="identity",
        minimised_at_fit=True,
        why_not="",
        gradient_vanishes_at_fit=True,
        at_fit=definiteness,
        everywhere=everywhere or ("semidefinite" if separable else None),
        convex=separable,
        rank_at_fit=form.rank(),
        zero_at_fit=_expand(loss.value, still, context) == 0,
    )


def _definiteness(form: Any) -> Definiteness:
    """Of a symmetric rational matrix, from the signs of its characteristic polynomial, whose roots are all real."""
    if form == form * 0:
        return "zero"
    size = form.nrows()
    coefficients = form.charpoly().coeffs()
    signed = [coefficient * (-1) ** (size - k) for k, coefficient in enumerate(coefficients)]
    if any(value < 0 for value in signed):
        return None
    return "definite" if signed[0] > 0 else "semidefinite"


class _NotPolynomial(Exception):
    """The formula is not a polynomial, or too large a one."""


def _expand(node: tree.Formula, values: Mapping[str, Any], context: Any) -> Any:
    match node:
        case tree.Number(value):
            return context.constant(flint.fmpq(value.numerator, value.denominator))
        case tree.Name(name):
            return values[name]
        case tree.Add(left, right):
            return _expand(left, values, context) + _expand(right, values, context)
        case tree.Sub(left, right):
            return _expand(left, values, context) - _expand(right, values, context)
        case tree.Mul(left, right):
            return _limited(_expand(left, values, context) * _expand(right, values, context))
        case tree.Neg(inner):
            return -_expand(inner, values, context)
        case tree.Div(left, right):
            divisor = _expand(right, values, context)
            if not divisor.is_constant() or divisor == 0:
                raise _NotPolynomial
            return _expand(left, values, context) / divisor.leading_coefficient()
        case tree.Power(base, exponent):
            result = context.constant(1)
            factor = _expand(base, values, context)
            for _ in range(exponent):
                result = _limited(result * factor)
            return result
    raise _NotPolynomial


def _limited(polynomial: Any) -> Any:
    if len(polynomial) > MAX_TERMS:
        raise _NotPolynomial
    return polynomial
