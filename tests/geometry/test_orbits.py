"""Orbits against listing all copies, assignments against trying all, and symmetries against the function."""

import random
from fractions import Fraction
from itertools import permutations, product

import pytest

import geomcheck as gc
from geomcheck.checker import Problem, Symmetry, cheapest
from geomcheck.errors import InputError, Undecided
from geomcheck.geometry.orbits import (
    flipped_point,
    group_order,
    max_overlap,
    orbit_size,
    overlap,
    parity,
    signed_orbit_size,
)
from geomcheck.geometry.symmetry_group import SymmetryGroup, symmetries
from geomcheck.linear_algebra.assignment import assignment
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.model import explicit_model
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import all_permutations, permuted
from geomcheck.problem.read import problem_from
from geomcheck.problem.shorthand import parse_network

Theta = tuple[Fraction, ...]
NETWORKS = ["1-3-1 tanh", "2-2-2-1 tanh, no bias", "1-2-3-1 relu", "1-2-2-1 abs", "1-3-2 sin, no bias"]


def points(network: DenseNetwork, count: int, seed: int) -> list[Theta]:
    """Points with few different numbers, so that units often coincide."""
    rng = random.Random(seed)
    choices = [(0, 1), (1, -1), (0, 1, -1), (0, 0, 1)]
    return [tuple(Fraction(rng.choice(choices[n % 4])) for _ in range(network.n_parameters)) for n in range(count)]


def signed_copies(network: DenseNetwork, theta: Theta) -> set[Theta]:
    flips = [layer.width if parity(layer.activation) else 0 for layer in network.layers[:-1]]
    signs = product(*(product((1, -1), repeat=count) if count else [()] for count in flips))
    turned = {flipped_point(network, theta, chosen) for chosen in signs}
    return {permuted(network, point, s) for point in turned for s in all_permutations(network)}


@pytest.mark.parametrize("name", NETWORKS)
def test_orbits_are_counted_as_listed(name: str) -> None:
    network = parse_network(name)
    about = Problem(problem_to_json(problem_from({"network": name, "samples": 1})))
    for theta in points(network, 12, 5):
        copies = {permuted(network, theta, s) for s in all_permutations(network)}
        signed = signed_copies(network, theta)
        assert orbit_size(network, theta) == len(copies) == Symmetry(about, list(theta)).orbit_size()
        assert signed_orbit_size(network, theta) == len(signed) == Symmetry(about, list(theta)).orbit_size(signed=True)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_best_match_is_the_best_of_all(name: str) -> None:
    network = parse_network(name)
    about = Problem(problem_to_json(problem_from({"network": name, "samples": 1})))
    rng = random.Random(7)
    for first, second in zip(points(network, 4, 1), points(network, 4, 2), strict=True):
        first = tuple(x * rng.randint(1, 3) for x in first)
        best = max(overlap(first, permuted(network, second, s)) for s in all_permutations(network))
        found = max_overlap(network, first, second)
        assert found.value == best == overlap(first, permuted(network, second, found.permutation))
        ours, theirs = (Symmetry(about, list(theta)) for theta in (first, second))
        assert ours.max_overlap(theirs) == best
        if found.by_assignment:
            assert ours.max_overlap(theirs, [list(images) for images in found.permutation]) == best


def test_assignments_against_all_permutations() -> None:
    rng = random.Random(1)
    for size in (0, 1, 2, 3, 4, 5):
        for _ in range(20):
            costs = [[Fraction(rng.randint(-6, 6), rng.choice((1, 2, 3))) for _ in range(size)] for _ in range(size)]
            least = min(sum(costs[i][j] for i, j in enumerate(s)) for s in permutations(range(size)))
            assert sum(costs[i][j] for i, j in enumerate(assignment(costs))) == least
            for s in permutations(range(size)):
                found = sum(costs[i][j] for i, j in enumerate(s))
                assert cheapest([[row[j] for j in s] for row in costs]) == (found == least)
    with pytest.raises(InputError, match="square"):
        assignment([[Fraction(1)], [Fraction(2)]])


def test_limits_are_honest() -> None:
    network = parse_network("1-9-9-1 tanh, no bias")
    zero = (Fraction(0),) * network.n_parameters
    with pytest.raises(Undecided, match="arrangements"):
        orbit_size(network, zero)
    with pytest.raises(Undecided, match="arrangements"):
        max_overlap(network, zero, zero)
    generic = tuple(Fraction(n * n + 1) for n in range(network.n_parameters))
    assert orbit_size(network, generic) == group_order(network)  # nothing to try where all units differ
    wide = parse_network("1-40-1 tanh, no bias")
    assert orbit_size(wide, (Fraction(0),) * wide.n_parameters) == 1
    verdict = gc.check("orbit_size(A) == 1", network="1-9-9-1 tanh, no bias", samples=1, points={"A": [0] * 99})
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", "group-too-large")


