"""The numbers a claim takes of whole points: orbit sizes, overlaps, barriers. One entry a word of `vocabulary`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import flint

from geomcheck.claims.named_points import theta_at
from geomcheck.claims.scalar_value import Value
from geomcheck.claims.tree import Tree
from geomcheck.geometry import orbits
from geomcheck.geometry.barriers.barrier import Barrier, barrier_between
from geomcheck.geometry.barriers.min_barrier import min_barrier
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.claims.evidence import AbstractEvaluation


def _orbit_size(at: AbstractEvaluation, tree: Tree) -> Value:
    theta = theta_at(tree[1], at.problem)
    return at.rational(orbits.orbit_size(at.problem.model, theta))


def _signed_orbit_size(at: AbstractEvaluation, tree: Tree) -> Value:
    theta = theta_at(tree[1], at.problem)
    return at.rational(orbits.signed_orbit_size(at.problem.model, theta))


def _overlap(at: AbstractEvaluation, tree: Tree) -> Value:
    first, second = (theta_at(place, at.problem) for place in tree[1:])
    return at.rational(orbits.overlap(first, second))


def _max_overlap(at: AbstractEvaluation, tree: Tree) -> Value:
    first, second = (theta_at(place, at.problem) for place in tree[1:])
    best = orbits.max_overlap(at.problem.model, first, second)
    if best.by_assignment:
        at.matches[tree] = best.permutation
    return at.rational(best.value)


def _activation_overlap(at: AbstractEvaluation, tree: Tree) -> Value:
    network = at.problem.model
    assert isinstance(network, DenseNetwork)
    hidden = range(1, len(network.layers))

    def total(d: Any) -> Any:
        first, second = (d.place(place).model for place in tree[1:])
        products = [first.activations(number) * second.activations(number) for number in hidden]
        return d.field.total(d.field.concatenate([part.reshape(-1) for part in products], axis=0))

    return at.computed(total) if hidden else at.rational(0)


def _barrier(at: AbstractEvaluation, tree: Tree) -> Value:
    if tree not in at.barriers:
        start, end = (theta_at(place, at.problem) for place in tree[1:])
        measure = barrier_between if tree[0] == "barrier" else min_barrier
        at.barriers[tree] = measure(at.problem, start, end, at.problem.baseline, field=at.instance.denominators)
    found = at.barriers[tree]
    if found.low == found.high:
        return at.rational(found.low)
    if (best := found if isinstance(found, Barrier) else found.best).at_an_end:  # then no permutation's is less
        higher, lower = tree[1:] if best.place.rational == 0 else (tree[2], tree[1])
        return at.rational(Fraction(1, 2)) * at.computed(lambda d: d.place(higher).loss - d.place(lower).loss)
    ball = flint.arb(_middle(found.low, found.high), _middle(found.high, -found.low))
    return Value(at.instance.exact_field, enclosure=ball, known=found.text(), exact=found.value is not None)


def _middle(one: Fraction, other: Fraction) -> Any:
    middle = (one + other) / 2
    return flint.fmpq(middle.numerator, middle.denominator)


POINT_NUMBERS: Mapping[str, Callable[[AbstractEvaluation, Tree], Value]] = MappingProxyType(
    {
        "orbit_size": _orbit_size,
        "signed_orbit_size": _signed_orbit_size,
        "overlap": _overlap,
        "max_overlap": _max_overlap,
        "activation_overlap": _activation_overlap,
        "barrier": _barrier,
        "min_barrier": _barrier,
    }
)
"""Head of a term -> its value at an instance; raises ``Undecided`` where it is out of reach."""
