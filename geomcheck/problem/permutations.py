"""Permutations of a network's hidden units: one for each hidden layer, tied through residual links.

A residual link a_l = σ_l(W_l a_{l−1} + b_l) + a_s adds unit i of layer s to unit i of layer l, so both layers are
permuted alike; a layer linked to the input or to the output is not permuted at all. The permutations of a network are
therefore one of 0, …, m − 1 for each class of tied layers, and there are Π m! of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations as arrangements
from itertools import product
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from geomcheck.errors import InputError
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.problem.model import Model

T = TypeVar("T")
Permutation: TypeAlias = tuple[tuple[int, ...], ...]
"""For each hidden layer the images: unit i of the permuted network is unit s[i] of the network, counted from 0."""


def tied_layers(network: DenseNetwork) -> tuple[tuple[int, ...], ...]:
    """The classes of hidden layers (numbered from 1) whose units are permuted together; fixed layers are left out.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> tied_layers(parse_network("2-3-4-1 tanh"))
    ((1,), (2,))
    """
    last = len(network.layers)
    group = {number: number for number in range(last + 1)}
    for number, layer in enumerate(network.layers, 1):
        if layer.residual is not None:
            one, other = group[number], group[layer.residual]
            group = {member: one if label == other else label for member, label in group.items()}
    fixed = {group[0], group[last]}
    labels = dict.fromkeys(label for member, label in group.items() if 0 < member < last and label not in fixed)
    return tuple(tuple(member for member in range(1, last) if group[member] == label) for label in labels)


def all_permutations(network: DenseNetwork) -> Iterator[Permutation]:
    """Every permutation of the network, the identity first."""
    classes = tied_layers(network)
    for chosen in product(*(arrangements(range(network.layers[members[0] - 1].width)) for members in classes)):
        yield spread(network, chosen)


def spread(network: DenseNetwork, chosen: tuple[tuple[int, ...], ...]) -> Permutation:
    """The permutation that arranges each class of tied layers as `chosen`, and no other layer."""
    layers = [tuple(range(layer.width)) for layer in network.layers[:-1]]
    for members, arrangement in zip(tied_layers(network), chosen, strict=True):
        for member in members:
            layers[member - 1] = arrangement
    return tuple(layers)


def check_permutation(model: Model, permutation: Permutation, where: str) -> None:
    """Raise `InputError` unless these are bijections of the right lengths that respect the residual links."""
    if not isinstance(model, DenseNetwork):
        raise InputError(f"{where}: expected a network with hidden units, got an explicit model; leave it out")
    widths = [layer.width for layer in model.layers[:-1]]
    if len(permutation) != len(widths):
        raise InputError(
            f"{where}: expected one permutation for each of the {len(widths)} hidden layers, got {len(permutation)}"
        )
    for number, (width, images) in enumerate(zip(widths, permutation, strict=True), 1):
        if sorted(images) != list(range(width)):
            raise InputError(
                f"{where}[{number - 1}]: expected each of 0, …, {width - 1} once, for the {width} units of layer "
                f"{number}, got {list(images)[:20]}"
            )
    last = len(model.layers)
    moved = [tuple(range(model.n_inputs)), *permutation, tuple(range(model.n_outputs))]
    for number, layer in enumerate(model.layers, 1):
        if layer.residual is None or moved[number] == moved[layer.residual]:
            continue
        other = "the input" if layer.residual == 0 else f"layer {layer.residual}"
        own = "the output" if number == last else f"layer {number}"
        raise InputError(
            f"{where}: expected {own} and {other} to be permuted alike, for a residual link joins them, got "
            f"{list(moved[number])} and {list(moved[layer.residual])}; no other permutation keeps the function"
        )


def permuted(network: DenseNetwork, theta: Sequence[T], permutation: Permutation) -> tuple[T, ...]:
    """θ with W_l'[i, j] = W_l[s_l(i), s_{l−1}(j)], b_l'[i] = b_l[s_l(i)]; s is the identity on inputs and outputs.

    >>> from geomcheck.problem.shorthand import parse_network
    >>> permuted(parse_network("1-2-1 tanh"), (1, 2, 3, 4, 5, 6, 7), ((1, 0),))
    (2, 1, 4, 3, 6, 5, 7)
    """
    moved = [tuple(range(network.n_inputs)), *permutation, tuple(range(network.n_outputs))]
    result: list[T] = []
    for block in network.blocks():
        rows = moved[block.layer]
        if len(block.shape) == 1:
            result += [theta[block.start + i] for i in rows]
        else:
            columns, width = moved[block.layer - 1], block.shape[1]
            result += [theta[block.start + i * width + j] for i in rows for j in columns]
    return tuple(result)
