"""Elimination modulo primes, p-adic lifting, and the exact arithmetic in machine words under both."""

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck.fields.residues import ResidueField
from geomcheck.linear_algebra.dyadic import dyadic, scaled_floats
from geomcheck.linear_algebra.elimination import eliminate, inverse, kernel
from geomcheck.linear_algebra.integer_matrix import IntegerMatrix, limbs_of
from geomcheck.linear_algebra.kernel import ExactMatrix
from geomcheck.linear_algebra.modular_image import Image, images_of
from geomcheck.linear_algebra.padic_lifting import lifted_kernel, reconstruct
from tests.laws.known_matrices import (
    of_rank,
    rational,
)

PRIME = (1 << 31) - 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), prime=st.sampled_from([3, 101, 2097143, PRIME]), data=st.data())
def test_elimination_modulo_a_prime(seed, prime, data):
    rows, columns = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    rank = data.draw(st.integers(0, min(rows, columns)))
    random = np.random.default_rng(seed)
    left = random.integers(0, prime, (rows, rank)).astype(object)
    matrix = (left @ random.integers(0, prime, (rank, columns)).astype(object)) % prime
    matrix = matrix.astype(np.uint64) if rank else np.zeros((rows, columns), dtype=np.uint64)
    found = eliminate(matrix, prime)
    assert found.rank == flint.nmod_mat(rows, columns, matrix.reshape(-1).tolist(), prime).rank()
    if not found.rank:
        return
    minor = matrix[np.ix_(found.rows, found.columns)].astype(object)
    assert ((inverse(found).astype(object) @ minor) % prime == np.eye(found.rank, dtype=object)).all()
    solution = kernel(found, found.free).astype(object)
    pivots, free = matrix[:, list(found.columns)].astype(object), matrix[:, found.free].astype(object)
    assert not ((pivots @ solution - free) % prime).any()


@settings(max_examples=40, deadline=None)
@given(n=st.integers(-(10**12), 10**12), d=st.integers(1, 10**12))
def test_rational_reconstruction(n, d):
    modulus = PRIME**5
    exact = Fraction(n, d)
    assert reconstruct(n * pow(d, -1, modulus), modulus) == (exact.numerator, exact.denominator)


def test_reconstruction_of_noise_fails():
    assert reconstruct(123456789123456789, PRIME**3 // 7 * 2 + 1) is None


@pytest.mark.parametrize("magnitude", [1, 10**6, 10**12, 10**30])
def test_lifting_at_every_size_of_entries(magnitude):
    """Entries of one word in one float product, in several, and beyond a word."""
    random = np.random.default_rng(5)
    integers = of_rank(random, 9, 11, 7) * magnitude
    matrix = IntegerMatrix.of(rational(integers))
    found = next(images_of(rational(integers))).elimination
    vectors = lifted_kernel(matrix, found.rows, found.columns, found.free, 10**5)
    assert len(vectors) == 4 and all(matrix.annihilates(vectors))
    assert not any((integers @ np.array(v, dtype=object)).any() for v in vectors)
    spoiled = [[v[0] + 1, *v[1:]] for v in vectors]
    assert not any(matrix.annihilates(spoiled))


def test_lifting_gives_up_at_its_limit():
    integers = np.random.default_rng(0).integers(-9, 10, (30, 31))
    found = next(images_of(integers)).elimination
    assert lifted_kernel(IntegerMatrix.of(integers), found.rows, found.columns, found.free, 60) is None


def test_lifting_gives_up_where_the_minor_is_zero():
    assert lifted_kernel(IntegerMatrix.of(np.array([[1, 2, 3], [2, 4, 6]])), [0, 1], [0, 1], [2], 1 << 20) is None


def test_tall_kernel_vectors_are_verified_limb_by_limb():
    random = np.random.default_rng(2)
    integers = random.integers(-9, 10, (25, 30)).astype(object)
    vectors = ExactMatrix(rational(integers)).kernel(next(images_of(rational(integers))))
    assert len(vectors) == 5 and max(abs(x).bit_length() for v in vectors for x in v) > 60
    matrix = IntegerMatrix.of(rational(integers))
    for delta in (1, -1, 1 << 16, 1 << 40, -(1 << 70)):
        spoiled = [[*v[:3], v[3] + delta, *v[4:]] for v in vectors]
        assert not any(matrix.annihilates(spoiled))


@given(st.lists(st.integers(-(10**40), 10**40), min_size=1, max_size=5))
def test_limbs(integers):
    digits = limbs_of(integers)
    assert [sum(int(x) << (16 * k) for k, x in enumerate(column)) for column in digits.T] == integers


@given(st.fractions(), st.integers(2, 200))
def test_dyadics_are_near(x, bits):
    found = dyadic(flint.fmpq(x.numerator, x.denominator), bits)
    assert found.denominator & (found.denominator - 1) == 0
    assert abs(found - x) <= abs(x) / 2 ** (bits - 2)


def test_scaling_brings_everything_to_one():
    table = rational(np.array([[Fraction(2) ** 900, 0], [Fraction(2) ** 10, Fraction(2) ** -900]], dtype=object))
    scaled, rows, columns = scaled_floats(table)
    assert np.isfinite(scaled).all() and (np.abs(scaled).max(axis=0) <= 1).all()
    assert scaled[0, 0] == np.ldexp(1, int(900 + rows[0] + columns[0]))


def test_images_of_residues_keep_their_residues_in_the_evidence():
    field = ResidueField(PRIME, 5, 7, 1, 1)
    image = Image.of(field.apply("exp", field.array([[1, 2], [3, 1]])), 5, 7)
    bound = image.lower_bound()
    assert (bound.prime, bound.t, bound.u, bound.value) == (PRIME, 5, 7, 2)
