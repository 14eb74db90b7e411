"""The search finds, by itself, zero-loss networks that no permutation joins without a barrier."""

from random import Random

import pytest

import geomcheck as gc
from geomcheck.geometry.barriers.min_barrier import min_barrier
from geomcheck.problem.read import problem_from
from geomcheck.search.common_fits import applies, common_fits
from geomcheck.search.rational_derivatives import behaviour

SHAPES = [
    ("2-2-1 relu, no bias", 4),
    ("2-2-1 relu", 4),
    ("1-2-1 abs, no bias", 2),
    ("2-3-1 leaky_relu(1/10)", 5),
    ("2-2-2-1 relu, no bias", 4),
    ("3-2-2 square, no bias", 3),
]


@pytest.mark.parametrize(("network", "samples"), SHAPES)
def test_single_basin_modulo_permutation_is_refuted_with_nothing_given(network, samples):
    verdict = gc.check("min_barrier(A, B) == 0 at perfect_fits", network=network, samples=samples)
    assert verdict.refuted
    witness = verdict.witness
    points = dict(witness.points)
    for theta in points.values():
        assert tuple(map(tuple, behaviour(witness.at(theta)))) == witness.targets
    assert min_barrier(witness, points["A"], points["B"]).low > 0


@pytest.mark.parametrize(
    ("network", "samples"),
    [("1-2-1 tanh, no bias", 1), ("1-1-1 tanh", 2), ("1-1-1 sin, no bias", 2), ("1-1-1 sigmoid", 2), ("1-1-1 gelu", 2)],
)
def test_networks_of_irrational_activations_too(network, samples):
    verdict = gc.check("min_barrier(A, B) == 0 at perfect_fits", network=network, samples=samples, seconds=4)
    assert verdict.refuted


def test_units_without_output_weight_add_nothing_whatever_their_activation():
    about = {"network": "1-2-1 softplus", "inputs": [[1], [2]], "targets": [[3], [3]]}
    assert gc.check("perfect_fit", **about, parameters=[1, 2, 1, 1, 0, 0, 3]).proved
    assert gc.check("perfect_fit", **about, parameters=[1, 2, 1, 1, 0, 0, 4]).refuted
    undecided = gc.check("perfect_fit", **about, parameters=[1, 1, 1, 1, 1, -1, 3])
    assert undecided.outcome == "UNDECIDED"


def test_what_is_proposed_fits():
    problem = problem_from({"network": "2-2-1 relu, no bias", "samples": 4})
    assert applies(problem)
    found = [instance for instance, _ in zip(common_fits(problem, ("A", "B"), Random(0)), range(60), strict=False)]
    instances = [instance for instance in found if instance is not None]
    assert len(instances) > 10
    for instance in instances:
        points = dict(instance.points)
        assert points["A"] != points["B"]
        for theta in points.values():
            assert tuple(map(tuple, behaviour(instance.at(theta)))) == instance.targets
    assert not applies(problem_from({"network": "2-1 linear", "samples": 1}))
    assert not applies(problem_from({"network": "2-2-1 relu", "samples": 1, "loss": "bce_logits"}))
