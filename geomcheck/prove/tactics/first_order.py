"""What vanishing of r, of Gᵀr at full rank, or of L says: the point is a perfect fit; and what L is there."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, final

from geomcheck.claims.kinds import kind_of
from geomcheck.claims.tree import Tree, unparse
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.geometry.probability_simplex import sums_to_one
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.linear_arithmetic import Inequality, farkas, scalar_form
from geomcheck.prove.loss_premises import fit_condition, loss_name

G, H, R = NAMED["G"], NAMED["H"], NAMED["r"]
LOSS: Final = ("word", "L")
STATIONARY: Final = ("==", ("*", ("transpose", G), R), ZERO)
SQUARES: Final = ("*", ("transpose", R), R), ("*", R, ("transpose", R))
RESIDUAL: Final = ("==", R, ZERO)
FIT: Final = ("perfect_fit",)
NONE_NEGATIVE, REGULAR = ("==", ("index", H), ZERO), ("==", ("nullity", H), ZERO)
VANISHING: Final = tuple(loss.name for loss in LOSSES.values() if loss.zero_at_fit)
POSITIVE: Final = ("logistic", "exponential", "bce", "bce_logits")
STRICT: Final = tuple(loss.name for loss in LOSSES.values() if loss.stationary_only_at_fit)


def zero_at_fit(problem: Problem) -> bool:
    """Whether the loss of a sample is 0, its least, at a perfect fit."""
    return _name(problem) in VANISHING or loss_facts(problem).zero_at_fit


def _name(problem: Problem) -> str:
    return problem.loss.name if isinstance(problem.loss, NamedLoss) else ""


@final
class FullRowRank(AbstractRule):
    """If Gᵀr = 0 and rank(G) = NK, then r = 0, as Gᵀ is injective."""

    name = "full-rank"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The fact r == 0."""
        stationary, size = known.find(STATIONARY), scope.problem.N * scope.problem.K
        full = known.find(("<=", ("number", str(size)), ("rank", G)))
        if stationary and full:
            reason = f"rank(G) = {size}, so Gᵀ is injective and Gᵀr = 0 gives r = 0."
            yield Fact(self.name, RESIDUAL, reason, (stationary, full))


@final
class FullRowRankByArithmetic(AbstractRule):
    """NK ≤ rank(G), where the facts known about numbers give it: a combination of them, one more fact."""

    name = "combine"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """N*K <= rank(G), at critical points where something is assumed."""
        size = scope.problem.N * scope.problem.K
        statement = ("<=", ("number", str(size)), ("rank", G))
        asked = known.mentions(("rank", G)) or any(matrix[0] == "activations" for matrix in known.arguments("rank"))
        worth = asked and scope.assumed and known.find(STATIONARY)
        if not worth or known.find(statement) or size > scope.problem.P:
            return
        combined = combination(statement, scope, known)
        if combined is not None:
            reason = f"Hence rank(G) ≥ N·K = {size}."
            used, multipliers = combined
            yield Fact(self.name, statement, reason, used, None, multipliers)


@final
class ZeroRankByArithmetic(AbstractRule):
    """rank(M) ≤ 0, where the facts known about numbers give it, for a matrix that the claim says to be 0."""

    name = "combine"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """rank(M) <= 0, where M == 0 is spoken of."""
        for term in known.terms:
            if term[0] != "==" or term[2] != ZERO or kind_of(term[1]) != "matrix" or known.find(term):
                continue
            statement = ("<=", ("rank", term[1]), ZERO)
            combined = None if known.find(statement) else combination(statement, scope, known)
            if combined is not None:
                used, multipliers = combined
                yield Fact(self.name, statement, f"Hence rank({unparse(term[1])}) = 0.", used, None, multipliers)


def combination(
    statement: Tree, scope: Scope, known: Knowledge
) -> tuple[tuple[Fact, ...], tuple[Fraction, ...]] | None:
    """Facts about numbers, and multipliers, that give x <= y; None where there are none."""
    facts = [fact for fact in known if fact.statement[0] in ("==", "<=") and not fact.about_matrices]
    sizes = scope.sizes
    goal = scalar_form(statement[2], sizes) - scalar_form(statement[1], sizes)
    forms = [scalar_form(f.statement[2], sizes) - scalar_form(f.statement[1], sizes) for f in facts]
    rows = [Inequality(form, f.statement[0] == "==", f.depth) for form, f in zip(forms, facts, strict=True)]
    multipliers = farkas(goal, rows)
    if multipliers is None:
        return None
    used = [(fact, m) for fact, m in zip(facts, multipliers, strict=True) if m]
    return tuple(fact for fact, _ in used), tuple(m for _, m in used)


