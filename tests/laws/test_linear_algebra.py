"""Ranks, kernels and inertias of matrices whose answer is known by construction, with their evidence re-checked here.

The evidence is checked with plain Fractions and Python ints, by code that shares nothing with what produced it.
"""

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.errors import OutsideField
from geomcheck.fields.balls import BallField
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.residues import ResidueField
from geomcheck.linear_algebra.evidence import LowerBound
from geomcheck.linear_algebra.inertia import certified_inertia
from geomcheck.linear_algebra.modular_image import images_of
from geomcheck.linear_algebra.rank import rank_bounds
from tests.laws.known_matrices import (
    QQ,
    check_bounds,
    check_inertia,
    determinant_modulo,
    fractions_of,
    of_inertia,
    of_rank,
    plain_rank,
    rational,
)

PRIME = (1 << 31) - 1


# -- rank over ℚ -----------------------------------------------------------------------------------------------------

SHAPES = [(1, 1, 0), (1, 1, 1), (4, 4, 3), (5, 9, 4), (9, 5, 5), (9, 5, 2), (12, 12, 12), (20, 31, 13), (40, 17, 6)]


@pytest.mark.parametrize(("rows", "columns", "rank"), SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_rank_by_construction(rows, columns, rank, seed):
    random = np.random.default_rng(seed)
    matrix = rational(of_rank(random, rows, columns, rank))
    scaled = QQ.divide(matrix, rational(random.integers(1, 12, (rows, 1))))
    bounds = rank_bounds((rows, columns), exact=lambda: scaled)
    assert bounds.decided == rank
    check_bounds(bounds, fractions_of(scaled))


@pytest.mark.parametrize(
    ("positive", "negative", "zero"), [(3, 2, 4), (0, 5, 1), (6, 0, 0), (0, 0, 3), (1, 1, 1), (9, 8, 5)]
)
@pytest.mark.parametrize("seed", range(3))
def test_inertia_by_construction(positive, negative, zero, seed):
    size = positive + negative + zero
    integers = of_inertia(np.random.default_rng(seed), positive, negative, zero)
    matrix = rational(integers)
    bounds = rank_bounds((size, size), exact=lambda: matrix, symmetric=True)
    check_bounds(bounds, integers, symmetric=True)
    exactly = certified_inertia(size, bounds.upper.value, bounds.lower.columns, exact=matrix)
    assert exactly.decided == (positive, negative, zero)
    check_inertia(exactly, integers)
    embed = lambda bits: BallField(bits).embed(matrix)  # noqa: E731
    in_balls = certified_inertia(size, bounds.upper.value, bounds.lower.columns, enclosed=embed)
    assert in_balls.decided == exactly.decided
    check_inertia(in_balls, integers)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    data=st.data(),
)
def test_rank_agrees_with_plain_elimination(rows, columns, data):
    entries = st.sampled_from([Fraction(x) for x in ("0", "0", "1", "-1", "2", "1/2", "-3/7")])
    table = [[data.draw(entries) for _ in range(columns)] for _ in range(rows)]
    matrix = QQ.array(table)
    bounds = rank_bounds((rows, columns), exact=lambda: matrix)
    assert bounds.decided == plain_rank(table)
    check_bounds(bounds, table)
    transposed = rank_bounds((columns, rows), exact=lambda: matrix.T)
    assert transposed.decided == bounds.decided


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), positive=st.integers(0, 4), negative=st.integers(0, 4), zero=st.integers(0, 3))
def test_inertia_survives_rescaling_by_powers_of_two(seed, positive, negative, zero):
    """Rescaling a unit by 2^±40 is a congruence: nothing may change, however badly conditioned the floats become."""
    size = positive + negative + zero
    random = np.random.default_rng(seed)
    integers = of_inertia(random, positive, negative, zero, spread=1)
    scales = [Fraction(2) ** int(e) for e in random.integers(-40, 41, size)]
    table = [[integers[i][j] * scales[i] * scales[j] for j in range(size)] for i in range(size)]
    matrix = QQ.array(np.array(table, dtype=object).reshape(size, size))
    bounds = rank_bounds((size, size), exact=lambda: matrix, symmetric=True)
    found = certified_inertia(size, bounds.upper.value, bounds.lower.columns, exact=matrix)
    assert found.decided == (positive, negative, zero)
    if found.subset:
        check_inertia(found, table)


