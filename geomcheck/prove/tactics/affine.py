"""A behaviour that is affine in the parameters has no second derivative."""

from collections.abc import Iterator
from typing import final

from geomcheck.geometry.affine import is_affine
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope


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
            reason = f"{why}: F is affine in θ, so ∇²F_j = 0 for all j and H_f = 0."
            yield Fact(self.name, ("==", NAMED["H_f"], ZERO), reason)


def hypothesis(problem: Problem) -> str | None:
    """Why F is affine in θ, or None where that is not seen."""
    if not is_affine(problem):
        return None
    if isinstance(problem.model, DenseNetwork):
        # A monomial of degree one is linear as well, but only the activation called linear is recognised.
        return "The network is a single linear layer" if problem.model.layers[0].activation.name == "linear" else None
    return "Every output has degree at most one in the parameters"
