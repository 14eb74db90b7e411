"""What holds at every point in scope holds at each named one, and at its permuted copies.

Every point that a claim names lies in its point set, and permuting hidden units maps each point set to itself. Where a
claim is about all points, any combination of the named ones is such a point too.
"""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.named_points import at_place
from geomcheck.claims.tree import Tree, bare_quantities, points_in, subtrees, unparse
from geomcheck.prove.knowledge import AbstractRule, Fact, Knowledge, Scope


@final
class AtPoint(AbstractRule):
    """From a fact about every θ in scope to the same fact at a point."""

    name = "at-point"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """Every fact without assumptions at every point spoken of."""
        places = [term[2] for term in known.terms if term[0] == "@" and _in_scope(term[2], scope.point_set)]
        for fact in list(known) if places else ():
            general = bare_quantities(fact.statement) and not points_in(fact.statement)
            if not general or _assumes(fact) or "generic_rank" in {part[0] for part in subtrees(fact.statement)}:
                continue
            for place in dict.fromkeys(places):
                reason = f"{fact.reason} In particular at {unparse(place)}."
                yield Fact(self.name, at_place(fact.statement, place), reason, (fact,))


def _in_scope(place: Tree, point_set: str) -> bool:
    if point_set == "all_points":
        return True
    while place[0] == "permuted":
        place = place[1]
    return place[0] == "point" and point_set != "generic_points"


def _assumes(fact: Fact) -> bool:
    return fact.rule == "assume" or any(map(_assumes, fact.uses))


@final
class LeastAtPoint(AbstractRule):
    """L at a global minimum is at most L anywhere: L@A ≤ L@B for a global minimum A and any B."""

    name = "least-at-point"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The inequality for every point known to be a global minimum and every other whose loss is spoken of."""
        losses = [term for term in known.terms if term[0] == "@" and term[1] == ("word", "L")]
        for low in losses:
            premise = known.find(("@", ("global_minimum",), low[2]))
            for high in losses if premise is not None else ():
                if low != high:
                    reason = f"{unparse(low[2])} is a global minimum, so {unparse(low)} ≤ {unparse(high)}."
                    yield Fact(self.name, ("<=", low, high), reason, (premise,) if premise else ())
