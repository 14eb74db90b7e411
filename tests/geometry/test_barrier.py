"""Barriers of known height, laws of barriers, and maxima that touch, tie and sit on breakpoints."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import flint
import pytest

import geomcheck as gc
from geomcheck.errors import InputError, Undecided
from geomcheck.fields.algebraic import RealAlgebraic, decimals, real_roots, value_at
from geomcheck.geometry.barriers.barrier import barrier_between
from geomcheck.geometry.barriers.maxima import exact_maximum
from geomcheck.geometry.barriers.segment import Piece, loss_on, polynomial_pieces
from geomcheck.problem.read import problem_from

SQUARED = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}
CROSS = {"network": "2-2-1 relu, no bias", "inputs": [[1, 1], [1, -1], [-1, 1], [-1, -1]], "targets": [[1]] * 4}


def point(*numbers):
    return [Fraction(x) for x in numbers]


def polynomial(text_coefficients, baseline="mean"):
    """The barrier of a model of one parameter t from 0 to 1 whose loss is the polynomial."""
    value = " + ".join(f"({c})*t^{i}" if i else f"({c})" for i, c in enumerate(text_coefficients))
    problem = problem_from(
        {
            "model": {"parameters": ["t"], "inputs": [], "outputs": [value]},
            "loss": {"outputs": ["f"], "targets": ["y"], "value": "f"},
            "samples": 1,
            "targets": [[0]],
        }
    )
    return barrier_between(problem, point(0), point(1), baseline)


def test_a_copy_with_its_units_swapped():
    problem = problem_from(
        {
            "network": "1-2-1 relu, no bias",
            "inputs": [[-2], [-1], [1], [3]],
            "targets": [[2], [1], [1], [3]],
            "loss": SQUARED,
            "reduction": "mean",
        }
    )
    assert barrier_between(problem, point(1, -1, 1, 1), point(-1, 1, 1, 1)).value.rational == Fraction(15, 4)
    assert barrier_between(problem, point(1, -1, 1, 1), point(1, -1, 1, 1)).value.rational == 0


@pytest.mark.parametrize("baseline", ["mean", "linear"])
@pytest.mark.parametrize("second", [(0, 1, 0, -1, 1, 1), (0, -1, 0, 1, 1, 1)])
def test_no_permutation_joins_these(baseline, second):
    problem = problem_from({**CROSS, "loss": SQUARED, "reduction": "mean"})
    found = barrier_between(problem, point(1, 0, -1, 0, 1, 1), point(*second), baseline)
    assert (found.value.rational, found.place.rational) == (Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize(("scale", "height"), [(2, "81/256"), (3, "256/81"), (4, "50625/4096")])
def test_rescaled_copies(scale, height):
    problem = problem_from({"network": "1-1-1 relu, no bias", "inputs": [[1]], "targets": [[1]], "loss": SQUARED})
    found = barrier_between(problem, point(scale, Fraction(1, scale)), point(Fraction(1, scale), scale))
    assert str(found.value) == height


def test_a_copy_with_its_signs_flipped():
    model = {"parameters": ["w", "a"], "inputs": ["x"], "outputs": ["a*tanh(w*x) - tanh(1)*x"]}
    problem = problem_from({"model": model, "inputs": [[1]], "targets": [[0]], "loss": SQUARED})
    found = barrier_between(problem, point(1, 1), point(-1, -1))
    assert found.high - found.low <= Fraction(1, 1 << 37)
    known = flint.arb(1).tanh() ** 2
    assert not known < flint.fmpq(found.low.numerator, found.low.denominator)
    assert not known > flint.fmpq(found.high.numerator, found.high.denominator)
    assert found.text().startswith("[0.580025658")


def test_the_two_definitions_differ_where_the_ends_do():
    assert (polynomial([0, 0, 1]).value.rational, polynomial([0, 0, 1], "linear").value.rational) == (Fraction(1, 2), 0)


def test_flat_touching_and_constant():
    assert polynomial([7]).value.rational == 0
    assert polynomial([0, 0, 0]).compare(0) == 0
    touching = polynomial([0, 0, -4, 8, -4], "linear")  # −4 t²(1 − t)², 0 at both ends and nowhere above
    assert touching.value.rational == 0
    twice = polynomial([-4, 36, -117, 162, -81])  # −(9 t² − 9 t + 2)², with double roots at 1/3 and 2/3, −4 at the ends
    assert twice.value.rational == 4


def test_an_irrational_maximum_is_an_algebraic_number():
    found = polynomial([0, 1, 0, -1])
    assert found.text() == "0.38490017945… (root of 27 x^2 - 4)"
    assert found.place == real_roots(flint.fmpq_poly([-1, 0, 3]))[1]
    exact = Fraction(38490017945975050967, 10**20)
    assert (found.compare(exact), found.compare(exact + Fraction(1, 10**19))) == (1, -1)


def test_breakpoints_shared_and_at_the_ends():
    problem = problem_from({"network": "1-3-1 relu, no bias", "inputs": [[1], [-2]], "targets": [[0], [0]]})
    a, b = point(1, 1, 0, 1, 1, 1), point(-1, -1, 1, 1, 1, 1)  # two units turn at 1/2, the third at 0
    places = [piece.left.rational for piece in polynomial_pieces(problem, a, b)]
    assert places == [0, Fraction(1, 2)]


def test_a_maximum_on_an_irrational_breakpoint():
    """−|t² − 1/2| is greatest, 0, where t² = 1/2; it is −1/2 at both ends."""
    problem = problem_from(
        {
            "model": {"parameters": ["t"], "inputs": [], "outputs": ["-abs(t^2 - 1/2)"]},
            "loss": {"outputs": ["f"], "targets": ["y"], "value": "f"},
            "samples": 1,
            "targets": [[0]],
        }
    )
    found = barrier_between(problem, point(0), point(1))
    assert found.value.rational == Fraction(1, 2)
    assert found.low < Fraction(1, 2) < found.high  # what a checker can see from both sides
    assert all(a < b for a, b in pairwise(found.cuts))


@pytest.mark.parametrize("network", ["2-3-1 relu", "2-2-2-1 leaky_relu(1/10)", "2-2-2-1 abs square", "2-2-2-1 square"])
@pytest.mark.parametrize("baseline", ["mean", "linear"])
def test_no_place_lies_higher_and_the_enclosure_agrees(network, baseline):
    random = Random(network)
    problem = problem_from({"network": network, "inputs": [[1, 2], [-1, 1]], "targets": [[1], [-1]]})
    for _ in range(3):
        a, b = (point(*(random.randint(-2, 2) for _ in range(problem.P))) for _ in range(2))
        found = barrier_between(problem, a, b, baseline)
        ends = [loss_on(problem, a, b, Fraction(t), Fraction(t)).value for t in (0, 1)]
        for k in range(17):
            t = Fraction(k, 16)
            share = Fraction(1, 2) if baseline == "mean" else t
            here = loss_on(problem, a, b, t, t).value
            base = ends[0] * flint.fmpq(16 - int(share * 16), 16) + ends[1] * flint.fmpq(int(share * 16), 16)
            assert not here - base > found.value.enclosure()
        assert found.value >= 0
        backwards = barrier_between(problem, b, a, baseline)
        assert backwards.value == found.value


def test_a_slope_lies_in_its_enclosure():
    problem = problem_from({"network": "2-2-1 tanh", "inputs": [[1, 2]], "targets": [[1]]})
    a, b = point(*range(9)), point(*range(8, -1, -1))
    whole = loss_on(problem, a, b, Fraction(1, 4), Fraction(1, 2))
    values = [loss_on(problem, a, b, Fraction(k, 16), Fraction(k, 16)) for k in range(4, 9)]
    for here in values:
        assert whole.value.contains(here.value)
        assert whole.slope.contains(here.slope)


def test_smooth_and_piecewise_together_are_enclosed():
    problem = problem_from(
        {"network": "2-2-2-1 relu tanh", "inputs": [[1, 2], [-1, 1]], "targets": [[0], [1]], "loss": "mse"}
    )
    random = Random(3)
    a, b = (point(*(random.randint(-2, 2) for _ in range(problem.P))) for _ in range(2))
    found = barrier_between(problem, a, b)
    assert found.value is None
    assert 0 <= found.high - found.low <= Fraction(1, 1 << 37)


def test_algebraic_numbers():
    root = real_roots(flint.fmpq_poly([-2, 0, 1]))
    assert [decimals(number, 6) for number in root] == ["-1.41421", "1.41421"]
    assert value_at(flint.fmpq_poly([0, 1, 0, 1]), root[1]) == real_roots(flint.fmpq_poly([-18, 0, 1]))[1]
    assert root[0] < RealAlgebraic.of(0) < root[1]
    double = flint.fmpq_poly([-2, 0, 1]) ** 3 * flint.fmpq_poly([1, 1])
    assert real_roots(double) == [root[0], RealAlgebraic.of(-1), root[1]]
    assert decimals(real_roots(flint.fmpq_poly([-2, 0, 0, 10**30]))[0], 4).startswith("0.0000000001")


def test_ties_are_found_between_pieces():
    half = RealAlgebraic.of(Fraction(1, 2))
    hat = [
        Piece(RealAlgebraic.of(0), half, flint.fmpq_poly([0, 2])),
        Piece(half, RealAlgebraic.of(1), flint.fmpq_poly([2, -2])),
    ]
    assert exact_maximum(hat).value.rational == 1
    wave = [Piece(RealAlgebraic.of(0), RealAlgebraic.of(1), flint.fmpq_poly([0, 0, 4, -8, 4]))]
    assert exact_maximum(wave).place == half


def test_what_has_no_barrier():
    problem = problem_from(CROSS)
    with pytest.raises(InputError, match="expected 6 parameters"):
        barrier_between(problem, point(1), point(*[1] * 6))
    with pytest.raises(InputError, match="baseline"):
        barrier_between(problem, point(*[1] * 6), point(*[1] * 6), "chord")
    with pytest.raises(InputError, match="inputs and targets"):
        barrier_between(problem_from({"network": "2-2-1 relu", "samples": 4}), point(*[1] * 9), point(*[1] * 9))
    model = {"parameters": ["t"], "inputs": [], "outputs": ["log(t - 1/2)"]}
    broken = problem_from({"model": model, "samples": 1, "targets": [[0]]})
    with pytest.raises(Undecided):
        barrier_between(broken, point(0), point(1))


def test_end_points_may_be_given_by_name():
    about = problem_from({"network": "1-1-1 relu, no bias", "inputs": [[1]], "targets": [[1]]})
    first, last = {"W1": [[2]], "W2": [["1/2"]]}, {"W2": [[2]], "W1": [["1/2"]]}
    assert str(gc.exact_barrier(about, first, last)) == str(gc.exact_barrier(about, [2, "1/2"], ["1/2", 2]))
    with pytest.raises(InputError, match=r"start\.W1\[0\]: expected a row of 1 numbers, got 2"):
        gc.exact_barrier(about, {"W1": [[1, 2]], "W2": [[1]]}, last)
    with pytest.raises(InputError, match="end: expected 2 numbers in torch order"):
        gc.exact_barrier(about, first, [1])
