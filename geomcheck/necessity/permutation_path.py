"""The path from a point to its copy with two units exchanged, through the point where both are equal, exactly.

On the straight segment from θ to the copy of θ with units i and j of one layer exchanged, the units coincide half-way:
there both have the mean of the two incoming weights, biases and outgoing weights. Brea, Şimşek, Illing and Gerstner
2019 (arXiv 1907.02911) call such points permutation points. At one that is critical, moving outgoing weight from one
unit to the other keeps the loss: as many flat directions as the next layer has units, at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, final

from geomcheck.errors import InputError, described
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import permuted
from geomcheck.problem.problem import Problem
from geomcheck.values import Value, evaluate, problem_of

__all__ = ["PermutationPath", "permutation_path"]


@final
@dataclass(frozen=True)
class PermutationPath:
    """`start` and its copy `end` with two units exchanged; `middle`, half-way, where they coincide. All (P,).

    `values`: the loss at the three places, the barrier of the segment (its greatest loss over all of it, above the
    common loss of the ends), whether the middle is critical, and the nullity of H there, each with its status.
    """

    start: tuple[Fraction, ...]
    middle: tuple[Fraction, ...]
    end: tuple[Fraction, ...]
    values: Mapping[str, Value]


def permutation_path(
    i: int, j: int, *, layer: int = 1, problem: Problem | Mapping[str, Any] | None = None, **parts: Any
) -> PermutationPath:
    """The segment that exchanges units i and j (0-based) of a hidden layer, with what is known exactly along it.

    The problem must give a network, inputs, targets and parameters. Raises InputError for other problems and units.

    >>> found = permutation_path(0, 1, network="1-2-1 abs, no bias", inputs=[[-2], [-1], [1], [3]],
    ...                          targets="perfect_fit", parameters=[1, -1, 1, 1])
    Traceback (most recent call last):
        ...
    geomcheck.errors.InputError: expected targets as numbers, got targets='perfect_fit' (str); give their values
    >>> found = permutation_path(0, 1, network="1-2-1 abs, no bias", inputs=[[-2], [-1], [1], [3]],
    ...                          targets=[4, 2, 2, 6], parameters=[1, -1, 1, 1])
    >>> found.values["barrier"].value, found.middle[:2]
    ('30', (Fraction(0, 1), Fraction(0, 1)))
    """
    about = problem_of(problem, parts)
    network = about.model
    if not isinstance(network, DenseNetwork) or not 1 <= layer < len(network.layers):
        raise InputError(f"expected a network and one of its hidden layers, got {described('layer', layer)}")
    width = network.layers[layer - 1].width
    if i == j or not all(0 <= unit < width for unit in (i, j)):
        raise InputError(f"expected two different units from 0 to {width - 1}, got {described('units', (i, j))}")
    if about.parameters is None or about.inputs is None or about.targets is None:
        raise InputError(f"expected parameters, inputs and targets, open={', '.join(about.open_parts)}; give them")
    if about.targets == "perfect_fit":
        raise InputError(f"expected targets as numbers, got {described('targets', about.targets)}; give their values")
    images = [list(range(hidden.width)) for hidden in network.layers[:-1]]
    images[layer - 1][i], images[layer - 1][j] = j, i
    start = about.parameters
    end = permuted(network, start, tuple(tuple(row) for row in images))
    middle = tuple((a + b) / 2 for a, b in zip(start, end, strict=True))
    named = replace(about, parameters=None, points=(("A", start), ("B", end), ("C", middle)))
    terms = {
        "loss at the ends": "L@A",
        "loss half-way": "L@C",
        "barrier": "barrier(A, B)",
        "critical half-way": "critical_point@C",
        "nullity of H half-way": "nullity(H@C)",
    }
    values = evaluate([*terms.values()], named)
    return PermutationPath(start, middle, end, {name: values[term] for name, term in terms.items()})
