"""Fits that the last layer tells: constant targets, one input, sums of products. Answers known by drawing the set."""

import copy
import json
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted
from geomcheck.connectivity import last_layer, piecewise_linear
from geomcheck.connectivity.components import components
from geomcheck.errors import Undecided
from geomcheck.problem.read import problem_from

ONE: dict[str, Any] = {"inputs": [[1]], "targets": [[1]]}
CASES: list[tuple[str, dict[str, Any], int]] = [
    *((f"1-1-1 {name}, no bias", ONE, 2) for name in ("tanh", "square", "power(3)", "silu", "gelu", "abs")),
    *((f"1-1-1 {name}, no bias", ONE, 1) for name in ("exp", "sigmoid", "softplus", "gaussian", "relu")),
    *((f"1-2-1 {name}, no bias", ONE, 1) for name in ("tanh", "square", "power(3)", "relu", "sin", "exp")),
    ("1-1-2 relu, no bias", {"inputs": [[1]], "targets": [[1, -2]]}, 1),
    ("1-1-2 tanh, no bias", {"inputs": [[2], [2]], "targets": [[1, 2], [3, 0]]}, 2),
    ("2-1-1 tanh, no bias", {"inputs": [[0, 3]], "targets": [["-1/2"]]}, 2),
    ("1-1-1 tanh", ONE, 1),
    ("2-2-2-1 gelu", {"inputs": [[1, 2], [3, 4]], "targets": [[7], [7]]}, 1),
    ("2-2-2-1 gelu, no bias", {"inputs": [[1, 2], [3, 4]], "targets": [[0], [0]]}, 1),
    ("1-2-1 square, no bias", {"inputs": [[1], [2]], "targets": [[1], [4]]}, 1),
    ("1-3-1 power(3), no bias", {"inputs": [[1], [-2]], "targets": [[1], [-8]]}, 1),
]


@pytest.mark.parametrize(("network", "data", "count"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES])
def test_known_counts(network: str, data: dict[str, Any], count: int) -> None:
    verdict = gc.check(f"components(minima) == {count}", network=network, **data)
    assert verdict.proved, verdict.known


OPEN: list[tuple[str, dict[str, Any]]] = [
    ("1-1-1 sin, no bias", ONE),  # infinitely many
    ("1-1-1 tanh, no bias", {"inputs": [[0]], "targets": [[1]]}),  # nothing fits
    ("1-1-1 tanh, no bias", {"inputs": [[1], [2]], "targets": [[1], [1]]}),  # two inputs, no output bias
    ("1-2-1 tanh", {"inputs": [[1], [2]], "targets": [[1], [2]]}),
    ("1-1-1-1 tanh, no bias", ONE),  # two hidden layers
    ("1-1-1 tanh, output tanh, no bias", {"inputs": [[1]], "targets": [[0]]}),
]


@pytest.mark.parametrize(("network", "data"), OPEN)
def test_what_no_last_layer_tells(network: str, data: dict[str, Any]) -> None:
    with pytest.raises(Undecided):
        components(problem_from({"network": network, **data}))


def test_it_agrees_with_the_cells_of_piecewise_linear_units() -> None:
    for name in ("relu", "abs", "leaky_relu", "leaky_relu(-1)", "linear"):
        for shape in ("1-1-1", "1-2-1", "2-1-1", "1-3-1"):
            for ending in (", no bias", ""):
                for y in (0, 1, -3):
                    inputs = [[1, 2][: int(shape[0])]]
                    about = problem_from({"network": f"{shape} {name}{ending}", "inputs": inputs, "targets": [y]})
                    told = last_layer.components(about)
                    assert told is not None
                    assert told.count == piecewise_linear.components(about).count, (name, shape, ending, y)


@pytest.mark.parametrize(
    ("outputs", "target", "count"),
    [
        ("a*x^2 + b*y^2", 1, 1),
        ("a*x^2 + b*(y^2 - 1)*z", -2, 1),
        ("a*(x^2 + y^2) + b*(z^2 - 2)", 1, 1),
    ],
)
def test_sums_of_products_without_common_variables(outputs: str, target: int, count: int) -> None:
    names = [name for name in "abxyz" if name in outputs]
    model = {"parameters": names, "inputs": [], "outputs": [outputs]}
    about = {"model": model, "samples": 1, "targets": [[target]]}
    assert gc.check(f"components(minima) == {count}", **about).proved
    shared = {**about, "model": {**model, "outputs": [outputs.replace("y", "x")]}}  # perhaps another answer, no rule
    assert gc.check("components(minima) == 5", **shared).outcome != "PROVED"


def test_certificates_are_of_these_networks_alone() -> None:
    cert = dict(gc.check("components(minima) == 1", network="1-2-1 tanh, no bias", **ONE).certificate or {})
    assert accepted(cert)[0]
    changes: list[tuple[str, Any]] = [
        ("inputs", [["0"]]),
        ("weight_decay", "1"),
        ("loss", "bce_logits"),
    ]
    for key, value in changes:
        other = copy.deepcopy(cert)
        for part in (other["problem"], other["witness"]):
            if key in part:
                part[key] = value
        assert not accepted(other)[0], key
    narrow = json.loads(json.dumps(cert).replace('"width": 2', '"width": 1'))
    assert not accepted(narrow)[0]  # two components
    linked = copy.deepcopy(cert)
    linked["problem"]["model"]["layers"][1] |= {"activation": "tanh"}
    assert not accepted(linked)[0]
