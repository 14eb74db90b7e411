"""Inputs, (N, d): in general position and in every degenerate position, smallest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count, repeat
from typing import Final

from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search.draws import Random, Rows, integer, integers, nonzero, rationals

DataMaker = Callable[[Random, int, int, int], Rows]
"""(rng, rows, columns, size) -> inputs."""


def unit_samples(_: Random, rows: int, columns: int, __: int) -> Rows:
    """The rows of the identity, over and over."""
    return [[Fraction(int(i % columns == j)) for j in range(columns)] for i in range(rows)]


def general(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """Random integers."""
    return [integers(rng, columns, size) for _ in range(rows)]


def fractional(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """Random rationals."""
    return [rationals(rng, columns, size) for _ in range(rows)]


def duplicated(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """At least two equal samples (all of them now and then)."""
    data = general(rng, rows, columns, size)
    kept = 1 if size == 1 else rng.randint(1, max(1, rows - 1))
    return [data[i % kept] for i in range(rows)]


def rank_one(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """Multiples of one sample."""
    direction = [nonzero(rng, size) for _ in range(columns)]
    return [[factor * x for x in direction] for factor in (integer(rng, size) for _ in range(rows))]


def opposite(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """Pairs x, −x."""
    data = general(rng, rows, columns, size)
    return [data[i] if i % 2 == 0 else [-x for x in data[i - 1]] for i in range(rows)]


def with_zero_sample(rng: Random, rows: int, columns: int, size: int) -> Rows:
    """One sample is 0."""
    data = general(rng, rows, columns, size)
    data[rng.randrange(rows)] = [Fraction(0)] * columns
    return data


def all_zero(_: Random, rows: int, columns: int, __: int) -> Rows:
    """Zeros."""
    return [[Fraction(0)] * columns for _ in range(rows)]


def all_one(_: Random, rows: int, columns: int, __: int) -> Rows:
    """Ones."""
    return [[Fraction(1)] * columns for _ in range(rows)]


_CYCLE: Final[tuple[DataMaker, ...]] = (
    unit_samples, general, all_one, general, duplicated, fractional, rank_one, general, opposite, general,
    with_zero_sample, fractional,
)  # fmt: skip


def varied(problem: Problem, rng: Random) -> Iterator[Rows]:
    """The problem's own inputs for ever, or all kinds in turn."""
    return of_kinds(problem, rng, _CYCLE)


def of_kinds(problem: Problem, rng: Random, kinds: tuple[DataMaker, ...]) -> Iterator[Rows]:
    """The problem's own inputs for ever, or the given kinds in turn with growing numbers."""
    if problem.inputs is not None:
        yield from repeat([list(row) for row in problem.inputs])
    for n in count():
        yield kinds[n % len(kinds)](rng, problem.N, problem.model.n_inputs, size_at(n, problem))


def size_at(n: int, problem: Problem) -> int:
    """How large the numbers of draw n may be: 1 at first, then slowly more, less for models with exponentials."""
    return 1 + min(n // 4, 8 if polynomial(problem) else 3)


def polynomial(problem: Problem) -> bool:
    """Whether all that is computed at a rational point is rational, exponentials in the loss aside."""
    model = problem.model
    if not isinstance(model, DenseNetwork):
        return True
    return all(a.polynomial_degree is not None or a.piecewise for a in (layer.activation for layer in model.layers))
