"""Zero-loss sets of a wide student of a teacher (Şimşek et al. 2021, arXiv 2105.12221, Theorem 4.2 and Section 4).

A teacher Σ_k a*_k σ(w*_k·x) with r units is irreducible if no network with fewer units computes its function. If the
functions x ↦ σ(w·x) of distinct w are linearly independent, then the students of width m that compute it form T(r, m)
affine subspaces, one for each way to give every teacher unit a nonempty set of student units, all with its w, whose a
add up to a*_k, and to sort the others into groups with one w and Σ a = 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, combinations
from math import comb
from typing import TYPE_CHECKING, TypeAlias, final

from geomcheck.connectivity.rational_matrices import ONE, ZERO, rank
from geomcheck.errors import InputError, LimitError, described

if TYPE_CHECKING:
    import networkx

MAX_NODES = 5_000
Block: TypeAlias = tuple[int, ...]


def surjections(r: int, m: int) -> int:
    """G(r, m), the number of maps of m units onto r: Σ_i (−1)^{r−i} C(r, i) i^m, with 0^0 = 1.

    >>> surjections(2, 3), surjections(3, 3), surjections(0, 2)
    (6, 6, 0)
    """
    _check(r, m)
    return sum((-1) ** (r - i) * comb(r, i) * i**m for i in range(r + 1))


def bells(n: int) -> list[int]:
    """The numbers of partitions of sets of 0, 1, …, n elements, by Bell's triangle.

    >>> bells(5)
    [1, 1, 2, 5, 15, 52]
    """
    row, found = [1], [1]
    for _ in range(n):
        row = list(accumulate(row, initial=row[-1]))
        found.append(row[0])
    return found


def expansions(r: int, m: int) -> int:
    """T(r, m) = Σ_{u=0}^{m−r} C(m, u) G(r, m − u) Bell(u), the number of affine subspaces; 0 for m < r.

    >>> expansions(1, 2), expansions(2, 3), expansions(2, 2)
    (3, 12, 2)
    """
    _check(r, m)
    return sum(comb(m, u) * surjections(r, m - u) * bell for u, bell in enumerate(bells(m - r) if m >= r else []))


def _check(r: int, m: int) -> None:
    for name, value in (("r", r), ("m", m)):
        if not 0 <= value <= 1000:
            raise InputError(f"expected a number of units from 0 to 1000, got {described(name, value)}")


@final
@dataclass(frozen=True)
class Subspace:
    """One affine subspace: `copies[k]` are the units of teacher unit k, `zeros` the groups whose a add up to 0.

    In the coordinates (w_i, a_i) its dimension is (m − r) for the a of scalar output less one for each group of zeros,
    plus d for each such group.
    """

    copies: tuple[Block, ...]
    zeros: tuple[Block, ...]

    def dimension(self, d: int, outputs: int = 1) -> int:
        """Its dimension for d inputs.

        >>> Subspace(((0,),), ((1,),)).dimension(2), Subspace(((0, 1),), ()).dimension(2)
        (2, 1)
        """
        units = sum(map(len, self.copies + self.zeros))
        return outputs * (units - len(self.copies) - len(self.zeros)) + d * len(self.zeros)


def subspaces(r: int, m: int) -> Iterator[Subspace]:
    """All T(r, m) subspaces.

    >>> len(list(subspaces(2, 3)))
    12
    """
    for u in range(m - r + 1):
        for rest in combinations(range(m), u):
            used = tuple(i for i in range(m) if i not in rest)
            for copies in _onto(used, r):
                for zeros in _partitions(rest):
                    yield Subspace(copies, zeros)


def intersect(a: Subspace, b: Subspace, width: int) -> bool:
    """Whether two of the subspaces meet, for a teacher with distinct w*_k and nonzero a*_k (exact elimination).

    The student units are joined into classes with one w wherever either subspace joins them. A class with two teacher
    units would need w*_k = w*_l. In every other class the a must satisfy the sums of both subspaces: linear equations
    whose right-hand sides are 0 and multiples of one a*_k ≠ 0, so whether they can be solved does not depend on a*_k.
    """
    parent = list(range(width))

    def find(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for block in a.copies + a.zeros + b.copies + b.zeros:
        for i in block[1:]:
            parent[find(i)] = find(block[0])
    owner: dict[int, int] = {}
    for space in (a, b):
        for k, block in enumerate(space.copies):
            if owner.setdefault(find(block[0]), k) != k:
                return False
    rows = [
        [ONE if i in block else ZERO for i in range(width)] + [ONE if k < len(space.copies) else ZERO]
        for space in (a, b)
        for k, block in enumerate(space.copies + space.zeros)
    ]
    return rank(row[:width] for row in rows) == rank(rows)


def intersection_graph(r: int, m: int) -> networkx.Graph[Subspace]:
    """The graph of the subspaces, joined where they meet; its components are those of the zero-loss set.

    >>> import networkx
    >>> [networkx.number_connected_components(intersection_graph(2, m)) for m in (2, 3)]
    [2, 1]
    """
    import networkx

    if expansions(r, m) > MAX_NODES:
        raise LimitError(f"the graph would have {expansions(r, m)} nodes, more than {MAX_NODES}; take a smaller m")
    graph: networkx.Graph[Subspace] = networkx.Graph()
    nodes = list(subspaces(r, m))
    graph.add_nodes_from(nodes)
    graph.add_edges_from((a, b) for a, b in combinations(nodes, 2) if intersect(a, b, m))
    return graph


def _onto(units: Block, r: int) -> Iterator[tuple[Block, ...]]:
    """Ordered partitions of the units into r nonempty blocks."""
    if r == 0:
        if not units:
            yield ()
        return
    for size in range(1, len(units) - r + 2):
        for first in combinations(units, size):
            for others in _onto(tuple(i for i in units if i not in first), r - 1):
                yield (first, *others)


def _partitions(units: Block) -> Iterator[tuple[Block, ...]]:
    """Unordered partitions of the units."""
    if not units:
        yield ()
        return
    first, rest = units[0], units[1:]
    for size in range(len(rest) + 1):
        for others in combinations(rest, size):
            for more in _partitions(tuple(i for i in rest if i not in others)):
                yield ((first, *others), *more)
