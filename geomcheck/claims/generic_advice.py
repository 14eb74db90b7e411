"""What to say of generic ranks from which neither a claim nor its contrary follows: what is known, what to try next."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from geomcheck.claims.evidence import generic_range
from geomcheck.claims.tree import subtrees, unparse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomcheck.claims.claim import Claim
    from geomcheck.claims.tree import Tree
    from geomcheck.problem.problem import Problem

__all__ = ["generic_advice", "generic_ranges"]

Ranges = dict["Tree", tuple[int, int]]
Bounds: TypeAlias = "Callable[[Tree, Problem], tuple[int, int]]"


def generic_ranges(claim: Claim, problem: Problem, bounds: Bounds = generic_range, *, analytic: bool = True) -> Ranges:
    """The bounds of every rank in a claim that is a generic one: of all its ranks where it speaks of generic points.

    Of a model that is not analytic, the rank at generic points may be any from 0 to the generic one.
    """
    heads = ("generic_rank", "rank") if claim.point_set == "generic_points" else ("generic_rank",)
    ranges = {part: bounds(part[1], problem) for part in subtrees(claim.formula) if part[0] in heads}
    return {part: (low if analytic or part[0] != "rank" else 0, high) for part, (low, high) in ranges.items()}


def generic_advice(
    ranges: Mapping[Tree, tuple[int, int]], problem: Problem, *, analytic: bool = True
) -> tuple[str, str]:
    """What is known, and one next step that was not taken yet.

    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-10-10-1 tanh", "samples": 2})
    >>> generic_advice(generic_ranges(parse_claim("generic_rank(H) == 1"), about), about)[0]
    'no rank of this network is computed exactly at a random point, so generic_rank(H) is only between 0 and 141'
    """
    open_ones = {unparse(term): bounds for term, bounds in ranges.items() if bounds[0] != bounds[1]}
    if not open_ones and problem.targets is None and getattr(problem.loss, "domain", "any") == "signs":
        return "at other labels ±1 a rank may be another one, and the labels are open", "give the targets"
    if not open_ones:
        known = "the rules of proof at generic points speak of ranks and determinants, and they do not settle this"
        return known, "give a point and its data, where every quantity of the claim is decided exactly"
    listed = " and ".join(f"{name} is only between {low} and {high}" for name, (low, high) in open_ones.items())
    if problem.parameters is not None:
        known = f"from a few random points, {listed}"
        return known, "leave the parameters out: a generic rank is about all of them, and only then the prover is asked"
    name, (low, high) = next(iter(open_ones.items()))
    if not analytic and name.startswith("rank"):
        known = f"the rank may differ between regions of parameters and data, so at generic points {listed}"
        return known, f"ask of generic_{name}, the greatest of them, or claim {name} <= {high}, which has a proof"
    if low == 0:
        known = f"no rank of this network is computed exactly at a random point, so {listed}"
        return known, "take one hidden layer of tanh type, or piecewise linear or polynomial activations"
    known = f"from minors at random points and from shapes and symmetries, {listed}"
    return known, f"claim {name} >= {low} or {name} <= {high}, which have a proof, or take a narrower network"
