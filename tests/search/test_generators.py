"""Every generator stays inside the problem, and constructs points inside the point set it is asked for."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

import geomcheck as gc
from geomcheck.geometry.minima import eckart_young
from geomcheck.problem.read import problem_from
from geomcheck.search import linear_networks, newton, rational_derivatives, targets, unit_splitting
from geomcheck.search.generators import generators, goals
from geomcheck.search.starts import FAMILIES

from .plain import is_critical, loss

PROBLEMS = {
    "relu": {"network": "2-2-1 relu", "samples": 3},
    "tanh": {"network": "2-2-1 tanh", "samples": 3},
    "deep": {"network": "2-3-2-2 relu tanh", "samples": 2},
    "residual": {
        "network": {"inputs": 2, "layers": [{"width": 2, "activation": "square", "residual": 0}, {"width": 1}]},
        "samples": 3,
    },
    "quartic": {"network": "2-2-1 square", "loss": "quartic", "samples": 3},
    "logits": {"network": "2-2-3 relu", "loss": "softmax_cross_entropy", "samples": 2},
    "probabilities": {"network": "2-2-3 relu", "loss": "cross_entropy", "behaviour": "probabilities", "samples": 2},
    "bce": {"network": "2-2-1 relu", "loss": "bce", "behaviour": "probabilities", "samples": 2},
    "bce logits": {"network": "2-2-1 relu", "loss": "bce_logits", "samples": 2},
    "logistic": {"network": "2-2-1 relu", "loss": "logistic", "samples": 2},
    "exponential": {"network": "2-2-1 linear", "loss": "exponential", "samples": 2},
    "hinge": {"network": "2-2-1 linear", "loss": "squared_hinge", "samples": 2},
    "logcosh": {"network": "2-2-1 linear", "loss": "logcosh", "samples": 2},
    "mean": {"network": "2-2-1 square", "reduction": "mean", "samples": 3},
    "decay": {"network": "2-1", "weight_decay": "1/2", "samples": 3},
    "linear": {"network": "2-2-2 linear, no bias", "samples": 3},
    "formula loss": {
        "model": {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*x", "a*b"]},
        "loss": {"outputs": ["f1", "f2"], "targets": ["y1", "y2"], "value": "(f1-y1)^2+(f2-y2)^4"},
        "samples": 2,
    },
    "no inputs": {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1},
    "targets given": {"network": "1-2-1 square", "inputs": [[1], [2], [3]], "targets": [[-2], [7], [8]]},
    "parameters given": {"network": "1-1-1 square, no bias", "parameters": [1, 2], "samples": 2},
    "only targets given": {"network": "1-2-1 relu", "samples": 2, "targets": [[1], [0]]},
    "fit given": {"network": "1-2-1 tanh", "samples": 2, "targets": "perfect_fit"},
    "hard labels": {
        "network": "1-2-2 tanh", "loss": "softmax_cross_entropy", "samples": 2, "targets": [[1, 0], [0, 1]]
    },
}  # fmt: skip
SETS = ["perfect_fits", "critical_points", "global_minima", "local_minima", "generic_points", "all_points"]
ROUNDS = 9


def drawn(problem, point_set, rounds=ROUNDS):
    """(generator name, instance) pairs; what came to nothing is left out."""
    for generator in generators(problem, (point_set,)):
        proposals = generator.propose(problem, random.Random(generator.name))
        for _ in range(rounds):
            instance = next(proposals, None)
            if instance is not None:
                yield generator.name, instance


@pytest.mark.parametrize("point_set", SETS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_instances_keep_what_is_given_and_leave_nothing_open(name, point_set):
    problem = problem_from(PROBLEMS[name])
    for _, instance in drawn(problem, point_set):
        assert instance.is_instance
        assert (instance.model, instance.loss, instance.samples) == (problem.model, problem.loss, problem.samples)
        for part in ("parameters", "inputs", "targets"):
            given = getattr(problem, part)
            assert given is None or getattr(instance, part) == given


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_offered_as_critical_is_critical(name):
    problem = problem_from(PROBLEMS[name])
    found = list(drawn(problem, "critical_points"))
    for generator, instance in found:
        assert rational_derivatives.may_be_critical(instance), generator
    if name not in ("hard labels", "parameters given"):
        assert found


@pytest.mark.parametrize(
    "name",
    ["relu", "quartic", "logits", "probabilities", "bce logits", "mean", "linear", "decay", "no inputs", "hinge"],
)
def test_some_critical_points_are_no_perfect_fits(name):
    problem = problem_from(PROBLEMS[name])
    off_fit = [x for _, x in drawn(problem, "critical_points", 12) if not isinstance(x.targets, str) and is_critical(x)]
    assert any(rational_derivatives.fitted_targets(x) != [list(row) for row in x.targets] for x in off_fit)


@pytest.mark.parametrize("name", ["targets given", "only targets given"])
def test_given_targets_are_reached_by_solving(name):
    problem = problem_from(PROBLEMS[name])
    fits = [instance for _, instance in drawn(problem, "perfect_fits")]
    assert fits and all(rational_derivatives.behaviour(x) == [list(row) for row in problem.targets] for x in fits)


def test_uniform_labels_are_reached_on_logits():
    half = problem_from({"network": "1-2-2 square", "loss": "softmax_cross_entropy", "samples": 2,
                         "targets": [["1/2", "1/2"], ["1/2", "1/2"]]})  # fmt: skip
    fits = [instance for _, instance in drawn(half, "perfect_fits")]
    assert fits and all(len(set(row)) == 1 for x in fits for row in rational_derivatives.behaviour(x))


def test_hard_labels_have_no_perfect_fit():
    assert not list(drawn(problem_from(PROBLEMS["hard labels"]), "perfect_fits"))


@pytest.mark.parametrize(
    "parts",
    [
        {"network": "2-1-2 linear, no bias", "samples": 2},
        {"network": "2-1-2 linear, no bias", "samples": 4},
        {"network": "2-2-3 linear, no bias", "samples": 3},
        {"network": "2-1-2 linear, no bias", "inputs": [[1, 0], [0, 1]], "targets": [[1, 0], [0, 1]]},
        {"network": "2-1-2 linear, no bias", "inputs": [[1, 1], [0, 1], [1, -1]]},
        {"network": "2-1-2 linear, no bias", "samples": 3, "reduction": "mean"},
    ],
)
def test_eckart_young_points_attain_the_least_loss(parts):
    problem = problem_from(parts)
    proposals = linear_networks.minima(problem, random.Random(0))
    found = [x for x in (next(proposals) for _ in range(30)) if x is not None]
    assert found
    for instance in found:
        assert eckart_young.least_error(instance, rational_derivatives.behaviour(instance)) is not None
        assert is_critical(instance)


def test_eckart_young_starts_with_a_tie():
    first = next(
        linear_networks.minima(problem_from({"network": "2-1-2 linear, no bias", "samples": 2}), random.Random(0))
    )
    found = eckart_young.least_error(first, rational_derivatives.behaviour(first))
    assert loss(first) == Fraction(1, 2) and found is not None and found.separator == 1


@pytest.mark.parametrize("network", ["3-2-3 linear, no bias", "2-3-2-2 linear, no bias"])
def test_baldi_hornik_points_are_critical_at_several_levels(network):
    problem = problem_from({"network": network, "samples": 3})
    proposals = linear_networks.saddles(problem, random.Random(1))
    found = [x for x in (next(proposals) for _ in range(40)) if x is not None]
    assert all(map(is_critical, found))
    assert len({loss(x) for x in found}) > 2


def test_newton_finds_the_spurious_minimum_of_a_quadratic():
    # f = (x + b)², data (0, 1), (1, 4): critical at b = 1, −1 and −3/2.
    problem = problem_from({"model": {"parameters": ["b"], "inputs": ["x"], "outputs": ["(x+b)^2"]},
                            "inputs": [[0], [1]], "targets": [[1], [4]]})  # fmt: skip
    limits = newton.limits(problem, random.Random(0))
    found = {x.parameters[0] for x in (next(limits) for _ in range(40)) if x is not None}
    assert found == {Fraction(1), Fraction(-1), Fraction(-3, 2)}


def test_newton_pins_a_coordinate_on_curves_of_critical_points():
    # a·b = 1: every limit lies on a hyperbola of critical points.
    problem = problem_from({"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["a*b"]}, "samples": 1,
                            "targets": [[1]]})  # fmt: skip
    limits = newton.limits(problem, random.Random(0))
    found = [x for x in (next(limits) for _ in range(20)) if x is not None]
    assert all(map(is_critical, found))
    assert any(loss(x) == 0 for x in found)


def test_splitting_keeps_function_and_criticality():
    # Fukumizu–Amari: f = a (x + b)² at (a, b) = (1, 0) is critical for these data, with loss 19/2.
    parts = {"inputs": [[1], [2], [3]], "targets": [[-2], [7], [8]]}
    small = problem_from({"network": "1-1-1 square, no output bias", "parameters": [1, 0, 1], **parts})
    wide = problem_from({"network": "1-2-1 square, no output bias", **parts})
    assert is_critical(small)
    for proportion in unit_splitting.PROPORTIONS:
        theta = unit_splitting.split(small, wide.model, 1, 0, proportion)
        instance = wide.with_(parameters=theta)
        assert rational_derivatives.behaviour(instance) == rational_derivatives.behaviour(small)
        assert is_critical(instance) and loss(instance) == Fraction(19, 2)


def test_splitting_proposes_critical_points_for_given_targets():
    problem = problem_from(PROBLEMS["targets given"])
    (generator,) = [g for g in generators(problem, ("critical_points",)) if g.name == "split units"]
    proposals = generator.propose(problem, random.Random(3))
    found = [x for x in (next(proposals) for _ in range(60)) if x is not None]
    assert found and all(map(is_critical, found))


def test_degenerate_families_come_before_general_ones():
    names = [family.name for family in FAMILIES]
    assert names[0] == "zero parameters" and names[-1] == "general position"


def test_draws_depend_on_the_seed_alone():
    problem = problem_from(PROBLEMS["relu"])
    assert list(drawn(problem, "critical_points")) == list(drawn(problem, "critical_points"))


def test_goals_come_from_the_point_set_and_from_predicates():
    from geomcheck.claims.claim import parse_claim

    assert goals(parse_claim("rank(H) == 1 at perfect_fits")) == ("perfect_fits",)
    assert goals(parse_claim("perfect_fit implies rank(H) == rank(G)")) == ("perfect_fits", "all_points")
    assert goals(parse_claim("index(H) == 0 at critical_points given global_minimum"))[0] == "critical_points"


def test_the_label_of_one_class_has_no_opposite():
    """Two equal samples once were given residuals of a second class that is not there."""
    about = {"network": "1-2-1 gelu", "loss": "cross_entropy", "behaviour": "probabilities", "inputs": [[1], [1]]}
    problem = problem_from({**about, "parameters": [0] * 7})
    assert [*targets.stationary(problem, random.Random(0), 1)] == []


def test_claims_that_fail_in_general_position_alone_are_refuted() -> None:
    # Seven distinct inputs on a line: fewer leave rank(G) below P = 7.
    for says in ("rank(G) <= P - 1", "rank(H) <= P - 1 at perfect_fits"):
        verdict = gc.check(says, network="1-2-1 sin", samples=7)
        assert verdict.refuted and len(set(verdict.witness.inputs)) == 7


def test_a_network_that_sees_no_input_has_critical_points_off_the_fit() -> None:
    # gelu is in no exact field, but at weights 0 its samples are alike, whatever it is there; relu needs biases, too.
    for network in ("2-2-1 gelu", "2-2-1 relu"):
        assert gc.check("rank(H) <= rank(G) at critical_points", network=network, samples=2).refuted
