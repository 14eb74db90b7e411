"""At a perfect fit the functional part of the Hessian vanishes."""

from collections.abc import Iterator
from typing import final

from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.loss_premises import constant_gradient_at_fit, fit_condition, gradient_vanishes_at_fit


@final
class ResidualVanishes(AbstractRule):
    """H_f = Σ_j r_j ∇²F_j = 0 at perfect fits.

    Either r = 0 there, or, for cross-entropy on softmax probabilities, r is constant over the outputs of a sample
    while Σ_k p_k ≡ 1 has zero second derivative.
    """

    name = "residual-vanishes"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """H_f == 0, and r == 0 where that is why."""
        premises = scope.lies_in("perfect_fits")
        if premises is None:
            vanishes = known.find(("==", NAMED["r"], ZERO))
            if vanishes is not None:
                yield Fact(self.name, ("==", NAMED["H_f"], ZERO), "r = 0, so H_f = Σ r_j ∇²F_j = 0.", (vanishes,))
            return
        place = f"At a perfect fit {fit_condition(scope.problem)}, where"
        if why := gradient_vanishes_at_fit(scope.problem):
            yield Fact(self.name, ("==", NAMED["r"], ZERO), f"{place} {why}: r = 0.", premises)
            yield Fact(
                self.name,
                ("==", NAMED["H_f"], ZERO),
                f"{place} {why}: r = 0, so H_f = Σ r_j ∇²F_j = 0.",
                premises,
            )
        elif why := constant_gradient_at_fit(scope.problem):
            yield Fact(
                self.name,
                ("==", NAMED["H_f"], ZERO),
                f"{place} {why}: on every sample H_f is a multiple of Σ_k ∇²p_k = ∇²1 = 0, so H_f = 0.",
                premises,
            )
