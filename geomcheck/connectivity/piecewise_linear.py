"""One hidden layer of piecewise-linear units and one output, on data: components of the fits, by cells that meet.

f(x_j) = Σ_i a_i σ(v_i·x̃_j) + c with σ(z) = αz for z ≥ 0 and βz for z ≤ 0. A *type* is a sign ε and a full-dimensional
pattern s of signs of v·x̃_1, …, v·x̃_N. Give each of the m units a type; the fits with ε_i a_i ≥ 0 and v_i in the closed
cone of s_i are a *piece*. In u_i = |a_i| v_i a piece is a polyhedron, and it is connected if it is not empty (shrink to
balanced representatives). Two pieces meet iff the polyhedron of both is not empty, u_i = 0 where the signs differ. So
components are those of the graph of nonempty pieces joined where they meet, and changing one unit at a time suffices.

Whether a piece is empty depends on the *set* of its types only: the target must lie in the sum of their cones. With the
generators ε σ(ray), it does iff the support of some vertex of {λ ≥ 0 : Σ λ g = y − c} lies in them. A unit that is not
needed, because the others can fit the data without it, is *free*: it can take any type, and with one free unit any two
units can be exchanged. So sets of min(m, number of types) types are counted, and labelled only where no unit is free.
With q the size of the largest support, m ≥ 2q makes everything one component: put one fit on q units, any other one on
q others, interpolate. Proofs: `proofs/lemmas/components.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, factorial, gcd, lcm
from typing import final

from geomcheck.connectivity.arrangement import SLOPES, activated, arrangement, slopes
from geomcheck.connectivity.count import Components, unknown
from geomcheck.connectivity.equations import fit_equations
from geomcheck.connectivity.rational_matrices import ONE, ZERO, Vector, in_cone
from geomcheck.errors import Undecided
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem

MAX_WORK, MAX_SETS, MAX_LABELLED = 20_000_000, 20_000_000, 60_000


def applies(problem: Problem) -> bool:
    """Whether the model has one hidden layer of piecewise-linear (or linear) units, one linear output and no links."""
    network = problem.model
    if not isinstance(network, DenseNetwork) or len(network.layers) != 2 or network.n_outputs != 1:
        return False
    hidden, output = network.layers
    known = hidden.activation.name in (*SLOPES, "leaky_relu")
    return known and output.activation.name == "linear" and hidden.residual is None and output.residual is None


@final
@dataclass(frozen=True)
class Cells:
    """A problem in terms of rays: which generators ε σ(ray) each type of unit has, and what they have to add up to.

    `types` are masks over the generators, those with ε = + first; `free` is the line of the output bias, if any.
    """

    width: int
    target: Vector
    generators: tuple[Vector, ...]
    free: tuple[Vector, ...]
    types: tuple[int, ...]
    patterns: tuple[str, ...]

    def name(self, t: int) -> str:
        """A type as text: its sign, and the signs of the pre-activations."""
        return f"{'+' if t < len(self.patterns) else '-'}({self.patterns[t % len(self.patterns)]})"


def cells_of(problem: Problem) -> Cells:
    """The cells of a problem that `applies` accepts; raises Undecided where the data are open, or too many."""
    inputs, targets = fit_equations(problem)
    network = problem.model
    assert isinstance(network, DenseNetwork)
    hidden, output = network.layers
    above, below = slopes(hidden.activation)
    samples = [(*x, ONE) for x in inputs] if hidden.bias else list(inputs)
    found = arrangement(samples)
    images = [activated(ray, above, below) for ray in found.rays]
    generators = (*images, *(tuple(-entry for entry in image) for image in images))
    types = tuple(sum(1 << (i + sign * len(images)) for i in region) for sign in (0, 1) for region in found.regions)
    patterns = tuple(_pattern([found.rays[i] for i in region], len(samples)) for region in found.regions)
    free = ((ONE,) * len(targets),) if output.bias else ()
    return Cells(hidden.width, tuple(y for (y,) in targets), generators, free, types, patterns)


def _pattern(rays: Sequence[Vector], samples: int) -> str:
    totals = [sum((ray[j] for ray in rays), ZERO) for j in range(samples)]
    return "".join("+" if z > 0 else "-" if z < 0 else "0" for z in totals)


def components(problem: Problem) -> Components:
    """The components of the zero-loss set; raises Undecided where it is empty or the cells are too many.

    >>> from geomcheck.problem.read import problem_from
    >>> data = {"inputs": [1, -1], "targets": [1, 1]}
    >>> [components(problem_from({"network": f"1-{m}-1 relu, no bias", **data})).count for m in (2, 3, 4)]
    [2, 1, 1]
    """
    cells = cells_of(problem)
    size = len(cells.target)
    if cells.width >= 2 * size:
        lines = [*cells.free, *(tuple(-entry for entry in line) for line in cells.free)]
        if not in_cone([*cells.generators, *lines], cells.target):
            raise unattained(cells.width)
        why = f"a fit of {size} distinct inputs needs at most {size} hidden units; {cells.width} is twice that or more"
        return Components(1, "pieces", why)
    return counted(cells.types, vertex_masks(cells), cells.width)


def vertex_masks(cells: Cells) -> list[int]:
    """The supports of the vertices of the fits, as masks over the generators, the least ones alone."""
    return minimal(sum(1 << i for i in some) for some in vertices(cells.generators, cells.free, cells.target))


def counted(types: Sequence[int], supports: Sequence[int], m: int) -> Components:
    """The count for m units, from the masks of generators of all types and of all supports of vertices."""
    if not supports:
        raise unattained(m)
    largest = max(support.bit_count() for support in supports)
    if m >= 2 * largest or m > len(types):
        return Components(
            1,
            "pieces",
            f"no fit needs more than {largest} hidden units at a time, so a width of {m} leaves room to pass",
        )
    for k in range(min(largest, m), m + 1):
        if comb(len(types), k - 1) * len(supports) > MAX_SETS:
            raise unknown(f"{comb(len(types), k)} sets of {k} unit types are too many", "take fewer samples")
        count, why = _by_sets(types, supports, k)
        if k == m:
            return Components(count, "pieces", why)
        if count == 1 and k >= largest:  # m units can be brought to k of them, among which any two fits are joined
            why = f"the fits of width {k} are connected, and no fit needs more hidden units than {largest}"
            return Components(1, "pieces", why)
    raise unattained(m)


def _by_sets(types: Sequence[int], supports: Sequence[int], m: int) -> tuple[int, str]:
    """The count by sets of m types, and how it came about.

    For every m − 1 types and every support: the types that contain what is missing of it make, with those, sets that
    meet. If nothing is missing, the last unit is free.
    """
    classes = _Classes()
    loose: set[int] = set()
    moves: dict[int, list[tuple[int, int]]] = {}
    owners: dict[int, int] = {0: (1 << len(types)) - 1}  # a mask of generators → the mask of the types that have all
    for others in combinations(range(len(types)), m - 1):
        rest, key = 0, 0
        for t in others:
            rest |= types[t]
            key |= 1 << t
        for missing in {support & ~rest for support in supports}:
            if missing not in owners:
                owners[missing] = sum(1 << t for t, mask in enumerate(types) if missing & ~mask == 0)
            fitting = _indices(owners[missing] & ~key)
            for t in fitting:
                classes.join(key | 1 << fitting[0], key | 1 << t)
            if fitting and not missing:
                loose.add(key | 1 << fitting[0])
            for t in fitting[1:] if missing else ():
                moves.setdefault(key | 1 << fitting[0], []).append((fitting[0], t))
                moves.setdefault(key | 1 << t, []).append((t, fitting[0]))
    if not classes.parent:
        raise unattained(m)
    roomy = {classes.find(node) for node in loose}
    rigid = [members for root, members in classes.members().items() if root not in roomy]
    total = len(roomy) + sum(_numbered(members, moves, m) for members in rigid)
    why = (
        f"a unit's type is the sign of its outgoing weight and the samples it is active on; sets of {m} types that can "
        f"fit the data: {len(classes.parent)}; components in which a unit is to spare: {len(roomy)}; in which none is, "
        f"one for each numbering of the units: {total - len(roomy)}"
    )
    return total, why


def _indices(mask: int) -> list[int]:
    return [t for t in range(mask.bit_length()) if mask >> t & 1]


def _numbered(members: Sequence[int], moves: dict[int, list[tuple[int, int]]], m: int) -> int:
    """The components over a class without free units, once its units are numbered.

    All are copies of the one that is reached from some numbering of some set, where a unit keeps its number.
    """
    whole = len(members) * factorial(m)
    if whole > MAX_LABELLED:
        raise unknown(f"{whole} numberings of rigid sets of units are too many", "take fewer hidden units")
    first = tuple(_indices(members[0]))
    reached, waiting = {first}, [first]
    while waiting:
        units = waiting.pop()
        for a, b in moves.get(sum(1 << t for t in units), ()):
            following = tuple(b if unit == a else unit for unit in units)
            if following not in reached:
                reached.add(following)
                waiting.append(following)
    return whole // len(reached)


@final
class _Classes:
    """Disjoint sets of masks."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}

    def find(self, node: int) -> int:
        parent = self.parent
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, a: int, b: int) -> None:
        self.parent[self.find(a)] = self.find(b)

    def members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for node in self.parent:
            found.setdefault(self.find(node), []).append(node)
        return found


