"""Least errors of linear networks: points of known optimality, irrational spectra, singular inputs, ties, biases."""

import random
from fractions import Fraction

import pytest

from geomcheck.engine import check
from geomcheck.geometry.minima.eckart_young import least_error
from geomcheck.problem.read import problem_from

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
BLOCK = [[3, 0, 0], [0, 1, 1], [0, 1, 0]]  # singular values 3 and (√5 ± 1)/2


def outcome(claim, network, inputs, targets, parameters, **parts):
    parts = {"network": network, "inputs": inputs, "targets": targets, "parameters": parameters, **parts}
    return check(claim, **parts).outcome


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_rest_may_have_irrational_singular_values(reduction):
    best, parts = [3, 0, 0, 1, 0, 0], {"reduction": reduction}
    assert outcome("global_minimum", "3-1-3 linear, no bias", EYE, BLOCK, best, **parts) == "PROVED"
    weak = [[1, 0, 0], *BLOCK[1:]]
    assert outcome("not global_minimum", "3-1-3 linear, no bias", EYE, weak, [1, 0, 0, 1, 0, 0], **parts) == "PROVED"


def test_rank_deficient_points_are_optimal_only_where_nothing_is_left():
    two, flat = "2-2-2 linear, no bias", [[1, 1], [2, 2]]  # XᵀX is singular
    fit = ["1/5", 0, 0, 0, 1, 0, 2, 0]
    assert outcome("global_minimum", two, flat, [[1, 0], [0, 1]], fit) == "PROVED"
    assert outcome("global_minimum", two, [[1, 0], [0, 1]], [[2, 0], [0, 0]], [2, 0, 0, 0, 1, 0, 0, 0]) == "PROVED"
    assert outcome("global_minimum", two, [[1, 0], [0, 1]], [[2, 0], [0, 1]], [2, 0, 0, 0, 1, 0, 0, 0]) == "REFUTED"


def test_deep_networks_by_their_narrowest_layer():
    deep = "2-2-1-2 linear, no bias"
    top, low = [1, 0, 0, 1, 2, 0, 1, 0], [1, 0, 0, 1, 0, 1, 0, 1]
    assert outcome("global_minimum", deep, [[1, 0], [0, 1]], [[2, 0], [0, 1]], top) == "PROVED"
    assert outcome("global_minimum", deep, [[1, 0], [0, 1]], [[2, 0], [0, 1]], low) == "REFUTED"
    assert outcome("not global_minimum", "1-1-1-1 linear, no bias", [[1]], [[1]], [0, 0, 0]) == "PROVED"


def test_biases_centre_the_data_or_add_a_column():
    line, targets = [[0], [2], [4]], [[0], [4], [5]]
    assert outcome("global_minimum", "1-1-1 linear", line, targets, ["5/4", 0, 1, "1/2"]) == "PROVED"
    assert outcome("global_minimum", "1-1-1 linear", line, targets, ["5/4", 0, 1, 0]) == "REFUTED"
    first = {"inputs": 1, "layers": [{"width": 1, "activation": "linear"}, {"width": 1, "bias": False}]}
    assert outcome("global_minimum", first, line, targets, ["5/4", "1/2", 1]) == "PROVED"
    last = {"inputs": 1, "layers": [{"width": 1, "activation": "linear", "bias": False}, {"width": 1}]}
    assert outcome("global_minimum", last, line, targets, ["5/4", 1, "1/2"]) == "PROVED"


@pytest.mark.parametrize("seed", range(12))
def test_known_optima_and_known_others(seed):
    """Y = U diag(s) Vᵀ with U, V signed permutations: keeping the m greatest s is optimal, any other choice is not."""
    rng = random.Random(seed)
    n, m = 3, rng.choice([1, 2])
    values = sorted((rng.choice([0, 1, 1, 2, 3]) for _ in range(n)), reverse=True)
    rows, columns = rng.sample(range(n), n), rng.sample(range(n), n)
    signs = [rng.choice([-1, 1]) for _ in range(n)]

    def image(kept):
        y = [[Fraction(0)] * n for _ in range(n)]
        for k in kept:
            y[rows[k]][columns[k]] = Fraction(values[k] * signs[k])
        return y

    problem = problem_from({"network": f"{n}-{m}-{n} linear, no bias", "inputs": EYE, "targets": image(range(n))})
    for kept in ([0], [1], [0, 1], [1, 2], [0, 2], []):
        if len(kept) <= m:
            optimal = sum(values[k] ** 2 for k in kept) == sum(value**2 for value in values[:m])
            assert (least_error(problem, image(kept)) is not None) == optimal
