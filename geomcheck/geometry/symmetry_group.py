"""The symmetry group of a dense network as an object: what it consists of, and its exact action on θ.

Every element g acts on parameters with F(gθ) = F(θ) for all inputs. The factors, layer by layer:

| factor | where | acts on a hidden layer z = W a + b, a' = σ(z), next weights V | dimension |
| --- | --- | --- | --- |
| permutations | every layer, tied ones alike | order of units | 0, order m! |
| sign flips | σ odd or even, no residual links | rows of W, b negated; columns of V too where σ is odd | 0, order 2^m |
| rescaling | σ(cz) = c^d σ(z), c > 0 | rows of W, b times c; columns of V times c^−d | m |
| general linear | σ linear | W → gW, b → gb, V → V g⁻¹; with biases also b → b + t, next b → next b − V t | m² (+ m) |
| orthogonal | σ square, V one row v | W → RW, b → Rb with Rᵀ diag(v) R = diag(v): O(p, q) | m(m − 1)/2 |

Source: Chen, Lu, Hecht-Nielsen 1993 and Sussmann 1992 for odd activations; Dinh et al. 2017 for rescaling. The list
holds the symmetries that are known; it does not say that a network has no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, Literal, TypeAlias, final

from geomcheck.errors import InputError
from geomcheck.geometry.continuous_symmetry import kernel_fields, orbit_dimension
from geomcheck.geometry.orbits import (
    BestMatch,
    flipped_point,
    group_order,
    max_overlap,
    orbit_size,
    parity,
    signed_orbit_size,
)
from geomcheck.problem.model_words import network_words
from geomcheck.problem.network import Block, DenseNetwork
from geomcheck.problem.permutations import Permutation, check_permutation, permuted, tied_layers
from geomcheck.problem.read import problem_from
from geomcheck.problem.read_parameters import parameters_from

Theta = tuple[Fraction, ...]
Point: TypeAlias = Sequence[Fraction | int] | Mapping[str, Any]
Rows = Sequence[Sequence[Fraction | int]]
Kind = Literal["permutations", "sign flips", "rescaling", "general linear", "translations", "orthogonal", "shifts"]


@final
@dataclass(frozen=True)
class Factor:
    """One factor of the group: its kind, the hidden layers it acts on (from 1), its order if finite, its dimension."""

    kind: Kind
    layers: tuple[int, ...]
    order: int | None
    dimension: int
    name: str


@final
@dataclass(frozen=True)
class SymmetryGroup:
    """The known symmetries of a network, with their exact action. θ are P rationals in torch order, or blocks by name.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> group = SymmetryGroup(parse_network("2-3-1 tanh"))
    >>> group.order, group.dimension
    (48, 0)
    >>> SymmetryGroup(parse_network("2-3-1 relu, no bias")).dimension
    3
    """

    network: DenseNetwork

    @property
    def factors(self) -> tuple[Factor, ...]:
        """All factors, by kind."""
        return (*self._permutations(), *self._signs(), *self._continuous())

    @property
    def permutation_order(self) -> int:
        """The number of permutations of hidden units, Π m! over classes of tied layers."""
        return group_order(self.network)

    @property
    def order(self) -> int:
        """The order of the finite part: permutations and sign flips."""
        result = 1
        for factor in self.factors:
            result *= factor.order or 1
        return result

    @property
    def dimension(self) -> int:
        """The dimension of the continuous part, as a group."""
        return sum(factor.dimension for factor in self.factors)

    def orbit_dimension(self, theta: Point) -> int:
        """The dimension of the orbit of θ under the continuous part; less than the group's where a stabiliser is."""
        return orbit_dimension(self.network, self._theta(theta))

    def orbit_size(self, theta: Point) -> int:
        """The number of distinct permuted copies of θ; raises ``Undecided`` for too large a search."""
        return orbit_size(self.network, self._theta(theta))

    def signed_orbit_size(self, theta: Point) -> int:
        """The number of distinct copies under permutations and sign flips; raises ``Undecided``, ``InputError``."""
        return signed_orbit_size(self.network, self._theta(theta))

    def stabiliser_order(self, theta: Point) -> int:
        """The number of permutations that fix θ."""
        return self.permutation_order // self.orbit_size(theta)

    def best_match(self, theta: Point, other: Point) -> BestMatch:
        """The permutation s with the greatest ⟨θ, permuted(other, s)⟩, and that overlap, exactly."""
        return max_overlap(self.network, self._theta(theta), self._theta(other))

    # -- the action ----------------------------------------------------------------------------------------------------

    def permuted(self, theta: Point, permutation: Permutation) -> Theta:
        """θ with unit i of each hidden layer taken from unit s[i]; raises ``InputError`` for no such permutation."""
        images = tuple(tuple(layer) for layer in permutation)
        check_permutation(self.network, images, "permutation")
        return permuted(self.network, self._theta(theta), images)

    def flipped(self, theta: Point, layer: int, signs: Sequence[int]) -> Theta:
        """θ with the units of sign −1 of a hidden layer flipped."""
        self._require("sign flips", layer, len(signs))
        if set(signs) - {1, -1}:
            raise InputError(f"expected signs 1 and -1, got {list(signs)}; give one for each unit")
        every = [() for _ in self.network.layers[:-1]]
        chosen = tuple(tuple(signs) if number == layer else own for number, own in enumerate(every, 1))
        return flipped_point(self.network, self._theta(theta), chosen)

    def rescaled(self, theta: Point, layer: int, factors: Sequence[Fraction | int]) -> Theta:
        """θ with row and bias of each unit of a layer times c > 0 and its column times c^−d."""
        self._require("rescaling", layer, len(factors))
        if not all(c > 0 for c in factors):
            raise InputError(f"expected positive factors, got {list(map(str, factors))}; rescaling is by c > 0")
        degree = self.network.layers[layer - 1].activation.homogeneity
        assert degree is not None
        diagonal = [[Fraction(c) * (i == j) for j in range(len(factors))] for i, c in enumerate(factors)]
        inverse = [[x if x == 0 else 1 / x**degree for x in row] for row in diagonal]
        return self._mixed(theta, layer, diagonal, inverse)

    def mixed(self, theta: Point, layer: int, matrix: Rows) -> Theta:
        """θ with (W, b) → g(W, b) and V → V g⁻¹ at a linear layer, g an invertible matrix of rationals."""
        self._require("general linear", layer, len(matrix))
        exact = [[Fraction(x) for x in row] for row in matrix]
        return self._mixed(theta, layer, exact, _inverse(exact))

    def rotated(self, theta: Point, layer: int, skew: Rows) -> Theta:
        """θ with (W, b) → R(W, b) at a layer of squares, R = (I − A)(I + A)⁻¹ for A = diag(v)⁻¹ S with S skew.

        Then diag(v) A is skew, so Rᵀ diag(v) R = diag(v) and Σ v_i z_i² is unchanged. Raises ``InputError`` where some
        v_i = 0, S is not skew, or I + A is singular.
        """
        self._require("orthogonal", layer, len(skew))
        exact, size = self._theta(theta), len(skew)
        after = next(block for block in self.network.blocks() if block.name == f"W{layer + 1}")
        v = exact[after.start : after.stop]
        if not all(v) or any(Fraction(skew[i][j]) != -Fraction(skew[j][i]) for i in range(size) for j in range(size)):
            raise InputError("expected a skew matrix and outgoing weights that are not 0; choose another")
        a = [[Fraction(skew[i][j]) / v[i] for j in range(size)] for i in range(size)]
        plus = [[a[i][j] + (i == j) for j in range(size)] for i in range(size)]
        minus = [[(i == j) - a[i][j] for j in range(size)] for i in range(size)]
        identity = [[Fraction(i == j) for j in range(size)] for i in range(size)]
        return self._mixed(theta, layer, _product(minus, _inverse(plus)), identity)

    def __str__(self) -> str:
        lines = [f"{factor.name} on layer {', '.join(map(str, factor.layers))}" for factor in self.factors]
        finite = f"finite part of order {self.order}: {self.permutation_order} permutations"
        flips = self.order // self.permutation_order
        finite += f" × {flips} sign flips" if flips > 1 else ""
        return "\n".join([*(lines or ["only the identity"]), finite, f"dimension {self.dimension}"])

    def __repr__(self) -> str:
        """One short line; ``print(group)`` names the factors."""
        return f"SymmetryGroup({network_words(self.network)}; order {self.order}, dimension {self.dimension})"

    # -- factors -------------------------------------------------------------------------------------------------------

    def _permutations(self) -> list[Factor]:
        widths = {members: self.network.layers[members[0] - 1].width for members in tied_layers(self.network)}
        return [
            Factor("permutations", members, factorial(m), 0, f"permutations S_{m}") for members, m in widths.items()
        ]

    def _signs(self) -> list[Factor]:
        if any(layer.residual is not None for layer in self.network.layers):
            return []
        hidden = list(enumerate(self.network.layers[:-1], 1))
        return [
            Factor("sign flips", (number,), 1 << layer.width, 0, f"sign flips {{±1}}^{layer.width}")
            for number, layer in hidden
            if parity(layer.activation)
        ]

    def _continuous(self) -> list[Factor]:
        kinds: dict[Kind, str] = {
            "rescaling": "positive rescaling (ℝ>0)^{m}",
            "general linear": "GL({m})",
            "translations": "translations ℝ^{m}",
            "orthogonal": "O(p, q), p + q = {m}",
            "shifts": "shifts of exponentials ℝ^{m}",
        }
        families: dict[Kind, str] = {
            "rescaling": "rescaling",
            "general linear": "general-linear",
            "translations": "translation",
            "orthogonal": "rotation",
            "shifts": "shift",
        }
        fields = kernel_fields(self.network)
        found = []
        for number, layer in enumerate(self.network.layers[:-1], 1):
            for kind, words in kinds.items():
                count = sum(field.layer == number and field.family == families[kind] for field in fields)
                if count:
                    found.append(Factor(kind, (number,), None, count, words.replace("{m}", str(layer.width))))
        return found

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _theta(self, theta: Point) -> Theta:
        if isinstance(theta, Mapping):
            return parameters_from(theta, self.network, "theta")
        if len(theta) != self.network.n_parameters:
            raise InputError(f"expected {self.network.n_parameters} parameters, got {len(theta)}; see network.blocks()")
        return tuple(Fraction(x) for x in theta)

    def _require(self, kind: Kind, layer: int, size: int) -> None:
        allowed = [factor.layers[0] for factor in self.factors if factor.kind == kind]
        if layer not in allowed:
            have = ", ".join(map(str, allowed)) or "none"
            raise InputError(f"expected a hidden layer with {kind} ({have}), got layer={layer}; see print(group)")
        if size != self.network.layers[layer - 1].width:
            raise InputError(f"expected one entry for each of {self.network.layers[layer - 1].width} units, got {size}")

    def _mixed(self, theta: Point, layer: int, left: Rows, right: Rows) -> Theta:
        """(W, b) → left·(W, b), V → V·right."""
        exact, result = self._theta(theta), list(self._theta(theta))
        for block in self.network.blocks():
            rows = _rows(exact, block)
            if block.layer == layer:
                result[block.start : block.stop] = [x for row in _product(left, rows) for x in row]
            elif block.layer == layer + 1 and len(block.shape) == 2:
                result[block.start : block.stop] = [x for row in _product(rows, right) for x in row]
        return tuple(result)


