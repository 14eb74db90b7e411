"""Activation matching: maximise the correlation of hidden units of the two models on data.

Source: Ainsworth, Hayase and Srinivasa 2023, section 3.1 (there with uncentred products), after Li et al. 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geomcheck.align.coordinate_ascent import Pair, Problem
from geomcheck.align.data import DataSet
from geomcheck.align.pieces import Piece, view_of
from geomcheck.align.ties import Ties
from geomcheck.align.weight_matching import Found, contexts_of, maximise
from geomcheck.errors import InputError

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["activation_pairs", "tie_broken"]

_MOST_SAMPLES: Final = 2048
_TIES: Final = 1e-4  # what all weights together count for beside all activations


def activation_pairs(
    ties: Ties, state_a: Mapping[str, torch.Tensor], state_b: Mapping[str, torch.Tensor], data: DataSet, batch: int
) -> list[Pair]:
    """One pair for every tensor inside the network that feeds weights: standardised, so that <A, B> sums correlations.

    Units are compared over samples and over the places no group moves (pixels, tokens). The graph was traced for
    ``batch`` samples at a time; a rest that fills no batch is left out.

    Raises:
        InputError: for fewer than two samples.
    """
    rounds = min(len(data), _MOST_SAMPLES) // batch
    if rounds * batch < 2:
        raise InputError("method='activations' expected at least 2 samples of data, got fewer; give more data")
    seen: list[dict[int, list[NDArray[Any]]]] = [{}, {}]
    for number in range(rounds):
        part = data.part(number * batch, (number + 1) * batch)
        for k, state in enumerate((state_a, state_b)):
            for place, array in _features(ties, state, part).items():
                seen[k].setdefault(place, []).append(array)
    pairs = []
    for place, pieces in ties.features.items():
        for piece in pieces:
            if any(dimension.group is not None for dimension in piece.dimensions):
                pairs.append(_pair(piece, seen[0][place], seen[1][place]))
    return pairs


def _features(ties: Ties, state: Mapping[str, torch.Tensor], part: DataSet) -> dict[int, NDArray[Any]]:
    import torch

    trace = ties.graph_eval
    nodes = {node: place for place, node in enumerate(trace.graph.graph.nodes)}
    found: dict[int, NDArray[Any]] = {}

    class Recorder(torch.fx.Interpreter):
        def run_node(self, n: torch.fx.Node) -> Any:
            result = super().run_node(n)
            if nodes[n] in ties.features:
                found[nodes[n]] = result.detach().double().numpy().copy()
            return result

    with torch.no_grad():
        Recorder(trace.graph).run(*(state[name].detach().clone() for name in trace.names), *part.inputs)
    return found


def _pair(piece: Piece, arrays_a: list[NDArray[Any]], arrays_b: list[NDArray[Any]]) -> Pair:
    moved = [place for place, dimension in enumerate(piece.dimensions) if dimension.group is not None]
    a, b = (_standardised(piece, moved, arrays) for arrays in (arrays_a, arrays_b))
    order = {place: k for k, place in enumerate(moved)}
    dimensions = [piece.dimensions[place] for place in moved]
    held = type(dimensions[0])(None)
    renumbered = tuple(type(d)(d.group, tuple(order[s] for s in d.suppliers)) for d in dimensions)
    return Pair(a, b, (*renumbered, held))


def _standardised(piece: Piece, moved: list[int], arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """(moved dimensions..., observations), every row of mean 0 and norm 1; rows that never change become 0."""
    views = [np.moveaxis(view_of(array, piece.steps), moved, range(len(moved))) for array in arrays]
    values = np.concatenate([view.reshape(*view.shape[: len(moved)], -1) for view in views], axis=-1)
    values = values - values.mean(axis=-1, keepdims=True)
    norms = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(np.divide(values, norms, out=np.zeros_like(values), where=norms > 0))


def tie_broken(ties: Ties, pairs: list[Pair], weights: list[Pair], *, restarts: int, seed: int) -> Found:
    """Maximise ``pairs``, and by a small share the inner product of the weights, which decides what is left open.

    Units that are never active on the data correlate with nothing, and some units feed no weights: any permutation of
    them would do as well. The objectives reported are those of ``pairs``, but for the restarts, which hold both.
    """
    problem, bound = Problem(tuple(pairs), contexts_of(ties)), sum(pair.bound for pair in weights)
    share = _TIES * (problem.bound or 1.0) / (bound or 1.0)
    small = [Pair(pair.a * np.float64(share), pair.b, pair.dimensions) for pair in weights]
    found = maximise(ties, [*pairs, *small], restarts=restarts, seed=seed)
    before, after = (
        problem.value(ties.by_atom(p)) / (problem.bound or 1.0) for p in (ties.identity(), found.permutations)
    )
    return Found(found.permutations, before, after, found.restarts)
