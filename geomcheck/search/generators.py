"""The registry of instance generators: what a search draws from, for a claim about a problem.

A generator is an iterator of full instances, None where one attempt came to nothing. There is one for every family of
starting points, which takes the starts into the claim's point set, and one for every closed-form construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias, final

from geomcheck.claims.tree import subtrees
from geomcheck.geometry.generic import generic_points
from geomcheck.problem.problem import Problem
from geomcheck.search import linear_networks, newton, rational_derivatives, targets, unit_splitting
from geomcheck.search.draws import Random
from geomcheck.search.input_data import size_at
from geomcheck.search.points import COMPLETIONS, PER_START, Draw
from geomcheck.search.starts import Family, families

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim

Proposals: TypeAlias = Iterator[Problem | None]

PREDICATE_SETS: Final = {
    "perfect_fit": "perfect_fits",
    "critical_point": "critical_points",
    "local_minimum": "local_minima",
    "global_minimum": "global_minima",
}


@final
@dataclass(frozen=True)
class Generator:
    """A named source of instances."""

    name: str
    propose: Callable[[Problem, Random], Proposals]


@final
@dataclass(frozen=True)
class Construction:
    """A closed-form source: for which problems and point sets it is of use."""

    name: str
    applies: Callable[[Problem], bool]
    point_sets: frozenset[str]
    propose: Callable[[Problem, Random], Proposals]


def goals(claim: Claim) -> tuple[str, ...]:
    """The point sets worth constructing points in: the claim's own, then those its formulas name.

    >>> from geomcheck.claims.claim import parse_claim
    >>> goals(parse_claim("index(H) == 0 at all_points given critical_point"))
    ('critical_points', 'all_points')
    """
    own = claim.point_set or "all_points"
    parts = subtrees(claim.tree)
    named = [PREDICATE_SETS[part[0]] for part in parts if part[0] in PREDICATE_SETS]
    if any(part[0] in ("==", "<=") and part[1:] == (("word", "L"), ("number", "0")) for part in parts):
        named.append("perfect_fits")  # where most losses are 0
    return tuple(dict.fromkeys([*named, own] if own in ("all_points", "generic_points") else [own, *named]))


def generators(problem: Problem, point_sets: tuple[str, ...]) -> tuple[Generator, ...]:
    """All generators of use, closed forms first, then degenerate starts, then general ones."""

    def of_use(constructions: tuple[Construction, ...]) -> list[Generator]:
        wanted = [c for c in constructions if c.point_sets.intersection(point_sets) and c.applies(problem)]
        return [Generator(c.name, c.propose) for c in wanted]

    started = [Generator(family.name, _from_starts(family, point_sets)) for family in families(problem)]
    return (*of_use(CONSTRUCTIONS), *started, *of_use(LATE_CONSTRUCTIONS))


def _from_starts(family: Family, point_sets: tuple[str, ...]) -> Callable[[Problem, Random], Proposals]:
    def propose(problem: Problem, rng: Random) -> Proposals:
        for n, point in enumerate(family.starts(problem, rng)):
            draw = Draw(problem, point, rng, size_at(n, problem))
            found = False
            for point_set in point_sets:
                for instance in islice(COMPLETIONS[point_set](draw), PER_START):
                    found = True
                    yield instance
            if not found:
                yield None

    return propose


def _narrow_critical_points(problem: Problem) -> Proposals:
    """Exact critical points of a network one unit narrower."""
    rng = Random(f"{problem.P}")
    sources = [g.propose(problem, rng) for g in generators(problem, ("critical_points",)) if g.name != SPLIT]
    while sources:
        for source in list(sources):
            try:
                instance = next(source)
            except StopIteration:
                sources.remove(source)
                continue
            yield instance if instance is not None and rational_derivatives.may_be_critical(instance) else None


def _in_general_position(problem: Problem, rng: Random) -> Proposals:
    """Points where ranks are as great as they get, for claims that only fail there."""
    for small in (False, True):
        yield from generic_points(problem, seed=rng.randrange(10**6), small=small)


def _fits_in_general_position(problem: Problem, rng: Random) -> Proposals:
    """The same points, fitting their own outputs."""
    for point in _in_general_position(problem, rng):
        if point is not None:
            yield from targets.fitted(point)


SPLIT: Final = "split units"

CONSTRUCTIONS: Final = (
    Construction(
        "Eckart–Young minima",
        linear_networks.applies,
        frozenset({"global_minima", "local_minima"}),
        linear_networks.minima,
    ),
    Construction(
        "Baldi–Hornik saddles", linear_networks.applies, frozenset({"critical_points"}), linear_networks.saddles
    ),
)
NEAR_MINIMA: Final = frozenset({"critical_points", "local_minima", "global_minima"})
LATE_CONSTRUCTIONS: Final = (
    Construction(
        "greatest ranks",
        lambda problem: problem.parameters is None,
        frozenset({"all_points"}),
        _in_general_position,
    ),
    Construction(
        "fits of greatest ranks",
        lambda problem: problem.parameters is None and problem.targets is None,
        frozenset({"perfect_fits"}),
        _fits_in_general_position,
    ),
    Construction(
        SPLIT,
        unit_splitting.applies,
        frozenset({"critical_points", "local_minima"}),
        lambda problem, rng: unit_splitting.embedded(problem, rng, _narrow_critical_points),
    ),
    Construction("Newton limits", newton.applies, NEAR_MINIMA, newton.limits),
)
"""Closed forms; those that cost more than they mostly give come last."""
