"""Weight matching against rebasin, where it is installed: time, barriers by one code, and whether the function stays.

rebasin 0.0.47 moves the weights of a normalisation and leaves its running statistics where they were: its network is
another one until they are estimated anew, and behind flattened channels even then. Barriers of networks with BatchNorm
are taken with statistics estimated anew at every place, on either side.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from statistics import mean
from typing import Any

import torch
from torch import nn

from geomcheck.align.alignment import align
from geomcheck.align.barrier import barrier
from tests.benchmarks import digits
from tests.benchmarks.measure import Row, skipped, timed

PAIRS = 2
EPOCHS = 8
SAME = 1e-4  # relative to the largest output, in float32


def rebasins() -> list[Row]:
    if importlib.util.find_spec("rebasin") is None:
        return skipped("weight matching: time, barrier, function", "rebasin")
    torch.set_num_threads(1)
    flat, labels = digits.digits()
    images = flat.reshape(-1, 1, 8, 8)
    return [
        *_rows("64-512-512-512-10", partial(digits.trained, data=(flat, labels)), (flat, labels), 3 / 4),
        *_rows(
            "convolutions with BatchNorm", partial(_trained, pooled, data=(images, labels)), (images, labels), 1 / 2
        ),
        *_rows(
            "the same with channels flattened",
            partial(_trained, flattened, data=(images, labels)),
            (images, labels),
            1 / 5,
        ),
    ]


def _rows(name: str, make: Callable[[int], nn.Module], data: digits.Data, target: float) -> list[Row]:
    """Means over pairs of networks. What geomcheck returns has to be the same function before anything is timed.

    ``target`` is that of the time, in which geomcheck also checks the function, which rebasin does not.
    """
    pairs = [(make(2 * k), make(2 * k + 1)) for k in range(PAIRS)]
    tools: dict[str, Callable[[nn.Module, nn.Module], nn.Module]] = {
        "geomcheck": lambda a, b: align(a, b, data=data).model,
        "rebasin": lambda a, b: _rebasin(a, b, data[0][:64]),
    }
    times, barriers, deviations = ({tool: [] for tool in tools} for _ in range(3))
    for a, b in pairs:
        for tool, work in tools.items():
            moved = work(a, b)
            deviations[tool].append(_deviation(moved, b, data[0]))
            assert tool == "rebasin" or deviations[tool][-1] <= SAME
            barriers[tool].append(barrier(a, moved, data, batchnorm="reset").barrier("mean"))
            times[tool].append(timed(partial(work, a, b), 2)[0])

    def row(what: str, values: dict[str, list[float]], unit: str, target: float) -> Row:
        ours, theirs = (mean(values[tool]) for tool in tools)
        return Row(f"{name}: {what}", ours, unit, "rebasin", theirs, target)

    found = [row("alignment, with its checks", times, "s", target), row("barrier after it", barriers, "", 3 / 4)]
    if max(deviations["rebasin"]) > SAME:
        found.append(row("how far outputs moved, relative", deviations, "", 1))
    return found


def _rebasin(a: nn.Module, b: nn.Module, inputs: torch.Tensor) -> nn.Module:
    from rebasin import PermutationCoordinateDescent

    torch.manual_seed(0)
    moved = deepcopy(b)
    PermutationCoordinateDescent(a, moved, inputs).rebasin()
    return moved.eval()


def _deviation(moved: nn.Module, model: nn.Module, inputs: torch.Tensor) -> float:
    with torch.no_grad():
        outputs = model(inputs)
        return float((moved(inputs) - outputs).abs().max() / outputs.abs().max())


def pooled() -> nn.Module:
    return nn.Sequential(*_convolutions(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def flattened() -> nn.Module:
    return nn.Sequential(*_convolutions(), nn.Flatten(), nn.Linear(64 * 4 * 4, 10))


def _convolutions() -> list[nn.Module]:
    def layer(channels: int, width: int) -> list[nn.Module]:
        return [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]

    return [*layer(1, 32), *layer(32, 64), nn.MaxPool2d(2), *layer(64, 64)]


def _trained(architecture: Callable[[], nn.Module], seed: int, data: Any) -> nn.Module:
    torch.manual_seed(seed)
    model = architecture()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data[0])).split(128):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(data[0][rows]), data[1][rows]).backward()
            optimiser.step()
    return model.eval()
