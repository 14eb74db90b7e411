"""The losses that barriers and the straight-through estimator know, as means over samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from geomcheck.align.data import DataSet
from geomcheck.errors import InputError, described

if TYPE_CHECKING:
    import torch

__all__ = ["Loss", "loss_for"]

Loss = Callable[[Any, "torch.Tensor"], "torch.Tensor"]


def loss_for(loss: str | Loss | None, data: DataSet) -> Loss:
    """The loss by name ("cross_entropy" on logits, or "mse"), or a function of outputs and targets, which is returned.

    Without a name, cross-entropy for integer targets, else the mean squared error.

    Raises:
        InputError: for data without targets and for an unknown name.
    """
    import torch
    from torch.nn import functional

    if data.targets is None:
        raise InputError("data: expected inputs and targets, got inputs only; give (inputs, targets)")
    if callable(loss):
        return loss
    whole = not data.targets.is_floating_point() and data.targets.dtype != torch.bool
    match loss or ("cross_entropy" if whole else "mse"):
        case "cross_entropy":
            return lambda outputs, targets: functional.cross_entropy(outputs, targets.long() if whole else targets)
        case "mse":
            return lambda outputs, targets: functional.mse_loss(
                outputs, targets.reshape(outputs.shape).to(outputs.dtype)
            )
    raise InputError(f"loss: expected cross_entropy, mse or a function, got {described('loss', loss)}")
