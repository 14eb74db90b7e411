"""Whether the behaviour is affine in the parameters, read off the model's form (never from samples)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomcheck.problem import formula as tree
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geomcheck.problem.model import ExplicitModel
    from geomcheck.problem.problem import Problem

_TOO_MUCH = 2  # degrees above one are not told apart


def is_affine(problem: Problem) -> bool:
    """Whether F(θ) = A θ + b for every data set, so that ∇²F = 0 everywhere.

    True for a network of a single linear layer and for formulas of degree at most one in the parameters; False also
    means "not seen to be", as for a·1·b with cancelling factors.

    >>> from geomcheck.problem.read import problem_from
    >>> is_affine(problem_from({"network": "2-1", "samples": 1}))
    True
    """
    if problem.squash is not None:
        return False
    model = problem.model
    if isinstance(model, DenseNetwork):
        return len(model.layers) == 1 and model.layers[0].activation.polynomial_degree == 1
    return is_affine_in(model, model.parameters)


def is_affine_in(model: ExplicitModel, names: Iterable[str]) -> bool:
    """Whether the outputs of an explicit model are affine in these parameters together, the others fixed."""
    chosen = frozenset(names)
    return all(_degree(formula, chosen) <= 1 for formula in model.outputs)


def _degree(node: tree.Formula, parameters: frozenset[str]) -> int:
    """The degree in the parameters, capped; a function of a parameter counts as too much."""
    match node:
        case tree.Number():
            return 0
        case tree.Name(name):
            return int(name in parameters)
        case tree.Add(left, right) | tree.Sub(left, right):
            return max(_degree(left, parameters), _degree(right, parameters))
        case tree.Neg(inner):
            return _degree(inner, parameters)
        case tree.Mul(left, right):
            return min(_TOO_MUCH, _degree(left, parameters) + _degree(right, parameters))
        case tree.Div(left, right):
            return _degree(left, parameters) if _degree(right, parameters) == 0 else _TOO_MUCH
        case tree.Power(base, exponent):
            return min(_TOO_MUCH, exponent * _degree(base, parameters))
        case tree.Call(_, argument):
            return 0 if _degree(argument, parameters) == 0 else _TOO_MUCH
    return _TOO_MUCH
