"""Networks of scikit-learn's digits, and what matching one pair of them costs beside the assignments it solves."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

import torch
from sklearn.datasets import load_digits
from torch import nn

from geomcheck.align import coordinate_ascent
from geomcheck.align.ties import tied_axes
from geomcheck.align.tracing import state_of
from geomcheck.align.weight_matching import maximise, weight_pairs

EPOCHS = 40
RESTARTS = 3  # the default of geomcheck.align

Data = tuple[torch.Tensor, torch.Tensor]


def digits(samples: int | None = None) -> Data:
    images, labels = load_digits(return_X_y=True)
    return torch.tensor(images[:samples] / 16, dtype=torch.float32), torch.tensor(labels[:samples])


def network() -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    )


def trained(seed: int, data: Data) -> nn.Module:
    torch.manual_seed(seed)
    model = network()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data[0])).split(128):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(data[0][rows]), data[1][rows]).backward()
            optimiser.step()
    return model.eval()


def matching_and_assignments(a: nn.Module, b: nn.Module, data: Data, repeat: int = 3) -> tuple[float, float, int]:
    """Processor seconds of weight matching with its restarts, those of scipy's assignments inside, and their number.

    Of several runs that with the smallest ratio. Finding the tied axes and checking the function is not matching.
    """
    solve = coordinate_ascent.linear_sum_assignment
    spent: list[float] = []

    def measured(values: Any, maximize: bool) -> Any:
        start = time.process_time()
        answer = solve(values, maximize=maximize)
        spent.append(time.process_time() - start)
        return answer

    ties = tied_axes(a, [data[0][:64]])
    names = frozenset(state_of(a))
    found = []
    with mock.patch.object(coordinate_ascent, "linear_sum_assignment", measured):
        for _ in range(repeat):
            spent.clear()
            start = time.process_time()
            maximise(ties, weight_pairs(ties, state_of(a), state_of(b), names), restarts=RESTARTS, seed=0)
            found.append((time.process_time() - start, sum(spent), len(spent)))
    return min(found, key=lambda times: times[0] / times[1])
