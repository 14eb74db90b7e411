"""Weight matching against the assignments it solves, and barriers on scikit-learn's digits.

Times are processor seconds on one thread.
"""

import time

import numpy as np
import pytest
import torch
from torch import nn

import geomcheck as gc
from geomcheck.align import matching
from geomcheck.align.ties import tied_axes
from geomcheck.align.tracing import state_of
from geomcheck.align.weights import maximise, weight_pairs

SEEDS = 8
EPOCHS = 40
LIMIT_SECONDS = 2


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network():
    return nn.Sequential(
        nn.Linear(64, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    )


@pytest.fixture(scope="module")
def digits():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(return_X_y=True)
    return torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)


def trained(seed, data):
    torch.manual_seed(seed)
    model = network()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data[0])).split(128):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(data[0][rows]), data[1][rows]).backward()
            optimiser.step()
    return model.eval()


@pytest.fixture(scope="module")
def network_pairs(digits):
    return [(trained(2 * seed, digits), trained(2 * seed + 1, digits)) for seed in range(SEEDS)]


@pytest.mark.benchmark
def test_matching_costs_little_more_than_its_assignments(digits, network_pairs, monkeypatch):
    a, b = network_pairs[0]
    solve = matching.linear_sum_assignment
    spent = []

    def measured(values, maximize):
        start = time.process_time()
        answer = solve(values, maximize=maximize)
        spent.append(time.process_time() - start)
        return answer

    monkeypatch.setattr(matching, "linear_sum_assignment", measured)
    ties = tied_axes(a, [digits[0][:64]])
    names = frozenset(state_of(a))
    ratios = []
    for _ in range(3):
        spent.clear()
        start = time.process_time()
        maximise(ties, weight_pairs(ties, state_of(a), state_of(b), names), restarts=3, seed=0)
        ratios.append((time.process_time() - start) / sum(spent))
    print(f"weight matching / its assignments: {min(ratios):.3f}, assignments: {len(spent)}, {sum(spent):.2f} s")
    assert min(ratios) <= 1.3


@pytest.mark.benchmark
def test_barriers_on_digits(digits, network_pairs):
    gc.align(*network_pairs[0], data=digits, restarts=1)  # imports
    for seed, (a, b) in enumerate(network_pairs):
        plain = gc.barrier(a, b, digits).barrier("mean")
        start = time.process_time()
        found = gc.align(a, b, data=digits, seed=seed)
        seconds = time.process_time() - start
        barrier = gc.barrier(a, found.model, digits).barrier("mean")
        restarts = np.round(found.restarts, 4).tolist()
        print(f"seed {seed}: {plain:.3f} -> {barrier:.4f} in {seconds:.2f} s, objective {found.after:.4f} {restarts}")
        assert barrier <= 0.02
        assert barrier < plain / 10
        assert seconds < LIMIT_SECONDS