def test_an_explicit_model_has_no_permutations() -> None:
    model = explicit_model(["a", "b"], [], ["a*b"])
    theta = (Fraction(1), Fraction(2))
    assert (orbit_size(model, theta), signed_orbit_size(model, theta)) == (1, 1)
    assert max_overlap(model, theta, theta).value == 5


def test_signs_across_residual_links_are_refused() -> None:
    network = DenseNetwork(2, parse_network("2-2-1 tanh").layers)
    tied = {"inputs": 2, "layers": [{"width": 2}, {"width": 2, "residual": 1}, {"width": 1}]}
    about = problem_from({"network": tied, "samples": 1}).model
    assert isinstance(about, DenseNetwork)
    with pytest.raises(InputError, match="residual"):
        signed_orbit_size(about, (Fraction(0),) * about.n_parameters)
    assert SymmetryGroup(about).order == 2
    assert SymmetryGroup(network).order == 8


GROUPS = {
    "2-3-1 tanh": (48, 0), "2-3-2 relu": (6, 3), "2-2-2 linear": (8, 6), "2-3-1 square": (48, 6),
    "1-2-2-1 abs": (64, 4), "2-3-1 power(3)": (48, 3), "1-2-1 gaussian": (8, 0), "1-2-1 sigmoid": (2, 0),
    "1-2-1 exp": (2, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_every_factor_keeps_the_function(name: str) -> None:
    group = symmetries(name)
    assert (group.order, group.dimension) == GROUPS[name]
    network, rng = group.network, random.Random(3)
    theta = tuple(Fraction(rng.choice((-2, -1, 1, 2, 3))) for _ in range(network.n_parameters))
    moved = []
    for factor in group.factors:
        layer, width = factor.layers[0], network.layers[factor.layers[0] - 1].width
        match factor.kind:
            case "permutations":
                shift = tuple((i + 1) % width for i in range(width))
                images = [tuple(range(hidden.width)) for hidden in network.layers[:-1]]
                images[layer - 1] = shift
                moved.append(group.permuted(theta, tuple(images)))
            case "sign flips":
                moved.append(group.flipped(theta, layer, [-1] + [1] * (width - 1)))
            case "rescaling":
                moved.append(group.rescaled(theta, layer, [Fraction(i + 2, 3) for i in range(width)]))
            case "general linear":
                moved.append(group.mixed(theta, layer, [[1, 2], [0, 1]]))
            case "orthogonal":
                moved.append(group.rotated(theta, layer, [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]))
    data = {"inputs": [[1] * network.n_inputs, ["1/2"] * network.n_inputs], "targets": [[0] * network.n_outputs] * 2}
    for other in moved:
        assert other != theta
        assert gc.check("F@A == F@B", network=name, points={"A": theta, "B": other}, **data).proved


def test_the_group_says_what_it_cannot_do() -> None:
    group = symmetries("2-3-1 tanh")
    theta = [1] * 13
    with pytest.raises(InputError, match="rescaling"):
        group.rescaled(theta, 1, [1, 2, 3])
    with pytest.raises(InputError, match="one entry for each"):
        group.flipped(theta, 1, [1])
    with pytest.raises(InputError, match="once"):
        group.permuted(theta, ((0, 0, 1),))
    with pytest.raises(InputError, match="13 parameters"):
        group.orbit_size([1])
    with pytest.raises(InputError, match="positive"):
        symmetries("1-2-1 relu").rescaled([1] * 7, 1, [1, -1])
    with pytest.raises(InputError, match="singular"):
        symmetries("1-2-1 linear").mixed([1] * 7, 1, [[1, 1], [1, 1]])
    assert "S_3" in str(group)
    assert group.stabiliser_order(theta) == 6


def test_a_group_gives_the_best_match():
    group = symmetries("2-3-1 tanh")
    theta, other = (tuple(Fraction(step * k % 13) for k in range(13)) for step in (5, 2))
    best = group.best_match(theta, other)
    every = [overlap(theta, permuted(group.network, other, s)) for s in all_permutations(group.network)]
    assert best.value == max(every) > min(every)
    assert overlap(theta, group.permuted(other, best.permutation)) == best.value


def test_points_may_be_given_by_name():
    group = symmetries("1-2-1 tanh")
    named = {"W1": [[1], [2]], "b1": [3, 4], "W2": [[5, 6]], "b2": [7]}
    assert group.orbit_size(named) == group.orbit_size([1, 2, 3, 4, 5, 6, 7]) == 2
    assert group.permuted(named, [[1, 0]]) == (2, 1, 4, 3, 6, 5, 7)
