"""Open targets that the scope settles: a given point is to fit them perfectly, and F fits y = link(F) and no others.

So ``given perfect_fit@A`` with A and the inputs given says that the targets are what A fits, and so does ``at
perfect_fits`` for any given point. Nothing is left open then but what else the claim leaves open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geomcheck.claims.tree import Tree, points_in
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem
from geomcheck.search import rational_derivatives
from geomcheck.search.draws import Rows

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim

__all__ = ["irrational_fit", "with_fitted_targets"]


def with_fitted_targets(claim: Claim, problem: Problem) -> Problem:
    """The problem with the targets that the scope settles, where it leaves them open and they are rational.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1 linear", "inputs": [1], "points": {"A": [2, 1]}})
    >>> with_fitted_targets(parse_claim("L@A == 0 given perfect_fit@A"), about).targets
    ((Fraction(3, 1),),)
    """
    name = _settling(claim, problem)
    if name is None:
        return problem
    if name == "θ":
        return problem.with_(targets="perfect_fit")
    targets = _targets(problem, name)
    return problem if targets is None else problem.with_(targets=targets)


def irrational_fit(claim: Claim, problem: Problem) -> str | None:
    """The named point whose fit settles the targets, where these are not found to be rational.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1-1 tanh", "inputs": [1], "points": {"A": [1, 0, 1, 0]}})
    >>> irrational_fit(parse_claim("rank(H@A) == 1 given perfect_fit@A"), about)
    'A'
    """
    name = _settling(claim, problem)
    return name if name not in (None, "θ") and _targets(problem, name) is None else None


def _settling(claim: Claim, problem: Problem) -> str | None:
    """The given point, or θ, that fits the targets in scope; None for none, and where more than targets matter."""
    if problem.targets is not None or problem.inputs is None or problem.teacher is not None:
        return None
    if not isinstance(problem.loss, NamedLoss) or problem.loss.link is None:
        return None
    everywhere, conditions = claim.point_set == "perfect_fits", _conjuncts(claim.given)
    if not points_in(claim.tree):
        return "θ" if problem.parameters is not None and (everywhere or ("perfect_fit",) in conditions) else None
    for name, _ in problem.points:
        asked = ("@", ("perfect_fit",), ("point", name)) in conditions
        if asked or (everywhere and name in points_in(claim.tree)):
            return name
    return None


def _targets(problem: Problem, name: str | None) -> Rows | None:
    theta = dict(problem.points)[str(name)]
    single = replace(problem, points=(), permutations=()).with_(parameters=theta, targets="perfect_fit")
    return rational_derivatives.fitted_targets(single)


def _conjuncts(formula: Tree | None) -> list[Tree]:
    if formula is None:
        return []
    return [part for side in formula[1:] for part in _conjuncts(side)] if formula[0] == "and" else [formula]
