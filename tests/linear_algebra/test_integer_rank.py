"""Integers in machine words, and ranks from a kernel written down: known answers, overflow, wrong guesses."""

import random
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geomcheck as gc
from geomcheck.claims.evaluation import Evaluation
from geomcheck.errors import Kink, OutsideField
from geomcheck.fields.integers import IntegerField
from geomcheck.geometry.continuous_symmetry import kernel_fields
from geomcheck.geometry.instance import Instance
from geomcheck.geometry.integer_symmetry import kernel_words
from geomcheck.linear_algebra import kernel
from geomcheck.linear_algebra.elimination import eliminate
from geomcheck.linear_algebra.integer_matrix import exact_product, product_vanishes
from geomcheck.linear_algebra.integer_rank import bounds_by_kernel, is_invertible, with_prime
from geomcheck.linear_algebra.rank import rank_bounds
from geomcheck.problem.read import problem_from
from geomcheck.problem.shorthand import parse_network

NETWORKS = ["2-3-2 linear", "3-4-1 square", "2-3-2 relu", "3-3-3-1 square, no bias", "2-2-2-1 linear relu, no bias"]
FAMILIES = [*NETWORKS, "2-4-1 square", "4-2-1 power(3)", "2-3-3-1 linear square", "3-5-1 abs, no bias", "2-3-2 exp"]
G, H = ("matrix", "G"), ("matrix", "H")
words = st.integers(-(1 << 40), 1 << 40)


def whole(network, samples, seed=0, most=5, **keys):
    choice = random.Random(seed)

    def number():
        return Fraction(choice.choice([-1, 1]) * choice.randint(1, most))

    problem = problem_from({"network": network, "samples": samples, **keys})
    n, k = problem.model.n_inputs, problem.K
    given_targets = {} if problem.targets else {"targets": [[number() for _ in range(k)] for _ in range(samples)]}
    return problem.with_(
        parameters=[number() for _ in range(problem.P)],
        inputs=[[number() for _ in range(n)] for _ in range(samples)],
        **given_targets,
    )


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("quantity", ["F", "G", "r", "D", "H_o", "H_f", "H", "gradient"])
def test_words_agree_with_the_rational_numbers(network, quantity):
    for seed in range(20):
        instance = Instance(whole(network, 3, seed, most=3))
        try:
            expected = instance.exactly(lambda d: getattr(d, quantity))
        except Kink:
            continue
        found = instance.in_words(lambda d: getattr(d, quantity))
        assert found.values.tolist() == [[int(x) for x in row] for row in np.atleast_2d(expected)] or (
            found.ndim == 1 and found.values.tolist() == [int(x) for x in expected]
        )
        assert np.abs(found.values).max() <= found.bound
        return
    raise AssertionError("no instance off the kinks")


def test_words_stop_before_they_overflow():
    Z = IntegerField()
    large = Z.array([[1 << 40, 3]])
    for spoiled in (
        lambda: large * large,
        lambda: Z.matmul(large, large.mT),
        lambda: Z.array([1 << 61]) + Z.array([1 << 61]),
        lambda: Z.array([1 << 61]) - Z.array([-(1 << 61)]),
        lambda: Z.sum(Z.array([1 << 61] * 4), 0),
        lambda: Z.array([1 << 62]),
        lambda: Z.array([1 << 70]),
        lambda: Z.array([-(1 << 63)]),
        lambda: Z.array([Fraction(1, 2)]),
        lambda: Z.constant(Fraction(1, 2)),
        lambda: Z.divide(large, large),
        lambda: Z.apply("tanh", large),
    ):
        with pytest.raises(OutsideField):
            spoiled()
    with pytest.raises(Kink):
        Z.step(Z.array([1, 0]), Fraction(1), Fraction(0))


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_products_in_pieces_are_exact(data, rows, terms, columns):
    bits = data.draw(st.integers(1, 62))
    number = st.integers(-(1 << bits) + 1, (1 << bits) - 1)
    a = data.draw(st.lists(st.lists(number, min_size=terms, max_size=terms), min_size=rows, max_size=rows))
    small = data.draw(st.booleans())
    entry = st.integers(-3, 3) if small else words
    b = data.draw(st.lists(st.lists(entry, min_size=columns, max_size=columns), min_size=terms, max_size=terms))
    expected = np.array(a, dtype=object) @ np.array(b, dtype=object)
    found = exact_product(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64))
    assert found is None or found.tolist() == expected.tolist()
    assert found is not None or bits > 18
    assert product_vanishes(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64)) == (not expected.any())


