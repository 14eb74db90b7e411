"""The numbers a claim takes of whole points: orbit sizes and overlaps. One entry a word; see `words.WORDS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geomcheck.claims.several import theta_at
from geomcheck.claims.tree import Tree
from geomcheck.geometry import orbits
from geomcheck.problem.network import DenseNetwork

if TYPE_CHECKING:
    from geomcheck.claims.evaluation import Evaluation
    from geomcheck.claims.value import Value


def _orbit_size(at: Evaluation, tree: Tree) -> Value:
    theta = theta_at(tree[1], at.problem)
    return at.rational(orbits.orbit_size(at.problem.model, theta))


def _signed_orbit_size(at: Evaluation, tree: Tree) -> Value:
    theta = theta_at(tree[1], at.problem)
    return at.rational(orbits.signed_orbit_size(at.problem.model, theta))


def _overlap(at: Evaluation, tree: Tree) -> Value:
    first, second = (theta_at(place, at.problem) for place in tree[1:])
    return at.rational(orbits.overlap(first, second))


def _max_overlap(at: Evaluation, tree: Tree) -> Value:
    first, second = (theta_at(place, at.problem) for place in tree[1:])
    return at.rational(orbits.max_overlap(at.problem.model, first, second).value)


def _activation_overlap(at: Evaluation, tree: Tree) -> Value:
    network = at.problem.model
    assert isinstance(network, DenseNetwork)
    hidden = range(1, len(network.layers))

    def total(d: Any) -> Any:
        first, second = (d.place(place).model for place in tree[1:])
        products = [first.activations(number) * second.activations(number) for number in hidden]
        return d.field.total(d.field.concatenate([part.reshape(-1) for part in products], axis=0))

    return at.exact_scalar(total) if hidden else at.rational(0)


POINT_NUMBERS: Mapping[str, Callable[[Evaluation, Tree], Value]] = MappingProxyType(
    {
        "orbit_size": _orbit_size,
        "signed_orbit_size": _signed_orbit_size,
        "overlap": _overlap,
        "max_overlap": _max_overlap,
        "activation_overlap": _activation_overlap,
    }
)
"""Head of a term -> its value at an instance; raises ``Undecided`` where it is out of reach."""
