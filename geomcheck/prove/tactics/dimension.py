"""Dimensions of kernels, images, intersections and sums of subspaces."""

from collections.abc import Iterator
from typing import final

from geomcheck.claims.tree import Tree, unparse
from geomcheck.prove.knowledge import ZERO, AbstractRule, Fact, Knowledge, Scope


@final
class Dimension(AbstractRule):
    """dim im M = rank M, dim ker M = nullity M, 0 ≤ dim(A ∩ B) ≤ dim A, and dim(A+B) + dim(A ∩ B) = dim A + dim B."""

    name = "dimension"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """All of these about every subspace whose dimension matters."""
        for space in known.arguments("dim"):
            term, text = ("dim", space), unparse(("dim", space))
            yield Fact(self.name, ("<=", ZERO, term), f"{text} ≥ 0.")
            if space[0] in ("im", "ker"):
                other = ("rank" if space[0] == "im" else "nullity", space[1])
                yield Fact(self.name, ("==", term, other), f"{text} = {unparse(other)}.")
            if space[0] == "&":
                for part in space[1:]:
                    bound = ("dim", part)
                    yield Fact(self.name, ("<=", term, bound), f"{text} ≤ {unparse(bound)}.")
            if space[0] in ("&", "+"):
                yield self._modular(space[1], space[2])

    def _modular(self, first: Tree, second: Tree) -> Fact:
        joined = ("+", ("dim", ("+", first, second)), ("dim", ("&", first, second)))
        apart = ("+", ("dim", first), ("dim", second))
        return Fact(self.name, ("==", joined, apart), f"{unparse(joined)} = {unparse(apart)}.")
