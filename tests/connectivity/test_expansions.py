"""Students of a teacher: the numbers by enumeration, the intersection graph, and activations that do not qualify."""

from itertools import product
from math import comb, factorial

import networkx
import pytest

from geomcheck.connectivity.components import components
from geomcheck.connectivity.expansions import (
    Subspace,
    bells,
    expansions,
    intersect,
    intersection_graph,
    subspaces,
    surjections,
)
from geomcheck.errors import InputError, Undecided
from geomcheck.problem.activation import ACTIVATIONS
from geomcheck.problem.read import problem_from


@pytest.mark.parametrize(("r", "m"), [(r, m) for r in range(4) for m in range(6)])
def test_numbers_by_enumeration(r: int, m: int) -> None:
    onto = sum(set(image) == set(range(r)) for image in product(range(r), repeat=m))
    assert surjections(r, m) == onto
    spaces = list(subspaces(r, m)) if m >= r else []
    assert len(spaces) == len(set(spaces)) == expansions(r, m)


def test_published_values() -> None:
    assert (surjections(2, 3), expansions(1, 2), expansions(2, 3)) == (6, 3, 12)
    smaller = [sum(surjections(r, m) for r in range(1, 3)) for m in (3, 4)]
    assert (smaller, [expansions(3, m) for m in (3, 4)]) == ([7, 15], [6, 60])
    assert bells(4) == [sum(comb(u - 1, k) * bells(k)[k] for k in range(u)) or 1 for u in range(5)]


@pytest.mark.parametrize(("r", "m"), [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (2, 4), (3, 3), (3, 4)])
def test_the_graph_has_as_many_components_as_the_theorem_says(r: int, m: int) -> None:
    graph = intersection_graph(r, m)
    expected = factorial(r) if m == r else 1
    assert networkx.number_connected_components(graph) == expected
    assert components(problem_from({"network": f"2-{m}-1 exp, no bias", "samples": 1}), r).count == expected


def test_dimensions_are_at_least_the_surplus() -> None:
    assert {space.dimension(1) >= 2 for space in subspaces(2, 4)} == {True}


def test_subspaces_that_do_and_do_not_meet() -> None:
    one_copy, two_copies = Subspace(((0,), (1,)), ((2,),)), Subspace(((0, 2), (1,)), ())
    swapped = Subspace(((1,), (0,)), ((2,),))
    assert intersect(one_copy, two_copies, 3)
    assert not intersect(one_copy, swapped, 3)


def of(network: str, r: int) -> int:
    return components(problem_from({"network": network, "samples": 1}), r).count


@pytest.mark.parametrize(
    ("network", "r", "expected"),
    [
        ("2-2-1 exp, no bias", 2, 2),
        ("1-3-2 exp, no bias", 3, 6),
        ("2-3-1 exp, no bias", 2, 1),
        ("2-2-1 tanh, no bias", 2, 8),
        ("2-2-1 tanh", 2, 8),
        ("2-3-1 tanh", 2, 1),
        ("1-1-1 sin, no bias", 1, 2),
    ],
)
def test_students(network: str, r: int, expected: int) -> None:
    assert of(network, r) == expected


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exp", "tanh", "sin"}))
def test_other_activations_are_refused_with_the_relation_that_breaks_them(name: str) -> None:
    written = {"power": "power(3)"}.get(name, name)
    with pytest.raises(Undecided, match="not all solutions: σ"):
        of(f"2-2-1 {written}, no bias", 2)


@pytest.mark.parametrize("network", ["2-2-1 exp", "2-2-1 sin", "2-2-2-1 exp, no bias", "2-1-1 exp, no bias"])
def test_shapes_that_do_not_qualify(network: str) -> None:
    with pytest.raises(Undecided, match="components-unknown"):
        of(network, 2)


def test_numbers_of_units_are_bounded() -> None:
    with pytest.raises(InputError, match="from 0 to 1000"):
        surjections(-1, 2)
