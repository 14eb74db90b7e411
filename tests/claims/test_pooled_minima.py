"""Samples of one input with different labels: global minima that fit nothing perfectly."""

from typing import Any

import pytest

import geomcheck as gc

TWICE = {"inputs": [[1, 2], [1, 2], [0, 1]], "samples": 3}


def outcome(says: str, **parts: Any) -> str:
    verdict = gc.check(says, **parts)
    if verdict.outcome in ("PROVED", "REFUTED"):
        assert verdict.certificate["minimum"] in ({"rule": "pooled"}, None)
    return verdict.outcome


@pytest.mark.parametrize("network", ["2-3-1 tanh", "2-1-1 gelu", "2-2-1-1 silu", "2-3-1 relu"])
@pytest.mark.parametrize("loss", ["mse", "quartic", "logcosh"])
def test_two_labels_at_one_input(network, loss):
    zero = gc.problem_from({"network": network, "samples": 1}).P * [0]
    about = {"network": network, "loss": loss, "parameters": zero, **TWICE}
    assert outcome("global_minimum and not perfect_fit", targets=[[1], [-1], [0]], **about) == "PROVED"
    assert outcome("global_minimum", targets=[[1], [-1], ["1/2"]], **about) != "PROVED"


def test_labels_are_pooled_by_the_gradient_and_not_by_the_mean():
    about = {"model": {"parameters": ["a"], "inputs": ["x"], "outputs": ["a"]}, "samples": 3, "inputs": [[0]] * 3}
    mean = {**about, "parameters": [1], "targets": [[0], [0], [3]]}
    assert outcome("global_minimum", loss="mse", **mean) == "PROVED"
    assert outcome("not global_minimum", loss="quartic", **mean) == "PROVED"
    assert outcome("not global_minimum", loss="mse", weight_decay="1", **mean) == "PROVED"


def test_soft_labels_are_pooled():
    about = {"network": "1-2-2 tanh", "parameters": [0] * 10, "samples": 2, "inputs": [[3], [3]]}
    targets = [["1/4", "3/4"], ["3/4", "1/4"]]
    assert outcome("global_minimum", loss="softmax_cross_entropy", targets=targets, **about) == "PROVED"
    probabilities = {"loss": "cross_entropy", "behaviour": "probabilities", "targets": targets}
    assert outcome("global_minimum and rank(H) == rank(G)", **probabilities, **about) == "PROVED"


@pytest.mark.parametrize(
    ("says", "parts"),
    [
        ("L == 0 at global_minima", {"network": "3-2-1 tanh", "samples": 2}),
        ("global_minimum implies perfect_fit", {"network": "1-2-1 sin", "samples": 3, "loss": "quartic"}),
        ("r == 0 at global_minima", {"network": "2-2-3 silu", "samples": 2, "loss": "softmax_cross_entropy"}),
    ],
)
def test_not_every_global_minimum_is_a_perfect_fit(says, parts):
    verdict = gc.check(says, **parts)
    assert verdict.outcome == "REFUTED"
    inputs = verdict.witness.inputs
    assert len(set(inputs)) < len(inputs)
