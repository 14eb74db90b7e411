"""A behaviour that is affine in the parameters has no second derivative."""

from collections.abc import Iterator
from fractions import Fraction
from typing import final

import flint

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
        """H_f == 0; rank(G) == n for given inputs."""
        if why := hypothesis(scope.problem):
            reason = f"{why}: F is affine in θ, so ∇²F_j = 0 for all j and H_f = 0."
            yield Fact(self.name, ("==", NAMED["H_f"], ZERO), reason)
            yield from self._rank(scope, known)

    def _rank(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """rank(G) of a single layer, which the inputs alone determine."""
        problem, G = scope.problem, NAMED["G"]
        model = problem.model
        if problem.inputs is None or not isinstance(model, DenseNetwork) or not known.mentions(("rank", G)):
            return
        rows = [flint.fmpq(x.numerator, x.denominator) for row in problem.inputs for x in (*row, Fraction(1))]
        matrix = flint.fmpq_mat(problem.N, model.n_inputs + 1, rows)
        if not model.layers[0].bias:
            for i in range(problem.N):
                matrix[i, model.n_inputs] = 0
        rank = problem.K * matrix.rank()
        reason = (
            f"G consists of copies of the inputs{' and of ones' if model.layers[0].bias else ''}: rank(G) = {rank}."
        )
        yield Fact(self.name, ("==", ("rank", G), ("number", str(rank))), reason)


def hypothesis(problem: Problem) -> str | None:
    """Why F is affine in θ, or None where that is not seen."""
    if not is_affine(problem):
        return None
    if isinstance(problem.model, DenseNetwork):
        # A monomial of degree one is linear as well, but only the activation called linear is recognised.
        return "The network is a single linear layer" if problem.model.layers[0].activation.name == "linear" else None
    return "Every output has degree at most one in the parameters"
