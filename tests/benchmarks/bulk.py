"""Floats in bulk against nested automatic differentiation: 1,000 instances of H, G and both ranks, one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.func import jacrev, vmap

from geomcheck.geometry.batch import Batch
from geomcheck.problem.read import problem_from
from tests.benchmarks.measure import Row, timed

INSTANCES = 1000
CHUNKS = (16, 64, 256)
SHAPES = (("2-3-1 tanh", 8), ("4-8-2 tanh", 32), ("18-10-2 tanh", 64))


def bulk() -> list[Row]:
    torch.set_num_threads(1)
    return [_row(network, samples) for network, samples in SHAPES]


def _row(network: str, samples: int) -> Row:
    problem = problem_from({"network": network, "samples": samples})
    choice = np.random.default_rng(0)
    theta = choice.standard_normal((INSTANCES, problem.P))
    x = choice.standard_normal((INSTANCES, samples, problem.model.n_inputs))
    y = choice.standard_normal((INSTANCES, samples, problem.K))
    ours, found = timed(lambda: _ours(Batch(problem, theta, x, y)), 2)
    tensors = [torch.from_numpy(a) for a in (theta, x, y)]
    widths = (problem.model.n_inputs, problem.model.layers[0].width, problem.K)
    few = [t[:256] for t in tensors]
    chunk = min(CHUNKS, key=lambda size: timed(lambda: _nested(widths, *few, size), 2)[0])
    theirs, expected = timed(lambda: _nested(widths, *tensors, chunk), 2)
    assert np.allclose(found[0], expected[0].numpy(), rtol=1e-8, atol=1e-8)
    assert [list(r.values) for r in found[2:]] == [r.tolist() for r in expected[2:]]
    name = f"1,000 instances of H, G and both ranks, P = {problem.P}, N = {samples}"
    return Row(name, ours, rival=f"vmap(jacrev(jacrev)), matrix_rank, chunk {chunk}", theirs=theirs, target=2)


def _ours(batch: Batch) -> tuple[Any, ...]:
    return batch["H"], batch["G"], batch.ranks("H"), batch.ranks("G")


def _nested(widths: tuple[int, int, int], theta: Any, x: Any, y: Any, chunk: int) -> tuple[Any, ...]:
    """The same by torch: nested reverse mode, and the ranks of a symmetric H and of G at the same tolerance."""
    d, m, k = widths

    def outputs(p: Any, inputs: Any) -> Any:
        first, bias, second, last = p.split([m * d, m, k * m, k])
        return torch.tanh(inputs @ first.reshape(m, d).T + bias) @ second.reshape(k, m).T + last

    def loss(p: Any, inputs: Any, targets: Any) -> Any:
        return ((outputs(p, inputs) - targets) ** 2).sum() / 2

    H = vmap(jacrev(jacrev(loss)), chunk_size=chunk)(theta, x, y)
    G = vmap(jacrev(outputs), chunk_size=chunk)(theta, x).flatten(1, 2)
    return (
        H,
        G,
        torch.linalg.matrix_rank(H, rtol=1e-10, hermitian=True),
        torch.linalg.matrix_rank(G, rtol=1e-10),
    )
