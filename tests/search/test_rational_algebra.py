import random
from fractions import Fraction

import pytest

from geomcheck.search.draws import grid, orthogonal, targets_in, unimodular
from geomcheck.search.rational_algebra import (
    column,
    flat,
    identity,
    least_squares,
    matrix,
    null_space,
    rational_spectrum,
    rows_of,
    solution,
)

SHAPES = [(1, 1), (2, 3), (3, 2), (4, 4), (3, 5)]


def of_rank(rng, rows, columns, rank):
    left = matrix([[Fraction(rng.randint(-3, 3)) for _ in range(rank)] for _ in range(rows)], rank)
    right = matrix([[Fraction(rng.randint(-3, 3), 2) for _ in range(columns)] for _ in range(rank)], columns)
    return left * right


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_null_space_is_the_whole_kernel(shape, rank):
    m = of_rank(random.Random(rank), *shape, min(rank, *shape))
    basis = null_space(m)
    assert len(basis) == shape[1] - m.rank()
    assert all(not any(flat(m * column(v))) for v in basis)
    if basis:
        assert matrix(basis).rank() == len(basis)
    assert all(x.denominator == 1 for v in basis for x in v)


@pytest.mark.parametrize("shape", SHAPES)
def test_solution_solves_when_there_is_one(shape):
    rng = random.Random(5)
    m = of_rank(rng, *shape, 2 if min(shape) > 1 else 1)
    inside = m * column([Fraction(rng.randint(-3, 3)) for _ in range(shape[1])])
    found = solution(m, inside)
    assert found is not None and m * found == inside


def test_no_solution_is_none():
    assert solution(matrix([[Fraction(1)], [Fraction(1)]]), column([Fraction(0), Fraction(1)])) is None


@pytest.mark.parametrize("ridge", [Fraction(0), Fraction(1, 3)])
@pytest.mark.parametrize("shape", SHAPES)
def test_least_squares_is_stationary(shape, ridge):
    rng = random.Random(7)
    m = of_rank(rng, *shape, 1)
    b = column([Fraction(rng.randint(-3, 3)) for _ in range(shape[0])])
    x = least_squares(m, b, ridge)
    assert not any(e + ridge * v for e, v in zip(flat(m.transpose() * (m * x - b)), flat(x), strict=True))


def test_spectrum_of_a_planted_matrix():
    q = orthogonal(random.Random(2), 3, 2)
    values = matrix([[Fraction(4), 0, 0], [0, Fraction(1), 0], [0, 0, Fraction(4)]])
    spectrum = rational_spectrum(q * values * q.transpose())
    assert [(value, len(basis)) for value, basis in spectrum] == [(4, 2), (1, 1)]
    assert rational_spectrum(matrix([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(0)]])) is None


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_orthogonal_and_unimodular(n, size):
    rng = random.Random(n + size)
    q, u = orthogonal(rng, n, size), unimodular(rng, n, size)
    assert q * q.transpose() == identity(n)
    assert abs(u.det()) == 1
    assert all(x.denominator == 1 for row in rows_of(u) for x in row)


def test_grid_is_complete_and_starts_small():
    vectors = list(grid(2, 2))
    assert len(vectors) == 25 and len({tuple(v) for v in vectors}) == 25
    supports = [sum(map(bool, v)) for v in vectors]
    assert supports == sorted(supports)


@pytest.mark.parametrize("domain", ["any", "unit", "simplex", "signs"])
def test_labels_lie_in_their_domain(domain):
    from geomcheck.problem.losses import LOSSES

    loss = next(loss for loss in LOSSES.values() if loss.domain == domain)
    for seed in range(30):
        rows = targets_in(domain, random.Random(seed), 3, 2, 1 + seed % 4)
        assert loss.targets_domain(tuple(map(tuple, rows))) is None
