"""Random compositions of operations: whatever is found to move together, random members leave the function as it is."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from geomcheck.align.ties import tied_axes
from geomcheck.align.tracing import run_with, state_of

SEEDS = 60


class Composition(nn.Module):
    """A few operations drawn at random, each on one of the last three tensors; weights are made at the first run."""

    def __init__(self, seed):
        super().__init__()
        self.seed = seed
        self.weights = nn.ParameterDict()

    def weight(self, name, *shape):
        if name not in self.weights:
            self.weights[name] = nn.Parameter(torch.randn(tuple(shape), dtype=torch.float64) / 2)
        return self.weights[name]

    def forward(self, x):
        choice = np.random.default_rng(self.seed)
        pool = [x]
        for step in range(choice.integers(3, 10)):
            tensor = pool[choice.integers(max(0, len(pool) - 3), len(pool))]
            try:
                result = self.step(choice, f"w{step}", tensor, pool)
            except RuntimeError:  # shapes that do not fit
                continue
            if 0 < result.numel() < 20_000 and result.ndim > 1:
                pool.append(result)
        return functional.linear(pool[-1], self.weight("last", 3, pool[-1].shape[-1]))

    def step(self, choice, name, a, pool):
        d = int(choice.integers(0, a.ndim))
        width = a.shape[-1]
        match choice.integers(0, 20):
            case 0:
                return a.relu()
            case 1:
                return a.transpose(d, int(choice.integers(0, a.ndim)))
            case 2:
                factor = int(choice.choice([f for f in (1, 2, 3, 4, 6) if width % f == 0]))
                return a.unflatten(-1, (factor, width // factor))
            case 3:
                return a.flatten(max(d - 1, 0), max(d, 1))
            case 4:
                return torch.cat([a, a.tanh()], d)
            case 5:
                return a.narrow(d, 0, int(choice.integers(1, a.shape[d] + 1)))
            case 6:
                return a.select(d, int(choice.integers(0, a.shape[d])))
            case 7:
                return a.softmax(d)
            case 8:
                return a.sum(d)
            case 9:
                same = [b for b in pool if b.shape == a.shape]
                return a * same[int(choice.integers(0, len(same)))].sigmoid()
            case 10:
                return a @ a.transpose(-1, -2)
            case 11:
                return functional.layer_norm(a, (width,), self.weight(name, width))
            case 12:
                return a + self.weight(name, *a.shape[1:])
            case 13:
                fitting = [b for b in pool if b.shape[:-2] == a.shape[:-2] and b.shape[-2] == width]
                return a @ fitting[int(choice.integers(0, len(fitting)))] if fitting else a
            case 14:
                return a.mean(d, keepdim=True) * a
            case 15:
                first, *_, last = a.chunk(2, -1)
                return first * last
        mapped = functional.linear(a, self.weight(name, int(choice.choice([4, 6, 8, 12])), width))
        return mapped + self.weight(f"{name}b", mapped.shape[-1])


@pytest.mark.parametrize("start", range(0, SEEDS, 10))
def test_random_members_of_the_group_leave_the_function_as_it_is(start):
    found = 0
    for seed in range(start, start + 10):
        torch.manual_seed(seed)
        module, x = Composition(seed), torch.randn(2, 3, 6, dtype=torch.float64)
        module(x)
        ties = tied_axes(module, [x])
        found += len(ties.groups)
        state = state_of(module)
        with torch.no_grad():
            before = run_with(module, state, [x])
            for number in range(3):
                moved = ties.apply(state, ties.random(np.random.default_rng(number)))
                assert torch.allclose(before, run_with(module, moved, [x]), rtol=1e-7, atol=1e-9), seed
    assert found