# -- float traps -----------------------------------------------------------------------------------------------------


def test_a_difference_floats_cannot_see():
    """[[1, 1], [1, 1 + 10⁻³⁰]] is regular; with 0 for 10⁻³⁰ it is not."""
    tiny = Fraction(1, 10**30)
    regular = QQ.array([[1, 1], [1, 1 + tiny]])
    assert rank_bounds((2, 2), exact=lambda: regular).decided == 2
    assert certified_inertia(2, 2, [0, 1], exact=regular).decided == (2, 0, 0)
    indefinite = QQ.array([[1, 1], [1, 1 - tiny]])
    assert certified_inertia(2, 2, [0, 1], exact=indefinite).decided == (1, 1, 0)
    singular = QQ.array([[1, 1], [1, 1]])
    assert rank_bounds((2, 2), exact=lambda: singular).decided == 1


def test_decimals_that_are_not_dyadic():
    """0.1 + 0.2 − 0.3 is zero for people and 5.6e-17 for floats."""
    matrix = QQ.array([[Fraction("0.1") + Fraction("0.2") - Fraction("0.3"), 0], [0, 1]])
    assert rank_bounds((2, 2), exact=lambda: matrix).decided == 1


@pytest.mark.parametrize("size", [6, 12, 20])
def test_hilbert_matrices_are_positive_definite(size):
    """Condition numbers from 10⁷ to 10²⁸."""
    table = [[Fraction(1, i + j + 1) for j in range(size)] for i in range(size)]
    matrix = QQ.array(table)
    assert rank_bounds((size, size), exact=lambda: matrix, symmetric=True).decided == size
    found = certified_inertia(size, size, range(size), exact=matrix)
    assert found.decided == (size, 0, 0)
    check_inertia(found, table)


def test_entries_far_outside_the_range_of_floats():
    huge = Fraction(10) ** 400
    table = [[huge, 1], [1, -1 / huge]]
    matrix = QQ.array(table)
    bounds = rank_bounds((2, 2), exact=lambda: matrix, symmetric=True)
    assert bounds.decided == 2
    found = certified_inertia(2, 2, [0, 1], exact=matrix)
    assert found.decided == (1, 1, 0)
    check_inertia(found, table)


def test_entries_that_vanish_modulo_the_first_prime():
    """A matrix that is zero modulo 2³¹ − 1 is not zero: the next prime finds its rank."""
    integers = np.array([[PRIME, 0], [0, 3 * PRIME]], dtype=object)
    bounds = rank_bounds((2, 2), exact=lambda: rational(integers))
    assert bounds.decided == 2 and bounds.lower.prime != PRIME
    check_bounds(bounds, integers)


def test_denominators_that_vanish_modulo_the_first_prime():
    matrix = QQ.array([[Fraction(1, PRIME), 1], [1, PRIME]])
    bounds = rank_bounds((2, 2), exact=lambda: matrix)
    assert bounds.decided == 1 and bounds.lower.prime != PRIME
    check_bounds(bounds, fractions_of(matrix))


@pytest.mark.parametrize("zeros", ["rows", "columns", "all"])
def test_zero_rows_and_columns(zeros):
    random = np.random.default_rng(1)
    integers = of_rank(random, 6, 6, 5)
    if zeros == "all":
        integers[:] = 0
    elif zeros == "rows":
        integers[2] = 0
    else:
        integers[:, 2] = 0
    bounds = rank_bounds((6, 6), exact=lambda: rational(integers))
    assert bounds.decided == plain_rank(integers)
    check_bounds(bounds, integers)


# -- expected kernel vectors -----------------------------------------------------------------------------------------


