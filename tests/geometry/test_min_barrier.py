"""The least barrier over permutations: by enumeration, and bounds that hold it."""

from fractions import Fraction
from random import Random

import pytest

from geomcheck.errors import InputError
from geomcheck.fields.rationals import to_fraction
from geomcheck.geometry.barriers.barrier import barrier_between
from geomcheck.geometry.barriers.min_barrier import MinBarrier, _bounded, min_barrier, relaxed
from geomcheck.geometry.barriers.segment import polynomial_pieces
from geomcheck.problem.permutations import all_permutations, permuted
from geomcheck.problem.read import problem_from


def random_points(problem, random):
    return [tuple(Fraction(random.randint(-2, 2)) for _ in range(problem.P)) for _ in range(2)]


@pytest.mark.parametrize("baseline", ["mean", "linear"])
@pytest.mark.parametrize("network", ["2-3-1 relu", "1-3-2 abs, no bias", "2-2-2-1 leaky_relu(1/2), no bias"])
def test_it_is_the_least_of_all(network, baseline):
    problem = problem_from(
        {"network": network, "inputs": [[1] * int(network[0]), [-2] * int(network[0])], "samples": 2}
    )
    problem = problem.with_(targets=[[Fraction(1)] * problem.K, [Fraction(0)] * problem.K])
    random = Random(network + baseline)
    for _ in range(3):
        a, b = random_points(problem, random)
        found = min_barrier(problem, a, b, baseline)
        each = [
            barrier_between(problem, a, permuted(problem.model, b, s), baseline).value
            for s in all_permutations(problem.model)
        ]
        assert found.value == min(each)
        assert found.complete
        assert (
            min_barrier(problem, a, permuted(problem.model, a, next(iter(all_permutations(problem.model))))).value == 0
        )


@pytest.mark.parametrize("bias", ["", ", no bias"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_bounds_hold_what_enumeration_finds(bias, reduction):
    random = Random(reduction)
    problem = problem_from(
        {
            "network": "2-3-2 relu" + bias,
            "inputs": [[1, 2], [0, 1], [1, -1]],
            "targets": [[1, 0], [0, 1], [2, 2]],
            "reduction": reduction,
        }
    )
    for _ in range(8):
        a, b = random_points(problem, random)
        for baseline in ("mean", "linear"):
            least = min_barrier(problem, a, b, baseline)
            for place in (Fraction(1, 2), Fraction(1, 3)):
                low, _ = relaxed(problem, problem.model, a, b, baseline, place)
                assert least.value >= low
            bounds = _bounded(problem, problem.model, a, b, baseline)
            assert isinstance(bounds, MinBarrier)
            assert bounds.low <= least.high
            assert least.low <= bounds.high


def test_two_bases_of_the_same_function_are_told_apart_without_enumeration():
    points = [[1, 0, -1, 0] * 4 + ["1/4"] * 8, [0, 1, 0, -1] * 4 + ["1/4"] * 8]
    problem = problem_from(
        {
            "network": "2-8-1 relu, no bias",
            "inputs": [[1, 1], [1, -1], [-1, 1], [-1, -1], [1, 2]],
            "targets": [[1]] * 5,
            "points": dict(zip("AB", points, strict=True)),
        }
    )
    a, b = (point for _, point in problem.points)
    found = min_barrier(problem, a, b)
    assert found.low == found.high == Fraction(1, 4)  # the bounds meet, so not all permutations need be tried
    assert not found.complete
    assert found.text() == "1/4"


def test_the_higher_end_bounds_the_barrier_over_the_mean_from_below():
    random = Random("ends")
    problem = problem_from(
        {"network": "2-7-1 relu, no bias", "inputs": [[1, 2], [0, 1], [1, -1]], "targets": [[1], [0], [2]]}
    )
    a, b = random_points(problem, random)
    first, last = (piece.polynomial(0) for piece in (polynomial_pieces(problem, point, point)[0] for point in (a, b)))
    found = min_barrier(problem, a, b)
    assert found.low == found.high == abs(to_fraction(first - last)) / 2
    assert found.text() == str(found.low)


def test_an_explicit_model_has_no_units_to_permute():
    model = {"parameters": ["t"], "inputs": [], "outputs": ["t"]}
    problem = problem_from({"model": model, "samples": 1, "targets": [[0]]})
    with pytest.raises(InputError, match="hidden units"):
        min_barrier(problem, [Fraction(0)], [Fraction(1)])
