"""The straight-through estimator: permutations that lower the loss half-way between the two models.

Weights W are learned by gradient descent on the loss at (A + pi(B)) / 2, where pi matches B to W and the gradient
passes through that projection as if it were the identity. Source: Ainsworth, Hayase and Srinivasa 2023, section 3.3,
after Bengio, Leonard and Courville 2013.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from geomcheck.align.coordinate_ascent import COARSE, Ascent, Problem
from geomcheck.align.data import DataSet
from geomcheck.align.losses import Loss
from geomcheck.align.same_function import without_dropout
from geomcheck.align.ties import Permutations, Ties
from geomcheck.align.tracing import in_mode, run_with
from geomcheck.align.weight_matching import Found, contexts_of, maximise, weight_pairs

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["straight_through"]

_BATCH: Final = 256
_RATE: Final = 1e-2


def straight_through(
    ties: Ties,
    model: nn.Module,
    states: tuple[Mapping[str, torch.Tensor], Mapping[str, torch.Tensor]],
    data: DataSet,
    loss: Loss,
    *,
    names: frozenset[str],
    restarts: int,
    seed: int,
    steps: int,
) -> Found:
    """The permutations of lowest loss half-way, on all the data, among those met in ``steps`` steps of Adam.

    The first ones met are those of weight matching. Batch statistics are those of the batch, dropout is off.
    """
    import torch

    state_a, state_b = ({name: tensor.detach() for name, tensor in state.items()} for state in states)
    found = maximise(ties, weight_pairs(ties, state_a, state_b, names), restarts=restarts, seed=seed)
    best, best_loss = found.permutations, _half_way(ties, model, state_a, state_b, found.permutations, data, loss)
    learned = {name: state_a[name].clone() for name in sorted(names & state_a.keys())}
    optimiser = torch.optim.Adam(list(learned.values()), lr=_RATE)
    generator = torch.Generator().manual_seed(seed)
    current = best
    for _ in range(steps):
        rows = torch.randperm(len(data), generator=generator)[:_BATCH]
        assert data.targets is not None
        batch = DataSet(tuple(tensor[rows] for tensor in data.inputs), data.targets[rows])
        matched = ties.apply(state_b, current)
        middle = {name: _mean(state_a[name], matched[name]) for name in state_a}
        leaves = {name: middle[name].requires_grad_() for name in learned}
        value = _run(model, middle | leaves, batch, loss)
        gradients = torch.autograd.grad(value, list(leaves.values()), allow_unused=True)
        for tensor, gradient in zip(learned.values(), gradients, strict=True):
            tensor.grad = None if gradient is None else gradient / 2
        optimiser.step()
        ascent = Ascent(
            Problem(tuple(weight_pairs(ties, state_a | learned, state_b, names)), contexts_of(ties)),
            ties.by_atom(current),
        )
        ascent.run(share=COARSE)
        following = {name: ascent.permutations[atom] for atom, name in ties.atoms.items()}
        if all(np.array_equal(following[name], current[name]) for name in current):
            continue
        current = following
        reached = _half_way(ties, model, state_a, state_b, current, data, loss)
        if reached < best_loss:
            best, best_loss = current, reached
    pairs = weight_pairs(ties, state_a, state_b, names)
    problem = Problem(tuple(pairs), contexts_of(ties))
    after = problem.value(ties.by_atom(best)) / (problem.bound or 1.0)
    return Found(best, found.before, after, found.restarts)


def _mean(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a + b) / 2 if a.is_floating_point() else a.clone()


def _run(model: nn.Module, state: dict[str, torch.Tensor], batch: DataSet, loss: Loss) -> torch.Tensor:
    assert batch.targets is not None
    with in_mode(model, training=True), without_dropout():
        return loss(run_with(model, state, batch.inputs), batch.targets)


def _half_way(
    ties: Ties,
    model: nn.Module,
    state_a: Mapping[str, torch.Tensor],
    state_b: Mapping[str, torch.Tensor],
    permutations: Permutations,
    data: DataSet,
    loss: Loss,
) -> float:
    import torch

    matched = ties.apply(state_b, permutations)
    middle = {name: _mean(state_a[name], matched[name]) for name in state_a}
    total = 0.0
    with torch.no_grad():
        for batch in data.batches(1024):
            if len(batch) > 1 or len(data) == 1:  # batch statistics need two samples
                total += float(_run(model, dict(middle), batch, loss)) * len(batch)
    return total
