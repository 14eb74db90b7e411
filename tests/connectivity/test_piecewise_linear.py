"""One hidden layer of piecewise-linear units: known counts, another way to count, laws, and honest refusals."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from geomcheck.connectivity.arrangement import arrangement, slopes
from geomcheck.connectivity.components import components
from geomcheck.connectivity.piecewise_linear import vertices
from geomcheck.errors import Undecided
from geomcheck.problem.activation import Activation
from geomcheck.problem.read import problem_from
from tests.connectivity.pieces_by_programs import count


def of(network: Any, inputs: Any, targets: Any, **more: Any) -> int:
    return components(problem_from({"network": network, "inputs": inputs, "targets": targets, **more})).count


@pytest.mark.parametrize(("m", "expected"), [(2, 2), (3, 1), (4, 1), (9, 1)], ids=lambda value: str(value))
def test_the_two_sided_ramp(m: int, expected: int) -> None:
    assert of(f"1-{m}-1 relu, no bias", [1, -1], [1, 1]) == expected


@pytest.mark.parametrize(
    ("network", "inputs", "targets", "expected"),
    [
        ("1-1-1 relu, no bias", [1], [1], 1),
        ("1-1-1 abs, no bias", [1], [1], 2),
        ("1-1-1 leaky_relu(1/10), no bias", [1], [1], 2),
        ("1-2-1 leaky_relu(1/10), no bias", [1], [1], 1),
        ("1-1-1 relu, no bias", [1, 2], [0, 0], 1),
        ("1-1-1 relu", [1, 2, -1], [0, 0, 0], 1),
        ("1-2-1 relu, no bias", [1, 1, -1], [1, 1, 1], 2),  # a sample twice
        ("1-2-1 relu, no bias", [2, 1, -1], [2, 1, 1], 2),  # a parallel sample
        ("1-2-1 relu, no bias", [0, 1, -1], [0, 1, 1], 2),  # a sample no unit sees
        ("1-2-1 relu, no bias", [1, 1, -1], [0, 2, 1], 2),  # contradictory data with mean 1
        ("1-2-1 relu, no bias", [1, -1], [-1, -1], 2),
        ("1-2-1 relu, no bias", [1, -1], [1, 0], 1),
    ],
)
def test_known_counts(network: str, inputs: Any, targets: Any, expected: int) -> None:
    assert of(network, inputs, targets) == expected


@pytest.mark.parametrize(
    ("network", "inputs", "targets", "more"),
    [
        ("1-1-1 relu, no bias", [1, -1], [1, 1], {}),
        ("1-3-1 relu, no bias", [1, 2], [1, 1], {}),
        ("1-3-1 relu, no bias", [0], [1], {}),
        ("1-2-1 relu, no bias", [1, 1, -1], [0, 2, 1], {"loss": "quartic"}),
        ("1-2-1 relu, no bias", [1, -1], [1, 1], {"weight_decay": "1/10"}),
        ("1-2-1 relu, no bias", [1, -1], [1, 1], {"loss": "logistic"}),
        ("2-9-1 relu", [[i, i * i] for i in range(14)], list(range(14)), {}),
    ],
)
def test_what_is_not_known_stays_open(network: str, inputs: Any, targets: Any, more: Any) -> None:
    with pytest.raises(Undecided, match="components-unknown"):
        of(network, inputs, targets, **more)


@pytest.mark.parametrize("seed", range(24))
def test_against_linear_programs(seed: int) -> None:
    rng = Random(seed)
    activation = rng.choice(["relu", "abs", "leaky_relu(1/3)", "leaky_relu(-1/2)", "leaky_relu(0)"])
    n, d, hidden, output = rng.choice([1, 2, 2, 3]), rng.choice([1, 2]), rng.random() < 0.4, rng.random() < 0.3
    m = rng.choice([1, 2]) if n < 3 else 1
    inputs = [[rng.randint(-2, 2) for _ in range(d)] for _ in range(n)]
    targets = [rng.choice([-1, 0, 1, 2]) for _ in range(n)]
    network = {
        "inputs": d,
        "layers": [{"width": m, "activation": activation, "bias": hidden}, {"width": 1, "bias": output}],
    }
    means: dict[tuple[int, ...], list[int]] = {}
    for x, y in zip(inputs, targets, strict=True):
        means.setdefault((*x, *[1] * hidden), []).append(y)
    problem = problem_from({"network": network, "inputs": inputs, "targets": targets})
    one = problem.model.layers[0].activation  # type: ignore[union-attr]
    above, below = map(float, slopes(one))
    expected = count(list(means), [sum(ys) / len(ys) for ys in means.values()], m, (above, below), output)
    try:
        assert components(problem).count == expected
    except Undecided:
        assert expected == 0


def test_hidden_units_four_samples_in_the_plane() -> None:
    inputs, targets = [[1, 2], [3, -1], [-2, 1], [0, -3]], [1, -2, 1, 2]
    assert [of(f"2-{m}-1 relu, no bias", inputs, targets) for m in (3, 4, 5, 6)] == [6, 1, 1, 1]


def test_scaling_and_order_of_the_data_change_nothing() -> None:
    inputs, targets = [[1, 2], [3, -1], [-2, 1]], [1, -2, 1]
    counts = {
        of("2-2-1 abs, no bias", inputs, targets),
        of("2-2-1 abs, no bias", inputs[::-1], targets[::-1]),
        of("2-2-1 abs, no bias", [[7 * a for a in row] for row in inputs], targets),
        of("2-2-1 abs, no bias", inputs, [-5 * y for y in targets]),
        of("2-2-1 abs, no bias", [[a + b, a - 3 * b] for a, b in inputs], targets),
    }
    assert len(counts) == 1 and counts != {1}


def test_regions_of_lines_in_the_plane() -> None:
    one, none = Fraction(1), Fraction(0)
    found = arrangement([(one, none), (none, one), (one, one), (2 * one, 2 * one)])
    assert (len(found.rays), len(found.regions)) == (6, 6)
    assert all(len(region) == 2 for region in found.regions)


def test_slopes() -> None:
    assert slopes(Activation("relu")) == (1, 0)
    assert slopes(Activation("leaky_relu", Fraction(0))) == (1, 0)


def test_supports_of_vertices_modulo_a_line() -> None:
    one, none = Fraction(1), Fraction(0)
    found = set(vertices([(one, none), (none, one), (-one, none)], [(one, one)], (2 * one, one)))
    assert found == {(0,)}
