"""Units that can be rescaled or shifted without changing F: a kernel vector of G each, and of H at critical points."""

from collections.abc import Iterator
from fractions import Fraction
from typing import final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope

G, H = NAMED["G"], NAMED["H"]


def movable_units(problem: Problem) -> int:
    """How many hidden units relu, leaky_relu or abs let us rescale, or exp with a bias lets us shift.

    Each gives a linear vector field v with Gv = 0: (w, b) and −(next weights), or 1 at the bias and −(next weights).
    None vanishes off the kinks, where (w, b) ≠ 0, and they are independent, layer by layer: the weights into a layer
    are moved by the fields of that layer and the one before alone.

    >>> from geomcheck.problem.read import problem_from
    >>> [movable_units(problem_from({"network": n, "samples": 1})) for n in ("2-3-1 relu", "2-3-2-1 tanh exp")]
    [3, 2]
    """
    network = problem.model
    if not isinstance(network, DenseNetwork):
        return 0
    linked = {layer.residual for layer in network.layers}
    count = 0
    for number, layer in enumerate(network.layers[:-1], 1):
        name, slope = layer.activation.name, layer.activation.parameter
        scaled = name in ("relu", "abs") or (name == "leaky_relu" and slope != Fraction(1))
        if layer.residual is None and number not in linked and (scaled or (name == "exp" and layer.bias)):
            count += layer.width
    return count


@final
class Scaling(AbstractRule):
    """rank(G) ≤ P − u at every point, and rank(H) ≤ P − u at critical points of an L without weight decay.

    L ∘ flow = L, so vᵀ∇L ≡ 0; differentiated, Hv + (∂v)ᵀ∇L = 0, and Hv = 0 where ∇L = 0.
    """

    name = "scaling"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The two bounds."""
        units = movable_units(scope.problem)
        if not units:
            return
        bound = ("number", str(scope.problem.P - units))
        why = (
            f"Rescaling (for exp: shifting) each of {units} hidden units leaves F unchanged, in independent directions"
        )
        if known.mentions(("rank", G)):
            yield Fact(self.name, ("<=", ("rank", G), bound), f"{why}: rank(G) ≤ P − {units} = {bound[1]}.")
        if known.mentions(("rank", H)) and scope.problem.weight_decay == 0:
            premises = scope.lies_in("critical_points", "local_minima", "global_minima")
            if premises is not None:
                reason = f"{why}, which H annihilates where ∇L = 0: rank(H) ≤ P − {units} = {bound[1]}."
                yield Fact(self.name, ("<=", ("rank", H), bound), reason, premises)