def unattained(m: int) -> Undecided:
    """No parameters fit the data."""
    return unknown(f"no fit with {m} hidden units exists, so the global minima are not known", "widen the hidden layer")


def minimal(masks: Iterable[int]) -> list[int]:
    """The masks that contain no other one.

    >>> minimal([0b11, 0b01, 0b110])
    [1, 6]
    """
    kept: list[int] = []
    for mask in sorted(set(masks), key=int.bit_count):
        if not any(other & ~mask == 0 for other in kept):
            kept.append(mask)
    return kept


def vertices(generators: Sequence[Vector], free: Sequence[Vector], target: Vector) -> Iterator[tuple[int, ...]]:
    """The supports of the vertices of {λ ≥ 0 : Σ λ_i g_i = target modulo the free lines}.

    A support is a set of generators, independent modulo the lines, of which the target is a positive combination. The
    search works on integer multiples of the vectors, which have the same supports.

    >>> from fractions import Fraction
    >>> one, none = Fraction(1), Fraction(0)
    >>> list(vertices([(one, none), (none, one), (one, one)], [], (one, one)))
    [(0, 1), (2,)]
    """
    vectors, size, slots = [_whole(vector) for vector in generators], len(target), len(target) + 1
    end, work = [*_whole(target), *[0] * slots], 0

    def search(chosen: tuple[int, ...], basis: list[tuple[int, list[int]]]) -> Iterator[tuple[int, ...]]:
        nonlocal work
        left = _reduced(end, basis)  # a positive multiple of the target less Σ c_i g_i, with the −c_i behind it
        if not any(left[:size]):
            if all(weight < 0 for weight in left[size : size + len(chosen)]):
                yield chosen
            return
        for i in range(chosen[-1] + 1 if chosen else 0, len(vectors)):
            work += 2 * size * (1 + len(basis))
            if work > MAX_WORK:
                raise unknown("the vertices of the fits in terms of rays are too many", "take fewer samples")
            longer = _extended(basis, vectors[i], len(chosen), slots)
            if longer is not None:
                yield from search((*chosen, i), longer)

    start: list[tuple[int, list[int]]] = []
    for line in free:
        start = _extended(start, _whole(line), None, slots) or start
    yield from search((), start)


def _whole(vector: Vector) -> list[int]:
    """The least positive multiple in integers."""
    scale = lcm(*(entry.denominator for entry in vector))
    return _primitive([int(entry * scale) for entry in vector])


def _primitive(vector: list[int]) -> list[int]:
    common = gcd(*vector)
    return [entry // common for entry in vector] if common > 1 else vector


def _reduced(vector: list[int], basis: Sequence[tuple[int, list[int]]]) -> list[int]:
    """A positive multiple of the vector, less multiples of the basis: zero at the pivots of the basis."""
    for place, other in basis:
        if factor := vector[place]:
            pivot = other[place]
            vector = [pivot * a - factor * b for a, b in zip(vector, other, strict=True)]
    return vector


def _extended(
    basis: list[tuple[int, list[int]]], vector: list[int], slot: int | None, slots: int
) -> list[tuple[int, list[int]]] | None:
    """The basis with one more vector, or None if it depends on those before; behind it, how it combines the vectors."""
    left = _reduced([*vector, *(int(k == slot) for k in range(slots))], basis)
    place = next((j for j, entry in enumerate(left[: len(vector)]) if entry), None)
    if place is None:
        return None
    return [*basis, (place, _primitive(left if left[place] > 0 else [-entry for entry in left]))]