def _rows(theta: Theta, block: Block) -> list[list[Fraction]]:
    width = block.shape[1] if len(block.shape) == 2 else 1
    return [list(theta[i : i + width]) for i in range(block.start, block.stop, width)]


def _product(left: Rows, right: Rows) -> list[list[Fraction]]:
    return [
        [
            sum((Fraction(x) * row[j] for x, row in zip(line, right, strict=True)), Fraction(0))
            for j in range(len(right[0]))
        ]
        for line in left
    ]


def _inverse(matrix: Rows) -> list[list[Fraction]]:
    """By Gauss–Jordan; raises ``InputError`` for a matrix that is singular or not square."""
    size = len(matrix)
    if any(len(row) != size for row in matrix):
        raise InputError(f"expected a square matrix, got {size} rows of {sorted({len(row) for row in matrix})}")
    rows = [[*map(Fraction, row), *(Fraction(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = next((k for k in range(i, size) if rows[k][i]), None)
        if pivot is None:
            raise InputError("expected an invertible matrix, got a singular one; choose another")
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for k in range(size):
            if k != i and rows[k][i]:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i], strict=True)]
    return [row[size:] for row in rows]


def symmetries(network: Any = None, *, torch: Any = None) -> SymmetryGroup:
    """The symmetry group of a network, given as in a problem: "2-3-1 tanh", a table, or a torch module under `torch`.

    Raises ``InputError`` for a description that cannot be read.

    >>> print(symmetries("1-2-1 relu"))
    permutations S_2 on layer 1
    positive rescaling (ℝ>0)^2 on layer 1
    finite part of order 2: 2 permutations
    dimension 2
    """
    about = problem_from({"network": network, "torch": torch, "samples": 1})
    assert isinstance(about.model, DenseNetwork)
    return SymmetryGroup(about.model)
