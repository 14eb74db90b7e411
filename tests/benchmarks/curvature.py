"""Dense curvature against curvlinops-for-pytorch, where it is installed: floats, and what exactness costs beside them.

Its operators are applied to the identity, some columns at a time: the quickest of several numbers of columns counts.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from geomcheck.geometry.batch import Batch
from geomcheck.geometry.instance import Instance
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from tests.benchmarks.certified import two_hundred
from tests.benchmarks.measure import Row, skipped, timed
from tests.benchmarks.problems import wide

PACKAGE = "curvlinops-for-pytorch"
OPERATORS = {"H": "HessianLinearOperator", "H_o": "GGNLinearOperator"}
NAMES = {"H": "H", "H_o": "Gauss–Newton"}
COLUMNS = {300: (64, 256), 2000: (16, 64)}  # to try, by the most parameters
CLOSE = 1e-10
SHAPES = (
    ("4-8-1 tanh", 32, (1, 100)),
    ("8-16-2 tanh", 64, (1, 100)),
    ("8-20-20-18-1 tanh", 256, (1,)),
    ("7-111-1 tanh", 256, (1,)),
)
EXACT = (two_hundred, 20), (wide, 2)


class Square(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * x


def curvature() -> list[Row]:
    if importlib.util.find_spec("curvlinops") is None:
        return skipped("dense H and Gauss–Newton matrices, floats and exact", PACKAGE)
    torch.set_num_threads(1)
    found = [_floats(*shape, count, word) for word in OPERATORS for *shape, counts in SHAPES for count in counts]
    return [*found, *(row for problem, repeat in EXACT for row in _exact(problem("square"), repeat))]


def _floats(network: str, samples: int, count: int, word: str) -> Row:
    """Networks with standard normal data, and parameters that do not saturate tanh."""
    problem = problem_from({"network": network, "samples": samples})
    choice = np.random.default_rng(0)
    theta = choice.standard_normal((count, problem.P)) / 4
    x = choice.standard_normal((count, samples, problem.model.n_inputs))
    y = choice.standard_normal((count, samples, problem.K))
    theirs, expected = _theirs(problem, theta, x, y, word)
    ours, found = timed(lambda: Batch(problem, theta, x, y)[word], 10 if count == 1 else 3)
    _assert_close(found, expected)
    many = f"{count} networks" if count > 1 else "one network"
    name = f"{NAMES[word]} of {many}, {network}, P = {problem.P}, N = {samples}"
    return Row(name, ours, rival=f"curvlinops {OPERATORS[word]}", theirs=theirs, target=2)


def _exact(problem: Problem, repeat: int) -> list[Row]:
    """The same matrix three times: in floats by curvlinops, over ℚ, and modulo a prime."""
    theta, x, y = (np.array(part, dtype=np.float64) for part in (problem.parameters, problem.inputs, problem.targets))
    theirs, expected = _theirs(problem, theta[None], x[None], y[None], "H")
    rationals, H = timed(lambda: Instance(problem).exactly(lambda d: d.H), max(1, repeat // 10))
    _assert_close(np.array([[[float(entry) for entry in row] for row in H]]), expected)
    residues, image = timed(lambda: next(Instance(problem).residues(lambda d: d.H)), repeat)
    for i, j in np.random.default_rng(0).integers(0, problem.P, (1000, 2)):
        assert (int(image.values[i, j]) * int(H[i, j].q) - int(H[i, j].p)) % image.prime == 0
    name = f"P = {problem.P:,}, N = {problem.N:,}, square, one network"
    rival = "curvlinops HessianLinearOperator, floats"
    return [
        Row(f"H modulo a prime, {name}", residues, rival=rival, theirs=theirs, target=1),
        Row(f"H over ℚ, {name}", rationals, rival=rival, theirs=theirs, target=1 / 10),
    ]


def _assert_close(found: Any, expected: Any) -> None:
    assert np.abs(found - expected).max() <= CLOSE * np.abs(expected).max()


def _theirs(problem: Problem, theta: Any, x: Any, y: Any, word: str) -> tuple[float, Any]:
    """Processor seconds for all of B networks in float64, (B, P), and their matrices (B, P, P)."""
    model = _module(problem)
    tensors = [torch.from_numpy(a) for a in (theta, x, y)]
    first = [t[:3] for t in tensors]
    sizes = next(sizes for most, sizes in COLUMNS.items() if most >= problem.P)
    columns = min(sizes, key=lambda size: timed(_dense(model, word, *first, size), 2)[0])
    seconds, found = timed(_dense(model, word, *tensors, columns), 3)
    return seconds, found.numpy()


def _dense(
    model: nn.Module, word: str, theta: torch.Tensor, x: torch.Tensor, y: torch.Tensor, columns: int
) -> Callable[[], torch.Tensor]:
    """∇² ½ ‖f − y‖², or its Gauss–Newton part, of one network after another."""
    import curvlinops

    operator = getattr(curvlinops, OPERATORS[word])
    loss = nn.MSELoss(reduction="sum")
    parameters = list(model.parameters())
    identity = torch.eye(theta.shape[-1], dtype=torch.float64).split(columns, dim=1)

    def work() -> torch.Tensor:
        found = []
        for point, inputs, targets in zip(theta, x, y, strict=True):
            nn.utils.vector_to_parameters(point, parameters)
            matrix = operator(model, loss, parameters, [(inputs, targets)], check_deterministic=False)
            found.append(torch.cat([matrix @ part for part in identity], dim=1).detach() / 2)
        return torch.stack(found)

    return work


def _module(problem: Problem) -> nn.Module:
    width, layers = problem.model.n_inputs, []
    for layer in problem.model.layers:
        bend: Any = {"tanh": nn.Tanh, "square": Square, "linear": nn.Identity}[layer.activation.name]
        layers += [nn.Linear(width, layer.width, bias=layer.bias), bend()]
        width = layer.width
    return nn.Sequential(*layers).double()
