"""The output Hessian D is positive definite or semidefinite."""

from collections.abc import Iterator
from fractions import Fraction
from typing import final

from geomcheck.problem.loss import NamedLoss
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.loss_premises import definite_at_fit, definite_everywhere, fit_condition, fit_rank, loss_name

D = NAMED["D"]
LOSS = ("word", "L")


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


@final
class OutputHessian(AbstractRule):
    """The rank of D at a perfect fit where ∂²ℓ/∂f² is constant there; its entries off the blocks; D = c·I for mse.

    And D = 0 where a squared hinge loss is 0: all margins are at least 1, and none is 1 where D exists.
    """

    name = "output-definite"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """rank(D) <= n and D == 0; D[i, j] == n, trace(D) == n and det(D) == n."""
        problem, loss = scope.problem, loss_name(scope.problem)
        if any(known.mentions(matrix) for matrix in (D, NAMED["H"], NAMED["H_o"])):
            yield from self._rank(scope, known)
        scale = Fraction(1, problem.N if problem.reduction == "mean" else 1)
        squared, size = loss == "mse", problem.N * problem.K
        reason = f"The squared loss has D = {scale} · I."
        for head, value in (("trace", scale * size), ("det", scale**size)):
            if squared and known.mentions((head, D)):
                yield Fact(self.name, ("==", (head, D), ("number", str(value))), reason)
        separable = isinstance(problem.loss, NamedLoss) and loss != "softmax_cross_entropy"
        for term in known.terms:
            if term[:2] != ("entry", D):
                continue
            if term[2] == term[3] and squared:
                yield Fact(self.name, ("==", term, ("number", str(scale))), reason)
            if term[2] != term[3] and (separable or term[2] // problem.K != term[3] // problem.K):
                yield Fact(self.name, ("==", term, ZERO), "No term of the loss depends on both of these outputs.")

    def _rank(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        problem, loss = scope.problem, loss_name(scope.problem)
        premises, rank = scope.lies_in("perfect_fits"), fit_rank(problem)
        reason = f"At a perfect fit the second derivatives of {loss} make rank(D) = {rank}."
        if loss == "squared_hinge":
            vanishes = known.find(("==", LOSS, ZERO)) or known.find(("<=", LOSS, ZERO))
            premises, rank = (vanishes,) if vanishes else None, 0
            reason = "L is 0, so every margin is at least 1, and none is 1 where D exists: D = 0."
        if premises is None or rank is None or rank == problem.N * problem.K:
            return
        low = Fact(self.name, ("<=", ("rank", D), ("number", str(rank))), reason, premises)
        yield low
        if rank == 0:
            yield Fact("product", ("==", D, ZERO), "A matrix of rank 0 is 0: D = 0.", (low,))
