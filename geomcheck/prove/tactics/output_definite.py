"""The output Hessian D is positive definite or semidefinite."""

from collections.abc import Iterator
from typing import final

from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.loss_premises import definite_at_fit, definite_everywhere, fit_condition, loss_name

D = NAMED["D"]


@final
class OutputDefinite(AbstractRule):
    """index(D) = 0 where ∂²ℓ/∂f² ⪰ 0, and nullity(D) = 0 where it is positive definite: D is block diagonal in samples.

    Known from the loss: everywhere, or at its minimiser when all points of the scope are perfect fits.
    """

    name = "output-definite"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """index(D) == 0 and nullity(D) == 0, as far as the loss allows."""
        anywhere = definite_everywhere(scope.problem)
        at_fit = scope.lies_in("perfect_fits")
        fitted = definite_at_fit(scope.problem) if at_fit is not None else None
        if anywhere is None and fitted is None:
            return
        # A hypothesis on the point is only used where it gives more.
        everywhere = anywhere == "definite" or fitted in (None, anywhere)
        premises = () if everywhere else at_fit or ()
        definite = "definite" in (anywhere, fitted)
        place = "everywhere" if everywhere else f"where {fit_condition(scope.problem)}"
        sign, word = ("≻", "definite") if definite else ("⪰", "semidefinite")
        reason = f"D {sign} 0: the Hessian of {loss_name(scope.problem)} in F is positive {word} {place}."
        yield Fact(self.name, ("==", ("index", D), ZERO), reason, premises)
        if definite:
            yield Fact(self.name, ("==", ("nullity", D), ZERO), reason, premises)
