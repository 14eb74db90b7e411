"""Data sets and example inputs: what a model is run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.align.tracing import in_mode, run_with, state_of
from geomcheck.errors import InputError, described

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["DataSet", "data_set", "example_inputs"]

_BATCH: Final = 4
_SIDES: Final = (8, 16, 28, 32, 64, 96, 128, 224, 256, 299)
_LENGTHS: Final = (8, 16, 32, 64, 128, 256, 512, 1024)


@final
@dataclass(frozen=True)
class DataSet:
    """Inputs, one tensor for every argument of the model, and targets, or None; the first dimension counts samples."""

    inputs: tuple[torch.Tensor, ...]
    targets: torch.Tensor | None = None

    def __len__(self) -> int:
        return int(self.inputs[0].shape[0])

    def part(self, start: int, end: int) -> DataSet:
        """The samples from start to end."""
        targets = None if self.targets is None else self.targets[start:end]
        return DataSet(tuple(tensor[start:end] for tensor in self.inputs), targets)

    def batches(self, size: int) -> Iterator[DataSet]:
        """Consecutive parts of at most this many samples."""
        for start in range(0, len(self), size):
            yield self.part(start, min(start + size, len(self)))


def data_set(data: Any) -> DataSet:
    """Read data: a tensor or array of inputs, or (inputs, targets) with inputs a tensor or a tuple of tensors, or a
    mapping with the keys inputs and targets (or x and y).

    Raises:
        InputError: for anything else, for no samples, different numbers of samples, and inputs that are not finite.
    """
    import torch

    if isinstance(data, DataSet):
        return data
    targets = None
    inputs = data
    if isinstance(data, Mapping):
        inputs = next((data[key] for key in ("inputs", "x", "X") if key in data), None)
        targets = next((data[key] for key in ("targets", "y", "Y") if key in data), None)
        if inputs is None:
            raise InputError(
                f"data: expected the keys inputs and targets (or x and y), got {sorted(map(str, data))[:8]}"
            )
    elif isinstance(data, tuple | list) and len(data) == 2:
        inputs, targets = data
    tensors = tuple(_tensor(item) for item in (inputs if isinstance(inputs, tuple | list) else [inputs]))
    if not tensors or any(tensor.ndim == 0 for tensor in tensors):
        raise InputError("data: expected inputs with one row a sample, got none; give a tensor or (inputs, targets)")
    answer = DataSet(tensors, None if targets is None else _tensor(targets))
    rows = [len(tensor) for tensor in (*tensors, *([] if answer.targets is None else [answer.targets]))]
    if len(set(rows)) > 1 or rows[0] == 0:
        raise InputError(f"data: expected as many targets as inputs, and at least one, got {rows} samples")
    for tensor in tensors:
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise InputError("data: expected finite inputs, got NaN or infinity; clean the data")
    return answer


def _tensor(value: Any) -> torch.Tensor:
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        tensor = torch.from_numpy(np.ascontiguousarray(value))
        return tensor.to(torch.get_default_dtype()) if tensor.is_floating_point() else tensor
    advice = "; load the file, as with numpy.load" if isinstance(value, str) else ""
    raise InputError(f"data: expected tensors or numeric arrays, got {described('data', value)}{advice}")


def example_inputs(model: nn.Module, shape: Sequence[int] | None = None) -> tuple[torch.Tensor, ...]:
    """Random inputs that the model accepts: of the given shape (one sample), or of one found from its first layer.

    Shapes are tried until the model runs: the features of a first Linear with and without a sequence before it, the
    channels of a first convolution with usual sizes of images, token numbers for a first Embedding.

    Raises:
        InputError: when none is accepted.
    """
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.get_default_dtype())

    def random(*sizes: int) -> torch.Tensor:
        return torch.randn(_BATCH, *sizes, generator=generator).to(dtype)

    candidates: list[torch.Tensor] = []
    if shape is not None:
        candidates = [random(*shape)]
    else:
        for module in model.modules():
            match module:
                case nn.Linear():
                    features = module.in_features
                    candidates += [random(features), *(random(length, features) for length in _LENGTHS)]
                case nn.Conv2d():
                    candidates += [random(module.in_channels, side, side) for side in _SIDES]
                case nn.Conv1d():
                    candidates += [random(module.in_channels, length) for length in _LENGTHS]
                case nn.Embedding():
                    top = module.num_embeddings
                    candidates += [torch.randint(0, top, (_BATCH, n), generator=generator) for n in _LENGTHS]
                case _:
                    continue
            break
    reason = "the first layer is none that geomcheck knows an input for"
    for candidate in candidates:
        try:
            with in_mode(model, training=False), torch.no_grad():
                run_with(model, {name: tensor.clone() for name, tensor in state_of(model).items()}, [candidate])
        except Exception as error:  # a foreign forward may raise anything on a shape it does not expect
            reason = " ".join((str(error).splitlines() or [type(error).__name__])[0].split())[:160]
            continue
        return (candidate,)
    tried = f"shape {tuple(shape)}" if shape is not None else "the usual shapes"
    raise InputError(
        f"expected a model that runs on inputs of {tried}, got: {reason}; give data, or the shape of one sample as "
        "inputs=(3, 32, 32) (--input 3,32,32)"
    )
