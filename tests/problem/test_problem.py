from __future__ import annotations

import copy
import json
import pickle
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from geomcheck.errors import InputError
from geomcheck.problem.canonical import problem_from_json, problem_to_json
from geomcheck.problem.losses import LOSSES
from geomcheck.problem.read import problem_from, read_problem

HALF = Fraction(1, 2)
EXPLICIT = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x + tanh(a)/2"]}
FORMULA = {"outputs": ["f1", "f2"], "targets": ["y1", "y2"], "value": "(f1-y1)^2+(f2-y2)^4"}
CASES = [
    {"network": "2-3-1 tanh", "samples": 4},
    {"network": "1-1", "inputs": [1, "1/2"], "targets": ["0.1", 2], "parameters": [1, "-2/3"]},
    {"network": "1-1", "samples": 3, "targets": "perfect_fit", "parameters": {"W1": [["1/2"]], "b1": [3]}},
    {"network": "2-2-2 relu, no bias", "samples": 1, "loss": FORMULA, "weight_decay": "1/10", "reduction": "mean"},
    {"network": {"inputs": 2, "layers": [{"width": 2, "activation": "leaky_relu(1/10)", "residual": 0}, {"width": 1}]},
     "samples": 2},
    {"model": EXPLICIT, "samples": 1, "loss": "quartic", "parameters": {"b": 1, "a": "1/2"}},
    {"model": {"parameters": ["w"], "outputs": ["w^2"]}, "samples": 2, "targets": [-1, 0]},
    {"network": "2-3-3 sin", "samples": 2, "loss": "softmax_cross_entropy", "behaviour": "probabilities"},
    {"network": "1-2", "inputs": [[0]], "loss": "cross_entropy", "targets": [["1/3", "2/3"]]},
]  # fmt: skip


@pytest.mark.parametrize("given_", CASES, ids=range(len(CASES)))
def test_the_canonical_form_inverts(given_):
    problem = problem_from(given_)
    form = problem_to_json(problem)
    assert problem_from_json(json.loads(json.dumps(form))) == problem
    assert problem_to_json(problem_from_json(form)) == form
    assert pickle.loads(pickle.dumps(problem)) == copy.deepcopy(problem) == problem

    def leaves(value):
        if isinstance(value, dict):
            return [leaf for part in value.values() for leaf in leaves(part)]
        return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]

    assert not any(isinstance(leaf, float) for leaf in leaves(form))


@pytest.mark.parametrize("key", sorted(problem_to_json(problem_from(CASES[0]))))
def test_the_canonical_form_needs_every_key(key):
    form = problem_to_json(problem_from(CASES[0]))
    with pytest.raises(InputError, match=key):
        problem_from_json({k: v for k, v in form.items() if k != key})


def test_an_unknown_key_of_the_canonical_form():
    form = problem_to_json(problem_from(CASES[0]))
    with pytest.raises(InputError, match="extra"):
        problem_from_json({**form, "extra": 1})
    changed = copy.deepcopy(form)
    changed["model"]["kind"] = "conv"
    with pytest.raises(InputError, match="kind"):
        problem_from_json(changed)


def test_shapes_and_open_parts():
    problem = problem_from(CASES[0])
    assert (problem.P, problem.N, problem.K, problem.is_instance) == (13, 4, 1, False)
    given_ = problem.with_(parameters=[HALF] * 13, inputs=[[HALF, HALF]] * 4)
    assert given_.open_parts == ("targets",)
    assert given_.with_(targets="perfect_fit").is_instance
    assert given_.with_(targets=[[HALF]] * 4).targets == ((HALF,),) * 4
    assert problem.open_parts == ("parameters", "inputs", "targets")
    with pytest.raises(InputError, match="expected 13 numbers"):
        problem.with_(parameters=[HALF])