def test_expected_kernel_vectors_are_used_when_right_and_dropped_when_wrong():
    integers = np.array([[1, 2, 3, 0], [2, 4, 6, 0]], dtype=object)
    right = [[-2, 1, 0, 0], [Fraction(-3, 2), 0, Fraction(1, 2), 0], [-4, 2, 0, 0]]
    wrong = [[1, 1, 1, 1], [0, 0, 1, 0]]
    bounds = rank_bounds((2, 4), exact=lambda: rational(integers), known_kernel=[*wrong, *right])
    assert bounds.decided == 1
    check_bounds(bounds, integers)
    assert bounds.upper.kernel[0] == ("-2", "1", "0", "0")


def test_a_vector_that_is_in_the_kernel_only_modulo_the_prime_is_dropped():
    integers = np.array([[1, 0], [0, 0]], dtype=object)
    bounds = rank_bounds((2, 2), exact=lambda: rational(integers), known_kernel=[[PRIME, 1]])
    assert bounds.decided == 1
    check_bounds(bounds, integers)


def test_an_unverifiable_kernel_leaves_the_upper_bound_open():
    def outside():
        raise OutsideField("no exact value")

    image = next(images_of(np.array([[1, 1], [1, 1]])))
    bounds = rank_bounds((2, 2), exact=outside, images=[image], known_kernel=[[1, -1]])
    assert (bounds.lower.value, bounds.upper.value, bounds.decided) == (1, 2, None)


def test_exact_matrices_are_not_asked_for_when_the_shape_decides():
    def unwanted():
        raise AssertionError("the shape decides")

    image = next(images_of(np.array([[1, 2, 3], [4, 5, 6]])))
    assert rank_bounds((2, 3), exact=unwanted, images=[image]).decided == 2


def test_nothing_known_gives_the_trivial_bounds():
    bounds = rank_bounds((3, 2))
    assert (bounds.lower, bounds.upper.value) == (LowerBound(0), 2)
    assert rank_bounds((0, 2)).decided == 0


# -- rank over ℚ(t, u) -----------------------------------------------------------------------------------------------

E = ExponentialField(4, 2)


def tanh_table(rows, columns, offset=1):
    return E.apply("tanh", E.array([[Fraction(i * j + offset, 8) for j in range(columns)] for i in range(rows)]))


def check_over_functions(bounds, matrix):
    """Kernel vectors over ℚ(t, u) by evaluating their text at residues of another prime."""
    prime, t, u = 2147483587, 12345, 678
    field = ResidueField(prime, t, u, E.q, E.angle_q)
    residues = field.reduce(matrix).values.astype(object)

    def value(text):
        above, _, below = text.partition("/") if "(" not in text.partition("/")[2] else text.rpartition("/")
        evaluate = lambda s: int(eval(s.replace("^", "**"), {"t": t, "u": u}))  # noqa: E731
        return evaluate(above) * pow(evaluate(below or "1"), -1, prime) % prime

    for vector in bounds.upper.kernel:
        column = np.array([value(text) for text in vector], dtype=object)
        assert not ((residues @ column) % prime).any()
    if bounds.lower.value:
        image = ResidueField(bounds.lower.prime, bounds.lower.t, bounds.lower.u, E.q, E.angle_q).reduce(matrix)
        minor = image.values[np.ix_(bounds.lower.rows, bounds.lower.columns)].astype(object).tolist()
        assert determinant_modulo(minor, bounds.lower.prime)


def test_rank_of_functions_with_a_constant_kernel():
    constants = E.array([[1, 2, 3, 0, 0], [0, 0, 1, 1, Fraction(1, 2)]])
    matrix = E.matmul(tanh_table(5, 2), constants)
    bounds = rank_bounds((5, 5), exact=lambda: matrix)
    assert bounds.decided == 2
    assert all("t" not in x for vector in bounds.upper.kernel for x in vector)
    check_over_functions(bounds, matrix)


def test_rank_of_functions_with_a_kernel_of_functions():
    matrix = E.matmul(tanh_table(4, 2), tanh_table(2, 4, offset=3))
    bounds = rank_bounds((4, 4), exact=lambda: matrix)
    assert bounds.decided == 2
    assert any("t" in x for vector in bounds.upper.kernel for x in vector)
    check_over_functions(bounds, matrix)


