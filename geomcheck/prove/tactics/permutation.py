"""What permuting hidden units leaves unchanged: the function, and with it everything about L up to the order of θ.

Statement. Let π permute the parameters of a dense network by a permutation s of its hidden units (one order for tied
layers, see `geomcheck.problem.permutations`). Then F(πθ) = F(θ) on all inputs, for any activations, and L(πθ) = L(θ),
weight decay included, for ‖πθ‖ = ‖θ‖. Hence r and D agree; G(πθ) = G(θ)Πᵀ and H(πθ) = Π H(θ) Πᵀ with the permutation
matrix Π, and so for H_o and H_f: ranks, nullities, inertias, traces and determinants agree. Point sets are mapped to
themselves, and orbits are orbits of any of their points. Proof: proofs/lemmas/network.md.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final, final

from geomcheck.claims.tree import Tree, unparse
from geomcheck.geometry.orbits import group_order, parity
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import permuted, spread, tied_layers
from geomcheck.prove.knowledge import PREDICATE_OF, PREDICATES, ZERO, AbstractRule, Fact, Knowledge, Scope

EQUAL: Final = (("word", "L"), ("matrix", "F"), ("matrix", "r"), ("matrix", "D"))
RANKED: Final = ("F", "G", "r", "D", "H", "H_o", "H_f")
CONGRUENT: Final = ("D", "H", "H_o", "H_f")
TWO: Final = ("number", "2")
MAX_PARAMETERS: Final = 150
_IDENTITY: Final = "The identity is one of the permutations that the maximum is over."
MAX_BITS: Final = 10_000  # of the order of a group that is written down


@final
class PermutationInvariance(AbstractRule):
    """Quantities at permuted(A, s) against those at A, orbit sizes, and overlaps."""

    name = "permutation"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The equations for every permuted point that is spoken of, and the bounds of orbit sizes and overlaps."""
        network = scope.problem.model
        if not isinstance(network, DenseNetwork):
            return
        for term in known.terms:
            yield from self._at_permuted(term, known)
            yield from self._of_points(term, network)
            if term[0] == "@" and term[1] in PREDICATES and term[2][0] == "point":
                inside = next((name for name, predicate in PREDICATE_OF.items() if predicate == term[1]), None)
                if inside == scope.point_set:
                    yield Fact("point-in-scope", term, f"{term[2][1]} is in scope.")

    def _at_permuted(self, term: Tree, known: Knowledge) -> Iterator[Fact]:
        if term[0] == "@" and term[2][0] == "permuted":
            before = ("@", term[1], term[2][1])
            if term[1] in EQUAL:
                reason = f"Permuting hidden units does not change F, so {unparse(term)} = {unparse(before)}."
                yield Fact(self.name, ("==", term, before), reason)
            if term[1] in PREDICATES and (premise := known.find(before)) is not None:
                reason = f"Permuting hidden units changes neither F nor L, so {unparse(term)} with {unparse(before)}."
                yield Fact(self.name, term, reason, (premise,))
        matrix: Tree = term[1] if term[0] in ("rank", "nullity", "index", "trace", "det") else ()
        allowed = RANKED if term[0] in ("rank", "nullity") else CONGRUENT
        moved = matrix and matrix[0] == "@" and matrix[2][0] == "permuted"
        if moved and matrix[1] in [("matrix", name) for name in allowed]:
            same: Tree = (term[0], ("@", matrix[1], matrix[2][1]))
            how = f"{matrix[1][1]} at both points differs by the order of the parameters"
            yield Fact(self.name, ("==", term, same), f"{how}, so {unparse(term)} = {unparse(same)}.")

    def _of_points(self, term: Tree, network: DenseNetwork) -> Iterator[Fact]:
        head = term[0]
        if head in ("orbit_size", "signed_orbit_size"):
            order = group_order(network)
            if head == "signed_orbit_size":
                order <<= sum(layer.width for layer in network.layers[:-1] if parity(layer.activation))
            yield Fact(self.name, ("<=", ("number", "1"), term), "An orbit has a point.")
            if order.bit_length() <= MAX_BITS:
                reason = f"An orbit has at most as many points as the group has elements, {order}."
                yield Fact(self.name, ("<=", term, ("number", str(order))), reason)
            if head == "signed_orbit_size":
                plain = ("orbit_size", term[1])
                yield Fact(self.name, ("<=", plain, term), "Permuted copies are among those with signs flipped, too.")
            if term[1][0] == "permuted":
                before = (head, term[1][1])
                yield Fact(self.name, ("==", term, before), "Both points have the same orbit.")
        if head in ("overlap", "max_overlap", "activation_overlap"):
            yield from self._overlaps(term)

    def _overlaps(self, term: Tree) -> Iterator[Fact]:
        head, first, second = term
        norm = "activation_overlap" if head == "activation_overlap" else "overlap"
        squares = ("+", (norm, first, first), (norm, second, second))
        if first != second and head == "overlap":
            yield Fact(self.name, ("<=", term, ("max_overlap", first, second)), _IDENTITY)
            reason = "‖A + B‖² is not negative."
            yield Fact(self.name, ("<=", ("-", ZERO, ("*", TWO, term)), squares), reason)
        elif first != second:
            reason = "‖A − πB‖² is not negative, and permuting units changes no norm."
            yield Fact(self.name, ("<=", ("*", TWO, term), squares), reason)
        if head == "max_overlap":
            for i, place in enumerate((first, second)):
                if place[0] == "permuted":
                    before = (head, place[1], second) if i == 0 else (head, first, place[1])
                    yield Fact(self.name, ("==", term, before), "The maximum is over all permutations already.")
            yield Fact(self.name, ("<=", ("overlap", first, second), term), _IDENTITY)
            reason = "The inverse permutation of the one gives as much as a permutation of the other."
            yield Fact(self.name, ("==", term, (head, second, first)), reason)
            if first == second:
                reason = "No permuted copy is nearer to a point than the point itself (Cauchy and Schwarz)."
                yield Fact(self.name, ("==", term, ("overlap", first, first)), reason)
            return
        if first == second:
            yield Fact(self.name, ("<=", ZERO, term), "A sum of squares.")
        elif first[0] != "permuted" or second[0] != "permuted":
            yield Fact(self.name, ("==", term, (head, second, first)), "Inner products are symmetric.")
        if first[0] == second[0] == "permuted" and first[2] == second[2]:
            reason = "Permuting both points alike does not change their inner product."
            yield Fact(self.name, ("==", term, (head, first[1], second[1])), reason)
        if head == "activation_overlap":
            return
        if second[0] == "permuted":
            reason = "That permutation is one of those that the maximum is over."
            yield Fact(self.name, ("<=", term, ("max_overlap", first, second[1])), reason)


