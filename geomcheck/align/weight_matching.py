"""Weight matching: restarts of the ascent, component by component; the exact assignment for one hidden layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from geomcheck.align.coordinate_ascent import COARSE, Ascent, Pair, Problem
from geomcheck.align.pieces import Piece, view_of
from geomcheck.align.ties import Permutations, Ties
from geomcheck.errors import InputError

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["Found", "contexts_of", "exact", "maximise", "weight_pairs"]

_AT_THE_BOUND: Final = 1 - 1e-6


@final
@dataclass(frozen=True)
class Found:
    """Permutations with the objective they reach, from 0 (orthogonal) to 1 (equal up to a factor).

    ``before`` is the objective of the identity, ``restarts`` holds that of every restart, broken off where steps gain
    little; ``after`` is reached by finishing the best restart of every component.
    """

    permutations: Permutations
    before: float
    after: float
    restarts: tuple[float, ...]


def weight_pairs(
    ties: Ties, state_a: Mapping[str, torch.Tensor], state_b: Mapping[str, torch.Tensor], names: frozenset[str]
) -> list[Pair]:
    """The pairs of weight matching: every piece of every tensor in ``names`` that some group moves."""
    return [
        pair
        for name, pieces in ties.pieces.items()
        if name in names and name in state_a
        for pair in pairs_of(pieces, array_of(state_a[name]), array_of(state_b[name]))
    ]


def pairs_of(pieces: Sequence[Piece], a: NDArray[Any], b: NDArray[Any]) -> list[Pair]:
    """The pieces of two arrays of one shape, without those that nothing moves."""
    return [
        Pair(view_of(a, piece.steps), view_of(b, piece.steps), piece.dimensions)
        for piece in pieces
        if any(dimension.group is not None for dimension in piece.dimensions)
    ]


def array_of(tensor: torch.Tensor) -> NDArray[Any]:
    """A tensor as a contiguous array of float32 or float64 numbers."""
    import torch

    wide = tensor.detach().cpu()
    wide = wide if wide.dtype in (torch.float32, torch.float64) else wide.to(torch.float32)
    return np.ascontiguousarray(wide.numpy())


def maximise(ties: Ties, pairs: list[Pair], *, restarts: int, seed: int) -> Found:
    """The best of several ascents, each component of groups that share a tensor apart.

    The first starts from the identity, the second and third from starts that are built up from inputs and from outputs,
    the others from random permutations. A component that reaches its upper bound sum ||A|| ||B|| is not tried again.
    """
    contexts = contexts_of(ties)
    best = ties.by_atom(ties.identity())
    whole = Problem(tuple(pairs), contexts)
    scale = whole.bound or 1.0
    before = whole.value(best)
    history = np.zeros(restarts)
    for members in _components(whole):
        part = Problem(
            tuple(pair for pair in pairs if any(d.group in members for d in pair.dimensions)),
            {atom: contexts[atom] for atom in contexts if atom in members},
        )
        rng = np.random.default_rng(seed)
        reached, winner = -np.inf, Ascent(part, {})
        for number in range(restarts):
            value = reached
            if reached < _AT_THE_BOUND * part.bound:
                ascent = _started(ties, part, number, rng)
                value = part.value(ascent.permutations)
                if value > reached:
                    reached, winner = value, ascent
            history[number] += value
        winner.run()
        best |= winner.permutations
    after = whole.value(best)
    permutations = {name: best[atom] for atom, name in ties.atoms.items()}
    return Found(permutations, before / scale, after / scale, tuple(float(value) / scale for value in history))


def contexts_of(ties: Ties) -> dict[int, tuple[int, ...]]:
    """For every atom those that index its family."""
    atoms = {group: atom for atom, group in ties.atoms.items()}
    return {atom: tuple(atoms[other] for other in ties.groups[name].context) for atom, name in ties.atoms.items()}


def _started(ties: Ties, part: Problem, number: int, rng: np.random.Generator) -> Ascent:
    identity = {atom: p for atom, p in ties.by_atom(ties.identity()).items() if atom in part.contexts}
    if number < 3:
        ascent = Ascent(part, identity)
        if number:
            ascent.propagate(ascent.roots if number == 1 else ascent.roots[::-1])
        ascent.run(share=COARSE)
        return ascent
    ascent = Ascent(part, {atom: rng.permuted(p, axis=-1) for atom, p in identity.items()})
    ascent.run(rng, COARSE)
    return ascent


def _components(problem: Problem) -> list[set[int]]:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(problem.contexts)
    graph.add_edges_from((group, other) for group, others in problem.neighbours().items() for other in others)
    graph.add_edges_from((group, member) for group, context in problem.contexts.items() for member in context)
    return [set(component) for component in nx.connected_components(graph)]


def exact(ties: Ties, pairs: list[Pair]) -> Found:
    """The global maximum where the objective is a sum of separate assignments, as with one hidden layer.

    Raises:
        InputError: when two groups meet in one tensor, which makes the objective bilinear and the maximum NP-hard
            (Ainsworth et al. 2023, lemma 1).
    """
    for pair in pairs:
        moved = [dimension for dimension in pair.dimensions if dimension.group is not None]
        if len(moved) > 1 and not (len(moved) == 2 and moved[1].suppliers == (pair.dimensions.index(moved[0]),)):
            names = ", ".join(ties.atoms[d.group] for d in moved if d.group is not None)
            raise InputError(
                f"method='exact' expected at most one group of permutations on each tensor, got {names} on one; "
                "the objective is then no linear assignment: use method='weights'"
            )
    return maximise(ties, pairs, restarts=1, seed=0)
