"""The instances that are measured: random, with a fixed seed."""

from __future__ import annotations

import random
from fractions import Fraction

from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from


def square_128_by_212() -> Problem:
    """G is 128 × 212 (18-10-2, 64 samples) with integers everywhere."""
    choice = random.Random(0)
    problem = problem_from({"network": "18-10-2 square", "samples": 64})
    return problem.with_(
        parameters=[Fraction(choice.randint(-9, 9)) for _ in range(problem.P)],
        inputs=[[Fraction(choice.randint(-9, 9)) for _ in range(18)] for _ in range(64)],
        targets=[[Fraction(0)] * 2] * 64,
    )


def square_with_symmetries(most: int = 3) -> Problem:
    """G is 128 × 210 (14-14-1, no biases) of rank 105: the kernel is spanned by 14 rescalings and 91 rotations."""
    return _nonzero_integers("14-14-1 square, no bias", most)


def square_with_one_vector_more() -> Problem:
    """G is 128 × 211 (13-14-1) of rank 105: one kernel vector, of the output bias, belongs to no symmetry."""
    return _nonzero_integers("13-14-1 square", 9)


def _nonzero_integers(network: str, most: int) -> Problem:
    choice = random.Random(0)
    problem = problem_from({"network": network, "samples": 128})
    values = [*range(-most, 0), *range(1, most + 1)]
    return problem.with_(
        parameters=[Fraction(choice.choice(values)) for _ in range(problem.P)],
        inputs=[[Fraction(choice.choice(values)) for _ in range(problem.model.n_inputs)] for _ in range(128)],
        targets=[[Fraction(0)]] * 128,
    )


def wide(activation: str) -> Problem:
    """P = 1,000 and N = 1,000: 7-111-1 with quarters as weights and inputs."""
    choice = random.Random(0)
    problem = problem_from({"network": f"7-111-1 {activation}", "samples": 1000})
    assert problem.P == 1000
    return problem.with_(
        parameters=[Fraction(choice.randint(-9, 9), 4) for _ in range(1000)],
        inputs=[[Fraction(choice.randint(-9, 9), 4) for _ in range(7)] for _ in range(1000)],
        targets=[[Fraction(choice.randint(-9, 9))] for _ in range(1000)],
    )


def corank_five() -> Problem:
    """P = 1,000 at a perfect fit of 198-5-1 relu: H has the five rescalings, and nothing else, in its kernel."""
    choice = random.Random(0)
    problem = problem_from({"network": "198-5-1 relu, no output bias", "samples": 1200, "targets": "perfect_fit"})
    assert problem.P == 1000
    biases = next(block for block in problem.model.blocks() if block.name == "b1")
    thirds = range(biases.start, biases.stop)  # keeps every pre-activation away from 0
    return problem.with_(
        parameters=[
            Fraction(choice.choice([-1, 1]) * choice.randint(1, 9)) + Fraction(i in thirds, 3) for i in range(1000)
        ],
        inputs=[[Fraction(2 * choice.randint(-9, 9) + 1, 2) for _ in range(198)] for _ in range(1200)],
    )