def test_flat_lists_are_columns():
    problem = problem_from({"network": "1-1", "inputs": [1, 2], "targets": [3, 4]})
    assert problem.inputs == ((1,), (2,))
    assert problem.targets == ((3,), (4,))
    assert problem == problem_from({"network": "1-1", "inputs": [[1], [2]], "targets": [[3], [4]]})


def test_a_model_without_inputs_has_empty_rows():
    problem = problem_from(CASES[6])
    assert problem.inputs == ((), ())
    assert problem.open_parts == ("parameters",)


@pytest.mark.parametrize(
    ("network", "loss", "wanted", "squash"),
    [
        ("1-1", "mse", "mse", "sigmoid"),
        ("1-2", "mse", "mse", "softmax"),
        ("1-2", "softmax_cross_entropy", "cross_entropy", "softmax"),
        ("1-1", "softmax_cross_entropy", "cross_entropy", "softmax"),
        ("1-3", "bce_logits", "bce", "sigmoid"),
        ("1-1", "bce", "bce", "sigmoid"),
    ],
)
def test_probabilities(network, loss, wanted, squash):
    problem = problem_from({"network": network, "samples": 1, "loss": loss, "behaviour": "probabilities"})
    assert (problem.loss, problem.squash) == (LOSSES[wanted], squash)
    assert problem_from({"network": network, "samples": 1, "loss": loss}).squash is None


def test_arrays_and_torch_from_python():
    theta = np.arange(13) / 8
    problem = problem_from(
        {"network": "2-3-1 tanh", "inputs": np.eye(2), "targets": torch.ones(2), "parameters": theta}
    )
    assert problem.parameters[1] == Fraction(1, 8)
    assert problem.inputs == ((1, 0), (0, 1))
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    read = problem_from({"torch": module, "samples": 2})
    assert read.model == problem.model
    assert read.parameters[0] == Fraction(*module[0].weight[0, 0].item().as_integer_ratio())
    assert problem_from({"torch": module, "samples": 2, "parameters": theta}).parameters == problem.parameters


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("table", [False, True])
def test_files(tmp_path, suffix, table):
    path = tmp_path / f"a.{suffix}"
    if suffix == "json":
        given_ = {"network": "1-1", "inputs": [1, 0.5], "weight_decay": 0.1}
        path.write_text(json.dumps({"problem": given_} if table else given_), encoding="utf-8")
    else:
        head = "[problem]\r\n" if table else "\ufeff"
        path.write_text(head + 'network = "1-1"\r\ninputs = [1, 0.5]\nweight_decay = 0.1 # exact\n', encoding="utf-8")
    problem = read_problem(path)
    assert problem.inputs == ((1,), (HALF,))
    assert problem.weight_decay == Fraction(1, 10)
    assert read_problem(str(path)) == problem


@given(st.lists(st.fractions(), min_size=2, max_size=2), st.lists(st.fractions(), min_size=1, max_size=4))
def test_any_rational_survives(theta, inputs):
    problem = problem_from({"network": "1-1", "parameters": theta, "inputs": inputs})
    assert problem_from_json(problem_to_json(problem)) == problem


def test_a_problem_prints_as_one_short_line():
    given = {"network": "2-3-1 tanh", "inputs": [[1, 2]], "targets": [[0]], "weight_decay": "1/2"}
    assert repr(problem_from(given)) == (
        "Problem(2-3-1 tanh; mse; P = 13, N = 1, K = 1; given: inputs, targets, weight decay 1/2)"
    )
    named = {"network": "1-1 linear", "samples": 2, "points": {"A": [1, 2], "B": [3, 4]}}
    assert repr(problem_from(named)).endswith("given: point A, point B)")
    assert repr(problem_from({"network": "-".join(["3"] * 200), "samples": 1})).count("-") < 60
    formula = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^4"}
    explicit = {"model": {"parameters": ["a"], "inputs": [], "outputs": ["a^2"]}, "samples": 1, "loss": formula}
    assert repr(problem_from(explicit)) == "Problem(f(a) = a^2; (f - y)^4; P = 1, N = 1, K = 1; given: nothing)"
