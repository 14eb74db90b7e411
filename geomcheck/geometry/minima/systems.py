"""The equations of a problem as systems over balls: ∇L = 0 in all parameters, F = y in some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import flint
import numpy as np

from geomcheck.errors import InputError
from geomcheck.fields.balls import BallField
from geomcheck.fields.tape import TapeField
from geomcheck.geometry.derivatives import Derivatives
from geomcheck.linear_algebra.krawczyk import System
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from

TAPE_LIMIT: Final = 50_000  # N·K·P²: above it arrays of balls are faster than a tape


def given_problem(problem: Problem | Mapping[str, Any] | None, parts: Mapping[str, Any]) -> Problem:
    """A problem, or what a mapping and keyword arguments with the keys of a problem file say; not both."""
    if isinstance(problem, Problem):
        if parts:
            raise InputError(f"expected a problem or its parts, got both a problem and {', '.join(parts)}; give one")
        return problem
    return problem_from({**(problem or {}), **parts})


def decimal_above(value: Fraction, digits: int = 3) -> str:
    """A decimal of a few digits that is at least ``value`` ≥ 0, for a person to read as a bound.

    >>> [decimal_above(Fraction(*x)) for x in ((1, 3), (1, 2**40), (13, 4), (10**9 - 1, 1), (0, 1))]
    ['0.334', '9.10e-13', '3.25', '1.00e+9', '0']
    """
    if not value:
        return "0"
    exponent = len(str(value.numerator)) - len(str(value.denominator)) - 1
    while Fraction(10) ** (exponent + 1) <= value:
        exponent += 1
    scaled = -(-value // Fraction(10) ** (exponent - digits + 1))
    if scaled >= 10**digits:
        scaled, exponent = -(-scaled // 10), exponent + 1
    return format(
        Decimal(scaled).scaleb(exponent - digits + 1), "f" if -digits <= exponent < digits else f".{digits - 1}e"
    )


def in_balls(problem: Problem, theta: Sequence[Any], precision: int) -> Derivatives:
    """All derivatives at θ, P balls, with the problem's inputs and targets."""
    field = BallField(precision)
    inputs = field.array(problem.inputs).reshape((problem.N, problem.model.n_inputs))
    targets = field.array(problem.targets).reshape((problem.N, problem.K))
    point = np.empty(problem.P, dtype=object)
    point[:] = list(theta)
    return Derivatives(problem, field, point, inputs, targets)


def gradient_system(problem: Problem) -> System:
    """∇L = 0 in the P parameters, with derivative H; inputs and targets must be given as numbers.

    A small problem is recorded on a tape once, here.
    """
    if problem.N * problem.K * problem.P**2 <= TAPE_LIMIT:
        return _recorded(problem)
    return System(
        problem.P,
        lambda theta, precision: in_balls(problem, theta, precision).gradient.tolist(),
        lambda theta, precision: in_balls(problem, theta, precision).H.tolist(),
    )


def _recorded(problem: Problem) -> System:
    size, tape = problem.P, TapeField(problem.P)
    unknowns = np.empty(size, dtype=object)
    unknowns[:] = tape.unknowns
    inputs = tape.array(problem.inputs).reshape((problem.N, problem.model.n_inputs))
    targets = tape.array(problem.targets).reshape((problem.N, problem.K))
    derivatives = Derivatives(problem, tape, unknowns, inputs, targets)
    rows, columns = np.triu_indices(size)
    half = derivatives.H[rows, columns]  # before any program is made, so that each has the guards of all
    gradient, upper = tape.program(derivatives.gradient), tape.program(half)

    def hessian(theta: Sequence[Any], precision: int) -> list[list[Any]]:
        entries = np.empty((size, size), dtype=object)
        entries[rows, columns] = entries[columns, rows] = upper(theta, precision)
        whole: list[list[Any]] = entries.tolist()
        return whole

    return System(size, gradient, hessian)


def fit_system(problem: Problem, centre: Sequence[Fraction], moving: Sequence[int], equations: Sequence[int]) -> System:
    """F_e(θ) = y_e for e in ``equations``, in the parameters ``moving`` (equally many); the others stay at ``centre``.

    Equations are numbered i·K + k, sample-major.
    """
    fixed = [flint.fmpq(x.numerator, x.denominator) for x in centre]
    chosen, columns = list(equations), list(moving)

    def at(unknowns: Sequence[Any], precision: int) -> Derivatives:
        theta: list[Any] = [flint.arb(x) for x in fixed]
        for index, value in zip(columns, unknowns, strict=True):
            theta[index] = value
        return in_balls(problem, theta, precision)

    def value(unknowns: Sequence[Any], precision: int) -> list[Any]:
        derivatives = at(unknowns, precision)
        residual = (derivatives.behaviour - derivatives.targets).reshape(-1)
        return list(residual[chosen])

    def jacobian(unknowns: Sequence[Any], precision: int) -> list[list[Any]]:
        rows: list[list[Any]] = at(unknowns, precision).G[np.ix_(chosen, columns)].tolist()
        return rows

    return System(len(chosen), value, jacobian)
