"""Coordinate ascent over groups of permutations: maximise the inner product of one tensor with another one permuted.

The objective is  sum over pairs <A, pi B>, as in weight matching (Ainsworth, Hayase and Srinivasa 2023, "Git Re-Basin",
section 3.2), for any list of pairs of equal shape. For one group, all others held, it is linear in the permutation (if
the group moves one axis of each tensor), hence a linear assignment, solved by scipy. A group on which others depend
(heads, with the dimensions inside) is solved together with them: the gain of mapping head i' to head i is itself the
value of an assignment inside. The ascent is monotone, so it ends; its end depends on the start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np
from scipy.optimize import linear_sum_assignment

from geomcheck.align.pieces import Dimension, permuted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COARSE", "FINE", "Ascent", "Pair", "Problem"]

# A step must gain more than this share of the bound of the tensors it touches: what is below is rounding.
FINE: Final = 1e-7
COARSE: Final = 1e-4
# A product is corrected where fewer than this share of the rows of one factor moved, and computed anew otherwise.
_FEW: Final = 1 / 3


@final
@dataclass(frozen=True)
class Pair:
    """Two arrays of one shape, and which group moves which of their dimensions."""

    a: NDArray[Any]
    b: NDArray[Any]
    dimensions: tuple[Dimension, ...]

    @cached_property
    def bound(self) -> float:
        """||A|| ||B||, which no permutation exceeds."""
        return _norm(self.a) * _norm(self.b)

    def places(self, group: int) -> list[int]:
        """The dimensions that the group moves."""
        return [place for place, dimension in enumerate(self.dimensions) if dimension.group == group]


@final
@dataclass(frozen=True)
class Problem:
    """Maximise sum <A, pi B>; ``contexts`` maps every group to the groups that index its family."""

    pairs: tuple[Pair, ...]
    contexts: Mapping[int, tuple[int, ...]]

    @property
    def bound(self) -> float:
        """The sum of ||A|| ||B||."""
        return sum(pair.bound for pair in self.pairs)

    def value(self, permutations: Mapping[int, NDArray[np.int64]]) -> float:
        """The objective."""
        return sum(_inner(pair.a, permuted(pair.b, pair.dimensions, permutations)) for pair in self.pairs)

    def neighbours(self) -> dict[int, set[int]]:
        """For every group those that share a pair with it."""
        answer: dict[int, set[int]] = {group: set() for group in self.contexts}
        for pair in self.pairs:
            here = {dimension.group for dimension in pair.dimensions} - {None}
            for group in here:
                answer[group] |= here - {group}  # type: ignore[index,arg-type]
        return answer


def _norm(array: NDArray[Any]) -> float:
    return float(np.sqrt(_inner(array, array)))


def _inner(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.einsum("i,i->", a.reshape(-1), b.reshape(-1), dtype=np.float64, casting="unsafe"))


@final
class Ascent:
    """The state of one ascent: a problem, the permutations reached, and what has been computed on the way.

    >>> a = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
    >>> problem = Problem((Pair(a, a[[2, 0, 1]], (Dimension(0), Dimension(None))),), {0: ()})
    >>> ascent = Ascent(problem, {0: np.arange(3)})
    >>> ascent.run()
    >>> ascent.permutations[0].tolist()
    [1, 2, 0]
    """

    def __init__(self, problem: Problem, permutations: Mapping[int, NDArray[np.int64]]) -> None:
        self.problem = problem
        self.permutations = dict(permutations)
        self.roots = [group for group, context in problem.contexts.items() if not context]
        self._dependents = {
            root: [group for group, context in problem.contexts.items() if root in context] for root in self.roots
        }
        self._neighbours = problem.neighbours()
        self._costs: dict[tuple[int, int], tuple[dict[int, NDArray[np.int64]], NDArray[Any]]] = {}
        self._rows: dict[tuple[int, int], NDArray[Any]] = {}
        self._constants: dict[int, NDArray[Any]] = {}
        self._moving: dict[int, list[tuple[int, int]]] = {}
        self._bounds = {
            root: sum(pair.bound for pair in problem.pairs if any(map(pair.places, (root, *self._dependents[root]))))
            for root in self.roots
        }

    def run(self, rng: np.random.Generator | None = None, share: float = FINE) -> None:
        """Solve group after group until none gains ``share`` of its bound; ``rng`` shuffles every sweep."""
        waiting = dict.fromkeys(self.roots)
        while waiting:
            sweep = list(waiting)
            if rng is not None:
                sweep = [sweep[k] for k in rng.permutation(len(sweep))]
            for root in sweep:
                if root not in waiting:
                    continue
                del waiting[root]
                family = {root, *self._dependents[root]}
                if self.solve(root, share):
                    touched = set().union(*(self._neighbours[group] for group in family))
                    waiting.update(
                        dict.fromkeys(r for r in self.roots if r != root and touched & {r, *self._dependents[r]})
                    )
                    if self._repeated(family):
                        waiting[root] = None

    def propagate(self, order: Sequence[int]) -> None:
        """A start: solve every group once in this order, from pairs whose other groups are solved already."""
        known: set[int] = set()
        remaining = list(order)
        while remaining:
            usable = {root: self._usable(root, known) for root in remaining}
            root = next((r for r in remaining if usable[r]), remaining[0])
            remaining.remove(root)
            part = Problem(tuple(usable[root]), self.problem.contexts)
            inner = Ascent(part, self.permutations)
            if inner.solve(root):
                self.permutations |= inner.permutations
            known |= {root, *self._dependents[root]}

    def _usable(self, root: int, known: set[int]) -> list[Pair]:
        family = {root, *self._dependents[root]}
        return [
            pair
            for pair in self.problem.pairs
            if pair.places(root) and {d.group for d in pair.dimensions} - family - known <= {None}
        ]

    def solve(self, root: int, share: float = FINE) -> bool:
        """Improve one group and those that depend on it; whether anything was gained."""
        family = [root, *self._dependents[root]]
        if len(family) > 1:
            proposal, gain = self._solve_family(root)
        else:
            costs = self._cost(root)
            now = self.permutations[root]
            chosen = _assigned(costs)
            rows = np.arange(len(now))
            gain = float(costs[rows, chosen].sum() - costs[rows, now].sum())
            proposal = {root: chosen}
        if gain <= share * self._bounds[root]:
            return False
        if self._repeated(set(family)):
            # A tensor with the group on two axes makes the objective quadratic: the linear gain may mislead.
            touched = [pair for pair in self.problem.pairs if any(pair.places(group) for group in family)]
            part = Problem(tuple(touched), self.problem.contexts)
            if part.value(self.permutations | proposal) - part.value(self.permutations) <= share * part.bound:
                return False
        self.permutations |= proposal
        return True

    def _repeated(self, family: set[int]) -> bool:
        return any(len(pair.places(group)) > 1 for group in family for pair in self.problem.pairs)

    def _cost(self, root: int) -> NDArray[Any]:
        """C[i, i'] = the part of the objective that mapping unit i' of B to unit i of A gives, all else held."""
        total = self._constant(root)  # fills self._moving[root]
        for number, place in self._moving[root]:
            total = total + self._product(number, self.problem.pairs[number], place)
        return total

    def _constant(self, root: int) -> NDArray[Any]:
        """The part of the cost that no other group changes."""
        if root not in self._constants:
            size = len(self.permutations[root])
            total: NDArray[Any] = np.zeros((size, size), dtype=np.float32)
            self._moving[root] = []
            for number, pair in enumerate(self.problem.pairs):
                for place in pair.places(root):
                    if any(k != place and d.group in self.permutations for k, d in enumerate(pair.dimensions)):
                        self._moving[root].append((number, place))
                    else:
                        total = total + self._rows_of(number, place) @ self._moved_rows(pair, place)
            self._constants[root] = total
        return self._constants[root]

    def _product(self, number: int, pair: Pair, place: int) -> NDArray[Any]:
        others = {
            k: self.permutations[d.group]
            for k, d in enumerate(pair.dimensions)
            if k != place and d.group in self.permutations
        }
        known = self._costs.get((number, place))
        product: NDArray[Any] | None = None
        if known is not None:
            before, product = known
            moved = [k for k, permutation in others.items() if permutation is not before[k]]
            if not moved:
                return product
            product = self._corrected(pair, place, before, product) if len(others) == 1 else None
        if product is None:
            product = self._rows_of(number, place) @ self._moved_rows(pair, place)
        self._costs[number, place] = others, product
        return product

    def _corrected(
        self, pair: Pair, place: int, before: Mapping[int, NDArray[np.int64]], product: NDArray[Any]
    ) -> NDArray[Any] | None:
        """The product after few entries of the one other permutation changed; None where it is quicker anew."""
        ((other, old),) = before.items()
        group = pair.dimensions[other].group
        assert group is not None
        new = self.permutations[group]
        if old.ndim > 1:
            return None
        changed = np.flatnonzero(old != new)
        if len(changed) > _FEW * len(new):
            return None
        mine = pair.a.take(changed, axis=other)
        theirs = pair.b.take(new[changed], axis=other) - pair.b.take(old[changed], axis=other)
        answer: NDArray[Any] = product + self._flat(mine, [place]) @ self._flat(theirs, [place]).T
        return answer

    def _rows_of(self, number: int, place: int) -> NDArray[Any]:
        if (number, place) not in self._rows:
            a = self.problem.pairs[number].a
            self._rows[number, place] = self._flat(a, [place])
        return self._rows[number, place]

    def _moved_rows(self, pair: Pair, place: int) -> NDArray[Any]:
        return self._flat(self._moved(pair, [place]), [place]).T

    def _moved(self, pair: Pair, held: Sequence[int]) -> NDArray[Any]:
        """B with every dimension permuted but the held ones."""
        dims = tuple(Dimension(None) if k in held else d for k, d in enumerate(pair.dimensions))
        return permuted(pair.b, dims, self.permutations)

    # Groups on which others depend

    def _solve_family(self, root: int) -> tuple[dict[int, NDArray[np.int64]], float]:
        dependents = self._dependents[root]
        now = self.permutations[root]
        size = len(now)
        direct = np.zeros((size, size))
        blocks: dict[int, NDArray[Any]] = {}
        parts: list[tuple[Pair, NDArray[Any], int, list[int]]] = []
        for pair in self.problem.pairs:
            for place in pair.places(root):
                chain = [k for k, dimension in enumerate(pair.dimensions) if place in dimension.suppliers]
                moved = self._moved(pair, [place, *chain])
                parts.append((pair, moved, place, chain))
                if not chain:
                    direct += self._flat(pair.a, [place]) @ self._flat(moved, [place]).T
                elif len(chain) == 1:
                    width = pair.a.shape[chain[0]]
                    product = self._flat(pair.a, [place, *chain]) @ self._flat(moved, [place, *chain]).T
                    group = pair.dimensions[chain[0]].group
                    assert group is not None
                    block = product.reshape(size, width, size, width).transpose(0, 2, 1, 3)
                    blocks[group] = blocks[group] + block if group in blocks else block
        plain = all(len(self.problem.contexts[group]) == 1 for group in dependents)
        if plain and all(len(chain) < 2 for _, _, _, chain in parts):
            return self._by_blocks(root, direct, blocks)
        return self._by_parts(root, parts)

    @staticmethod
    def _flat(array: NDArray[Any], front: Sequence[int]) -> NDArray[Any]:
        moved = np.moveaxis(array, list(front), range(len(front)))
        return moved.reshape(int(np.prod(moved.shape[: len(front)])), -1)

    def _by_blocks(
        self, root: int, direct: NDArray[Any], blocks: Mapping[int, NDArray[Any]]
    ) -> tuple[dict[int, NDArray[np.int64]], float]:
        """Every dependent group apart: one assignment for every pair of indices of the root."""
        now = self.permutations[root]
        size = len(now)
        values = direct.astype(np.float64)
        current = float(values[np.arange(size), now].sum())
        best: dict[int, NDArray[np.int64]] = {}
        for group, block in blocks.items():
            width = block.shape[-1]
            rows = np.arange(width)
            found = np.empty((size, size, width), dtype=np.int64)
            for i in range(size):
                for k in range(size):
                    found[i, k] = _assigned(block[i, k])
                    values[i, k] += block[i, k][rows, found[i, k]].sum()
                current += float(block[i, now[i]][rows, self.permutations[group][i]].sum())
            best[group] = found
        chosen = _assigned(values)
        rows = np.arange(size)
        proposal = {root: chosen} | {group: found[rows, chosen] for group, found in best.items()}
        return proposal, float(values[rows, chosen].sum()) - current

    def _by_parts(
        self, root: int, parts: Sequence[tuple[Pair, NDArray[Any], int, list[int]]]
    ) -> tuple[dict[int, NDArray[np.int64]], float]:
        """Dependent groups that meet in one tensor, or depend on each other: an ascent for every pair of indices."""
        now = self.permutations[root]
        size = len(now)
        contexts = {
            group: tuple(c for c in self.problem.contexts[group] if c != root) for group in self._dependents[root]
        }
        index = {group: self.problem.contexts[group].index(root) for group in contexts}
        values = np.zeros((size, size))
        found: dict[tuple[int, int], dict[int, NDArray[np.int64]]] = {}
        current = 0.0
        for i in range(size):
            start = {group: np.asarray(self.permutations[group].take(i, axis=index[group])) for group in contexts}
            for k in range(size):
                problem = Problem(tuple(_slice(pair, b, place, i, k) for pair, b, place, _ in parts), contexts)
                if k == now[i]:
                    current += problem.value(start)
                values[i, k], found[i, k] = _best_inside(problem, start)
        chosen = _assigned(values)
        proposal: dict[int, NDArray[np.int64]] = {root: chosen}
        for group in contexts:
            proposal[group] = np.stack([found[i, int(chosen[i])][group] for i in range(size)], axis=index[group])
        return proposal, float(values[np.arange(size), chosen].sum()) - current


def _best_inside(
    problem: Problem, start: Mapping[int, NDArray[np.int64]]
) -> tuple[float, dict[int, NDArray[np.int64]]]:
    """The better of two ascents: from where things stand, and from a start built up from what is certain."""
    answers = []
    for built in (False, True):
        ascent = Ascent(problem, start)
        if built:
            ascent.propagate(ascent.roots)
        ascent.run()
        answers.append((problem.value(ascent.permutations), ascent.permutations))
    return max(answers, key=lambda answer: answer[0])


def _slice(pair: Pair, moved: NDArray[Any], place: int, i: int, k: int) -> Pair:
    """Index i of A against index k of B on one dimension; what does not depend on it is held."""
    dims = []
    for position, dimension in enumerate(pair.dimensions):
        if position == place:
            continue
        if place in dimension.suppliers:
            suppliers = tuple(s - (s > place) for s in dimension.suppliers if s != place)
            dims.append(Dimension(dimension.group, suppliers))
        else:
            dims.append(Dimension(None))
    return Pair(pair.a.take(i, axis=place), moved.take(k, axis=place), tuple(dims))


def _assigned(values: NDArray[Any]) -> NDArray[np.int64]:
    """The permutation p that maximises the sum of values[i, p(i)], exactly (Crouse 2016, as scipy has it)."""
    return np.asarray(linear_sum_assignment(values, maximize=True)[1], dtype=np.int64)
