"""Local minima with units that are off, and global minima that fit nothing: by evaluation, and found by the search."""

from typing import Any

import pytest

import geomcheck as gc

TWO: dict[str, Any] = {"inputs": [[1], [2]], "targets": [[0], [1]]}
SAME: dict[str, Any] = {"inputs": [[1], [1]], "targets": [[0], [1]]}


def outcome(says: str, **about: Any) -> str:
    return gc.check(says, **about, trials=100, seconds=10).outcome


@pytest.mark.parametrize(
    ("network", "parameters", "right"),
    [
        ("1-1-1 relu", [-1, -1, 1, "1/2"], "PROVED"),
        ("1-1-1 relu", [-1, 0, 7, "1/2"], "PROVED"),
        ("1-1-1 relu", [-1, -1, 1, "1/3"], "REFUTED"),
        ("1-1-1 relu", [-1, 1, 1, "1/2"], "UNDECIDED"),  # a kink at the first sample
        ("1-1-1 relu", [0, 1, 0, "1/2"], "REFUTED"),  # on: a saddle
        ("1-1-1 leaky_relu", [-1, -1, 0, "1/2"], "REFUTED"),
        ("1-2-1 relu", [-1, 1, -1, 0, 3, 1, -1], "PROVED"),  # one unit off, the other with its rescaling
        ("1-2-2-1 relu", [1, 1, 0, 0, -1, 0, 0, -1, -1, -1, 4, 5, "1/2"], "PROVED"),  # the first layer is linear
    ],
)
def test_units_that_are_off(network: str, parameters: list[Any], right: str) -> None:
    assert outcome("local_minimum", network=network, parameters=parameters, **TWO) == right


FIT: dict[str, Any] = {"inputs": [[-1], [0], [1]], "targets": [[1], [0], [1]]}


@pytest.mark.parametrize(
    ("network", "parameters", "right"),
    [
        ("1-2-1 leaky_relu", [1, 0, 2, 1, 0, 1, "-1/3"], "PROVED"),
        ("1-2-1 relu", [1, 1, 2, 3, 1, -1, "5/3"], "PROVED"),
        ("1-2-1 leaky_relu(1/2)", [1, 0, -2, 1, 0, 1, "2/3"], "REFUTED"),  # not critical
        ("1-2-1 leaky_relu(1/2)", [1, 0, -2, 1, 0, 1, "-1/3"], "PROVED"),
        ("1-2-1 leaky_relu(-1/2)", [1, 0, -2, 1, 0, 1, "-1/3"], "UNDECIDED"),
        ("1-2-1 leaky_relu", [1, 2, "1/2", 1, 0, 1, "-1/3"], "REFUTED"),  # the first unit changes its sign
        ("1-2-1 abs", [1, 0, 2, 1, 0, 1, "-1/3"], "UNDECIDED"),
    ],
)
def test_units_that_are_linear_on_the_data(network: str, parameters: list[Any], right: str) -> None:
    assert outcome("local_minimum", network=network, parameters=parameters, **FIT) == right


@pytest.mark.parametrize(
    ("parts", "right"),
    [
        ({"parameters": [0, 0, 0, "1/2"]}, "PROVED"),
        ({"parameters": [1, 2, 0, "1/2"], "loss": "logcosh"}, "PROVED"),
        ({"parameters": [0, 0, 0, 0], "loss": "bce_logits"}, "PROVED"),  # hard labels that contradict each other
        ({"parameters": [0, 0, 0, 0], "loss": "squared_hinge", "targets": [[-1], [1]]}, "PROVED"),
        ({"parameters": [0, 0, 0, "1/3"]}, "REFUTED"),
        ({"parameters": [0, 0, 0, "1/2"], "inputs": [[1], [2]]}, "REFUTED"),
        ({"parameters": [0, 0, 0, "1/2"], "reduction": "mean"}, "PROVED"),
    ],
)
def test_labels_that_contradict_each_other(parts: dict[str, Any], right: str) -> None:
    assert outcome("global_minimum", **{"network": "1-1-1 tanh", **SAME, **parts}) == right


def test_probabilities_may_have_a_constant_residual() -> None:
    about = {"network": "1-1-2 tanh", "loss": "cross_entropy", "behaviour": "probabilities", "inputs": [[1], [1]]}
    about |= {"targets": [[1, 0], [0, 1]]}
    assert outcome("global_minimum", **about, parameters=[0] * 6) == "PROVED"
    assert outcome("global_minimum", **about, parameters=[0, 0, 0, 0, 0, 1]) == "REFUTED"


@pytest.mark.parametrize(
    ("says", "about"),
    [
        ("global_minimum at local_minima", {"network": "1-1-1 relu", "samples": 2}),
        ("L == 0 at local_minima", {"network": "2-3-1 relu", "samples": 3}),
        ("L == 0 at global_minima", {"network": "1-2-1 tanh", "samples": 2}),
        ("global_minimum at local_minima", {"network": "1-2-1 leaky_relu", "samples": 3}),
        ("global_minimum at local_minima", {"network": "2-2-2-1 relu", "samples": 2}),
        ("global_minimum at local_minima", {"network": "1-2-2-1 leaky_relu(1/2)", "samples": 3}),
        ("perfect_fit at global_minima", {"network": "2-2-3 tanh", "loss": "softmax_cross_entropy", "samples": 2}),
    ],
)
def test_such_minima_are_found(says: str, about: dict[str, Any]) -> None:
    assert outcome(says, **about) == "REFUTED"


@pytest.mark.parametrize(("says", "right"), [("det(H) == 0", "REFUTED"), ("det(H) != 0", "REFUTED")])
def test_whether_a_determinant_vanishes_needs_no_value_of_it(says: str, right: str) -> None:
    assert outcome(says, network="2-3-2 tanh", samples=3) == right


def test_a_hinge_has_fits_where_its_loss_is_zero() -> None:
    hinge = {"network": "2-2-1 tanh", "loss": "squared_hinge", "samples": 2}
    verdict = gc.check("rank(H) <= rank(G) at perfect_fits", **hinge)
    assert verdict.reason == "no-finite-minimiser" and "given L == 0" in verdict.known
    assert outcome("rank(H) <= rank(G) given L == 0", **hinge) == "PROVED"
    assert outcome("rank(H) == rank(G) given L == 0", **hinge) == "REFUTED"
