"""A judge of its own for the search's tests: exact ranks over ℚ, and membership straight from the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from geomcheck.search import rational_derivatives
from geomcheck.search.rational_algebra import matrix, rows_of
from geomcheck.truth import Truth


@dataclass(frozen=True)
class PlainJudgement:
    scope: Truth
    holds: Truth
    reason: str | None = None
    quantities: Mapping[str, str] = field(default_factory=dict)
    explanation: str = ""


def rank_judge(relation, member=lambda problem: True):
    """Judge `relation(rank(H), rank(G))` at the instances with `member`; what is not rational is undecided."""

    def judge(claim, problem):
        found, slopes = rational_derivatives.slope_and_curvature(problem), rational_derivatives.jacobian(problem)
        if found is None or slopes is None:
            return PlainJudgement(Truth.UNKNOWN, Truth.UNKNOWN, "outside-exact-fields")
        if not member(problem):
            return PlainJudgement(Truth.FALSE, Truth.UNKNOWN)
        h, g = found[1].rank(), slopes.rank()
        return PlainJudgement(Truth.TRUE, Truth.of(relation(h, g)), None, {"rank(H)": str(h), "rank(G)": str(g)})

    return judge


def is_critical(problem):
    slope = rational_derivatives.gradient(problem)
    return slope is not None and not any(slope)


def loss(problem):
    """½ Σ (f − y)², computed here from F alone."""
    gaps = [
        f - y
        for row, goal in zip(rational_derivatives.behaviour(problem), problem.targets, strict=True)
        for f, y in zip(row, goal, strict=True)
    ]
    return sum((gap * gap for gap in gaps), Fraction(0)) / 2


def transposed(rows):
    return rows_of(matrix(rows).transpose())
