"""Paths between two trained models: straight, or bent where gradient descent chooses, and the loss on them.

Two-piece chains and quadratic Bézier curves are those of Garipov et al. 2018 (arXiv 1802.10026): the end points stay,
the bend C minimises the mean of the loss over uniform t. Buffers such as running statistics are interpolated as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, final

from geomcheck.align.data import DataSet
from geomcheck.align.losses import Loss
from geomcheck.align.tracing import in_mode, run_with, state_of

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["Kind", "Path", "State", "bent", "largest_loss", "loss_of"]

Kind = Literal["straight", "aligned", "polygon", "bezier"]
State: TypeAlias = Mapping[str, "torch.Tensor"]

_BATCH: Final = 1024
_DESCENT_BATCH: Final = 256


@final
@dataclass(frozen=True)
class Path:
    """A path through states: a chain of straight pieces, or the quadratic Bézier curve of three states."""

    states: tuple[State, ...]
    bezier: bool = False

    def at(self, t: float) -> dict[str, torch.Tensor]:
        """The state at t in [0, 1]."""
        if self.bezier:
            a, c, b = self.states
            return _mixed((a, c, b), ((1 - t) ** 2, 2 * t * (1 - t), t * t))
        pieces = len(self.states) - 1
        k = min(int(t * pieces), pieces - 1)
        s = t * pieces - k
        return _mixed(self.states[k : k + 2], (1 - s, s))

    @property
    def legs(self) -> list[tuple[State, State]]:
        """The straight pieces; none of a curve."""
        return [] if self.bezier else list(pairwise(self.states))


def _mixed(states: Sequence[State], weights: Sequence[float]) -> dict[str, torch.Tensor]:
    mixed: dict[str, torch.Tensor] = {}
    for name, first in states[0].items():
        if not first.is_floating_point():
            mixed[name] = first.clone()
            continue
        total = first * weights[0]
        for state, weight in zip(states[1:], weights[1:], strict=True):
            total = total + state[name] * weight
        mixed[name] = total
    return mixed


def loss_of(model: nn.Module, state: State, data: DataSet, loss: Loss) -> float:
    """The mean loss of the model with another state, in eval mode."""
    import torch

    total = 0.0
    with in_mode(model, training=False), torch.no_grad():
        for batch in data.batches(_BATCH):
            assert batch.targets is not None
            total += float(loss(run_with(model, dict(state), batch.inputs), batch.targets)) * len(batch)
    return total / len(data)


def largest_loss(model: nn.Module, path: Path, data: DataSet, loss: Loss, points: int) -> tuple[float, float]:
    """The greatest loss on an even grid of t, ends and bends included, and where it is."""
    pieces = max(1, len(path.legs))
    places = [k / (points * pieces - 1) for k in range(points * pieces)] + [k / pieces for k in range(1, pieces)]
    return max((loss_of(model, path.at(t), data, loss), t) for t in places)


def bent(
    model: nn.Module,
    start: State,
    end: State,
    data: DataSet,
    loss: Loss,
    *,
    curve: Literal["polygon", "bezier"] = "polygon",
    steps: int = 300,
    rate: float = 0.01,
    seed: int = 0,
) -> Path:
    """A path with one bend, chosen by Adam on the loss at random t and random samples; it starts half-way."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    trained = {name for name, parameter in model.named_parameters() if parameter.is_floating_point()}
    middle = {name: tensor.detach().clone() for name, tensor in _mixed((start, end), (0.5, 0.5)).items()}
    for name in trained:
        middle[name].requires_grad_(True)
    path = Path((start, middle, end), curve == "bezier")
    descent = torch.optim.Adam([middle[name] for name in sorted(trained)], lr=rate)
    with torch.enable_grad(), in_mode(model, training=False):
        for _ in range(steps):
            t = float(torch.rand((), generator=generator))
            chosen = torch.randperm(len(data), generator=generator)[:_DESCENT_BATCH]
            assert data.targets is not None
            outputs = run_with(model, path.at(t), [tensor[chosen] for tensor in data.inputs])
            value: Any = loss(outputs, data.targets[chosen])
            descent.zero_grad()
            value.backward()
            descent.step()
    return Path((start, {name: tensor.detach() for name, tensor in middle.items()}, end), curve == "bezier")


def states_of(model: nn.Module) -> State:
    """Parameters and buffers, detached."""
    return {name: tensor.detach() for name, tensor in state_of(model).items()}
