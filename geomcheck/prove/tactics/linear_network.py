"""Ranks of deep linear networks: bounds that hold at every point, by counting dimensions layer by layer.

Let F(X) = W_L ⋯ W_1 X with W_l of shape w_l × w_{l−1} (w_0 inputs, w_L = K outputs) and X of shape w_0 × N, and write
W_{b:a} = W_b ⋯ W_a, the identity for b < a. Let r_i be the gradient of the loss at sample i and R = Σ_i r_i x_iᵀ, of
shape K × w_0.

**Staircases.** For subspaces U_1 ⊂ U_2 ⊂ … and V_1 ⊃ V_2 ⊃ …, dim Σ_a U_a ⊗ V_a is the area of the union of the
rectangles [0, dim U_a] × [0, dim V_a]: choose bases adapted to both flags. It grows with every dim U_a and dim V_a.

**G.** The image of ∂F/∂W_l is im W_{L:l+1} ⊗ row(W_{l−1:1} X). The first factor grows with l, the second shrinks, so
the image of G is a staircase, with dim U_l ≤ min(w_l, …, w_L) and dim V_l ≤ min(N, w_0, …, w_{l−1}).

**H_f and H.** Let layer l move alone, along n mᵀ. Then H_f (n mᵀ) has no component in layer l, and in the others
    (W_{L:k+1}ᵀ R W_{l−1:1}ᵀ m) (W_{k−1:l+1} n)ᵀ for k > l,   (W_{l−1:k+1}ᵀ m) (W_{k−1:1} Rᵀ W_{L:l+1} n)ᵀ for k < l.
All of them vanish in each of these cases:
    (above)  W_{i−1:l+1} n = 0 and W_{L:i}ᵀ R W_{l−1:1}ᵀ m = 0, for some i with l < i ≤ L; then W_{L:l+1} n = 0;
    (below)  W_{l−1:j+1}ᵀ m = 0 and W_{j:1} Rᵀ W_{L:l+1} n = 0, for some j with 1 ≤ j < l; then W_{l−1:1}ᵀ m = 0;
    (both)   Rᵀ W_{L:l+1} n = 0, unless l = 1, and R W_{l−1:1}ᵀ m = 0, unless l = L.
The spaces of n form a chain and those of m a chain in the opposite order, so the kernel of H_f contains a staircase for
each layer, and these are independent. H = GᵀDG + H_f vanishes where G (n mᵀ) = 0 as well, which (above) and (below)
bring with them; in place of (both) take
    W_{L:l+1} n = 0 and R W_{l−1:1}ᵀ m = 0;     or     (W_{l−1:1} X)ᵀ m = 0 and, unless l = 1, Rᵀ W_{L:l+1} n = 0.
The rank of a product is at most its least width, and rank(R) ≤ min(N, w_0, K): that bounds every kernel from below.

All bounds hold for every θ, every data set and every loss; that on H needs a loss without weight decay. In general
position they were attained in every one of some 1,400 cases tried. Source, for squared error and data of full rank:
Singh, Bachmann and Hofmann 2021, arXiv 2106.16225.
"""

from collections.abc import Iterable, Iterator
from typing import final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope

Rectangle = tuple[int, int]


@final
class LinearNetwork(AbstractRule):
    """rank(G), rank(H_f) and rank(H) of a deep linear network are at most a number that its widths and N determine."""

    name = "linear-network"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The bounds on the ranks, and on the generic ranks, that matter."""
        widths = linear_widths(scope.problem)
        if widths is None:
            return
        for matrix in ("G", "H_f", "H"):
            if matrix == "H" and scope.problem.weight_decay:
                continue
            for head in ("rank", "generic_rank"):
                term = (head, NAMED[matrix])
                if known.mentions(term):
                    bound = greatest_rank(widths, scope.problem.N, matrix)
                    text = f"{head}({matrix}) ≤ {bound}"
                    reason = f"Counted layer by layer, {text} for the linear network {'-'.join(map(str, widths))}."
                    yield Fact(self.name, ("<=", term, ("number", str(bound))), reason)


def linear_widths(problem: Problem) -> tuple[int, ...] | None:
    """The widths w_0, …, w_L of a linear network whose outputs are the behaviour; None for other models.

    >>> from geomcheck.problem.read import problem_from
    >>> linear_widths(problem_from({"network": "4-3-2 linear, no bias", "samples": 4}))
    (4, 3, 2)
    """
    network = problem.model
    if not isinstance(network, DenseNetwork) or problem.squash is not None:
        return None
    plain = all(
        layer.activation.name == "linear" and not layer.bias and layer.residual is None for layer in network.layers
    )
    return (network.n_inputs, *(layer.width for layer in network.layers)) if plain else None


def greatest_rank(widths: tuple[int, ...], samples: int, matrix: str) -> int:
    """The bound on rank(G), rank(H_f) or rank(H).

    >>> [greatest_rank((2, 3, 3, 2), 3, matrix) for matrix in ("G", "H_f", "H")]
    [4, 20, 20]
    >>> greatest_rank((4, 3, 2), 4, "H")
    16
    """
    depth = len(widths) - 1
    layers = range(1, depth + 1)
    if matrix == "G":
        return staircase((min(widths[k:]), min(samples, *widths[:k])) for k in layers)
    parameters = sum(widths[k] * widths[k - 1] for k in layers)
    return parameters - sum(staircase(_kernel(widths, samples, layer, matrix)) for layer in layers)


def staircase(rectangles: Iterable[Rectangle]) -> int:
    """The area of the union of the rectangles [0, u] × [0, v].

    >>> staircase([(1, 2), (3, 1)])
    4
    """
    area, width = 0, 0
    for u, v in sorted(rectangles, key=lambda sides: (-sides[1], sides[0])):
        area += max(0, u - width) * v
        width = max(width, u)
    return area


def _kernel(widths: tuple[int, ...], samples: int, layer: int, matrix: str) -> Iterator[Rectangle]:
    """Lower bounds of (dim of the n, dim of the m) for every way in which n mᵀ in this layer lies in the kernel."""
    depth, rows, columns = len(widths) - 1, widths[layer], widths[layer - 1]
    residual = min(samples, widths[0], widths[-1])
    before, after = widths[:layer], widths[layer:]
    for i in range(layer + 1, depth + 1):  # above
        yield rows - min(widths[layer:i]), columns - min(residual, *widths[i - 1 :], *before)
    for j in range(1, layer):  # below
        yield rows - min(residual, *after, *widths[: j + 1]), columns - min(widths[j:layer])
    left = rows if layer == 1 else rows - min(residual, *after)
    right = columns if layer == depth else columns - min(residual, *before)
    if matrix == "H_f":
        yield left, right
    else:
        yield rows - min(after), columns - min(residual, *before)
        yield left, columns - min(samples, *before)
