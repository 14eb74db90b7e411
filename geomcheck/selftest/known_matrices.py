"""Matrices of known rank and inertia, by four independent routes each."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import final

import flint
import numpy as np

from geomcheck import checker
from geomcheck.linear_algebra.inertia import certified_inertia
from geomcheck.linear_algebra.rank import rank_bounds
from geomcheck.selftest import elimination as plain
from geomcheck.selftest.elimination import Rows
from geomcheck.selftest.known_claims import of_inertia, of_rank

PRIME = 2**61 - 1


@final
@dataclass(frozen=True)
class Compared:
    """What was found wrong (empty if nothing), and whether the engine decided at all."""

    wrong: tuple[str, ...]
    decided: bool


def compared(draw: random.Random) -> Compared:
    """One matrix of known rank or inertia, entries rational, and what every route says of it."""
    if draw.random() < 1 / 2:
        rows, columns = draw.randint(1, 9), draw.randint(1, 9)
        size = draw.randint(0, min(rows, columns))
        return _ranks(_scaled(draw, of_rank(draw, rows, columns, size)), size)
    positive, negative, zero = (draw.randint(0, 3) for _ in range(3))
    matrix = of_inertia(draw, positive, negative, zero) if positive + negative + zero else [[Fraction(0)]]
    return _inertias(matrix, (positive, negative, max(zero, int(positive + negative + zero == 0))))


def _scaled(draw: random.Random, matrix: Rows) -> Rows:
    """Rows divided by whole numbers, which keeps the rank and makes denominators."""
    return [[x / factor for x in row] for row in matrix for factor in (draw.choice((1, 1, 3, 10)),)]


def _array(matrix: Rows) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    array = np.empty((len(matrix), len(matrix[0])), dtype=object)
    for i, row in enumerate(matrix):
        for j, x in enumerate(row):
            array[i, j] = flint.fmpq(x.numerator, x.denominator)
    return array


def _ranks(matrix: Rows, size: int) -> Compared:
    bounds = rank_bounds((len(matrix), len(matrix[0])), exact=lambda: _array(matrix))
    says = {
        "the checker's elimination modulo a prime": checker.independent(
            [[x % PRIME for x in row] for row in plain.whole(matrix)], PRIME
        ),
        "elimination in Fractions": plain.rank(matrix),
        "fraction-free elimination": plain.bareiss_rank(matrix),
    }
    wrong = [f"{route} says {found}, not {size}: {_shown(matrix)}" for route, found in says.items() if found != size]
    if not bounds.lower.value <= size <= bounds.upper.value:
        wrong.append(f"the engine says {bounds.lower.value}..{bounds.upper.value}, not {size}: {_shown(matrix)}")
    return Compared(tuple(wrong), bounds.decided is not None)


def _inertias(matrix: Rows, inertia: tuple[int, int, int]) -> Compared:
    positive, negative, zero = inertia
    size, array = len(matrix), _array(matrix)
    bounds = rank_bounds((size, size), exact=lambda: array, symmetric=True)
    found = certified_inertia(size, bounds.upper.value, bounds.lower.columns, exact=array)
    says = {
        "Descartes' rule": plain.descartes_inertia(matrix),
        "elimination by congruences": plain.pivoted_inertia(matrix),
        "the checker's definiteness": checker.definiteness(matrix),
    }
    kind = "indefinite" if negative else "semidefinite" if zero else "definite"
    wrong = [
        f"{route} says {answer}, not {inertia}: {_shown(matrix)}"
        for route, answer in says.items()
        if answer not in (inertia, kind)
    ]
    inside = found.negative <= negative <= found.most_negative and found.positive <= positive <= found.most_positive
    if not inside or found.decided not in (None, inertia):
        wrong.append(f"the engine says {found}, not {inertia}: {_shown(matrix)}")
    return Compared(tuple(wrong), found.decided is not None)


def _shown(matrix: Rows) -> str:
    return str([[str(x) for x in row] for row in matrix])
