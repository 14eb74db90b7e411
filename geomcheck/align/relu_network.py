"""Two torch networks of Linear and ReLU of one shape, as pairs of weights in float64, which holds each exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np
import numpy.typing as npt

from geomcheck.errors import InputError

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Affine", "Layer", "Relu", "layers_of"]

Array = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class Affine:
    """(1 − t)(W_A u + b_A) + t (W_B u + b_B): weights (out, in), biases (out,) or None."""

    start: Array
    end: Array
    start_bias: Array | None
    end_bias: Array | None

    def at(self, t: float) -> Array:
        """The weights at t, each off by at most 3 u max(|W_A|, |W_B|)."""
        return (1 - t) * self.start + t * self.end

    def bias_at(self, t: float) -> Array | None:
        """The bias at t, likewise."""
        if self.start_bias is None or self.end_bias is None:
            return None
        bias: Array = (1 - t) * self.start_bias + t * self.end_bias
        return bias


@final
@dataclass(frozen=True)
class Relu:
    """max(0, z), entry by entry."""


Layer: TypeAlias = Affine | Relu


def layers_of(model_a: nn.Module, model_b: nn.Module) -> list[Layer]:
    """The layers of two ``nn.Sequential`` of Linear and ReLU, nested ones opened up.

    Raises:
        InputError: for another module, layers that differ, weights that are not finite, no Linear first.

    >>> from torch import nn
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    >>> [type(layer).__name__ for layer in layers_of(net, net)]
    ['Affine', 'Relu', 'Affine']
    """
    a, b = _flat(model_a), _flat(model_b)
    if [type(m) for m in a] != [type(m) for m in b]:
        raise InputError("expected two models with the same layers, got different ones")
    layers: list[Layer] = []
    for one, other in zip(a, b, strict=True):
        if type(one).__name__ == "ReLU":
            layers.append(Relu())
        else:
            affine = Affine(_array(one.weight), _array(other.weight), _array(one.bias), _array(other.bias))
            if affine.start.shape != affine.end.shape:
                raise InputError("expected two models with layers of the same sizes, got different ones")
            layers.append(affine)
    if not layers or not isinstance(layers[0], Affine) or not isinstance(layers[-1], Affine):
        raise InputError("expected a network that begins and ends with a Linear layer; a certified barrier needs that")
    return layers


def _flat(model: nn.Module) -> list[Any]:
    from torch import nn

    if isinstance(model, nn.Linear):
        return [model]
    if not isinstance(model, nn.Sequential):
        raise InputError(
            f"expected an nn.Sequential of Linear and ReLU for a certified barrier, got {type(model).__name__}; "
            "leave out --certified to sample the segment on a grid"
        )
    found: list[Any] = []
    for part in model:
        if isinstance(part, nn.Sequential):
            found += _flat(part)
        elif type(part) in (nn.Linear, nn.ReLU):
            found.append(part)
        elif type(part) not in (nn.Flatten, nn.Identity, nn.Dropout):
            raise InputError(f"expected Linear and ReLU layers for a certified barrier, got {type(part).__name__}")
    return found


def _array(tensor: Any) -> Any:
    import torch

    if tensor is None:
        return None
    if tensor.dtype not in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
        raise InputError(f"expected weights that are floats, got {tensor.dtype}")
    array = tensor.detach().to("cpu", torch.float64).numpy()
    if not np.isfinite(array).all():
        raise InputError("expected finite weights, got inf or nan")
    return array
