"""A behaviour that is affine in the parameters has no second derivative."""

from collections.abc import Iterator
from typing import Final, final

from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Name, Neg, Number, Power, Sub
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope

_NOT_POLYNOMIAL: Final = 10**9


@final
class AffineModel(AbstractRule):
    """H_f = Σ_j r_j ∇²F_j = 0 at all points where F is affine in θ.

    That is seen for behaviour "outputs" of a single linear layer, and of formulas whose degree in the parameters,
    counted without cancellation, is at most 1.
    """

    name = "affine-model"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """H_f == 0."""
        if why := hypothesis(scope.problem):
            yield Fact(
                self.name, ("==", NAMED["H_f"], ZERO), f"{why}: F is affine in θ, so ∇²F_j = 0 for all j and H_f = 0."
            )


def hypothesis(problem: Problem) -> str | None:
    """Why F is affine in θ, or None where that is not seen."""
    if problem.squash is not None:
        return None
    model = problem.model
    if isinstance(model, DenseNetwork):
        single = len(model.layers) == 1 and model.layers[0].activation.name == "linear"
        return "The network is a single linear layer" if single else None
    parameters = frozenset(model.parameters)
    affine = all(degree(output, parameters) <= 1 for output in model.outputs)
    return "Every output is affine in the parameters" if affine else None


def degree(formula: Formula, parameters: frozenset[str]) -> int:
    """An upper bound on the degree in the parameters, counted without cancellation; huge where not a polynomial.

    >>> from geomcheck.problem.formula import parse_formula
    >>> degree(parse_formula("a*exp(x) + b/2", ["a", "b", "x"], "example"), frozenset({"a", "b"}))
    1
    """
    match formula:
        case Number():
            return 0
        case Name(name):
            return int(name in parameters)
        case Neg(a):
            return degree(a, parameters)
        case Add(a, b) | Sub(a, b):
            return max(degree(a, parameters), degree(b, parameters))
        case Mul(a, b):
            return degree(a, parameters) + degree(b, parameters)
        case Div(a, b):
            return degree(a, parameters) if degree(b, parameters) == 0 else _NOT_POLYNOMIAL
        case Power(a, n):
            return n * degree(a, parameters)
        case Call(_, a):
            return 0 if degree(a, parameters) == 0 else _NOT_POLYNOMIAL
