"""The ways of matching two models, by name. Adding one is one file that finds permutations, and one entry here.

The command line keeps the names in `cli.align.METHODS`, so that ``--help`` loads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, final

from geomcheck.align.activation_matching import activation_pairs, tie_broken
from geomcheck.align.data import DataSet
from geomcheck.align.losses import Loss, loss_for
from geomcheck.align.straight_through import straight_through
from geomcheck.align.ties import Ties
from geomcheck.align.weight_matching import Found, exact, maximise, weight_pairs

if TYPE_CHECKING:
    import torch
    from torch import nn

    from geomcheck.align.coordinate_ascent import Pair

__all__ = ["METHODS", "Matching", "Method"]


@final
@dataclass(frozen=True)
class Matching:
    """What a method gets: two models by their states, what moves together, and what the caller asked for.

    ``names`` are the parameters among the tensors, ``given`` the data, if any, ``batch`` the samples of the trace.
    """

    ties: Ties
    model: nn.Module
    states: tuple[Mapping[str, torch.Tensor], Mapping[str, torch.Tensor]]
    names: frozenset[str]
    given: DataSet | None
    batch: int
    loss: str | Loss | None
    restarts: int
    seed: int
    steps: int

    @property
    def data(self) -> DataSet:
        """The data of a method that needs some."""
        assert self.given is not None
        return self.given

    @property
    def weights(self) -> list[Pair]:
        """The terms of the inner product of all parameters."""
        return weight_pairs(self.ties, *self.states, self.names)


@final
@dataclass(frozen=True)
class Method:
    """One way of matching: whether it needs data, and what finds the permutations."""

    needs_data: bool
    find: Callable[[Matching], Found]


def _weights(task: Matching) -> Found:
    return maximise(task.ties, task.weights, restarts=task.restarts, seed=task.seed)


def _exact(task: Matching) -> Found:
    return exact(task.ties, task.weights)


def _activations(task: Matching) -> Found:
    pairs = activation_pairs(task.ties, *task.states, task.data, task.batch)
    return tie_broken(task.ties, pairs, task.weights, restarts=task.restarts, seed=task.seed)


def _straight_through(task: Matching) -> Found:
    import torch

    loss, limits = loss_for(task.loss, task.data), {"restarts": task.restarts, "seed": task.seed, "steps": task.steps}
    with torch.enable_grad():
        return straight_through(task.ties, task.model, task.states, task.data, loss, names=task.names, **limits)


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "weights": Method(False, _weights),
        "activations": Method(True, _activations),
        "straight-through": Method(True, _straight_through),
        "exact": Method(False, _exact),
    }
)
"""Every method by name."""