def test_rank_with_exponentials_and_angles_together():
    angles = E.apply("sin", E.array([[Fraction(i + 2 * j, 2) for j in range(3)] for i in range(2)]))
    matrix = E.matmul(tanh_table(4, 2), angles)
    bounds = rank_bounds((4, 3), exact=lambda: matrix)
    assert bounds.decided == 2
    check_over_functions(bounds, matrix)


def test_functions_that_are_all_rational_are_treated_as_rational():
    matrix = E.array([[1, 2], [2, 4]])
    bounds = rank_bounds((2, 2), exact=lambda: matrix)
    assert bounds.decided == 1 and bounds.upper.kernel == (("-2", "1"),)


def test_inertia_over_functions():
    factor = tanh_table(3, 5)
    signs = E.array([1, -1, 1])
    matrix = E.matmul(factor.mT, factor * signs[:, None])
    bounds = rank_bounds((5, 5), exact=lambda: matrix, symmetric=True)
    assert bounds.decided == 3 and bounds.lower.rows == bounds.lower.columns
    embed = lambda bits: BallField(bits).embed(matrix, E.q, E.angle_q)  # noqa: E731
    assert certified_inertia(5, 3, bounds.lower.columns, enclosed=embed).decided == (2, 1, 2)


# -- balls -----------------------------------------------------------------------------------------------------------


def check_ball_bound(lower, matrix):
    """‖I − AB‖_∞ < 1 in Fractions, for balls that are exact."""
    minor = [[Fraction(matrix[i][j]) for j in lower.columns] for i in lower.rows]
    size = lower.value
    for i in range(size):
        row = [sum(minor[i][k] * lower.inverse[k][j] for k in range(size)) - (i == j) for j in range(size)]
        assert sum(abs(x) for x in row) < 1
    for row in lower.inverse:
        assert all((x.denominator & (x.denominator - 1)) == 0 for x in row)


@pytest.mark.parametrize(("rows", "columns", "rank"), [(4, 4, 3), (5, 9, 4), (9, 5, 5), (12, 12, 12)])
def test_ranks_in_balls(rows, columns, rank):
    integers = of_rank(np.random.default_rng(7), rows, columns, rank)
    balls = BallField(256).embed(rational(integers))
    bounds = rank_bounds((rows, columns), balls=lambda: balls)
    assert bounds.lower.value == rank and bounds.upper.value == min(rows, columns)
    check_ball_bound(bounds.lower, integers)


def test_large_minors_in_balls_are_chosen_in_floats():
    integers = np.random.default_rng(3).integers(-5, 6, (60, 55)).astype(object)
    balls = BallField(128).embed(rational(integers))
    assert rank_bounds((60, 55), balls=lambda: balls).decided == 55


def test_wide_balls_prove_nothing_false():
    wide = np.empty((2, 2), dtype=object)
    wide[...] = [[flint.arb(1, 1), flint.arb(0)], [flint.arb(0), flint.arb(1)]]
    bounds = rank_bounds((2, 2), balls=lambda: wide)
    assert (bounds.lower.value, bounds.upper.value) == (1, 2)


def test_zero_columns_in_balls_are_kernel_vectors():
    balls = BallField(128).embed(rational(np.array([[1, 0, 2], [3, 0, 4], [5, 0, 7]])))
    bounds = rank_bounds((3, 3), balls=lambda: balls)
    assert bounds.decided == 2 and bounds.upper.kernel == (("0", "1", "0"),)


# -- inertia bounds that stay open -----------------------------------------------------------------------------------


def test_a_smaller_minor_bounds_the_inertia():
    matrix = rational(np.diag(np.array([3, -2, 5], dtype=object)))
    found = certified_inertia(3, 3, [0, 1], exact=matrix)
    assert found.decided is None
    assert (found.positive, found.most_positive, found.negative, found.most_negative) == (1, 2, 1, 2)


def test_a_singular_minor_counts_nothing():
    matrix = rational(np.array([[1, 1], [1, 1]], dtype=object))
    found = certified_inertia(2, 2, [0, 1], exact=matrix)
    assert (found.positive, found.negative, found.slack) == (0, 0, 2)
    assert certified_inertia(2, 0, [], exact=matrix).decided == (0, 0, 2)