@final
class FitByResidual(AbstractRule):
    """r = 0 only at a perfect fit, for losses that are strictly convex in the way that matters."""

    name = "fit-by-residual"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """perfect_fit."""
        problem, vanishes = scope.problem, known.find(RESIDUAL)
        if vanishes is None or scope.lies_in("perfect_fits") is not None:
            return
        facts = loss_facts(problem)
        if _name(problem) in STRICT or (not _name(problem) and facts.convex and facts.at_fit == "definite"):
            reason = (
                f"r = 0 only where {fit_condition(problem)}: a perfect fit, by the gradient of {loss_name(problem)}."
            )
            yield Fact(self.name, FIT, reason, (vanishes,))


@final
class ResidualByLoss(AbstractRule):
    """L ≤ 0 gives r = 0 for the named losses: none is negative, so each sample's is 0, its least, and smooth there."""

    name = "residual-vanishes"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The fact r == 0, where no perfect fit says so."""
        name = _name(scope.problem)
        if not name or name in (*VANISHING, "cross_entropy") or scope.lies_in("perfect_fits") is not None:
            return
        vanishes = known.find(("==", LOSS, ZERO)) or known.find(("<=", LOSS, ZERO))
        if vanishes is not None:
            reason = f"L is 0, and {name} is nowhere negative: every sample's loss is at its least, so r = 0."
            yield Fact(self.name, RESIDUAL, reason, (vanishes,))


@final
class FitByLoss(AbstractRule):
    """L = 0 only at a perfect fit, for losses that are positive elsewhere."""

    name = "fit-by-loss"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """perfect_fit."""
        for head in ("==", "<="):
            vanishes = known.find((head, LOSS, ZERO))
            alone = _name(scope.problem) in VANISHING or loss_facts(scope.problem).at_fit == "definite"
            zero = vanishes and zero_at_fit(scope.problem)
            if vanishes and zero and alone and scope.lies_in("perfect_fits") is None:
                yield Fact(self.name, FIT, "L is 0, and no term of it is negative: F = y.", (vanishes,))
                return


@final
class LeastLoss(AbstractRule):
    """L ≥ 0 for the named losses, and L = 0 at a perfect fit of those that vanish there."""

    name = "least-loss"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """0 <= L; L == 0."""
        name, zero = loss_name(scope.problem), zero_at_fit(scope.problem)
        if not known.mentions(LOSS) or not (_name(scope.problem) or zero):
            return
        if name != "cross_entropy" or sums_to_one(scope.problem):
            yield Fact(self.name, ("<=", ZERO, LOSS), f"{name} is nowhere negative, so L ≥ 0.")
        summing = name == "softmax_cross_entropy" or (name == "cross_entropy" and sums_to_one(scope.problem))
        if name in POSITIVE or (scope.problem.K > 1 and summing):
            yield Fact(self.name, ("<", ZERO, LOSS), f"{name} is positive at all finite outputs, so L > 0.")
        if name == "mse" and scope.problem.weight_decay == 0 and any(known.mentions(form) for form in SQUARES):
            factor = Fraction(scope.problem.N if scope.problem.reduction == "mean" else 1, 2)
            value = ("*", ("number", str(factor)), ("trace", SQUARES[0]))
            yield Fact(self.name, ("==", LOSS, value), f"The squared loss is L = {factor} · |r|².")
        premises = scope.lies_in("perfect_fits")
        if premises is not None and zero and scope.problem.weight_decay == 0:
            yield Fact(self.name, ("==", LOSS, ZERO), f"{name} is 0 at a perfect fit, so L = 0.", premises)


@final
class SoftmaxKernel(AbstractRule):
    """nullity(D) = N for softmax cross-entropy: each block diag(p) − ppᵀ, p > 0, annihilates the constants alone."""

    name = "softmax-kernel"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """nullity(D) == N."""
        if _name(scope.problem) != "softmax_cross_entropy":
            return
        speaks = any(known.mentions((head, NAMED["D"])) for head in ("nullity", "rank", "ker", "im"))
        if speaks:
            size = scope.problem.N
            reason = f"Each block of D is diag(p) − ppᵀ with p > 0, whose kernel is the constants: nullity(D) = {size}."
            yield Fact(self.name, ("==", ("nullity", NAMED["D"]), ("number", str(size))), reason)


@final
class StrictMinimum(AbstractRule):
    """A critical point with H ≻ 0 is a local minimum."""

    name = "strict-minimum"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """local_minimum."""
        premises = scope.lies_in("critical_points")
        definite = known.find(NONE_NEGATIVE), known.find(REGULAR)
        if premises is not None and definite[0] and definite[1] and known.mentions(("local_minimum",)):
            reason = "∇L = 0 and H is positive definite: a local minimum."
            yield Fact(self.name, ("local_minimum",), reason, (*premises, definite[0], definite[1]))


RULES: Final[tuple[AbstractRule, ...]] = (
    FullRowRankByArithmetic(),
    FullRowRank(),
    ResidualByLoss(),
    FitByResidual(),
    FitByLoss(),
    LeastLoss(),
    SoftmaxKernel(),
    StrictMinimum(),
)
"""In the order in which each can use what the ones before it find."""
