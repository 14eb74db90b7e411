"""F_p: reduction, exact float products at the edge of their range, and the exact values residues remember."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.errors import OutsideField
from geomcheck.fields.base import NeedsDenominator
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.fields.rationals import RationalField
from geomcheck.fields.residues import (
    INNER_LIMIT,
    BadReduction,
    ResidueArray,
    ResidueField,
    inverses,
    minus,
    plus,
    primes_below_limit,
    residue_product,
)

PRIME = next(primes_below_limit())
SMALL = [3, 7, 65537, 2097143, PRIME]


def python_product(a, b, prime):
    return [[sum(int(x) * int(y) for x, y in zip(row, column, strict=True)) % prime for column in b.T] for row in a]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), prime=st.sampled_from(SMALL), seed=st.integers(0, 10**6))
def test_products_are_exact(data, prime, seed):
    m, k, n = (data.draw(st.integers(1, 9)) for _ in range(3))
    random = np.random.default_rng(seed)
    a = random.integers(0, prime, (m, k)).astype(np.uint64)
    b = random.integers(0, prime, (k, n)).astype(np.uint64)
    assert residue_product(a, b, prime).tolist() == python_product(a, b, prime)


@pytest.mark.parametrize("terms", [1, 1000, INNER_LIMIT, INNER_LIMIT + 3])
def test_products_are_exact_for_the_largest_residues(terms):
    a = np.full((1, terms), PRIME - 1, dtype=np.uint64)
    a[0, 0] = PRIME // 2
    b = np.full((terms, 2), PRIME - 1, dtype=np.uint64)
    b[:, 1] = PRIME - 2
    expected = (terms - 1) % PRIME, 2 * (terms - 1) % PRIME
    head = PRIME // 2
    wanted = [(expected[0] - head) % PRIME, (expected[1] - 2 * head) % PRIME]
    assert residue_product(a, b, PRIME).tolist() == [wanted]


def test_a_product_that_overflows_is_told_from_one_that_does_not():
    """(2^16 − 1)·2^16 + … : entries whose halves are all ones, the worst case of the middle product."""
    edge = (1 << 31) - (1 << 16) - 1
    a = np.full((2, 5000), edge, dtype=np.uint64)
    b = np.full((5000, 2), edge, dtype=np.uint64)
    assert residue_product(a, b, PRIME).tolist() == [[edge * edge * 5000 % PRIME] * 2] * 2


@settings(max_examples=40, deadline=None)
@given(x=st.integers(0, PRIME - 1), y=st.integers(0, PRIME - 1))
def test_plus_minus_and_inverse(x, y):
    a, b, p = np.array([x], dtype=np.uint64), np.array([y], dtype=np.uint64), np.uint64(PRIME)
    assert plus(a, b, p).tolist() == [(x + y) % PRIME]
    assert minus(a, b, p).tolist() == [(x - y) % PRIME]
    if y:
        assert inverses(b, PRIME).tolist() == [pow(y, -1, PRIME)]


def test_zero_has_no_inverse():
    with pytest.raises(BadReduction):
        inverses(np.array([1, 0], dtype=np.uint64), PRIME)


def test_primes():
    primes = primes_below_limit()
    assert [next(primes) for _ in range(3)] == [2147483647, 2147483629, 2147483587]
    assert next(primes_below_limit(2)) == 2147483587
    for bad in (2, 4, 1 << 31, 2147483659):
        with pytest.raises(ValueError, match="prime="):
            ResidueField(bad)


def test_a_denominator_divisible_by_the_prime_is_a_bad_reduction():
    with pytest.raises(BadReduction):
        ResidueField(7).constant(Fraction(1, 14))
    field = ResidueField(7, 6, 3, 1, 1)  # t + 1 = 0
    with pytest.raises(BadReduction):
        field.apply("sigmoid", field.array([1]))


def test_exact_values_survive_elementwise_operations_and_views():
    field = ResidueField(PRIME)
    x = field.array([[Fraction(1, 2), -3], [5, Fraction(-7, 3)]])
    y = (x * x - 2 * x + 1 - field.constant(Fraction(9, 4))).reshape((4,))[[3, 0, 1]].reshape((3, 1)).mT
    exact = [Fraction(-7, 3), Fraction(1, 2), Fraction(-3)]
    expected = [v * v - 2 * v + 1 - Fraction(9, 4) for v in exact]
    assert field.signs(y).tolist() == [[(v > 0) - (v < 0) for v in expected]]
    joined = field.concatenate([y, -y, field.ones((1, 3))], axis=0)
    assert field.signs(joined[1]).tolist() == [(v < 0) - (v > 0) for v in expected]
    assert field.signs(field.total(x)).tolist() == [-1, 1]
    assert field.signs(field.divide(x, field.ones(()) * -2)).tolist() == [[-1, 1], [-1, 1]]


def test_exact_values_are_lost_by_products_and_assignment_and_then_signs_are_refused():
    field = ResidueField(PRIME)
    x = field.array([[1, 2], [3, 4]])
    with pytest.raises(OutsideField, match="remember"):
        field.signs(field.matmul(x, x))
    x[0, 0] = 5
    with pytest.raises(OutsideField):
        field.step(x, Fraction(1), Fraction(0))
    attached = field.attach(x, lambda: RationalField().array([[5, -2], [3, 4]]))
    assert field.signs(attached).tolist() == [[1, -1], [1, 1]]


def test_the_exact_value_is_computed_once_and_only_when_needed():
    calls = []
    field = ResidueField(PRIME)
    x = field.attach(field.array([1, 2]), lambda: calls.append(1) or RationalField().array([1, -2]))
    y = x * 3 + 1
    assert not calls
    assert field.signs(y).tolist() == [1, -1]
    assert field.signs(x).tolist() == [1, -1]
    assert len(calls) == 1


def test_reduction_is_a_homomorphism_of_rational_functions():
    exact = ExponentialField(4, 2)
    field = ResidueField(PRIME, 123456, 98765, 4, 2)
    a = exact.apply("tanh", exact.array([[Fraction(1, 8), Fraction(-3, 4)], [2, 0]]))
    b = exact.apply("sin", exact.array([[Fraction(1, 2), 1], [-1, Fraction(3, 2)]]))
    image = field.matmul(field.reduce(a), field.reduce(b))
    assert (image == field.reduce(exact.matmul(a, b))).all()
    assert (field.determinant(field.reduce(a)) == field.reduce(exact.determinant(a))).all()


def test_a_missing_denominator_is_asked_for():
    field = ResidueField(PRIME, 5, 6, 2, 1)
    with pytest.raises(NeedsDenominator) as caught:
        field.apply("exp", field.array([Fraction(1, 3)]))
    assert caught.value.denominator == 6
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.kind, again.denominator) == ("exponential", 6)


def test_fields_do_not_mix():
    with pytest.raises(ValueError, match="use one field"):
        ResidueField(7).array([1]) + ResidueField(11).array([1])
    with pytest.raises(TypeError):
        ResidueArray([1], 7) + "1"
