"""Critical points for given targets by Newton's method in rational arithmetic, rounded to 2⁻⁴⁸ at each step.

The iteration only proposes: its limit is replaced by the simplest rationals nearby, and kept when ∇L vanishes there
exactly. The step solves H² δ = −H ∇L, which has a solution also where H is singular.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem
from geomcheck.search import exact
from geomcheck.search.data import size_at, varied
from geomcheck.search.draws import Random, rationals, targets_in
from geomcheck.search.rational import column, flat, least_squares

MAX_PARAMETERS: Final = 16
_STEPS: Final = 12
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
    theta = list(start.parameters)
    for _ in range(_STEPS):
        found = exact.slope_and_curvature(start.with_(parameters=theta))
        if found is None:
            return None
        slope, curvature = found
        if not any(slope):
            return start.with_(parameters=theta)
        step = flat(least_squares(curvature, column([-g for g in slope])))
        theta = [_rounded(t + s) for t, s in zip(theta, step, strict=True)]
        if max(map(abs, theta)) > _GRID:
            return None
        if max(map(abs, step)) < _CLOSE:
            break
    for bound in _DENOMINATORS:
        simple = [t.limit_denominator(bound) for t in theta]
        if all(abs(s - t) < _CLOSE for s, t in zip(simple, theta, strict=True)):
            candidate = start.with_(parameters=simple)
            slope_there = exact.gradient(candidate)
            return candidate if slope_there is not None and not any(slope_there) else None
    return None


def _rounded(value: Fraction) -> Fraction:
    return Fraction(round(value * _GRID), _GRID)
