"""Numbers and matrices are what their names say, exactly, and small examples are found small."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import flint
import pytest
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from geomcheck.testing import matrices, rationals, symmetric_matrices
from tests.testing.minimal import examples, minimal

SIZES = [(1, 1), (1, 3), (2, 2), (3, 2), (3, 4)]


def rank(rows):
    return flint.fmpq_mat(
        len(rows), len(rows[0]), [flint.fmpq(x.numerator, x.denominator) for row in rows for x in row]
    ).rank()


def inertia(rows):
    """Signs of the roots of the characteristic polynomial, all real, by Descartes' rule, which is exact then."""
    n = len(rows)
    entries = [flint.fmpq(x.numerator, x.denominator) for row in rows for x in row]
    coefficients = flint.fmpq_mat(n, n, entries).charpoly().coeffs()
    zero = next(i for i, c in enumerate(coefficients) if c)
    signs = [c > 0 for c in coefficients[zero:] if c]
    positive = sum(a != b for a, b in pairwise(signs))
    return positive, n - zero - positive, zero


@pytest.mark.parametrize(("shape", "wanted"), [(s, r) for s in SIZES for r in range(min(s) + 1)])
def test_rank_is_the_given_one(shape, wanted):
    drawn = examples(matrices(*shape, rank=wanted))
    assert {(len(m), len(m[0]), rank(m)) for m in drawn} == {(*shape, wanted)}
    assert all(isinstance(x, Fraction) for m in drawn for row in m for x in row)


def test_every_rank_is_drawn():
    ranks = Counter(rank(m) for m in examples(matrices(3, 3), 200))
    assert set(ranks) == {0, 1, 2, 3}
    assert min(ranks.values()) >= 20


@pytest.mark.parametrize(
    "signs", [(p, q, n - p - q) for n in (1, 2, 3) for p in range(n + 1) for q in range(n + 1 - p)]
)
def test_inertia_is_the_given_one(signs):
    drawn = examples(symmetric_matrices(sum(signs), inertia=signs), 40)
    assert all(m == tuple(zip(*m, strict=True)) for m in drawn)
    assert {inertia(m) for m in drawn} == {signs}


def test_inertias_of_all_kinds_are_drawn():
    drawn = {inertia(m) for m in examples(symmetric_matrices(2), 100)}
    assert drawn == {(p, q, 2 - p - q) for p in range(3) for q in range(3 - p)}


def test_every_matrix_is_reached():
    drawn = examples(matrices(2, 2, elements=st.integers(-1, 1)), 800)
    assert len({m for m in drawn if {x for row in m for x in row} <= {0, 1}}) == 16


def test_smallest_examples():
    assert minimal(matrices(3, 2, rank=2)) == ((1, 0), (0, 1), (0, 0))
    assert minimal(matrices(st.integers(1, 4), st.integers(1, 4), rank=1)) == ((1,),)
    assert minimal(matrices(2, 2), any) == ((0, 0), (0, 0))
    assert minimal(symmetric_matrices(3, inertia=(1, 1, 1))) == ((1, 0, 0), (0, -1, 0), (0, 0, 0))
    assert minimal(symmetric_matrices(2), lambda m: inertia(m) == (0, 2, 0)) == ((-1, 0), (0, -1))
    dense = minimal(matrices(3, 3, rank=1), lambda m: sum(map(bool, sum(m, ()))) >= 4)
    assert sum(map(bool, sum(dense, ()))) == 4 and {abs(x) for row in dense for x in row} == {0, 1}
    assert [minimal(rationals(), condition) for condition in (bool, lambda x: x < 0, lambda x: x > Fraction(5, 2))] == [
        1,
        -1,
        3,
    ]
    assert minimal(rationals(), lambda x: x.denominator > 1) == Fraction(1, 2)


@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"min_value": 2},
        {"max_value": Fraction(-1, 2)},
        {"min_value": Fraction(1, 3), "max_value": Fraction(1, 2)},
        {"max_height": 1},
        {"max_height": 5, "max_denominator": 5},
        {"allow_zero": False, "max_height": 1},
    ],
)
def test_rationals_keep_their_bounds(bounds):
    drawn = examples(rationals(**bounds))
    low, high = bounds.get("min_value", -100), bounds.get("max_value", 100)
    height = bounds.get("max_height", 9)
    assert all(low <= x <= high and max(abs(x.numerator), x.denominator) <= height for x in drawn)
    assert all(x.denominator <= bounds.get("max_denominator", 3) for x in drawn)
    assert bounds.get("allow_zero", True) or 0 not in drawn


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: matrices("2", 2), "Expected int but got rows='2' (type=str)"),
        (lambda: matrices(2, True), "Expected int but got columns=True (type=bool)"),
        (lambda: matrices(0, 2), "Expected rows to be at least 1 but got rows=0"),
        (lambda: matrices(2, 3, rank=3), "Cannot have rank=3 in a matrix with rows=2, columns=3"),
        (lambda: matrices(2, 3, rank=-1), "Expected rank to be at least 0 but got rank=-1"),
        (lambda: matrices(2, 3, elements=[1]), "Expected SearchStrategy but got elements=[1] (type=list)"),
        (lambda: symmetric_matrices(2, inertia=(1, 1, 1)), "Cannot have inertia=(1, 1, 1), of sum 3, in a symmetric"),
        (lambda: symmetric_matrices(2, inertia=(1, 1)), "Expected a tuple (positive, negative, zero) but got inertia="),
        (lambda: symmetric_matrices(2, inertia=(3, -1, 0)), "Expected inertia[1] to be at least 0"),
        (lambda: rationals(min_value=0.5), "Expected Rational but got min_value=0.5 (type=float)"),
        (lambda: rationals(min_value=2, max_value=1), "Cannot have min_value=2 > max_value=1"),
        (lambda: rationals(max_height=2, max_denominator=3), "Cannot have max_denominator=3 > max_height=2"),
        (lambda: rationals(min_value=10), "There are no rationals with min_value=10"),
        (lambda: rationals(max_height=1, min_value=0, max_value=0, allow_zero=False), "There are no rationals with"),
        (lambda: rationals(allow_zero=1), "Expected bool but got allow_zero=1 (type=int)"),
    ],
)
def test_wrong_arguments_are_refused_at_once(make, message):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (matrices(st.just(2), 2, rank=3), "Cannot have rank=3"),
        (matrices(st.just("2"), 2), "Expected int but got rows='2'"),
        (matrices(2, 2, rank=1, elements=st.floats(1, 2)), "Expected Rational but got element="),
        (symmetric_matrices(st.just(2), inertia=(1, 0, 0)), "Cannot have inertia="),
    ],
)
def test_what_a_strategy_gives_is_refused_when_drawn(strategy, message):
    with pytest.raises(InvalidArgument) as caught:
        minimal(strategy)
    assert str(caught.value).startswith(message)
