"""Weight matching against the assignments it solves, and the barriers it leaves between networks of 600 digits.

Times are processor seconds on one thread; ``python -m tests.benchmarks alignment`` has eight pairs and all the digits.
"""

import time
from itertools import pairwise

import pytest
import torch

import geomcheck as gc
from tests.benchmarks.digits import digits, matching_and_assignments, trained

SAMPLES = 600
PAIRS = 2
LIMIT_SECONDS = 2


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data():
    return digits(SAMPLES)


@pytest.fixture(scope="module")
def network_pairs(data):
    networks = [trained(seed, data) for seed in range(PAIRS + 1)]
    return list(pairwise(networks))


@pytest.mark.benchmark
def test_matching_costs_little_more_than_its_assignments(data, network_pairs):
    whole, assignments, count = matching_and_assignments(*network_pairs[0], data)
    print(f"weight matching / its {count} assignments: {whole / assignments:.3f}, {whole:.2f} s")
    assert whole <= 1.3 * assignments


@pytest.mark.benchmark
def test_barriers_on_digits(data, network_pairs):
    for seed, (a, b) in enumerate(network_pairs):
        plain = gc.barrier(a, b, data).barrier("mean")
        start = time.process_time()
        found = gc.align(a, b, data=data, seed=seed)
        seconds = time.process_time() - start
        curve = gc.barrier(a, found.model, data)
        barrier = max(curve.barrier("mean"), curve.barrier("linear"))
        print(f"seed {seed}: {plain:.3f} -> {barrier:.4f} in {seconds:.2f} s")
        assert barrier <= 0.02
        assert barrier < plain / 10
        assert seconds < LIMIT_SECONDS
