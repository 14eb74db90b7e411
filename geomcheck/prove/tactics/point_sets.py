"""What the point set itself says: second and first order conditions, and which set lies in which."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.tree import unparse
from geomcheck.prove.knowledge import NAMED, PREDICATE_OF, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.loss_premises import gradient_vanishes_at_fit, minimised_at_fit


@final
class MinimumIsSemidefinite(AbstractRule):
    """index(H) = 0 at local and global minima, and at perfect fits that minimise an L without weight decay.

    The second-order necessary condition; H exists at every point in scope, kinks being excluded.
    """

    name = "minimum-psd"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """index(H) == 0."""
        statement = ("==", ("index", NAMED["H"]), ZERO)
        premises = scope.lies_in("local_minima", "global_minima")
        if premises is not None:
            yield Fact(self.name, statement, "At a minimum vᵀHv ≥ 0 for all v, so index(H) = 0.", premises)
            return
        premises = scope.lies_in("perfect_fits")
        why = minimised_at_fit(scope.problem)
        if premises is not None and why and scope.problem.weight_decay == 0:
            reason = f"A perfect fit is a global minimum of L, as {why}, so vᵀHv ≥ 0 for all v and index(H) = 0."
            yield Fact(self.name, statement, reason, premises)


@final
class Stationary(AbstractRule):
    """Gᵀr = 0, and rᵀG = 0, at critical points of an L without weight decay, as ∇L = Gᵀr."""

    name = "stationary"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """transpose(G)*r == 0; transpose(r)*G == 0 where that is spoken of."""
        product = ("*", ("transpose", NAMED["G"]), NAMED["r"])
        turned = ("*", ("transpose", NAMED["r"]), NAMED["G"])
        asked = any(matrix == NAMED["G"] or matrix[0] == "activations" for matrix in known.arguments("rank"))
        asked_of_r = known.mentions(("im", NAMED["r"]))
        wanted = known.mentions(product) or asked_of_r or (scope.assumed and asked)
        if scope.problem.weight_decay != 0 or not (wanted or known.mentions(turned)):
            return
        premises = scope.lies_in("critical_points", "local_minima", "global_minima")
        if premises is None and gradient_vanishes_at_fit(scope.problem):
            premises = scope.lies_in("perfect_fits")
        if premises is not None:
            for written in (product, turned) if known.mentions(turned) else (product,):
                reason = "∇L = Gᵀr vanishes at every point in scope."
                yield Fact(self.name, ("==", written, ZERO), reason, premises)


@final
class PointSets(AbstractRule):
    """Global minima ⊂ local minima ⊂ critical points, and perfect fits ⊂ global minima of a loss least at a fit."""

    name = "point"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The point predicates that hold in the whole scope."""
        smaller = {
            "perfect_fits": ("perfect_fits",),
            "global_minima": ("global_minima",),
            "local_minima": ("local_minima", "global_minima"),
            "critical_points": ("critical_points", "local_minima", "global_minima"),
        }
        fits = scope.lies_in("perfect_fits")
        least = minimised_at_fit(scope.problem)
        for point_set, inside in smaller.items():
            statement = PREDICATE_OF[point_set]
            if not known.mentions(statement):
                continue
            premises = scope.lies_in(*inside)
            if premises is not None and (premises or scope.point_set in inside):
                yield Fact(self.name, statement, f"Every point in scope is one of the {_words(point_set)}.", premises)
            elif fits is not None and least and (scope.problem.weight_decay == 0 or point_set == "perfect_fits"):
                reason = f"F fits the targets, and {least}: the point is one of the {_words(point_set)}."
                yield Fact(self.name, statement, reason, fits)
            elif point_set == "critical_points" and scope.problem.weight_decay == 0:
                yield from self._without_gradient(known)

    def _without_gradient(self, known: Knowledge) -> Iterator[Fact]:
        G, r = NAMED["G"], NAMED["r"]
        for matrix in (r, G, ("*", ("transpose", G), r)):
            vanishes = known.find(("==", matrix, ZERO))
            if vanishes is not None:
                reason = f"{unparse(matrix)} = 0, so ∇L = Gᵀr = 0."
                yield Fact(self.name, ("critical_point",), reason, (vanishes,))
                return


def _words(point_set: str) -> str:
    return point_set.replace("_", " ")
