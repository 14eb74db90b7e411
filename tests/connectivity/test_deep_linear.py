"""Deep linear networks: the fibres, cross-checked with cells and with monomials, and their edge cases."""

from random import Random
from typing import Any

import pytest

from geomcheck.connectivity import deep_linear, monomials, piecewise_linear
from geomcheck.connectivity.components import components
from geomcheck.connectivity.equations import fit_equations
from geomcheck.connectivity.polynomials import equations
from geomcheck.errors import Undecided
from geomcheck.problem.read import problem_from


def of(network: Any, inputs: Any, targets: Any, **more: Any) -> int:
    return components(problem_from({"network": network, "inputs": inputs, "targets": targets, **more})).count


IDENTITY = [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("network", "inputs", "targets", "expected"),
    [
        ("1-1-1 linear, no bias", [1], [1], 2),
        ("1-2-1 linear, no bias", [1], [1], 1),
        ("1-1-1 linear, no bias", [1], [0], 1),
        ("1-1-1 linear, no bias", [1], [-3], 2),
        ("1-1-1 linear, no bias", [0], [1], 1),  # nothing to fit: all parameters are minima
        ("1-1-1 linear, no bias", [1, 1], [0, 2], 2),  # the least-squares map is not zero
        ("2-2-2 linear, no bias", IDENTITY, IDENTITY, 2),
        ("2-3-2 linear, no bias", IDENTITY, IDENTITY, 1),
        ("2-2-2-2 linear, no bias", IDENTITY, IDENTITY, 4),
        ("2-2-3-2-2 linear, no bias", IDENTITY, IDENTITY, 4),
        ("2-2-2 linear, no bias", IDENTITY, [[1, 0], [0, 0]], 1),
        ("2-1-2 linear, no bias", IDENTITY, [[1, 0], [0, 0]], 2),
        ("2-1-2 linear, no bias", IDENTITY, [[0, 0], [0, 0]], 1),
        ("2-2-2 linear, no bias", [[1, 0], [2, 0]], [[1, 0], [2, 0]], 1),  # the inputs span a line
        ("2-1-2 linear, no bias", [[1, 0], [2, 0]], [[1, 0], [2, 0]], 2),
        ("1-1-1 linear", [1, 2], [1, 1], 1),  # the slope is zero
        ("1-1-1 linear", [1, 2], [1, 3], 2),
        ("1-1 linear", [1, 2], [1, 3], 1),
        ("2-1-2 linear, no bias", IDENTITY, [[2, 0], [0, 1]], 2),  # one best map of rank 1
        ("2-2-1-2 linear, no bias", IDENTITY, [[2, 0], [0, 1]], 2),
        ("2-1-1-2 linear, no bias", IDENTITY, [[2, 0], [0, 1]], 4),
        ("3-2-3 linear, no bias", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[3, 0, 0], [0, 1, 1], [0, -1, 1]], None),
        ("3-2-3 linear", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[3, 0, 0], [0, 2, 0], [0, 0, 1]], 2),  # centred, of rank 2
    ],
)
def test_known_counts(network: str, inputs: Any, targets: Any, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(Undecided, match="many"):
            of(network, inputs, targets)
    else:
        assert of(network, inputs, targets) == expected


@pytest.mark.parametrize("n", range(1, 6))
def test_products_of_scalars(n: int) -> None:
    network = "-".join(["1"] * (n + 1)) + " linear, no bias"
    assert of(network, [1], [1]) == 2 ** (n - 1)
    names = [f"x{i}" for i in range(n)]
    model = {"parameters": names, "inputs": [], "outputs": ["*".join(names)]}
    assert components(problem_from({"model": model, "samples": 1, "targets": [1]})).count == 2 ** (n - 1)


@pytest.mark.parametrize(
    ("network", "inputs", "targets", "more"),
    [
        ("2-1-2 linear, no bias", IDENTITY, IDENTITY, {}),  # the least error is not that of the least-squares map
        ("1-1-1 linear, no bias", [1, 2], [1, 1], {"loss": "quartic"}),
        ("1-1-1 linear, no bias", [1], [1], {"weight_decay": 1}),
        ("1-1-1 linear, no bias", [1], ["1/2"], {"loss": "bce_logits"}),
    ],
)
def test_what_is_not_known_stays_open(network: str, inputs: Any, targets: Any, more: Any) -> None:
    with pytest.raises(Undecided, match="components-unknown"):
        of(network, inputs, targets, **more)


@pytest.mark.parametrize("seed", range(30))
def test_one_hidden_layer_counted_by_cells_too(seed: int) -> None:
    rng = Random(seed)
    n, d, m = rng.choice([1, 2, 3]), rng.choice([1, 2]), rng.choice([1, 2, 3])
    output = rng.random() < 0.5
    layers = [{"width": m, "bias": output and rng.random() < 0.5}, {"width": 1, "bias": output}]
    data = {
        "inputs": [[rng.randint(-2, 2) for _ in range(d)] for _ in range(n)],
        "targets": [rng.choice([-1, 0, 1, 2]) for _ in range(n)],
    }
    problem = problem_from({"network": {"inputs": d, "layers": layers}, **data})
    assert deep_linear.applies(problem)
    try:
        by_cells = piecewise_linear.components(problem).count
    except Undecided:
        return  # the cells want an exact fit
    assert deep_linear.components(problem).count == by_cells


@pytest.mark.parametrize("seed", range(10))
def test_widths_of_one_are_monomials_too(seed: int) -> None:
    rng = Random(seed)
    depth = rng.choice([2, 3, 4])
    problem = problem_from(
        {
            "network": "-".join(["1"] * (depth + 1)) + " linear, no bias",
            "inputs": [rng.choice([1, -2])],
            "targets": [rng.choice([0, 1, -3, "2/5"])],
        }
    )
    found = monomials.components(equations(problem, *fit_equations(problem)))
    assert found is not None
    assert found.count == deep_linear.components(problem).count
