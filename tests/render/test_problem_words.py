"""A problem in words; the words of a network are the shorthand that reads back as the same network."""

import pytest

from geomcheck.problem.network import DenseNetwork, Layer
from geomcheck.problem.read import problem_from
from geomcheck.problem.shorthand import parse_activation, parse_network
from geomcheck.render.problem_words import (
    behaviour_words,
    fixed_matrices,
    loss_words,
    network_words,
    open_words,
    size_words,
)

SHORTHANDS = [
    "2-3-1 tanh",
    "2-3-1 tanh, no bias",
    "2-3-1 tanh, no output bias",
    "2-3-3-1 tanh relu",
    "2-3-1 leaky_relu(1/10)",
    "2-3-1 power(3), output sigmoid, no bias",
    "3-1 linear",
]


@pytest.mark.parametrize("text", SHORTHANDS)
def test_a_shorthand_is_its_own_words(text):
    assert network_words(parse_network(text)) == text


def test_what_the_shorthand_cannot_say():
    tanh = parse_activation("tanh", "here")
    layers = (Layer(2, True, tanh, 0), Layer(2, False, tanh, 1), Layer(1))
    assert network_words(DenseNetwork(2, layers)) == (
        "2-2-2-1 tanh, bias in layers 1 3, "
        "residual link from the input to layer 1, residual link from layer 1 to layer 2"
    )


def problem(**keys):
    return problem_from({"network": "2-1 linear", "samples": 2} | keys)


def test_open_parts():
    assert open_words(problem()) == "parameters θ ∈ ℝ³ in scope, inputs (2 × 2), targets (2 × 1)"
    assert open_words(problem(parameters=[1, 2, 3], targets=[1, 2])) == "inputs (2 × 2)"
    assert open_words(problem(inputs=[[1, 0], [0, 1]], parameters=[1, 2, 3], targets="perfect_fit")) == ""


def test_given_parts():
    given = problem(inputs=[[1, 0], [0, "1/2"]], parameters=[1, 2, 3], targets=[1, 2])
    assert dict(fixed_matrices(given)) == {
        "X": (("1", "0"), ("0", "1/2")),
        "Y": (("1",), ("2",)),
        "W1": (("1", "2"),),
        "b1": (("3",),),
    }


def test_an_explicit_model():
    model = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x", "a^2"]}
    given = problem_from({"model": model, "samples": 1, "parameters": [1, 2]})
    assert network_words(given.model) == "f(a, b; x) = (a*b*x, a^2)"
    assert fixed_matrices(given) == (("(a, b)", (("1", "2"),)),)


def test_loss_and_sizes():
    assert loss_words(problem()) == "mse, ½ ‖f − y‖², summed over samples"
    decayed = problem(loss="quartic", reduction="mean", weight_decay="1/10")
    assert loss_words(decayed) == "quartic, ¼ Σ (f − y)⁴, averaged over samples, plus ½ · 1/10 · ‖θ‖²"
    formula = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}
    assert loss_words(problem(loss=formula)) == "(f - y)^2 with f = (f), y = (y), summed over samples"
    taught = problem(teacher=2, baseline="linear")
    assert loss_words(taught) == (
        "mse, ½ ‖f − y‖², over the population, against a teacher of 2 units; barriers over the linear baseline"
    )
    assert size_words(problem()) == "P = 3 parameters, N = 2 samples, K = 1 output"


def test_behaviour():
    assert behaviour_words(problem()) == ""
    assert behaviour_words(problem(behaviour="probabilities", loss="bce", targets="perfect_fit")) == (
        "p = sigmoid of the outputs; targets are those the point fits perfectly"
    )


def test_every_named_loss_has_a_formula():
    from geomcheck.problem.losses import LOSSES

    for name in LOSSES:
        assert loss_words(problem(loss=name)).startswith(f"{name}, ")
