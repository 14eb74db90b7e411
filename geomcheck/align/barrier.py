"""``gc.barrier``: the loss along the straight segment between two torch models, and how far it rises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, Literal

from geomcheck.align.alignment import check_architectures
from geomcheck.align.curve import Curve
from geomcheck.align.data import DataSet, data_set
from geomcheck.align.losses import Loss, loss_for
from geomcheck.align.tracing import in_mode, run_with, state_of
from geomcheck.errors import InputError, described

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["barrier"]

_BATCH: Final = 1024
_MOST_POINTS: Final = 10_001
_TWIN_SAMPLES: Final = 64
_TWIN_TOLERANCE: Final = 1e-4
_MISFITS: Final = (RuntimeError, ValueError, TypeError, IndexError)  # what torch raises on data that does not fit


def barrier(
    model_a: nn.Module,
    model_b: nn.Module,
    data: Any,
    *,
    loss: str | Loss | None = None,
    points: int = 25,
    batchnorm: Literal["as-is", "reset"] = "as-is",
    statistics: Any = None,
) -> Curve:
    """The loss along the segment from model A to model B, with every float tensor of their states interpolated.

    Args:
        model_a: the model at t = 0.
        model_b: the model at t = 1, for instance ``gc.align(...).model``.
        data: (inputs, targets).
        loss: "cross_entropy", "mse", or a function of outputs and targets that gives a mean over samples.
        points: how many values of t, evenly spaced, ends included.
        batchnorm: "as-is" interpolates the running statistics too; "reset" estimates them anew on the data at every
            t, ends included (Jordan et al. 2023, REPAIR, describe why interpolated ones mislead).
        statistics: the data that "reset" estimates on, as of training where ``data`` is held out; default: ``data``.

    Raises:
        InputError: for models of different architecture, weights that are not finite, data without targets.

    >>> import torch, geomcheck as gc
    >>> a, b = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    >>> with torch.no_grad():
    ...     _ = a.weight.fill_(-1.0), b.weight.fill_(1.0)
    >>> gc.barrier(a, b, (torch.ones(1, 1), torch.zeros(1, 1)), points=3).losses
    (1.0, 0.0, 1.0)
    """
    import torch

    check_architectures(model_a, model_b)
    if not 2 <= points <= _MOST_POINTS:
        raise InputError(f"points: expected 2 to {_MOST_POINTS}, got {described('points', points)}")
    if batchnorm not in ("as-is", "reset"):
        raise InputError(f"batchnorm: expected as-is or reset, got {described('batchnorm', batchnorm)}")
    given = data_set(data)
    chosen = loss_for(loss, given)
    estimated = given if statistics is None else data_set(statistics)
    assert given.targets is not None
    classes = not given.targets.is_floating_point() and given.targets.ndim == 1
    model = deepcopy(model_a)
    _check_twins(model, model_b, given.part(0, _TWIN_SAMPLES))
    state_a, state_b = ({n: t.detach() for n, t in state_of(m).items()} for m in (model_a, model_b))
    _check_whole_numbers(state_a, state_b)
    places = tuple(k / (points - 1) for k in range(points))
    losses, accuracies = [], []
    with torch.no_grad():
        for t in places:
            state = {
                name: torch.lerp(tensor, state_b[name], t) if tensor.is_floating_point() else tensor.clone()
                for name, tensor in state_a.items()
            }
            if batchnorm == "reset":
                _estimate(model, state, estimated)
            value, correct = _evaluated(model, state, given, chosen, classes)
            losses.append(value)
            accuracies.append(correct)
    hits = tuple(c for c in accuracies if c is not None)
    return Curve(places, tuple(losses), hits if len(hits) == points else None, batchnorm)


def _check_twins(model: nn.Module, model_b: nn.Module, data: DataSet) -> None:
    """Stop where model A with the tensors of B is not model B: a slope or a scale that is no tensor may differ."""
    import torch
    from torch.utils._pytree import tree_leaves

    answers = []
    for module in (model, model_b):
        state = {name: tensor.detach().clone() for name, tensor in state_of(model_b).items()}
        with (
            in_mode(module, training=False),
            torch.no_grad(),
            suppress(RuntimeError, ValueError, TypeError, IndexError),
        ):
            answers.append([leaf for leaf in tree_leaves(run_with(module, state, data.inputs)) if _is_tensor(leaf)])
    if len(answers) == 2 and not all(map(_close, *answers)):  # data that does not fit is named where it is used
        raise InputError(
            "expected two models of one architecture, got models that differ in something that is no tensor: with the "
            "tensors of B, A does not compute what B computes; make both by one factory"
        )


def _check_whole_numbers(state_a: Mapping[str, torch.Tensor], state_b: Mapping[str, torch.Tensor]) -> None:
    """Stop where tensors that cannot be interpolated differ, such as masks; counters of batches may."""
    for name, tensor in state_a.items():
        counter = name.rpartition(".")[2] == "num_batches_tracked"
        if not (tensor.is_floating_point() or counter or tensor.equal(state_b[name])):
            raise InputError(
                f"expected whole numbers and masks to be the same in both models, got a difference in {name}; there is "
                "no segment between them"
            )


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    import torch

    return torch.allclose(a.double(), b.double(), rtol=_TWIN_TOLERANCE, atol=_TWIN_TOLERANCE, equal_nan=True)


def _evaluated(
    model: nn.Module, state: dict[str, torch.Tensor], data: DataSet, loss: Loss, classes: bool
) -> tuple[float, float | None]:
    import torch

    total, correct, counted = 0.0, 0, classes
    with in_mode(model, training=False):
        for batch in data.batches(_BATCH):
            assert batch.targets is not None
            try:
                outputs = run_with(model, state, batch.inputs)
                total += float(loss(outputs, batch.targets)) * len(batch)
            except _MISFITS as error:
                reason = " ".join((str(error).splitlines() or [""])[0].split())[:200]
                raise InputError(f"expected data that fits the model and the loss, got: {reason}") from error
            if counted and isinstance(outputs, torch.Tensor) and outputs.ndim == 2 and outputs.shape[1] > 1:
                correct += int((outputs.argmax(1) == batch.targets).sum())
            else:
                counted = False
    return total / len(data), correct / len(data) if counted else None


def _estimate(model: nn.Module, state: dict[str, torch.Tensor], data: DataSet) -> None:
    """Replace the running statistics in ``state`` by those of the data: plain averages over batches."""
    from torch.nn.modules.batchnorm import _BatchNorm

    layers = {name: m for name, m in model.named_modules() if isinstance(m, _BatchNorm) and m.running_mean is not None}
    for name in layers:
        prefix = f"{name}." if name else ""
        state[f"{prefix}running_mean"].zero_()
        state[f"{prefix}running_var"].fill_(1)
        if f"{prefix}num_batches_tracked" in state:
            state[f"{prefix}num_batches_tracked"].zero_()
    with _averaging(model, list(layers.values())):
        for batch in data.batches(_BATCH):
            if len(batch) > 1 or len(data) == 1:
                run_with(model, state, batch.inputs)


@contextmanager
def _averaging(model: nn.Module, layers: list[Any]) -> Iterator[None]:
    momenta = [layer.momentum for layer in layers]
    with in_mode(model, training=False):
        for layer in layers:
            layer.training, layer.momentum = True, None
        try:
            yield
        finally:
            for layer, momentum in zip(layers, momenta, strict=True):
                layer.momentum = momentum
