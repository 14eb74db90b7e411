"""Axes that move together: a union-find whose nodes are axes, with blocks, segments and dependent permutations.

A symmetry of a network gives every axis of every tensor a permutation. An axis of length n is one of

* an atom: any permutation of n; with a context (x, y, ...) it is a family of permutations, one for every index of the
  axes x, y, ..., as the dimensions inside the heads of an attention: T'[i, j] = T[p(i), q_i(j)];
* fixed: the identity only;
* a product: row-major factors, as the axis that flattening channels and pixels gives (a block permutation);
* a concatenation: segments side by side;
* a case: one axis for every index of a fixed axis x, as q, k and v after one projection is reshaped to (3, heads, d).

Every operation below shrinks the group of symmetries or leaves it as it is: an atom may become a product (S_a wr S_b
lies in S_ab), a concatenation (S_a x S_b lies in S_{a+b}) or fixed, and contexts only lose members. Where two shapes do
not fit each other, both sides are fixed, which is always sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal, final

__all__ = ["Axes"]

Kind = Literal["atom", "fixed", "product", "concatenation", "case"]
_MOST_BRANCHES: Final = 256


@final
class Axes:
    """The union-find. A node is an int; `find` gives the node that stands for its class.

    >>> axes = Axes()
    >>> channels, inputs = axes.atom(4), axes.atom(12)
    >>> axes.unify(inputs, axes.product([channels, axes.fixed(3)]))
    >>> axes.kind(inputs), axes.factors(inputs)[0] == channels
    ('product', True)
    >>> axes.fix(inputs)
    >>> axes.kind(channels)
    'fixed'
    """

    def __init__(self) -> None:
        self._parent: list[int] = []
        self._size: list[int] = []
        self._kind: list[Kind] = []
        self._parts: list[tuple[int, ...]] = []
        self._context: list[tuple[int, ...]] = []

    # Making nodes

    def _new(self, size: int, kind: Kind, parts: Iterable[int] = (), context: Iterable[int] = ()) -> int:
        node = len(self._parent)
        self._parent.append(node)
        self._size.append(size)
        self._kind.append(kind)
        self._parts.append(tuple(parts))
        self._context.append(tuple(context))
        return node

    def atom(self, size: int, context: Iterable[int] = ()) -> int:
        """A free axis; of length 0 or 1 it is fixed."""
        return self._new(size, "atom", (), context) if size > 1 else self.fixed(size)

    def fixed(self, size: int) -> int:
        """An axis that only the identity acts on."""
        return self._new(size, "fixed")

    def product(self, factors: Sequence[int]) -> int:
        """The row-major product, outermost factor first; factors of length 1 are left out."""
        kept = [factor for node in factors for factor in self.factors(node)]
        if len(kept) == 1:
            return kept[0]
        size = 1
        for node in factors:
            size *= self.size(node)
        return self._new(size, "product", kept) if kept else self.fixed(size)

    def concatenation(self, segments: Sequence[int]) -> int:
        """Segments side by side; segments of length 0 are left out."""
        kept = [segment for node in segments for segment in self.segments(node) if self.size(segment)]
        if len(kept) == 1:
            return kept[0]
        return self._new(sum(map(self.size, kept)), "concatenation", kept) if kept else self.fixed(0)

    def case(self, selector: int, branches: Sequence[int]) -> int:
        """One axis for every index of the fixed axis ``selector``; all branches have one length."""
        return self._new(self.size(branches[0]), "case", branches, (selector,))

    # Looking at nodes

    def find(self, node: int) -> int:
        """The node that stands for the class."""
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def size(self, node: int) -> int:
        """The length of the axis."""
        return self._size[node]

    def kind(self, node: int) -> Kind:
        """Which of the five it is by now."""
        return self._kind[self.find(node)]

    def parts(self, node: int) -> tuple[int, ...]:
        """The factors, segments or branches."""
        return self._parts[self.find(node)]

    def selector(self, case: int) -> int:
        """The fixed axis that a case depends on."""
        return self.find(self._context[self.find(case)][0])

    def factors(self, node: int) -> list[int]:
        """Factors outermost first, nested products flattened, lengths 1 left out; any other node is its own factor."""
        root = self.find(node)
        if self._kind[root] == "product":
            return [factor for part in self._parts[root] for factor in self.factors(part)]
        return [] if self._size[root] == 1 else [root]

    def segments(self, node: int) -> list[int]:
        """Segments in order, nested concatenations flattened; any other node is its own segment."""
        root = self.find(node)
        if self._kind[root] == "concatenation":
            return [segment for part in self._parts[root] for segment in self.segments(part)]
        return [root]

    def leaves(self, node: int) -> list[int]:
        """All atoms and fixed axes inside, each as often as it occurs."""
        root = self.find(node)
        if self._kind[root] in ("atom", "fixed"):
            return [root] if self._size[root] > 1 else []
        return [leaf for part in self._parts[root] for leaf in self.leaves(part)]

    def context(self, atom: int) -> frozenset[int]:
        """The axes that a family of permutations is indexed by; an axis that became a concatenation is dropped."""
        members: set[int] = set()
        for node in self._context[self.find(atom)]:
            members.update(factor for factor in self.factors(node) if self.kind(factor) != "concatenation")
        return frozenset(members)

    # Shrinking the group

    def fix(self, node: int) -> None:
        """Only the identity acts on the axis from now on."""
        root = self.find(node)
        for part in self._parts[root]:
            self.fix(part)
        self._kind[root], self._parts[root], self._context[root] = "fixed", (), ()

    def restrict(self, node: int, allowed: Iterable[int]) -> None:
        """Families inside may depend on the allowed axes and on those beside them in ``node``, and on nothing else."""
        self._settle(node, self._suppliers(list(allowed)))

    def settle(self, axes: Sequence[int]) -> None:
        """Families in a tensor with these axes depend only on axes of that tensor, each unambiguous."""
        if not any(self.kind(leaf) == "case" or self._context[leaf] for node in axes for leaf in self.leaves(node)):
            return
        direct = [self.factors(node) for node in axes]
        count = Counter(element for factors in direct for element in self._suppliers(factors))
        once = {element for element, times in count.items() if times == 1}
        for node in axes:
            self._settle(node, once)

    def _settle(self, node: int, suppliers: set[int]) -> None:
        root = self.find(node)
        match self._kind[root]:
            case "atom":
                self._narrow(root, suppliers)
            case "product":
                local = suppliers | self._suppliers(self.factors(root))
                for part in self._parts[root]:
                    self._settle(part, local)
            case "case" if self.selector(root) not in suppliers:
                self._collapse(root)
                self._settle(root, suppliers)
            case _:
                for part in self._parts[root]:
                    self._settle(part, suppliers)

    def _suppliers(self, nodes: Sequence[int]) -> set[int]:
        elements: set[int] = set()
        for node in nodes:
            for factor in self.factors(node):
                elements.add(factor)
                if self._kind[factor] == "case":
                    elements |= self._suppliers(self._parts[factor])
        return elements

    def _narrow(self, atom: int, permitted: set[int]) -> None:
        root = self.find(atom)
        if self._kind[root] == "atom" and self._context[root]:
            self._context[root] = tuple(sorted(self.context(root) & permitted))

    def unify(self, first: int, second: int) -> None:
        """The two axes of equal length move together from now on."""
        a, b = self.find(first), self.find(second)
        if a == b or self._size[a] == 1:
            return
        kinds = (self._kind[a], self._kind[b])
        if "fixed" in kinds:
            self.fix(a)
            self.fix(b)
        elif "case" in kinds:
            self._unify_case(*((a, b) if kinds[0] == "case" else (b, a)))
            return
        elif kinds == ("atom", "atom"):
            self._context[b] = tuple(sorted(self.context(a) & self.context(b)))
        elif "atom" in kinds:
            if kinds[1] == "atom":
                a, b = b, a
            self.restrict(b, self.context(a))
        elif kinds == ("product", "product"):
            self._pair_factors(a, b)
        else:
            if kinds[0] == "product":
                self._as_concatenation(a)
            if kinds[1] == "product":
                self._as_concatenation(b)
            self._pair_segments(a, b)
        self._link(a, b)

    def _link(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self._parent[a] = b

    def _unify_case(self, case: int, other: int) -> None:
        selector = self.selector(case)
        if self._kind[other] == "case" and self.selector(other) == selector:
            for mine, theirs in zip(self._parts[case], self._parts[other], strict=True):
                self.unify(mine, theirs)
            self._link(case, other)
        elif self._kind[other] == "atom" and selector in self.context(other):
            for index, branch in enumerate(self._parts[case]):
                self.unify(branch, self.specialised(other, selector, index))
        else:
            self._collapse(case)
            self.unify(case, other)

    def _collapse(self, case: int) -> None:
        branches = self._parts[case]
        for branch in branches[1:]:
            self.unify(branches[0], branch)
        self._link(case, branches[0])

    def _pair_factors(self, a: int, b: int) -> None:
        left, right = self.factors(a)[::-1], self.factors(b)[::-1]
        while left and right:
            if self._size[left[-1]] == self._size[right[-1]]:
                self.unify(left.pop(), right.pop())
                continue
            longer, shorter = (left, right) if self._size[left[-1]] > self._size[right[-1]] else (right, left)
            pieces = self.split(longer.pop(), self._size[shorter[-1]])
            if pieces is None:
                self.fix(a)
                self.fix(b)
                return
            longer.extend(pieces[::-1])

    def _pair_segments(self, a: int, b: int) -> None:
        ends = sorted({end for node in (a, b) for end in self._ends(node)})
        for mine, theirs in zip(self.cut(a, ends[:-1]), self.cut(b, ends[:-1]), strict=True):
            self.unify(mine, theirs)

    def _ends(self, node: int) -> list[int]:
        ends, end = [], 0
        for segment in self.segments(node):
            end += self._size[segment]
            ends.append(end)
        return ends

    # Taking axes apart

    def split(self, node: int, outer: int) -> list[int] | None:
        """The axis as (outer, rest) factors, or None where it cannot be written so (the caller then fixes it)."""
        root = self.find(node)
        if outer < 1 or self._size[root] % outer:
            return None
        rest = self._size[root] // outer
        match self._kind[root]:
            case "fixed":
                return [self.fixed(outer), self.fixed(rest)]
            case "atom":
                context = self._context[root]
                first = self.atom(outer, context)
                self._link(root, self.product([first, self.atom(rest, (*context, first))]))
            case "concatenation" if outer <= _MOST_BRANCHES:
                selector = self.fixed(outer)
                pieces = self.cut(root, [rest * k for k in range(1, outer)])
                self._link(root, self.product([selector, self.case(selector, pieces)]))
            case "case":
                found = [self.split(branch, outer) for branch in self._parts[root]]
                pairs = [pair for pair in found if pair is not None and len(pair) == 2]
                if len(pairs) < len(found):
                    return None
                selector = self.selector(root)
                outers = self.case(selector, [pair[0] for pair in pairs])
                self._link(root, self.product([outers, self.case(selector, [pair[1] for pair in pairs])]))
            case _:
                return None
        return self.factors(root)

    def cut(self, node: int, places: Sequence[int]) -> list[int]:
        """The axis cut at these places (ascending), as one segment more; segments may be empty."""
        bounds = [0, *places, self.size(node)]
        pieces: list[int] = []
        segments = self.segments(node)[::-1]
        for start, end in pairwise(bounds):
            taken: list[int] = []
            needed = end - start
            while needed:
                segment = segments.pop()
                if self._size[self.find(segment)] > needed:
                    segments.extend(self._cut_once(segment, needed)[::-1])
                    continue
                taken.append(segment)
                needed -= self._size[self.find(segment)]
            pieces.append(self.concatenation(taken) if taken else self.fixed(0))
        return pieces

    def _cut_once(self, node: int, place: int) -> list[int]:
        root = self.find(node)
        size = self._size[root]
        match self._kind[root]:
            case "atom":
                context = self._context[root]
                self._link(root, self.concatenation([self.atom(place, context), self.atom(size - place, context)]))
                return self.segments(root)
            case "product":
                self._as_concatenation(root)
                return (
                    self.segments(root) if self._kind[self.find(root)] == "concatenation" else self.cut(root, [place])
                )
            case "case":
                self.fix(root)
        return [self.fixed(place), self.fixed(size - place)]

    def _as_concatenation(self, node: int) -> None:
        """A product as a concatenation of its rows, its outer factor fixed."""
        root = self.find(node)
        outer, *inner = self.factors(root)
        if self._size[outer] > _MOST_BRANCHES:
            self.fix(root)
            return
        self.fix(outer)
        rows = [
            self.product([self.specialised(factor, outer, index) for factor in inner])
            for index in range(self._size[outer])
        ]
        self._link(root, self.concatenation(rows))

    def specialised(self, node: int, selector: int, index: int) -> int:
        """The axis where the fixed axis ``selector`` has the given index."""
        root, selector = self.find(node), self.find(selector)
        match self._kind[root]:
            case "atom" if selector in self.context(root):
                others = sorted(self.context(root) - {selector})
                branches = [
                    self.atom(self._size[root], [self.specialised(other, selector, k) for other in others])
                    for k in range(self._size[selector])
                ]
                self._link(root, self.case(selector, branches))
                return branches[index]
            case "product":
                return self.product([self.specialised(part, selector, index) for part in self._parts[root]])
            case "concatenation":
                return self.concatenation([self.specialised(part, selector, index) for part in self._parts[root]])
            case "case" if self.selector(root) == selector:
                return self._parts[root][index]
            case "case":
                branches = [self.specialised(part, selector, index) for part in self._parts[root]]
                return self.case(self.selector(root), branches)
        return root
