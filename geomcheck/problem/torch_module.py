"""Torch modules and state dicts, read exactly: every finite float is a dyadic rational.

torch is imported inside the functions, so that reading a problem without it stays cheap.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geomcheck.errors import InputError, LimitError, described
from geomcheck.problem.activation import Activation
from geomcheck.problem.network import LINEAR, DenseNetwork, Layer
from geomcheck.problem.numbers import plain

if TYPE_CHECKING:
    from torch import nn

MAX_CHECKPOINT_BYTES: Final = 256 * 1024 * 1024
_LONGEST_MODULE: Final = 60
_PLAIN: Final = {"Tanh": "tanh", "ReLU": "relu", "Sigmoid": "sigmoid", "SiLU": "silu"}
_SUPPORTED: Final = "Linear, Tanh, ReLU, LeakyReLU, Sigmoid, Softplus(beta=1), SiLU, GELU(approximate='none'), Identity"


def network_from_torch(module: nn.Module) -> tuple[DenseNetwork, tuple[Fraction, ...]]:
    """The network and its exact parameters (torch order) of an nn.Sequential of Linear and activation modules.

    Nested Sequentials are flattened and Identity is skipped; a Softplus is the exact log(1 + e^z). Raises InputError
    for any other module, a Linear used twice, an activation that follows no Linear, and weights that are not finite.

    >>> from torch import nn
    >>> net, theta = network_from_torch(nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)))
    >>> net.widths, len(theta)
    ((2, 3, 1), 13)
    """
    from torch import nn

    if not isinstance(module, nn.Module):
        raise InputError(f"torch: expected a torch.nn.Sequential, got {described('torch', module)}")
    linears: list[nn.Linear] = []
    activations: list[Activation | None] = []
    for name, part in _flattened(module, ""):
        if type(part) is nn.Identity:
            continue
        if type(part) is nn.Linear:
            if any(
                part.weight is other.weight or (part.bias is not None and part.bias is other.bias) for other in linears
            ):
                raise InputError(f"torch: the weights of module {name} are used twice; give each layer its own")
            if linears and linears[-1].out_features != part.in_features:
                raise InputError(
                    f"torch: module {name}: expected in_features={linears[-1].out_features} to fit the layer before, "
                    f"got in_features={part.in_features}"
                )
            linears.append(part)
            activations.append(None)
            continue
        activation = _activation(part, name)
        if not linears or activations[-1] is not None:
            raise InputError(f"torch: the activation {_kind(part)} (module {name}) must follow a Linear directly")
        activations[-1] = activation
    if not linears:
        raise InputError("torch: expected at least one Linear, got none")
    layers = tuple(
        Layer(linear.out_features, linear.bias is not None, activation or LINEAR)
        for linear, activation in zip(linears, activations, strict=True)
    )
    network = DenseNetwork(linears[0].in_features, layers)
    tensors = {
        f"{number}.{name}": tensor
        for number, linear in enumerate(linears)
        for name, tensor in linear.named_parameters(recurse=False)
    }
    return network, parameters_from_state_dict(tensors, network, "torch")


def parameters_from_state_dict(
    source: str | os.PathLike[str] | Mapping[str, Any], network: DenseNetwork, where: str = "state dict"
) -> tuple[Fraction, ...]:
    """The exact parameters in a state dict (or a file that torch.save wrote of one), in torch order.

    The tensors are matched to W1, b1, W2, ... in their order. Files are read with weights_only=True, so that nothing
    in them is run. Raises InputError for a file that is no state dict, a tensor too many or too few, a wrong shape, and
    weights that are not finite.
    """
    tensors = source if isinstance(source, Mapping) else _loaded(source)
    blocks = network.blocks()
    if len(tensors) != len(blocks):
        wanted = ", ".join(block.name for block in blocks[:8])
        raise InputError(f"{where}: expected {len(blocks)} tensors ({wanted}), got {len(tensors)}")
    theta: list[Fraction] = []
    for block, (name, tensor) in zip(blocks, tensors.items(), strict=True):
        shape = tuple(getattr(tensor, "shape", ()))
        letter = {"weight": "W", "bias": "b"}.get(str(name).rpartition(".")[2])
        if shape != block.shape or letter != block.name[0]:
            kind = "weight" if block.name[0] == "W" else "bias"
            raise InputError(
                f"{where}: expected {block.name}, a {kind} of shape {block.shape}, "
                f"got '{str(name)[:40]}' of shape {shape}"
            )
        theta.extend(_numbers(plain(tensor, f"{where}: {name}"), len(shape)))
    return tuple(theta)


def _numbers(nested: Any, depth: int) -> list[Fraction]:
    if depth == 1:
        return list(nested)
    return [number for row in nested for number in row]


def _loaded(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    import torch

    name = os.fspath(path)
    try:
        size = Path(path).stat().st_size
        if size > MAX_CHECKPOINT_BYTES:
            raise LimitError(f"{name}: expected at most {MAX_CHECKPOINT_BYTES} bytes, got {size}")
        value = torch.load(path, map_location="cpu", weights_only=True)
    except LimitError:
        raise
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}; check the path") from None
    except Exception as error:  # torch.load raises errors of many kinds on a file that is no checkpoint
        reason = re.split(r"\x1b|[.\n]", str(error), maxsplit=1)[0][:120] or type(error).__name__
        raise InputError(
            f"{name}: expected a state dict saved by torch.save(module.state_dict(), path), got a file that "
            f"torch.load(weights_only=True) refuses: {reason}"
        ) from None
    if not isinstance(value, Mapping):
        raise InputError(f"{name}: expected a state dict, got {described('value', value)}")
    return value


def _flattened(module: nn.Module, prefix: str) -> list[tuple[str, nn.Module]]:
    from torch import nn

    if type(module) is not nn.Sequential:
        return [(prefix or "0", module)]
    parts: list[tuple[str, nn.Module]] = []
    for index, child in enumerate(module):  # named_children() would leave out a module that is used twice
        parts.extend(_flattened(child, f"{prefix}.{index}" if prefix else str(index)))
    return parts


def _activation(module: nn.Module, name: str) -> Activation:
    from torch import nn

    match module:
        case nn.LeakyReLU():
            return Activation("leaky_relu", Fraction(module.negative_slope))
        case nn.Softplus() if module.beta == 1:
            return Activation("softplus")
        case nn.GELU() if module.approximate == "none":
            return Activation("gelu")
        case _ if type(module).__module__.startswith("torch.nn.") and _kind(module) in _PLAIN:
            return Activation(_PLAIN[_kind(module)])
    advice = '; leave it out and say behaviour = "probabilities"' if _kind(module) in ("Softmax", "LogSoftmax") else ""
    if any(True for _ in module.children()):
        advice = "; write it as one nn.Sequential of these"
    said = " ".join(str(module).split())
    said = _kind(module) if len(said) > _LONGEST_MODULE else said
    raise InputError(f"torch: unsupported module {said} (module {name}); supported: {_SUPPORTED}{advice}")


def _kind(module: nn.Module) -> str:
    return type(module).__name__
