"""Networks with one hidden layer of even powers, too narrow to fill their space of functions.

Let F_k(x) = Σ_i a_ki (w_i · x)^2s be a network with d inputs, h hidden units and no biases, and let V be the space of
the forms of degree s in d variables that vanish at w_1, …, w_h, so that dim V ≥ m = C(d + s − 1, s) − h. The form
(w · x)^2s pairs with a form T of degree 2s to T(w) (apolarity), and ∂/∂w (w · x)^2s to ∇T(w). For T = Q Q′ with Q, Q′
in V both vanish at every w_i: T(w_i) = 0 and ∇T(w_i) = Q ∇Q′ + Q′ ∇Q = 0. So, for each output, the coefficients of
∂F_k/∂θ lie in the annihilator of V·V. Products of m independent forms span at least 2m − 1 dimensions (their leading
monomials, taken distinct, have that many distinct products), and therefore, at every θ and for all inputs,

    rank ∂F/∂θ ≤ K · (C(d + 2s − 1, 2s) − (2m − 1)),    where m > 0.

Source: Alexander and Hirschowitz 1995; these are their exceptions of even degree, (d, 2s, h) = (3, 4, 5), (4, 4, 9)
and (5, 4, 14), and the quadrics.
"""

from collections.abc import Iterator
from math import comb
from typing import Final, final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope

DEPTH: Final = 2


@final
class Apolarity(AbstractRule):
    """rank(G) ≤ K·(C(d + 2s − 1, 2s) − 2m + 1) for hidden powers 2s, where m = C(d + s − 1, s) − h is positive."""

    name = "apolarity"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bound on the rank and on the generic rank of G."""
        bound = apolar_bound(scope.problem)
        if bound is None:
            return
        for head in ("rank", "generic_rank"):
            if known.mentions((head, NAMED["G"])):
                reason = f"Squares of forms that vanish at all weights pair to 0 with ∂F: {head}(G) ≤ {bound}."
                yield Fact(self.name, ("<=", (head, NAMED["G"]), ("number", str(bound))), reason)


def apolar_bound(problem: Problem) -> int | None:
    """The bound, or None for other models and for networks wide enough.

    >>> from geomcheck.problem.read import problem_from
    >>> apolar_bound(problem_from({"network": "3-5-1 power(4), no bias", "samples": 16}))
    14
    >>> apolar_bound(problem_from({"network": "3-6-1 power(4), no bias", "samples": 16})) is None
    True
    """
    network = problem.model
    if not isinstance(network, DenseNetwork) or problem.squash is not None or len(network.layers) != DEPTH:
        return None
    hidden, last = network.layers
    degree = hidden.activation.polynomial_degree
    pure = hidden.activation.homogeneity is not None and last.activation.name == "linear"
    plain = not any(layer.bias or layer.residual is not None for layer in network.layers)
    if degree is None or degree % 2 or not pure or not plain:
        return None
    half, inputs = degree // 2, network.n_inputs
    vanishing = comb(inputs + half - 1, half) - hidden.width
    return problem.K * (comb(inputs + degree - 1, degree) - (2 * vanishing - 1)) if vanishing > 0 else None