@cache
def derivation(network: DenseNetwork) -> str:
    """One sentence on how the invariance was derived for this network: symbolically, or as the general theorem.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> derivation(parse_network("2-3-1 tanh"))
    'SymPy derived F(πθ) = F(θ) for this network with abstract σ, for the 2 exchanges that generate all permutations.'
    """
    if network.n_parameters > MAX_PARAMETERS or not tied_layers(network):
        return "(The general theorem.)"
    exchanges = list(_exchanges(network))
    names = [f"θ{i}" for i in range(network.n_parameters)]
    from sympy import symbols

    theta = symbols(names)
    outputs = _outputs(network, theta)
    if any(_outputs(network, permuted(network, theta, exchange)) != outputs for exchange in exchanges):
        return "(The general theorem.)"
    count = len(exchanges)
    words = f"the {count} exchanges that generate" if count > 1 else "the exchange that generates"
    if not exchanges:
        return "There is no permutation but the identity."
    return f"SymPy derived F(πθ) = F(θ) for this network with abstract σ, for {words} all permutations."


def _exchanges(network: DenseNetwork) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Exchanges of two neighbouring units, which generate the group."""
    classes = tied_layers(network)
    identity = [tuple(range(network.layers[members[0] - 1].width)) for members in classes]
    for c, order in enumerate(identity):
        for i, j in pairwise(order):
            swapped = tuple(j if k == i else i if k == j else k for k in order)
            yield spread(network, (*identity[:c], swapped, *identity[c + 1 :]))


def _outputs(network: DenseNetwork, theta: Any) -> list[Any]:
    """The outputs as SymPy expressions, with an abstract function for the activation of each layer."""
    from sympy import Add, Function, symbols

    layers = [list(symbols([f"x{i}" for i in range(network.n_inputs)]))]
    blocks = {block.name: block for block in network.blocks()}
    for number, layer in enumerate(network.layers, 1):
        weights, fan_in = blocks[f"W{number}"], network.widths[number - 1]
        sigma = Function(f"σ{number}")
        units = []
        for i in range(layer.width):
            row = theta[weights.start + i * fan_in : weights.start + (i + 1) * fan_in]
            parts = [w * a for w, a in zip(row, layers[-1], strict=True)]
            z = Add(*parts, *([theta[blocks[f"b{number}"].start + i]] if layer.bias else []))
            a = z if layer.activation.name == "linear" else sigma(z)
            units.append(a if layer.residual is None else a + layers[layer.residual][i])
        layers.append(units)
    return layers[-1]
