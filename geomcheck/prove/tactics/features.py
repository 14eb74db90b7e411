"""The last layer alone: G holds a copy of the last hidden activations for each output."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.tree import Tree
from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.prove.knowledge import NAMED, AbstractRule, Fact, Knowledge, Scope

G = NAMED["G"]


@final
class Features(AbstractRule):
    """K · rank(A) ≤ rank(G) for F = W A + b, A the last hidden activations (N × width); K ≤ rank(G) with a bias.

    rank(G) ≤ K · (number of distinct inputs); rank(A[l]) ≤ rank(A[l − 1]) + 1 for a linear layer, + 0 without biases.
    """

    name = "features"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """These bounds."""
        network, size = scope.problem.model, scope.problem.K
        ranks = known.arguments("rank")
        if scope.problem.inputs is not None and G in ranks:
            count = len(set(scope.problem.inputs))
            reason = f"Equal inputs have equal rows in G: rank(G) ≤ {count * size}."
            yield Fact(self.name, ("<=", ("rank", G), ("number", str(count * size))), reason)
        if not isinstance(network, DenseNetwork):
            return
        for matrix in ranks:
            if matrix[0] == "activations" and matrix[1] > 0:
                yield from self._of_linear(network.layers[matrix[1] - 1], matrix)
        last, before = network.layers[-1], ("activations", len(network.layers) - 1)
        if last.activation.name != "linear" or scope.problem.squash is not None:
            return
        if ("rank", before) in known.terms:
            low = ("*", ("number", str(size)), ("rank", before))
            reason = f"∂F/∂W of the last layer is {'a copy of ' * (size > 1)}A[{before[1]}] for each output."
            yield Fact(self.name, ("<=", low, ("rank", G)), reason)
        if last.bias and G in ranks:
            reason = "The derivatives of F by the biases of the last layer are independent."
            yield Fact(self.name, ("<=", ("number", str(size)), ("rank", G)), reason)

    def _of_linear(self, layer: Layer, matrix: Tree) -> Iterator[Fact]:
        before: Tree = ("activations", matrix[1] - 1)
        if layer.activation.name == "linear" and layer.residual is None:
            bound = ("+", ("rank", before), ("number", str(int(layer.bias))))
            reason = f"Layer {matrix[1]} is {'affine' if layer.bias else 'linear'} in A[{before[1]}]."
            yield Fact(self.name, ("<=", ("rank", matrix), bound), reason)
