"""Where critical points or local minima are global: convex L, and wide linear networks under a convex loss."""

from collections.abc import Iterator
from typing import Final, final

from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.tactics.first_order import combination

GLOBAL: Final = ("global_minimum",)
INDEX: Final = ("index", NAMED["H"])
NONE_NEGATIVE: Final = ("<=", INDEX, ZERO)


@final
class ConvexMinimum(AbstractRule):
    """Critical points of a convex L are global minima: F affine in θ, ℓ convex in F."""

    name = "convex"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """global_minimum."""
        premises = scope.lies_in("critical_points", "local_minima")
        if premises is not None and _asked(scope, known) and is_affine(scope.problem) and _convex(scope.problem):
            yield Fact(self.name, GLOBAL, "F is affine in θ and the loss convex: L is convex, and ∇L = 0.", premises)


@final
class LinearMinima(AbstractRule):
    """Local minima of F = W_L ⋯ W_1 x are global where no hidden layer is narrower than both ends (one of them at
    least), the loss is convex, and there is no weight decay (Laurent and von Brecht 2018).
    """

    name = "linear-minima"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """global_minimum; H_f == 0 at global minima."""
        least = scope.lies_in("global_minima")
        if least is not None and is_wide_linear(scope.problem):
            reason = (
                "A linear network whose hidden layers are at least as wide as its input or output layer reaches every "
                "linear map. Where the convex loss is least among them, Σ r_i x_iᵀ = 0, and Σ r_i = 0 with a bias. "
                "In any direction ∇²F is a linear map of x_i, so H_f = Σ r_j ∇²F_j = 0."
            )
            yield Fact(self.name, ("==", NAMED["H_f"], ZERO), reason, least)
        premises = scope.lies_in("local_minima")
        asked = _asked(scope, known) or (least is None and known.mentions(NAMED["H_f"]))
        if premises is not None and asked and is_wide_linear(scope.problem):
            reason = (
                "A linear network with hidden layers at least as wide as its input or output layer, and a convex loss: "
                "at a local minimum the loss is least among all linear maps."
            )
            yield Fact(self.name, GLOBAL, reason, premises)


@final
class NoNegativeEigenvalue(AbstractRule):
    """index(H) ≤ 0, where the facts about numbers give it: what the next rule asks for."""

    name = "combine"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The fact index(H) <= 0."""
        known_already = known.find(NONE_NEGATIVE) or known.find(("==", INDEX, ZERO))
        if known_already or not _asked(scope, known) or not known.mentions(INDEX) or not _is_two_linear(scope.problem):
            return
        combined = combination(NONE_NEGATIVE, scope, known)
        if combined is not None:
            yield Fact(self.name, NONE_NEGATIVE, "Hence index(H) = 0.", combined[0], None, combined[1])


@final
class StrictSaddles(AbstractRule):
    """A critical point of a linear network with one hidden layer and squared loss is a global minimum, or index(H) ≥ 1.

    For all data and widths (Baldi and Hornik 1989; Zhu, Soudry, Eldar and Wakin 2019).
    """

    name = "strict-saddles"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """global_minimum."""
        premises = scope.lies_in("critical_points", "local_minima")
        semidefinite = known.find(NONE_NEGATIVE) or known.find(("==", INDEX, ZERO))
        if premises is None or semidefinite is None or not _asked(scope, known) or not _is_two_linear(scope.problem):
            return
        reason = (
            "In a linear network with one hidden layer and squared loss every critical point that is not a global "
            "minimum has a direction of negative curvature, and index(H) = 0."
        )
        yield Fact(self.name, GLOBAL, reason, (*premises, semidefinite))


def _is_two_linear(problem: Problem) -> bool:
    network = problem.model
    return (
        isinstance(network, DenseNetwork)
        and [(layer.activation.name, layer.residual) for layer in network.layers] == [("linear", None)] * 2
        and isinstance(problem.loss, NamedLoss)
        and problem.loss.name == "mse"
        and problem.squash is None
        and problem.weight_decay == 0
    )


def is_wide_linear(problem: Problem) -> bool:
    """Whether the theorem on linear networks is about this problem.

    >>> from geomcheck.problem.read import problem_from
    >>> [is_wide_linear(problem_from({"network": n, "samples": 3})) for n in ("3-2-2-2", "3-1-2", "3-2-2 tanh")]
    [True, False, False]
    """
    network = problem.model
    if not isinstance(network, DenseNetwork) or problem.squash is not None or problem.weight_decay:
        return False
    plain = all(layer.activation.name == "linear" and layer.residual is None for layer in network.layers)
    biased = [layer.bias for layer in network.layers]
    wide = min(network.widths) >= min(network.n_inputs, network.n_outputs)
    total = not isinstance(problem.loss, NamedLoss) or problem.loss.name not in ("bce", "cross_entropy")
    return plain and (biased[-1] or not any(biased)) and wide and total and _convex(problem)


def _convex(problem: Problem) -> bool:
    return bool(loss_facts(problem).convex)


def _asked(scope: Scope, known: Knowledge) -> bool:
    wanted = known.mentions(GLOBAL) or known.mentions(("local_minimum",)) or scope.least is not None
    return wanted and scope.lies_in("global_minima") is None
