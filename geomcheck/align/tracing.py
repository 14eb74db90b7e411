"""The graph of a torch module as operations of torch's aten library, by `torch.fx` with fake tensors.

Tracing computes no numbers: a module whose control flow depends on the values of tensors cannot be traced, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from geomcheck.errors import InputError

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["Traced", "in_mode", "run_with", "state_of", "traced"]


@final
@dataclass(frozen=True)
class Traced:
    """A graph whose first placeholders are the tensors of ``names``, in order, and whose others are the inputs."""

    graph: torch.fx.GraphModule
    names: tuple[str, ...]


def state_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and buffers by name; a tensor with two names appears under the first."""
    found: dict[str, torch.Tensor] = dict(model.named_parameters())
    found.update(model.named_buffers())
    return found


@contextmanager
def in_mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Train or eval mode for a while; every submodule gets its own mode back."""
    modes = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def run_with(model: nn.Module, state: dict[str, torch.Tensor], inputs: Sequence[torch.Tensor]) -> Any:
    """The outputs of the model with other parameters and buffers; buffers in ``state`` are updated in place."""
    from torch.func import functional_call

    return functional_call(model, state, tuple(inputs))


def traced(model: nn.Module, inputs: Sequence[torch.Tensor], *, training: bool) -> Traced:
    """Trace the model on inputs of these shapes.

    Raises:
        InputError: for a module that cannot be traced; the message carries torch's reason.
    """
    import torch
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.utils._pytree import tree_leaves

    state = state_of(model)
    names = tuple(state)

    def forward(*tensors: torch.Tensor) -> list[torch.Tensor]:
        outputs = run_with(model, dict(zip(names, tensors, strict=False)), tensors[len(names) :])
        leaves = [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)]
        if not leaves:
            raise InputError(f"expected a module that returns tensors, got {type(outputs).__name__}")
        return leaves

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with in_mode(model, training), torch.enable_grad():
            maker = make_fx(forward, tracing_mode="fake", pre_dispatch=True, _allow_non_fake_inputs=True)
            tensors = [tensor.detach().clone() for tensor in state.values()]
            graph = maker(*tensors, *(tensor.detach() for tensor in inputs))
    except InputError:
        raise
    except Exception as error:  # a foreign forward may raise anything
        reason = " ".join((str(error).splitlines() or [""])[0].split())[:200]
        mode = "train" if training else "eval"
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in inputs)
        raise InputError(
            f"expected a module that can be traced in {mode} mode on inputs of shape {shapes}, got "
            f"{type(error).__name__}: {reason}; control flow that depends on the values of tensors cannot be traced, "
            "and the inputs must fit the module"
        ) from error
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return Traced(graph, names)
