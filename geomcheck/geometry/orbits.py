"""Orbits of a point under permutations and sign flips of hidden units, and overlaps of two points: exact and finite.

The group of a network is a product of symmetric groups, one for each class of tied layers, and an orbit has
|group| / |stabiliser| points. With one hidden layer a unit is the vector of its own row, bias and column, and the
stabiliser permutes equal vectors: m!/Π k_i! points for multiplicities k_i. In deeper networks units are coloured by
what distinguishes them (their biases, and the multisets of weights to coloured neighbours, until nothing changes); the
stabiliser moves units inside a colour only, and is counted by trying all such arrangements, as long as there are at
most ``MAX_ARRANGEMENTS``. A sign flip negates row and bias of a unit, and its column where the activation is odd.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod
from typing import Any, Final, TypeAlias, final

from geomcheck.errors import InputError, Undecided
from geomcheck.linear_algebra.assignment import assignment
from geomcheck.problem.activation import Activation
from geomcheck.problem.model import Model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import Permutation, all_permutations, permuted, spread, tied_layers

Theta: TypeAlias = Sequence[Fraction]
Signs: TypeAlias = tuple[tuple[int, ...], ...]

MAX_ARRANGEMENTS: Final = 50_000
MOST_SHOWN: Final = 10**30


def group_order(network: DenseNetwork) -> int:
    """The number of permutations of hidden units, Π m! over the classes of tied layers.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> group_order(parse_network("1-3-4-1 tanh"))
    144
    """
    return prod(factorial(network.layers[members[0] - 1].width) for members in tied_layers(network))


def orbit_size(model: Model, theta: Theta) -> int:
    """The number of distinct points permuted(θ, s); raises ``Undecided`` where it takes too many arrangements.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> orbit_size(parse_network("1-4-1 tanh, no bias"), [Fraction(x) for x in (1, 1, 2, 3, 1, 1, 1, 1)])
    12
    """
    if not isinstance(model, DenseNetwork):
        return 1
    if (layer := _only_layer(model)) is not None:
        copies = Counter(_units(model, layer, theta)).values()
        return factorial(sum(copies)) // prod(map(factorial, copies))
    colours = _colours(model, theta, signed=False)
    _require_few(prod(factorial(count) for colour in colours for count in Counter(colour).values()))
    fixing = sum(permuted(model, theta, s) == tuple(theta) for s in _arrangements(model, colours))
    return group_order(model) // fixing


def signed_orbit_size(model: Model, theta: Theta) -> int:
    """The number of distinct points reached by permutations and by sign flips of units of odd or even activation.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> signed_orbit_size(parse_network("1-2-1 tanh, no bias"), [Fraction(x) for x in (1, 2, 1, 1)])
    8
    """
    if not isinstance(model, DenseNetwork):
        return 1
    if any(layer.residual is not None for layer in model.layers):
        raise InputError("expected a network without residual links for signed_orbit_size; use orbit_size")
    parities = [parity(layer.activation) for layer in model.layers[:-1]]
    if (layer := _only_layer(model)) is not None and parities[layer - 1]:
        fan_in = model.widths[layer - 1] + model.layers[layer - 1].bias
        units = [tuple(unit) for unit in _units(model, layer, theta)]
        flipped = [_flipped_unit(unit, fan_in, parities[layer - 1]) for unit in units]
        classes = Counter(frozenset(pair) for pair in zip(units, flipped, strict=True))
        arrangements = factorial(len(units)) // prod(map(factorial, classes.values()))
        signings = prod(len(pair) ** count for pair, count in classes.items())
        return arrangements * int(signings)
    colours = _colours(model, theta, signed=True)
    flips = [model.layers[i].width if parity else 0 for i, parity in enumerate(parities)]
    inside = prod(factorial(count) for colour in colours for count in Counter(colour).values())
    _require_few(inside << sum(flips))
    fixing = sum(
        permuted(model, flipped_point(model, theta, signs), s) == tuple(theta)
        for signs in product(*(product((1, -1), repeat=count) if count else [()] for count in flips))
        for s in _arrangements(model, colours)
    )
    return (group_order(model) << sum(flips)) // fixing


def overlap(first: Theta, second: Theta) -> Fraction:
    """⟨A, B⟩ = Σ A_i B_i."""
    return sum((x * y for x, y in zip(first, second, strict=True)), Fraction(0))


@final
@dataclass(frozen=True)
class BestMatch:
    """The greatest overlap of A with a permuted B, a permutation that reaches it, and whether one layer alone moves."""

    value: Fraction
    permutation: Permutation
    by_assignment: bool = False


def max_overlap(model: Model, first: Theta, second: Theta) -> BestMatch:
    """Max over s of ⟨A, permuted(B, s)⟩: a linear assignment for one hidden layer, else by trying all permutations.

    Raises ``Undecided`` for a deeper network with more than ``MAX_ARRANGEMENTS`` permutations.
    """
    if not isinstance(model, DenseNetwork):
        return BestMatch(overlap(first, second), ())
    if (layer := _only_layer(model)) is not None:
        ours, theirs = _units(model, layer, first), _units(model, layer, second)
        images = assignment([[-overlap(unit, other) for other in theirs] for unit in ours])
        best = spread(model, (images,))
        return BestMatch(overlap(first, permuted(model, second, best)), best, by_assignment=True)
    _require_few(group_order(model))
    value, _, best = max(
        (overlap(first, permuted(model, second, s)), -place, s) for place, s in enumerate(all_permutations(model))
    )
    return BestMatch(value, best)


def parity(activation: Activation) -> int:
    """−1 for an odd activation, 1 for an even one, 0 for any other.

    >>> [parity(Activation(name)) for name in ("tanh", "abs", "relu")]
    [-1, 1, 0]
    """
    return {"odd": -1, "even": 1, None: 0}[activation.parity]


def flipped_point(network: DenseNetwork, theta: Theta, signs: Signs) -> tuple[Fraction, ...]:
    """θ with the units of sign −1 flipped: rows and biases negated, and columns where the activation is odd.

    `signs` has one entry for each hidden layer, empty for a layer that is left alone.
    """
    result = list(theta)
    for block in network.blocks():
        own = signs[block.layer - 1] if block.layer <= len(signs) else ()
        before = signs[block.layer - 2] if block.layer >= 2 else ()
        odd = block.layer >= 2 and parity(network.layers[block.layer - 2].activation) == -1
        width = block.shape[1] if len(block.shape) == 2 else 1
        for k in range(block.size):
            i, j = divmod(k, width)
            sign = own[i] if own else 1
            if len(block.shape) == 2 and before and odd:
                sign *= before[j]
            result[block.start + k] = theta[block.start + k] * sign
    return tuple(result)


def _only_layer(network: DenseNetwork) -> int | None:
    """The one hidden layer whose units are permuted, if there is just one."""
    classes = tied_layers(network)
    return classes[0][0] if len(classes) == 1 and len(classes[0]) == 1 else None


def _units(network: DenseNetwork, number: int, theta: Theta) -> list[tuple[Fraction, ...]]:
    """Each unit of a layer as one vector: its row of W, its bias, its column of the next W."""
    vectors: list[list[Fraction]] = [[] for _ in range(network.layers[number - 1].width)]
    for block in network.blocks():
        for i, vector in enumerate(vectors):
            if block.layer == number:
                width = block.shape[1] if len(block.shape) == 2 else 1
                vector.extend(theta[block.start + i * width : block.start + (i + 1) * width])
            elif block.layer == number + 1 and len(block.shape) == 2:
                vector.extend(theta[block.start + i : block.stop : block.shape[1]])
    return [tuple(vector) for vector in vectors]


def _flipped_unit(unit: tuple[Fraction, ...], fan_in: int, sign: int) -> tuple[Fraction, ...]:
    return (*(-x for x in unit[:fan_in]), *(sign * x for x in unit[fan_in:]))


def _require_few(arrangements: int) -> None:
    if arrangements > MAX_ARRANGEMENTS:
        how_many = arrangements if arrangements < MOST_SHOWN else f"more than {MOST_SHOWN}"
        raise Undecided(
            "group-too-large",
            f"{how_many} arrangements of units would have to be tried, the limit is {MAX_ARRANGEMENTS}",
            "use one hidden layer, fewer units, or a point whose units differ",
        )


def _colours(network: DenseNetwork, theta: Theta, *, signed: bool) -> list[tuple[int, ...]]:
    """For each class of tied layers the colours of its units; units that symmetries exchange have equal colours."""
    classes = tied_layers(network)
    place = {member: c for c, members in enumerate(classes) for member in members}
    size = abs if signed else _itself
    colours = [(0,) * network.layers[members[0] - 1].width for members in classes]

    def coloured(number: int, unit: int) -> Any:
        return ("unit", place[number], colours[place[number]][unit]) if number in place else ("fixed", number, unit)

    while True:
        described: list[list[list[Any]]] = [[[colour] for colour in colour_class] for colour_class in colours]
        for block in network.blocks():
            rows = [[size(x) for x in theta[block.start + i : block.start + i + 1]] for i in range(block.size)]
            width = block.shape[1] if len(block.shape) == 2 else 1
            for i in range(block.shape[0]) if block.layer in place else ():
                entries = [rows[i * width + j][0] for j in range(width)]
                seen = (
                    entries
                    if len(block.shape) == 1
                    else sorted((entry, coloured(block.layer - 1, j)) for j, entry in enumerate(entries))
                )
                described[place[block.layer]][i].append(tuple(seen))
            for j in range(width) if len(block.shape) == 2 and block.layer - 1 in place else ():
                column = sorted((rows[i * width + j][0], coloured(block.layer, i)) for i in range(block.shape[0]))
                described[place[block.layer - 1]][j].append(tuple(column))
        fresh = []
        for colour_class in described:
            keys = [tuple(description) for description in colour_class]
            order = {key: number for number, key in enumerate(dict.fromkeys(sorted(keys)))}
            fresh.append(tuple(order[key] for key in keys))
        if [len(set(colour)) for colour in fresh] == [len(set(colour)) for colour in colours]:
            return fresh
        colours = fresh


def _itself(value: Fraction) -> Fraction:
    return value


def _arrangements(network: DenseNetwork, colours: list[tuple[int, ...]]) -> Iterator[Permutation]:
    """All permutations that keep every unit's colour."""
    choices = []
    for colour in colours:
        members = [[i for i, own in enumerate(colour) if own == one] for one in sorted(set(colour))]
        inside = []
        for images in product(*(permutations(group) for group in members)):
            arrangement = list(range(len(colour)))
            for group, image in zip(members, images, strict=True):
                for i, j in zip(group, image, strict=True):
                    arrangement[i] = j
            inside.append(tuple(arrangement))
        choices.append(inside)
    for chosen in product(*choices):
        yield spread(network, chosen)
