"""Kernel fields found over ℚ(θ): known counts, claims settled by them, and forged fields refused by the checker."""

import copy
from fractions import Fraction

import flint
import pytest

from geomcheck.certificate import accepted as checked
from geomcheck.engine import check
from geomcheck.geometry.formal_jacobian import formal_jacobian
from geomcheck.geometry.instance import Instance
from geomcheck.geometry.polynomial_kernel_fields import polynomial_fields
from geomcheck.problem.read import problem_from


def model(names, *outputs, **parts):
    given = {"parameters": list(names), "inputs": ["x"], "outputs": list(outputs)}
    return {"model": given, "samples": 3, "loss": "mse", **parts}


LINKED = {"inputs": 2, "layers": [{"width": 2, "activation": "linear", "bias": False, "residual": 0},
                                  {"width": 1, "bias": False}]}  # fmt: skip
SQUARED = {"inputs": 1, "layers": [{"width": 1, "activation": "square", "bias": False},
                                   {"width": 1, "activation": "square", "bias": False, "residual": 1},
                                   {"width": 1, "bias": False}]}  # fmt: skip
KNOWN = [
    (model("abc", "(a + b)*c*x"), 1),
    (model("abcd", "a*b*x + c*d*x^2"), 2),
    (model("abcd", "(a*b + c*d)*x", "(a*b + c*d)^2*x^2"), 1),
    (model("ab", "a*x + b*x^2"), 2),
    ({"network": LINKED, "samples": 3, "loss": "mse"}, 2),
    ({"network": SQUARED, "samples": 3, "loss": "mse"}, 2),
    ({"network": "2-2-1 linear, no bias", "inputs": [[1, 2], [2, 4]], "loss": "mse"}, 1),
    (model("ab", "a*exp(b + x)"), 1),
    (model("abc", "a*exp(b*x + c)"), 2),
    (model("abc", "exp(a)*exp(b)*x + c"), 2),
    (model("ab", "tanh(a*b*x)", "softplus(a*b)"), 1),
    (model("abc", "a*sigmoid(b*x)/c"), 2),
    (model("ab", "a*x/b", inputs=[[1], [2], [3]]), 1),
    (model("abc", "sin(a*b*c)*x + cos(a*b*c)"), 1),
    (model("abcd", "a*log(1 + exp(b*x*c)) + d", samples=5), 3),
    (model("abc", "relu(a*b*x) + abs(a*b)", inputs=[[1], [2], [-3]]), 1),
    (model("ab", "a*tanh(b*x)"), 2),
    (model("ab", "exp(a)*x + exp(b)"), 2),
]
FORMAL = [parts for parts, _ in KNOWN[7:]]


@pytest.mark.parametrize(("parts", "rank"), KNOWN)
def test_generic_ranks_of_known_value(parts, rank):
    assert check(f"generic_rank(G) == {rank} and rank(G) <= {rank}", problem=parts).outcome == "PROVED"
    assert check(f"generic_rank(G) < {rank}", problem=parts).outcome == "REFUTED"
    assert check(f"generic_rank(G) > {rank}", problem=parts).outcome == "REFUTED"


def test_a_bound_everywhere_bounds_h_at_perfect_fits():
    assert check("rank(H) <= 1 at perfect_fits", problem=KNOWN[0][0]).outcome == "PROVED"


@pytest.mark.parametrize(("parts", "rank"), KNOWN)
def test_no_more_fields_than_there_are(parts, rank):
    problem = problem_from(parts)
    found = polynomial_fields(problem, problem.P)
    assert (0 if found is None else len(found.fields)) == problem.P - rank


@pytest.mark.parametrize("parts", FORMAL)
def test_jacobians_with_functions_are_those_of_the_model_up_to_a_factor(parts):
    problem = problem_from(parts)
    rows, values = formal_jacobian(problem), {"a": "3/2", "b": "-1/3", "c": "2/5", "d": 1}
    theta = [Fraction(values[name]) for name in problem.model.parameters]
    inputs = problem.inputs or ((Fraction(1, 2),),) * problem.N
    point = problem.with_(parameters=theta, inputs=inputs, targets="perfect_fit")
    G = Instance(point).enclosed(lambda d: d.G)
    fields = polynomial_fields(problem, problem.P)
    assert rows is not None and len(rows[0]) == problem.P
    for field in fields.fields if fields else ():
        vector = [eval(text.replace("^", "**"), {f"p{i}": x for i, x in enumerate(theta)}) for text in field]
        for row in G:
            total = sum((entry * flint.arb(flint.fmpq(Fraction(x).numerator, Fraction(x).denominator))
                         for entry, x in zip(row, vector, strict=True)), flint.arb(0))  # fmt: skip
            assert total.contains(0) and total.rad() < 1


def test_fields_of_functions_are_not_made_up():
    certificate = copy.deepcopy(dict(check("rank(G) <= 1", problem=model("ab", "a*exp(b + x)")).certificate))
    assert checked(certificate)[0]
    for outputs in (["a*exp(2*b + x)"], ["a*tanh(b + x)"], ["a*exp(b + x) + b"], ["a/exp(b + x)"], ["exp(b)*log(a)"]):
        forged = copy.deepcopy(certificate)
        forged["problem"]["model"]["outputs"] = outputs
        assert not checked(forged)[0]


def test_nothing_is_found_where_there_is_nothing():
    assert polynomial_fields(problem_from(model("ab", "exp(a)*x + exp(b)")), 1) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda args, fact: args["fields"].pop(),
        lambda args, fact: args["fields"].append(args["fields"][0]),
        lambda args, fact: args["fields"][0].__setitem__(0, "1"),
        lambda args, fact: args["fields"][0].__setitem__(0, "p9"),
        lambda args, fact: args["fields"].__setitem__(0, ["0", "0", "0"]),
        lambda args, fact: args.__setitem__("point", ["0", "0", "0"]),
        lambda args, fact: args.__setitem__("point", ["1", "2"]),
        lambda args, fact: fact.__setitem__(2, ["number", "0"]),
        lambda args, fact: fact.__setitem__(1, ["rank", ["matrix", "H"]]),
        lambda args, fact: fact.__setitem__(0, "=="),
    ],
)
def test_forged_fields_are_refused(change):
    certificate = copy.deepcopy(dict(check("rank(G) <= 1", problem=KNOWN[0][0]).certificate))
    assert checked(certificate)[0]
    step = next(step for step in certificate["steps"] if step["rule"] == "polynomial-fields")
    change(step["args"], step["fact"])
    assert not checked(certificate)[0]


def test_fields_of_one_point_are_not_those_of_all():
    given = {**model("abc", "(a + b)*c*x", parameters=[0, 0, 0]), "targets": "perfect_fit", "inputs": [[1], [2], [3]]}
    assert polynomial_fields(problem_from(given), 1) is None
