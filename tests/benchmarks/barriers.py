"""Barriers: the exact maximum of a loss of degree 16 along a segment, and the certified one of a relu network."""

from __future__ import annotations

import resource
import subprocess
import sys
from fractions import Fraction

import torch
from torch import nn

import geomcheck as gc
from geomcheck.geometry.barriers.barrier import Barrier, barrier_between
from geomcheck.problem.read import problem_from
from tests.benchmarks.digits import digits
from tests.benchmarks.measure import Row, timed

PATIENCE = 10  # processor seconds for SymPy, which had not ended after 200 of them either
DEPTH = 8
SAMPLES = 1000
EPOCHS = 30


def degree_16() -> Barrier:
    """Eight linear layers of one unit, w_l(λ) = 7 λ − l: L(λ) = ½ (Π_l (7 λ − l) − 1)²."""
    problem = problem_from(
        {"network": "-".join("1" * (DEPTH + 1)) + " linear, no bias", "inputs": [[1]], "targets": [[1]]}
    )
    start, end = ([Fraction(shift - l) for l in range(DEPTH)] for shift in (0, DEPTH - 1))
    return barrier_between(problem, start, end)


def sympy_maximum(found: Barrier) -> tuple[float, bool]:
    """Processor seconds of ``sympy.maximum`` on the same polynomial, and whether it ended or had to be stopped."""
    terms = " + ".join(f"Rational({c.p}, {c.q})*x**{i}" for i, c in enumerate(found.pieces[0].polynomial.coeffs()))
    code = f"from sympy import *; x = Symbol('x', real=True); print(N(maximum({terms}, x, Interval(0, 1))))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_CPU, ({PATIENCE}, {PATIENCE})); "
    done = subprocess.run([sys.executable, "-c", limit + code], check=False, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.returncode == 0


def relu_network(seed: int, data: tuple[torch.Tensor, torch.Tensor]) -> nn.Module:
    """64-512-10, trained on squared loss."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 10))
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data[0])).split(128):
            optimiser.zero_grad()
            nn.functional.mse_loss(model(data[0][rows]), data[1][rows]).backward()
            optimiser.step()
    return model.eval()


def barriers() -> list[Row]:
    ours, found = timed(degree_16, 20)
    assert found.pieces[0].polynomial.degree() == 2 * DEPTH
    theirs, ended = sympy_maximum(found)
    rival = "sympy.maximum" + ("" if ended else ", stopped")
    torch.set_num_threads(1)
    images, labels = digits()
    data = images[:SAMPLES], nn.functional.one_hot(labels[:SAMPLES], 10).float()
    a, b = (relu_network(seed, data) for seed in (0, 1))
    certified, interval = timed(lambda: gc.certified_barrier(a, b, data, loss="mse", baseline="mean"))
    on_a_grid = gc.barrier(a, b, data, loss="mse", points=101).barrier("mean")
    assert interval.complete
    assert abs(interval.low - on_a_grid) < 1e-4  # torch computes in float32, and between its places the loss may rise
    assert on_a_grid <= interval.high + 1e-6
    name = f"certified barrier of 64-512-10 relu, squared loss, {SAMPLES:,} digits, all t"
    return [
        Row("exact barrier of degree 16", ours, rival=rival, theirs=theirs, target=1000),
        Row(name, certified, target=5),
    ]
