"""Certified critical points and inertias: the figures of a Krawczyk test at P = 7 and of an inertia at P = 200."""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import numpy as np

import geomcheck
from geomcheck.claims.evaluation import Evaluation
from geomcheck.geometry.minima.systems import gradient_system
from geomcheck.linear_algebra.inertia import certified_inertia
from geomcheck.linear_algebra.krawczyk import krawczyk
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from tests.benchmarks.measure import Row, timed

SEVEN = {"network": "1-2-1 tanh", "inputs": [-1, 0, 1, 2], "targets": [1, 0, "1/2", -1], "weight_decay": "1/10"}


def certified() -> list[Row]:
    problem = problem_from(SEVEN)
    point = geomcheck.critical_point(problem, near=np.random.default_rng(0).standard_normal(problem.P))
    system, radius = gradient_system(problem), Fraction(1, 2**30)
    test, image = timed(lambda: krawczyk(system, point.centre, radius), 50)
    assert image is not None
    rows = [Row("a Krawczyk test at P = 7", 1000 * test, "ms", target=1)]
    matrix = symmetric_matrix(200, 120)
    inertia, found = timed(lambda: certified_inertia(200, 200, range(200), exact=matrix), 2)
    assert found.decided == (120, 80, 0)
    rows.append(Row("certified inertia of a rational matrix, 200 × 200", inertia, target=0.5))
    for activation in ("square", "tanh"):
        evaluation = Evaluation(two_hundred(activation))
        evaluation.rank(("matrix", "H"))
        inertia, found = timed(lambda e=evaluation: e._inertia(("matrix", "H")), 1)
        assert found.decided is not None
        rows.append(Row(f"certified inertia of H, {activation} network with P = 200", inertia, target=0.5))
    return rows


def symmetric_matrix(size: int, positive: int) -> np.ndarray:
    """BᵀSB for a random integer B and signs S: a rational matrix of known inertia."""
    choice = np.random.default_rng(0)
    basis = choice.integers(-9, 10, (size, size))
    signs = np.where(np.arange(size) < positive, 1, -1)
    product = basis.T @ (signs[:, None] * basis)
    return np.array([[flint.fmpq(int(x), 7) for x in row] for row in product], dtype=object)


def two_hundred(activation: str) -> Problem:
    """P = 200: 18-10-1 without output bias, with random quarters and targets that are not fitted."""
    choice = random.Random(0)
    problem = problem_from({"network": f"18-10-1 {activation}, no output bias", "samples": 250})
    assert problem.P == 200
    return problem.with_(
        parameters=[Fraction(choice.randint(-9, 9), 4) for _ in range(200)],
        inputs=[[Fraction(choice.randint(-9, 9), 4) for _ in range(18)] for _ in range(250)],
        targets=[[Fraction(choice.randint(-9, 9))] for _ in range(250)],
    )
