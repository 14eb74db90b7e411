"""One table of problems for every number system: all activations, depths, biases, residual links, models, losses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from geomcheck.problem.loss import FormulaLoss
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from

EXPONENTIAL = ("tanh", "sigmoid", "exp", "sin", "gaussian", "silu")
RATIONAL = ("linear", "relu", "leaky_relu(1/10)", "abs", "square", "power(3)", "power(1)")
ENCLOSED = ("softplus", "gelu")


@dataclass(frozen=True)
class Case:
    """A problem without its data; ``exact``: ℚ or ℚ(t, u) holds G and H (in one hidden layer of exponentials)."""

    name: str
    keys: dict[str, Any] = field(hash=False)
    exact: bool = False

    @property
    def smooth(self) -> bool:
        """Whether there are no kinks to keep away from; then denominators can be small, as exponents need them."""
        return not any(word in str(self.keys) for word in ("relu", "abs", "hinge"))


def layer(width: int, activation: str = "linear", residual: int | None = None, bias: bool = True) -> dict[str, Any]:
    return {"width": width, "activation": activation, "bias": bias} | (
        {} if residual is None else {"residual": residual}
    )


def network(inputs: int, *layers: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": inputs, "layers": list(layers)}


def model(parameters: str, inputs: str, *outputs: str) -> dict[str, Any]:
    return {"parameters": parameters.split(), "inputs": inputs.split(), "outputs": list(outputs)}


NETWORKS = [
    *(Case(f"one hidden layer of {a}", {"network": f"2-3-2 {a}"}, True) for a in (*RATIONAL, *EXPONENTIAL)),
    *(Case(f"one hidden layer of {a}", {"network": f"2-3-2 {a}"}) for a in ENCLOSED),
    Case("no hidden layer", {"network": "3-2"}, True),
    Case("no hidden layer, no bias", {"network": "2-1, no bias"}, True),
    Case("output sigmoid", {"network": "2-2, output sigmoid"}, True),
    Case("output square", {"network": "2-2-2 relu, output square"}, True),
    Case("no bias", {"network": "2-3-2 tanh, no bias"}, True),
    Case("no output bias", {"network": "2-3-2 square, no output bias"}, True),
    Case("two hidden layers, rational", {"network": "2-3-2-1 leaky_relu(1/10) square"}, True),
    Case("two hidden layers, mixed", {"network": "1-2-2-1 linear tanh"}, True),
    Case("two hidden layers, beyond exponentials", {"network": "2-3-2-1 tanh silu"}),
    Case("two hidden layers, no bias", {"network": "2-2-3-1 gelu power(3), no bias"}),
    Case("three hidden layers, rational", {"network": "1-2-3-2-1 square relu linear"}, True),
    Case("three hidden layers, smooth", {"network": "1-2-2-2-2 sin softplus tanh"}),
    Case("three hidden layers of leaky relu", {"network": "2-2-2-2-2 leaky_relu(1/10)"}, True),
    Case("three hidden layers, linear", {"network": "2-2-3-2-1 linear, no bias"}, True),
    Case("residual from the input", {"network": network(2, layer(2, "tanh", 0), layer(1))}, True),
    Case("residual at the output", {"network": network(2, layer(3, "square"), layer(2, residual=0))}, True),
    Case(
        "residual chain",
        {"network": network(2, layer(2, "square", 0), layer(2, "relu", 1), layer(2, "square", 2), layer(1))},
        True,
    ),
    Case(
        "residual links that skip",
        {"network": network(2, layer(3, "silu"), layer(2, "tanh", 0), layer(3, "sigmoid", 1), layer(2, residual=2))},
    ),
    Case(
        "residual links that cross",
        {"network": network(2, layer(2, "square"), layer(2, "relu", 0), layer(2, "square", 1), layer(2, "square", 0))},
        True,
    ),
    Case(
        "residual of a bias-free layer",
        {"network": network(1, layer(2, "square", bias=False), layer(3, "square"), layer(2, "relu", 1), layer(1))},
        True,
    ),
]

MODELS = [
    Case("product", {"model": model("a b", "x", "a*b*x")}, True),
    Case("no input", {"model": model("w", "", "w^2")}, True),
    Case("two outputs", {"model": model("a b c", "x z", "(a*x + b)^3 - c*z", "a*b - c^2*x*z")}, True),
    Case("division", {"model": model("a b", "x", "a/(b^2 + x^2 + 1)")}, True),
    Case("pieces", {"model": model("a b", "x", "relu(a*x - b/5) + abs(b*x + 1/5)*a^2")}, True),
    Case("exponentials", {"model": model("a b", "x", "exp(a*x) + b*tanh(a + x)*sigmoid(b)")}, True),
    Case("angles", {"model": model("a b", "x", "sin(a*x)*b - cos(b*x)")}, True),
    Case("logarithms", {"model": model("a b", "x", "log(a^2 + b^2 + 1) + softplus(a*x)")}),
    Case("a constant output", {"model": model("a b", "x", "a*x", "7 + x")}, True),
]

_LOGITS = {"bce_logits": 2, "softmax_cross_entropy": 3}
_SIMPLE = ("mse", "quartic", "exponential", "squared_hinge", "logistic", "logcosh", *_LOGITS)
_FORMULA = {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f - y)^2 + (g - z)^4 + (f - y)^2*(g - z)^2"}

LOSSES = [
    *(Case(f"loss {loss}", {"network": "1-2-2 square", "loss": loss}, True) for loss in _SIMPLE),
    Case("loss of three classes", {"network": "1-1-3 square", "loss": "softmax_cross_entropy"}, True),
    Case("loss formula", {"network": "1-2-2 square", "loss": _FORMULA}, True),
    Case(
        "loss formula with exp",
        {"network": "1-2-1 square", "loss": {"outputs": ["f"], "targets": ["y"], "value": "exp(f - y) - f + y"}},
        True,
    ),
    *(
        Case(
            f"{loss} on probabilities", {"network": f"1-2-{k} square", "loss": loss, "behaviour": "probabilities"}, True
        )
        for loss, k in (("mse", 2), ("mse", 1), ("quartic", 2), ("bce", 2), ("bce_logits", 1), ("cross_entropy", 3))
    ),
    Case("mean", {"network": "2-2-2 square", "reduction": "mean"}, True),
    Case("weight decay", {"network": "2-2-2 relu", "weight_decay": "1/10"}, True),
    Case(
        "mean, weight decay and probabilities",
        {
            "network": "1-2-2 square",
            "loss": "cross_entropy",
            "behaviour": "probabilities",
            "reduction": "mean",
            "weight_decay": 2,
        },
        True,
    ),
]

CASES = [*NETWORKS, *MODELS, *LOSSES]


def has_fit(problem: Problem) -> bool:
    return isinstance(problem.loss, FormulaLoss) or problem.loss.link is not None


def instance(case: Case, seed: int = 0, *, fit: bool = False, samples: int = 3) -> Problem:
    """The case at random rational data, away from kinks."""
    choice = random.Random(f"{case.name} {seed}")

    def number(denominators: tuple[int, ...]) -> Fraction:
        largest = 1 if "loss" in case.keys else 3
        numerators = [n for n in range(-largest, largest + 1) if n]
        return Fraction(choice.choice(numerators), choice.choice(denominators))

    problem = problem_from({**case.keys, "samples": samples})
    inputs = [[number((1, 2)) for _ in range(problem.model.n_inputs)] for _ in range(samples)]
    parameters = [
        number((1, 2)) if case.smooth else number((3,)) + Fraction(choice.randrange(1, 31), 31)
        for _ in range(problem.P)
    ]
    return problem.with_(
        parameters=parameters,
        inputs=inputs,
        targets="perfect_fit" if fit else [_targets(problem, choice) for _ in range(samples)],
    )


def _targets(problem: Problem, choice: random.Random) -> list[Fraction]:
    domain = "any" if isinstance(problem.loss, FormulaLoss) else problem.loss.domain
    weights = [choice.randrange(1, 6) for _ in range(problem.K)]
    match domain:
        case "unit":
            return [Fraction(w, 7) for w in weights]
        case "simplex":
            return [Fraction(w, sum(weights)) for w in weights]
        case "signs":
            return [Fraction(choice.choice([-1, 1])) for _ in weights]
    return [Fraction(choice.randrange(-5, 6), 2) for _ in weights]