@settings(max_examples=50, deadline=None)
@given(st.lists(words.filter(bool), min_size=3, max_size=3), st.integers(0, 2), st.integers(-2, 2))
def test_a_vanishing_product_is_told_from_one_that_nearly_vanishes(a, place, more):
    zero = np.array([[a[1], a[2]], [-a[0], 0], [0, -a[0]]])
    zero[place] += more
    exact = np.array([a], dtype=object) @ zero.astype(object)
    assert product_vanishes(np.array([a]), zero) == (not exact.any())


@pytest.mark.parametrize("network", FAMILIES)
def test_kernel_words_are_the_kernel_fields(network):
    model = parse_network(network)
    theta = [random.Random(i).randint(-9, 9) for i in range(model.n_parameters)]
    vectors, columns = kernel_words(model, theta)
    expected = [field.at(model, theta) for field in kernel_fields(model)]
    assert sorted(vectors.tolist()) == sorted(expected)
    assert len(columns) <= len(vectors)
    assert kernel_words(model, [1 << 60] * model.n_parameters) is None


def test_no_singular_matrix_is_called_invertible():
    choice = np.random.default_rng(0)
    for size in range(1, 12):
        left, right = choice.integers(-99, 99, (size, size)), choice.integers(-99, 99, (size, size))
        left[:, 0] = 0
        assert not is_invertible(left @ right)
        near = np.triu(choice.integers(-3, 3, (size, size)), 1) + np.eye(size, dtype=np.int64)
        assert is_invertible(near)
    hilbert = np.array([[360360 // (i + j + 1) for j in range(7)] for i in range(7)])
    assert not is_invertible(np.block([[hilbert, hilbert], [hilbert, hilbert]]))


@pytest.mark.parametrize("bits", [30, 58, 59, 60, 61, 62])
def test_numbers_that_fill_a_word_are_left_to_primes(bits: int):
    large = np.array([[(1 << bits) - 1, 1], [0, (1 << bits) - 3]], dtype=np.int64)
    assert is_invertible(large) is (bits == 30)
    assert not is_invertible(np.array([[(1 << bits) - 1] * 2] * 2, dtype=np.int64))
    theta = [(1 << bits) - 1, 1, 1, 0]
    found = gc.evaluate(["rank(G)", "rank(H)"], network="1-1-1 linear", inputs=[[1]], targets=[[1]], parameters=theta)
    assert found["rank(G)"].value == "1"


@pytest.mark.parametrize("symmetric", [False, True])
def test_bounds_of_a_known_kernel(symmetric):
    choice = np.random.default_rng(1)
    basis = choice.integers(-9, 9, (4, 6))
    matrix = (basis.T if symmetric else choice.integers(-9, 9, (7, 4))) @ basis
    free = [4, 5]
    minor = basis[:, :4]
    if not is_invertible(minor):
        raise AssertionError("another seed")
    determinant = round(np.linalg.det(minor))
    solution = np.rint(-np.linalg.inv(minor) @ basis[:, free] * determinant).astype(np.int64)
    null = np.concatenate([solution.T, determinant * np.eye(2, dtype=np.int64)], axis=1)
    bounds = bounds_by_kernel(matrix, null, free, symmetric)
    assert bounds.decided == 4 and len(bounds.upper.kernel) == 2
    lower = with_prime(bounds.lower)
    shown = matrix[np.ix_(lower.rows, lower.columns)] % lower.prime
    assert eliminate(shown.astype(np.uint64), lower.prime).rank == 4 and lower.invertible is None
    assert (lower.rows == lower.columns) == (symmetric or lower.rows == (0, 1, 2, 3))
    assert bounds_by_kernel(matrix, null[:1], free[:1], symmetric) is None  # not the whole kernel
    assert bounds_by_kernel(matrix, null + np.eye(2, 6, dtype=np.int64), free, symmetric) is None  # not in it
    assert bounds_by_kernel(matrix, null[[0, 0]], free, symmetric) is None  # dependent
    assert bounds_by_kernel(matrix, null, free[:1], symmetric) is None  # no guess


@pytest.mark.parametrize(
    ("network", "samples", "rank"),
    [("3-3-1 square, no bias", 12, 6), ("3-3-1 square, no output bias", 14, 9), ("2-2-2 linear, no bias", 5, 4)],
)
def test_ranks_by_symmetries(network, samples, rank):
    found = []
    for seed in range(8):
        problem = whole(network, samples, seed, targets="perfect_fit")
        evaluation = Evaluation(problem)
        expected = flint.fmpq_mat(evaluation.exact(G).tolist()).rank()
        assert evaluation.rank(G).decided == evaluation.rank(H).decided == expected
        evaluation.settle()
        assert evaluation.rank(G).lower.prime and evaluation.rank(H).lower.rows == evaluation.rank(H).lower.columns
        found.append(expected)
    assert max(found) == rank
    zero = problem.with_(parameters=[Fraction(0)] * problem.P)
    assert Evaluation(zero).rank(G).decided == 0


def test_the_checker_accepts_a_rank_by_symmetries():
    problem = whole("3-3-1 square, no bias", 12)
    keys = {"network": "3-3-1 square, no bias", "parameters": problem.parameters, "inputs": problem.inputs}
    verdict = gc.check("rank(G) == 6", samples=12, targets=problem.targets, **keys)
    assert verdict.outcome == "PROVED"


def test_a_kernel_out_of_reach_is_looked_for_once(monkeypatch):
    calls = []
    monkeypatch.setattr(kernel, "lifted_kernel", lambda *a: calls.append(a))
    choice = np.random.default_rng(0)
    matrix = choice.integers(-9, 9, (6, 3)) @ choice.integers(-9, 9, (3, 8))
    bounds = rank_bounds((6, 8), exact=lambda: matrix)
    assert (bounds.lower.value, bounds.upper.value, len(calls)) == (3, 6, 1)


def test_an_approximate_inverse_of_a_singular_matrix_shows_nothing(monkeypatch):
    """The pseudo-inverse B is moderate, and ‖I − A B‖ is 1 or a little more."""
    monkeypatch.setattr(np.linalg, "inv", np.linalg.pinv)
    choice = np.random.default_rng(2)
    for size in range(2, 9):
        singular = choice.integers(-9, 9, (size, size - 1)) @ choice.integers(-9, 9, (size - 1, size))
        assert not is_invertible(singular)
        assert not is_invertible(np.diag([0] + [1] * (size - 1)))


def test_products_whose_sums_have_more_bits_than_a_float():
    for bits in range(20, 31):
        a = np.full((2, 64), (1 << 30) - 1)
        b = np.full((64, 3), (1 << bits) - 1)
        b[::3] -= 2
        found = exact_product(a, b)
        expected = a.astype(object) @ b.astype(object)
        assert (
            found is None if np.abs(expected).max() >= 1 << 62 else found is None or found.tolist() == expected.tolist()
        )
    assert exact_product(a[:, :2], b[:2]).tolist() == (a[:, :2].astype(object) @ b[:2].astype(object)).tolist()
