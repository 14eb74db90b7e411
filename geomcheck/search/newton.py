"""Critical points for given targets by Newton's method in rational arithmetic, rounded to 2⁻⁴⁸ at each step.

The iteration only proposes. Its limit is replaced by the simplest rationals nearby, and kept when ∇L vanishes there
exactly. Where critical points form curves a limit has no reason to be rational: its first coordinate without a simple
rational nearby is then pinned to a half-integer, and the iteration goes on in the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives
from geomcheck.search.draws import Random, Vector, rationals, targets_in
from geomcheck.search.input_data import size_at, varied
from geomcheck.search.rational_algebra import column, flat, least_squares, matrix, rows_of

MAX_PARAMETERS: Final = 16
_STEPS: Final = 16
_DAMPING: Final = Fraction(1, 2**20)  # keeps a step short where H is nearly singular
_GRID: Final = 2**48
_CLOSE: Final = Fraction(1, 2**32)
_DENOMINATORS: Final = (1, 2, 12, 120, 1000)


def applies(problem: Problem) -> bool:
    """Whether parameters are open, few, and the targets not defined by them."""
    return problem.parameters is None and problem.targets != "perfect_fit" and problem.P <= MAX_PARAMETERS


def limits(problem: Problem, rng: Random) -> Iterator[Problem | None]:
    """Exact critical points near limits of the iteration from random starts; None where there was none."""
    domain = problem.loss.domain if isinstance(problem.loss, NamedLoss) else "any"
    for n, inputs in enumerate(varied(problem, rng)):
        size = size_at(n, problem)
        start = problem.with_(
            parameters=rationals(rng, problem.P, 1 + size),
            inputs=inputs if problem.inputs is None else None,
            targets=targets_in(domain, rng, problem.N, problem.K, size) if problem.targets is None else None,
        )
        yield critical_near(start)


def critical_near(start: Problem) -> Problem | None:
    """An exact rational critical point to which the iteration leads, if it leads to one."""
    assert start.parameters is not None
    theta: Vector | None = list(start.parameters)
    free = list(range(start.P))
    while theta is not None and free:
        theta = _limit(start, theta, free)
        if theta is None:
            return None
        simple = [_simplest_near(t) for t in theta]
        if all(s is not None for s in simple):
            candidate = start.with_(parameters=[s for s in simple if s is not None])
            slope = rational_derivatives.gradient(candidate)
            return candidate if slope is not None and not any(slope) else None
        stray = next(i for i, s in enumerate(simple) if s is None)
        theta[stray] = Fraction(round(2 * theta[stray]), 2)
        free.remove(stray)
    return None


def _limit(start: Problem, theta: Vector, free: list[int]) -> Vector | None:
    """Where Gauss–Newton steps for ∇L = 0 in the free coordinates come to rest, if they do."""
    for _ in range(_STEPS):
        found = rational_derivatives.slope_and_curvature(start.with_(parameters=theta))
        if found is None:
            return None
        slope, curvature = found
        if not any(slope):
            return theta
        columns = matrix([[row[i] for i in free] for row in rows_of(curvature)], len(free))
        step = flat(least_squares(columns, column([-g for g in slope]), _DAMPING))
        for i, s in zip(free, step, strict=True):
            theta[i] = Fraction(round((theta[i] + s) * _GRID), _GRID)
        if max(map(abs, theta)) > _GRID:
            return None
        if max(map(abs, step)) < _CLOSE:
            return theta
    return None


def _simplest_near(value: Fraction) -> Fraction | None:
    near = (value.limit_denominator(bound) for bound in _DENOMINATORS)
    return next((simple for simple in near if abs(simple - value) < _CLOSE), None)
