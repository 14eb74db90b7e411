"""Training the networks of an experiment, the same way every time: one thread, one seed for everything random."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from geomcheck.align.data import DataSet
from geomcheck.experiments.networks import NETWORKS, Shape

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["logits", "measured", "one_thread", "trained"]

_BATCH: Final = 64
_RATE: Final = 2e-3
_DECAY: Final = 1e-4
_EVALUATED: Final = 1024


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for a while, in torch and in BLAS: sums are formed in one order, and small networks are faster."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def trained(network: str, shape: Shape, classes: int, width: int, data: DataSet, epochs: int, seed: int) -> nn.Module:
    """A network from a fresh start after this many epochs of Adam, its rate falling to 0 as half a cosine.

    Initialisation and order of batches depend on ``seed`` only; torch's own generator is left as it was.
    """
    import torch
    from torch.nn import functional

    assert data.targets is not None
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        model = NETWORKS[network](shape, classes, width).train()
        generator = torch.Generator().manual_seed(seed)
        optimiser = torch.optim.AdamW(model.parameters(), _RATE, weight_decay=_DECAY)
        rounds = epochs * max(1, -(-len(data) // _BATCH))
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(rounds, 1))
        for _ in range(epochs):
            order = torch.randperm(len(data), generator=generator)
            for start in range(0, len(data), _BATCH):
                rows = order[start : start + _BATCH]
                if len(rows) < 2:  # batch statistics need two samples
                    continue
                optimiser.zero_grad()
                functional.cross_entropy(model(data.inputs[0][rows]), data.targets[rows]).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                schedule.step()
    return model.eval()


def logits(model: nn.Module, data: DataSet) -> torch.Tensor:
    """The outputs in eval mode."""
    import torch

    with torch.no_grad():
        return torch.cat([model(batch.inputs[0]) for batch in data.batches(_EVALUATED)])


def measured(outputs: torch.Tensor, data: DataSet) -> tuple[float, float]:
    """(mean cross-entropy, accuracy) of logits."""
    from torch.nn import functional

    assert data.targets is not None
    loss = float(functional.cross_entropy(outputs.double(), data.targets))
    return loss, float((outputs.argmax(1) == data.targets).double().mean())
