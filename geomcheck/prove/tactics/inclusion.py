"""Subspaces inside one another: kernels and images of products and sums, and of a matrix and its transpose."""

from collections.abc import Iterator
from typing import Final, final

from geomcheck.claims.matrices import shape
from geomcheck.claims.tree import Tree, is_constant, unparse
from geomcheck.prove.knowledge import NAMED, ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.tactics.rank_rules import is_symmetric

_SIZE: Final = {"ker": "nullity", "im": "rank"}


@final
class Inclusion(AbstractRule):
    """ker Y ⊂ ker XY, im XY ⊂ im X, ker X ∩ ker Y ⊂ ker(X + Y), im X ∩ ker Xᵀ = 0; a subspace inside another is the
    intersection.
    """

    name = "inclusion"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The dimension of every intersection that matters and that one of these gives."""
        for space in known.arguments("dim"):
            if space[0] != "&":
                continue
            whole, (left, right) = ("dim", space), space[1:]
            if left == right:
                yield Fact(self.name, ("==", whole, ("dim", left)), f"{unparse(space)} is {unparse(left)}.")
            for small, large in ((left, right), (right, left)):
                if small[0] == large[0] and small[0] in _SIZE and _inside(small, large):
                    size = (_SIZE[small[0]], small[1])
                    reason = f"{unparse(small)} ⊂ {unparse(large)}, so {unparse(whole)} = {unparse(size)}."
                    yield Fact(self.name, ("==", whole, size), reason)
                if small[0] == "im" and large[0] == "ker" and _across(small[1], large[1], small is left):
                    reason = f"im X and ker Xᵀ are orthogonal, so {unparse(whole)} = 0."
                    yield Fact(self.name, ("==", whole, ZERO), reason)
            yield from self._of_kernel_and_image(space, known)
            if left[0] == right[0] == "ker" and shape(left[1], scope.problem) == shape(right[1], scope.problem):
                total = ("nullity", ("+", left[1], right[1]))
                reason = f"What both annihilate, their sum does: {unparse(whole)} ≤ {unparse(total)}."
                yield Fact(self.name, ("<=", whole, total), reason)
                total = ("nullity", ("-", left[1], right[1]))
                reason = f"What both annihilate, their difference does: {unparse(whole)} ≤ {unparse(total)}."
                yield Fact(self.name, ("<=", whole, total), reason)

    def _of_kernel_and_image(self, space: Tree, known: Knowledge) -> Iterator[Fact]:
        whole, (left, right) = ("dim", space), space[1:]
        if left == ("ker", NAMED["G"]):
            other = ("dim", ("&", ("ker", NAMED["H_o"]), right))
            yield Fact(self.name, ("<=", whole, other), "H_o = GᵀDG, so ker(G) ⊂ ker(H_o).")
        if left[0] == right[0] == "im":
            for one, two in ((left[1], right[1]), (right[1], left[1])):
                across = known.find(("==", ("*", ("transpose", one), two), ZERO))
                if across is not None:
                    reason = f"The columns of {unparse(one)} and {unparse(two)} are orthogonal: {unparse(whole)} = 0."
                    yield Fact(self.name, ("==", whole, ZERO), reason, (across,))


def _inside(small: Tree, large: Tree) -> bool:
    inner, outer = (small[1], large[1]) if small[0] == "im" else (large[1], small[1])
    if inner[0] != "*" or is_constant(inner[1]):
        return False
    if small[0] == "ker":
        return bool(inner[2] == outer)
    return bool(inner[1] == outer or (inner[1][0] == "*" and not is_constant(inner[1][1]) and inner[1][1] == outer))


def _across(image: Tree, kernel: Tree, in_order: bool) -> bool:
    turned = kernel == ("transpose", image) or image == ("transpose", kernel)
    return bool(turned or (in_order and image == kernel and is_symmetric(image)))
