"""Polynomial kernel fields: found where they exist, verified as identities, and never where there are none."""

import json
import random
from collections.abc import Sequence
from typing import Any

import flint
import pytest

from geomcheck.problem.problem import Problem
from geomcheck.prove.function_field import PRIME, fields_at, is_kernel_field, outputs_of
from geomcheck.prove.generic import generic_point
from geomcheck.prove.knowledge import NAMED

from .problems import model, problem, proof

SUM_OF_SQUARES = {
    "parameters": ["a1", "b1", "a2", "b2"],
    "inputs": ["x"],
    "outputs": ["a1*(x + b1)^2 + a2*(x + b2)^2"],
}

# model, samples, the generic rank of G: functions of θ through as many independent polynomials as the rank says
CASES: list[tuple[dict[str, Any], int, int]] = [
    (model("a*b*x"), 3, 1),
    (model("a*b*c*x", parameters="abc"), 3, 1),
    (model("a*x + b", parameters="ab"), 3, 2),
    (model("(a + b)*x + (a + b)^2*c", parameters="abc"), 3, 2),
    (model("a^2*b*x + (a^2*b)^2", parameters="ab"), 3, 1),
    (model("(a^2 + b^2 + c^2)*x + a*b", parameters="abc"), 4, 2),
    (model("a*x^2 + b*x", "a*b*x", parameters="ab"), 3, 2),
    (model("a*b - b*c", "a*b/3 - b*c/3 + 1", parameters="abc", inputs=""), 1, 1),
    (SUM_OF_SQUARES, 5, 3),
]

NETWORKS = [
    ("1-1-1 square", 4, 3),
    ("2-2-1 square", 8, 6),
    ("2-2-2 square, no bias", 8, 6),
    ("2-2-1 power(3), no bias", 8, 4),
]


def at_generic_point(about: Problem) -> tuple[Sequence[Any], ...]:
    point = generic_point(about, (NAMED["G"],))
    assert point is not None
    return fields_at(point.problem, about)


@pytest.mark.parametrize(("given", "samples", "rank"), CASES)
def test_the_generic_rank_of_a_formula(given: dict[str, Any], samples: int, rank: int) -> None:
    about = problem(model=given, samples=samples)
    assert proof(f"generic_rank(G) == {rank}", about) is not None
    assert proof(f"generic_rank(G) >= {rank + 1}", about) is None
    assert proof(f"generic_rank(G) <= {rank - 1}", about) is None


@pytest.mark.parametrize(("network", "samples", "rank"), NETWORKS)
def test_the_generic_rank_of_a_network(network: str, samples: int, rank: int) -> None:
    assert proof(f"generic_rank(G) == {rank}", problem(network, samples)) is not None


def test_given_inputs_allow_more_fields() -> None:
    given = model("a*x + b*x^2 + c")
    given["parameters"] = ["a", "b", "c"]
    assert proof("generic_rank(G) == 3", problem(model=given, samples=3)) is not None
    # At x = 0 and 1 alone, a - b is never seen.
    assert proof("generic_rank(G) == 2", problem(model=given, samples=None, inputs=[[0], [1]])) is not None
    assert proof("generic_rank(G) == 2", problem(model=given, samples=None, inputs=[[0], [1], [2]])) is None


@pytest.mark.parametrize(("given", "samples", "rank"), CASES)
def test_the_fields_annihilate_the_gradient_wherever_one_looks(given: dict[str, Any], samples: int, rank: int) -> None:
    about = problem(model=given, samples=samples)
    outputs = outputs_of(about)
    assert outputs is not None
    choice = random.Random(7)
    for field in at_generic_point(about):
        for _ in range(5):
            at = [flint.fmpq(choice.randint(-9, 9), choice.randint(1, 9)) for _ in outputs[0].context().gens()]
            for output in outputs:
                assert sum(v(*at) * output.derivative(i)(*at) for i, v in enumerate(field)) == 0


def test_a_changed_field_is_not_a_kernel_field() -> None:
    about = problem(model=model("a*b*x"), samples=2)
    outputs = outputs_of(about)
    assert outputs is not None
    t0, t1, x0 = outputs[0].context().gens()
    assert is_kernel_field(outputs, (t0, -t1))
    for wrong in [(t0, t1), (t1, -t0), (t0 + 1, -t1), (2 * t0, -t1), (x0 * t0, -t1)]:
        assert not is_kernel_field(outputs, wrong)


def test_fields_are_independent_and_only_as_many_as_are_needed() -> None:
    about = problem(model=model("a*b*c*x", parameters="abc"), samples=3)
    fields = at_generic_point(about)
    assert len(fields) == 2
    values = [[int(entry(2, 3, 5, 1)) for entry in field] for field in fields]
    assert flint.fmpz_mat(values).rank() == 2


def test_nothing_is_sought_where_simpler_bounds_are_met() -> None:
    assert at_generic_point(problem(model=model("a*x + b", parameters="ab"), samples=3)) == ()
    assert at_generic_point(problem("3-2-1 square, no bias", 8)) == ()


@pytest.mark.parametrize(
    "outputs",
    ["exp(a)*b*x", "a*b/x", "relu(a)*b*x", "a^13*b*x", f"a*b*x/{PRIME}", "(a + b + x + 1)^12*(a + 2*b + x^2 + 3)^12"],
)
def test_other_models_are_left_alone(outputs: str) -> None:
    assert outputs_of(problem(model=model(outputs), samples=3)) is None
    assert outputs_of(problem("1-2-1 tanh", 3)) is None
    assert outputs_of(problem("2-2-2 square, no bias", 3, behaviour="probabilities", loss="cross_entropy")) is None


def test_the_step_carries_the_fields_as_text() -> None:
    found = proof("generic_rank(G) <= 1", problem(model=model("a*b*x"), samples=3))
    assert found is not None and found.witness is not None
    (step,) = json.loads(json.dumps(found.steps))
    assert step["rule"] == "function-field"
    assert step["args"]["fields"] == [["t0", "-t1"]]
