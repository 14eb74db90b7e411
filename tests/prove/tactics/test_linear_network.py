"""The bounds for deep linear networks: never below ranks computed by other means, and attained generically."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import flint
import pytest

from geomcheck.prove.tactics.linear_network import greatest_rank, linear_widths, staircase

from ..problems import problem, proof

PRIME = (1 << 61) - 1
Weights = Sequence[Any]


def matrix(rows: int, columns: int, entry: Any) -> Any:
    return flint.nmod_mat(rows, columns, [entry(i, j) for i in range(rows) for j in range(columns)], PRIME)


def product(weights: Weights, first: int, last: int, size: int) -> Any:
    """W_last ⋯ W_first, counted from 1; the identity of this size when empty."""
    result = matrix(size, size, lambda i, j: int(i == j))
    for number in range(first, last + 1):
        result = weights[number - 1] * result
    return result


def ranks(widths: Sequence[int], weights: Weights, data: Any, targets: Any) -> dict[str, int]:
    """rank(G), rank(H_f) and rank(H) for squared error modulo PRIME, from gradients differentiated by hand."""
    depth, inputs = len(weights), widths[0]
    residual = (product(weights, 1, depth, inputs) * data - targets) * data.transpose()
    rows: dict[str, list[int]] = {"G": [], "H_f": [], "H": []}
    for layer in range(1, depth + 1):
        for a in range(widths[layer]):
            for b in range(widths[layer - 1]):
                unit = matrix(widths[layer], widths[layer - 1], lambda i, j, a=a, b=b: int((i, j) == (a, b)))
                moved = (
                    product(weights, layer + 1, depth, widths[layer]) * unit * product(weights, 1, layer - 1, inputs)
                )
                rows["G"] += map(int, (moved * data).entries())
                for other in range(1, depth + 1):
                    above = product(weights, other + 1, depth, widths[other]).transpose()
                    below = product(weights, 1, other - 1, inputs).transpose()
                    outer = above * moved * data * data.transpose() * below
                    if other < layer:
                        between = unit * product(weights, other + 1, layer - 1, widths[other])
                        part = (product(weights, layer + 1, depth, widths[layer]) * between).transpose()
                        functional = part * residual * below
                    elif other > layer:
                        between = product(weights, layer + 1, other - 1, widths[layer]) * unit
                        part = (between * product(weights, 1, layer - 1, inputs)).transpose()
                        functional = above * residual * part
                    else:
                        functional = outer * 0
                    rows["H_f"] += map(int, functional.entries())
                    rows["H"] += map(int, (outer + functional).entries())
    size = sum(widths[k] * widths[k - 1] for k in range(1, depth + 1))
    return {name: int(flint.nmod_mat(size, len(row) // size, row, PRIME).rank()) for name, row in rows.items()}


def drawn(widths: Sequence[int], samples: int, choice: random.Random, largest: int) -> tuple[Weights, Any, Any]:
    def entry(_: int, __: int) -> int:
        return choice.randint(0, largest)

    weights = [matrix(after, before, entry) for before, after in pairwise(widths)]
    return weights, matrix(widths[0], samples, entry), matrix(widths[-1], samples, entry)


SHAPES = [
    (2, 2),
    (3, 2),
    (2, 2, 2),
    (4, 3, 2),
    (2, 3, 4),
    (3, 1, 3),
    (1, 4, 1),
    (4, 5, 4),
    (2, 3, 3, 2),
    (4, 3, 3, 2),
    (3, 1, 2, 3),
    (2, 4, 1, 3),
    (3, 2, 1, 2),
    (1, 2, 2, 2, 1),
    (3, 3, 2, 3, 2),
    (2, 3, 1, 3, 3),
]


@pytest.mark.parametrize("widths", SHAPES)
@pytest.mark.parametrize("samples", [1, 2, 4])
def test_the_bounds_hold_and_are_attained(widths: tuple[int, ...], samples: int) -> None:
    choice = random.Random(f"{widths} {samples}")
    bounds = {name: greatest_rank(widths, samples, name) for name in ("G", "H_f", "H")}
    assert ranks(widths, *drawn(widths, samples, choice, PRIME - 1)) == bounds
    for _ in range(4):  # small entries: products that vanish, dependent rows, singular residuals
        special = ranks(widths, *drawn(widths, samples, choice, 1))
        assert all(special[name] <= bounds[name] for name in bounds)


@pytest.mark.parametrize(("q", "widths"), [(2, (2, 2, 2)), (2, (4, 3, 2)), (2, (2, 3, 3, 2)), (1, (2, 3, 1, 2))])
def test_published_formulas(q: int, widths: tuple[int, ...]) -> None:
    depth, hidden, inputs, outputs = len(widths) - 1, sum(widths[1:-1]), widths[0], widths[-1]
    residual = min(inputs, outputs)
    assert greatest_rank(widths, 9, "G") == q * (inputs + outputs - q)
    assert greatest_rank(widths, 9, "H_f") == 2 * q * hidden + 2 * q * residual - depth * q * q
    assert greatest_rank(widths, 9, "H") == 2 * q * hidden - depth * q * q + q * (inputs + outputs)


def test_the_area_of_a_staircase() -> None:
    for seed in range(200):
        choice = random.Random(seed)
        sides = [(choice.randint(0, 5), choice.randint(0, 5)) for _ in range(choice.randint(0, 5))]
        assert staircase(sides) == sum(any(i < u and j < v for u, v in sides) for i in range(5) for j in range(5))


@pytest.mark.parametrize("loss", ["mse", "quartic", "logcosh"])
def test_claims_about_every_point(loss: str) -> None:
    about = problem("4-3-2 linear, no bias", 4, loss=loss)
    assert proof("rank(H) <= 16 and rank(H_f) <= 12 and rank(G) <= 8", about) is not None
    assert proof("rank(H) <= 15", about) is None
    assert proof("rank(H_f) <= 11", about) is None
    assert proof("rank(G) <= 7", about) is None


def test_generic_ranks() -> None:
    assert proof("generic_rank(H) == 20 == P - 1", problem("2-3-3-2 linear, no bias", 3)) is not None
    assert proof("generic_rank(G) == 4", problem("3-1-3 linear, no bias", 2)) is not None


@pytest.mark.parametrize(
    "parts",
    [
        {"network": "4-3-2 linear"},
        {"network": "4-3-2 tanh, no bias"},
        {"network": "4-3-2 square, no bias"},
        {"network": "4-3-2 linear, no bias", "behaviour": "probabilities", "loss": "cross_entropy"},
        {"network": {"inputs": 2, "layers": [{"width": 2, "bias": False, "residual": 0}, {"width": 2, "bias": False}]}},
    ],
)
def test_other_networks_are_left_alone(parts: dict[str, Any]) -> None:
    assert linear_widths(problem(samples=4, **parts)) is None


def test_weight_decay_is_no_part_of_the_bound_on_the_hessian() -> None:
    about = problem("4-3-2 linear, no bias", 4, weight_decay="1/10")
    assert proof("rank(H) <= 16", about) is None
    assert proof("rank(H_f) <= 12", about) is not None
