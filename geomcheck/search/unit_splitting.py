"""Critical points of a network from those of a narrower one, by splitting a unit (Fukumizu and Amari 2000, Theorem 1).

A unit with incoming weights w, bias b and outgoing weights a becomes two with the same w, b and outgoing λa, (1 − λ)a:
the function is the same, and a critical point stays critical, for every λ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search.draws import Random, Vector
from geomcheck.search.units import read, set_to, units

PROPORTIONS: Final = tuple(Fraction(*pair) for pair in ((1, 2), (2, 1), (-1, 1), (1, 1), (1, 3), (3, 1), (-2, 1)))


def applies(problem: Problem) -> bool:
    """Whether parameters are open and some hidden layer has a unit to spare."""
    network = problem.model
    return problem.parameters is None and isinstance(network, DenseNetwork) and bool(_splittable(network))


def embedded(
    problem: Problem, rng: Random, narrower: Callable[[Problem], Iterator[Problem | None]]
) -> Iterator[Problem | None]:
    """Instances of the problem split from instances of narrower ones, which `narrower` proposes."""
    network = problem.model
    assert isinstance(network, DenseNetwork)
    layers = _splittable(network)
    sources = [(number, narrower(replace(problem, model=_without_one(network, number)))) for number in layers]
    while sources:
        for source in list(sources):
            number, proposals = source
            try:
                small = next(proposals)
            except StopIteration:
                sources.remove(source)
                continue
            if small is None:
                yield None
                continue
            unit = rng.randrange(network.widths[number] - 1)
            for proportion in PROPORTIONS[:3] if rng.randrange(2) else PROPORTIONS[2:]:
                theta = split(small, network, number, unit, proportion)
                yield replace(small, model=network, parameters=tuple(theta))


def split(small: Problem, wide: DenseNetwork, number: int, unit: int, proportion: Fraction) -> Vector:
    """θ of the wide network: unit `unit` of hidden layer `number` is split, its copy comes last.

    >>> from geomcheck.problem.read import problem_from
    >>> small = problem_from({"network": "1-1-1 tanh, no bias", "samples": 1, "parameters": [3, 5]})
    >>> wide = problem_from({"network": "1-2-1 tanh, no bias", "samples": 1}).model
    >>> [int(t) for t in split(small, wide, 1, 0, Fraction(2))]
    [3, 3, 10, -5]
    """
    narrow = small.model
    assert isinstance(narrow, DenseNetwork) and small.parameters is not None
    theta = list(small.parameters)
    result = [Fraction(0)] * wide.n_parameters
    touched = {f"W{number}", f"b{number}", f"W{number + 1}"}
    for old, new in zip(narrow.blocks(), wide.blocks(), strict=True):
        if old.name not in touched:
            result[new.start : new.stop] = theta[old.start : old.stop]
    for old_unit, new_unit in zip(units(narrow, number), units(wide, number), strict=False):
        set_to(result, new_unit.own, read(theta, old_unit.own))
        set_to(result, new_unit.outgoing, read(theta, old_unit.outgoing))
    original, copy = units(wide, number)[unit], units(wide, number)[-1]
    outgoing = read(result, original.outgoing)
    set_to(result, copy.own, read(result, original.own))
    set_to(result, original.outgoing, [proportion * a for a in outgoing])
    set_to(result, copy.outgoing, [(1 - proportion) * a for a in outgoing])
    return result


def _splittable(network: DenseNetwork) -> list[int]:
    """Hidden layers of two units or more that no residual link ties to another layer's width."""
    tied = {number for number, layer in enumerate(network.layers, 1) if layer.residual is not None}
    tied |= {layer.residual for layer in network.layers if layer.residual is not None}
    return [number for number, width in enumerate(network.widths[1:-1], 1) if width > 1 and number not in tied]


def _without_one(network: DenseNetwork, number: int) -> DenseNetwork:
    layers = list(network.layers)
    layers[number - 1] = replace(layers[number - 1], width=layers[number - 1].width - 1)
    return replace(network, layers=tuple(layers))
