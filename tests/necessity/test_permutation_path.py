"""The path to an exchanged copy: exact losses, flat directions at a critical permutation point, malformed input."""

from fractions import Fraction
from typing import Any

import pytest

from geomcheck.errors import InputError
from geomcheck.necessity.permutation_path import permutation_path

SPLIT = {"network": "1-2-1 square", "inputs": [[1], [2], [3]], "targets": [-2, 7, 8]}


def test_the_copy_of_an_abs_network() -> None:
    found = permutation_path(
        0, 1, network="1-2-1 abs, no bias", inputs=[-2, -1, 1, 3], targets=[4, 2, 2, 6], parameters=[1, -1, 1, 1]
    )
    assert found.middle == (0, 0, 1, 1)
    assert found.end == (-1, 1, 1, 1)
    assert {name: value.value for name, value in found.values.items()}["barrier"] == "30"
    assert found.values["loss at the ends"].value == "0"
    assert found.values["loss half-way"].value == "30"


def test_a_split_minimum_is_exchanged_at_constant_loss() -> None:
    found = permutation_path(0, 1, **SPLIT, parameters=[1, 1, 0, 0, Fraction(1, 4), Fraction(3, 4), 0])
    values = {name: value.value for name, value in found.values.items()}
    assert values["barrier"] == "0"
    assert values["loss at the ends"] == values["loss half-way"]
    assert int(values["nullity of H half-way"]) >= 1


def test_equal_units_of_an_irrational_activation_are_exchanged_at_constant_loss() -> None:
    theta = [1, 1, Fraction(1, 4), Fraction(3, 4)]
    found = permutation_path(0, 1, network="1-2-1 tanh, no bias", inputs=[1, 2], targets=[1, 0], parameters=theta)
    assert (found.values["barrier"].value, found.values["barrier"].status) == ("0", "exact")


def test_a_point_without_the_unit_equal_is_not_moved_elsewhere() -> None:
    network = "2-3-1 tanh, no bias"
    data = {"inputs": [[1, 2]], "targets": [1]}
    theta = [Fraction(k) for k in range(9)]
    found = permutation_path(0, 2, network=network, **data, parameters=theta)
    assert found.middle[0:2] == found.middle[4:6]
    assert found.middle[2:4] == tuple(theta[2:4])
    assert found.middle[6] == found.middle[8]


@pytest.mark.parametrize(
    ("change", "units", "message"),
    [
        ({}, (0, 0), "two different units"),
        ({}, (0, 2), "from 0 to 1"),
        ({"layer": 2}, (0, 1), "hidden layers"),
        ({"parameters": None}, (0, 1), "open=parameters"),
        ({"targets": "perfect_fit"}, (0, 1), "targets as numbers"),
    ],
)
def test_malformed(change: dict[str, Any], units: tuple[int, int], message: str) -> None:
    parts: dict[str, Any] = {**SPLIT, "parameters": [1, 1, 0, 0, 1, 1, 0], **change}
    with pytest.raises(InputError, match=message):
        permutation_path(*units, **parts)
