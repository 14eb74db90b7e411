"""Weight matching against the assignments it solves, and barriers on scikit-learn's digits.

Times are processor seconds on one thread.
"""

import time

import numpy as np
import pytest
import torch

import geomcheck as gc
from tests.benchmarks.digits import digits, matching_and_assignments, trained

SEEDS = 8
LIMIT_SECONDS = 2


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data():
    return digits()


@pytest.fixture(scope="module")
def network_pairs(data):
    return [(trained(2 * seed, data), trained(2 * seed + 1, data)) for seed in range(SEEDS)]


@pytest.mark.benchmark
def test_matching_costs_little_more_than_its_assignments(data, network_pairs):
    whole, assignments, count = matching_and_assignments(*network_pairs[0], data)
    print(f"weight matching / its {count} assignments: {whole / assignments:.3f}, {whole:.2f} s")
    assert whole <= 1.3 * assignments


@pytest.mark.benchmark
def test_barriers_on_digits(data, network_pairs):
    gc.align(*network_pairs[0], data=data, restarts=1)  # imports
    for seed, (a, b) in enumerate(network_pairs):
        plain = gc.barrier(a, b, data).barrier("mean")
        start = time.process_time()
        found = gc.align(a, b, data=data, seed=seed)
        seconds = time.process_time() - start
        curve = gc.barrier(a, found.model, data)
        barrier = max(curve.barrier("mean"), curve.barrier("linear"))
        restarts = np.round(found.restarts, 4).tolist()
        print(f"seed {seed}: {plain:.3f} -> {barrier:.4f} in {seconds:.2f} s, objective {found.after:.4f} {restarts}")
        assert barrier <= 0.02
        assert barrier < plain / 10
        assert seconds < LIMIT_SECONDS
