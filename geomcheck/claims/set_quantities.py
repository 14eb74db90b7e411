"""The numbers a claim takes of no point: components of the set of global minima, and numbers of expansions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from geomcheck.claims.tree import Tree, constant_value, subtrees, unparse
from geomcheck.connectivity.components import components
from geomcheck.connectivity.count import Components
from geomcheck.connectivity.expansions import expansions, surjections

if TYPE_CHECKING:
    from geomcheck.claims.evidence import AbstractEvaluation
    from geomcheck.claims.scalar_value import Value
    from geomcheck.problem.problem import Problem


def counted(problem: Problem) -> Components:
    """The components of the problem's set of global minima; raises ``Undecided`` where no theorem counts them."""
    return components(problem, problem.teacher)


def reasons(claim: Tree, problem: Problem) -> Iterator[str]:
    """What shows each number of components that a claim speaks of, in one sentence."""
    for term in dict.fromkeys(part for part in subtrees(claim) if part[0] == "components"):
        found = counted(problem)
        yield f"{unparse(term)} = {found.count}: {found.why}."


def _components(at: AbstractEvaluation, _: Tree) -> Value:
    return at.rational(counted(at.problem).count)


def _surjections(at: AbstractEvaluation, tree: Tree) -> Value:
    return at.rational(surjections(*_units(tree)))


def _expansions(at: AbstractEvaluation, tree: Tree) -> Value:
    return at.rational(expansions(*_units(tree)))


def _units(tree: Tree) -> tuple[int, int]:
    values: list[Fraction] = [constant_value(part) for part in tree[1:]]
    return int(values[0]), int(values[1])


SET_NUMBERS: Mapping[str, Callable[[AbstractEvaluation, Tree], Value]] = MappingProxyType(
    {"components": _components, "surjections": _surjections, "expansions": _expansions}
)
"""Head of a term -> its value for a problem; raises ``Undecided`` where it is out of reach."""
