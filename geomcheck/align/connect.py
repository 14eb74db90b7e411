"""``gc.connect``: a graph of trained models, joined where a path of low loss between them was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal, final

from geomcheck.align.alignment import align, check_architectures
from geomcheck.align.certified_barrier import certified_barrier, certified_loss
from geomcheck.align.connection import Connection, Edge
from geomcheck.align.data import DataSet, data_set
from geomcheck.align.losses import Loss, loss_for
from geomcheck.align.paths import Kind, Path, State, bent, largest_loss, loss_of, states_of
from geomcheck.errors import GeomcheckError, InputError, described

if TYPE_CHECKING:
    import networkx
    from torch import nn

__all__ = ["connect"]

_MOST_MODELS: Final = 64


def connect(
    models: Sequence[nn.Module] | Mapping[str, nn.Module],
    data: Any,
    *,
    loss: str | Loss | None = None,
    tolerance: float = 0.05,
    curve: Literal["polygon", "bezier"] = "polygon",
    align_first: bool = True,
    points: int = 25,
    steps: int = 300,
    rate: float = 0.01,
    seed: int = 0,
) -> Connection:
    """Look for a path of low loss between every two models: straight, straight after alignment, then with one bend.

    The first that is low is kept: its loss exceeds the greater one of its ends by at most ``tolerance``. For
    ``nn.Sequential`` of Linear and ReLU, polygons are certified: the bound holds for all t, in real arithmetic.

    Args:
        models: two or more models of one architecture, by name or numbered.
        data: (inputs, targets).
        loss: "cross_entropy", "mse", or a function of outputs and targets that gives a mean over samples.
        tolerance: how far the loss on a path may rise above the greater loss of its ends.
        curve: "polygon" (two straight pieces) or "bezier" (a quadratic curve, which can only be sampled).
        align_first: permute the hidden units of one model to match the other before the second and third attempt.
        points: how many points of a straight piece are sampled.
        steps: gradient steps for the bend.
        rate: their size.
        seed: makes alignment and descent reproducible.

    Raises:
        InputError: for fewer than two models, different architectures, weights or losses that are not finite.

    Source: Garipov et al. 2018 (arXiv 1802.10026) and Draxler et al. 2018 (arXiv 1803.00885) for bent paths.

    >>> import torch, geomcheck as gc
    >>> a, b = (torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False)) for _ in range(2))
    >>> with torch.no_grad():
    ...     _ = a[0].weight.fill_(-1.0), b[0].weight.fill_(1.0)
    >>> found = gc.connect([a, b], (torch.ones(1, 1), torch.zeros(1, 1)))
    >>> found.connected, found.edges()[0][2].evidence
    ([['1', '2']], 'certified')
    """
    named = dict(models) if isinstance(models, Mapping) else {str(k): m for k, m in enumerate(models, 1)}
    if not 2 <= len(named) <= _MOST_MODELS:
        raise InputError(f"models: expected from 2 to {_MOST_MODELS}, got {len(named)}; give more checkpoints")
    if not (isfinite(tolerance) and tolerance >= 0):
        raise InputError(f"tolerance: expected a number that is not negative, got {described('tolerance', tolerance)}")
    if curve not in ("polygon", "bezier"):
        raise InputError(f"curve: expected polygon or bezier, got {described('curve', curve)}")
    if points < 2 or steps < 0:
        raise InputError(f"expected at least 2 points and no negative steps, got points={points}, steps={steps}")
    first = next(iter(named.values()))
    for model in named.values():
        check_architectures(first, model)
    given = data_set(data)
    seeker = _Seeker(given, loss_for(loss, given), loss if isinstance(loss, str) else None, callable(loss), tolerance)
    how = {"curve": curve, "steps": steps, "rate": rate, "seed": seed}
    return _searched(named, seeker, align_first, points, how)


def _searched(
    named: Mapping[str, nn.Module], seeker: _Seeker, align_first: bool, points: int, how: Mapping[str, Any]
) -> Connection:
    import networkx

    graph: networkx.Graph[str] = networkx.Graph()
    for name, model in named.items():
        value = loss_of(model, states_of(model), seeker.data, seeker.loss)
        if not isfinite(value):
            raise InputError(f"expected models of finite loss, got loss={value} for {name}; check its weights")
        graph.add_node(name, loss=value)
    missed = {}
    for a, b in combinations(named, 2):
        edge = seeker.best(named[a], named[b], align_first=align_first, points=points, how=how)
        if edge.low:
            graph.add_edge(a, b, edge=edge)
        else:
            missed[a, b] = edge
    return Connection(graph, seeker.tolerance, missed)


@final
@dataclass(frozen=True)
class _Seeker:
    """Looks for paths on one data set."""

    data: DataSet
    loss: Loss
    name: str | None
    foreign: bool
    tolerance: float

    def best(
        self, model_a: nn.Module, model_b: nn.Module, *, align_first: bool, points: int, how: Mapping[str, Any]
    ) -> Edge:
        """The first low path of the three attempts, else the one whose greatest loss is least."""
        found = [self.judged(model_a, "straight", Path((states_of(model_a), states_of(model_b))), points, False)]
        end, permuted = model_b, False
        if not found[-1].low and align_first:
            moved = _aligned(model_a, model_b, self.data, how["seed"])
            if moved is not None:
                end, permuted = moved, True
                found.append(self.judged(model_a, "aligned", Path((states_of(model_a), states_of(end))), points, True))
        if not any(edge.low for edge in found) and how["steps"]:
            path = bent(model_a, states_of(model_a), states_of(end), self.data, self.loss, **how)
            found.append(self.judged(model_a, how["curve"], path, points, permuted))
        return min(found, key=lambda edge: (not edge.low, edge.max_loss))

    def judged(self, model: nn.Module, kind: Kind, path: Path, points: int, permuted: bool) -> Edge:
        """What is known of the loss on a path: sampled, then certified where that is possible and worth while."""
        greatest, place = largest_loss(model, path, self.data, self.loss, points)
        ends = max(loss_of(model, path.at(t), self.data, self.loss) for t in (0.0, 1.0))
        low = greatest <= ends + self.tolerance  # not for NaN
        bound = self.bound(model, path) if low else None
        if bound is not None and bound[0] <= bound[1] + self.tolerance:
            return Edge(kind, "certified", greatest, place, bound[0], permuted, True, path)
        return Edge(kind, "sampled", greatest, place, None, permuted, low, path)

    def bound(self, model: nn.Module, path: Path) -> tuple[float, float] | None:
        """Proven: an upper bound of the loss all along the path, and a lower one of the greater loss of its ends."""
        if self.foreign or not path.legs:
            return None
        models = [_with_state(model, state) for state in path.states]
        how: dict[str, Any] = {"loss": self.name}
        given = self.data.inputs if len(self.data.inputs) > 1 else self.data.inputs[0], self.data.targets
        try:
            losses = [certified_loss(each, given, **how) for each in models]
            width = max(1e-6, self.tolerance / 10 / max(1e-6, *(high for _, high in losses)))
            top = 0.0
            for k in range(len(path.legs)):
                start, end = models[k : k + 2]
                leg = certified_barrier(start, end, given, baseline="linear", width=width, **how)
                top = max(top, leg.high + max(losses[k][1], losses[k + 1][1]))
        except InputError:  # another kind of layer, or of targets: sampled it stays
            return None
        return top, max(losses[0][0], losses[-1][0])


def _with_state(model: nn.Module, state: State) -> nn.Module:
    copy = deepcopy(model)
    copy.load_state_dict(dict(state), strict=False)
    return copy


def _aligned(model_a: nn.Module, model_b: nn.Module, data: DataSet, seed: int) -> nn.Module | None:
    try:
        return align(model_a, model_b, method="weights", data=data, seed=seed).model
    except GeomcheckError:  # an operation without a rule: the attempt is left out
        return None
