"""Sums of squares: identities of known answer, facial reduction, and never a wrong answer on random polynomials."""

import random
from fractions import Fraction

import pytest

from geomcheck.engine import check
from geomcheck.geometry.minima.squares import excess, half_support, sum_of_squares
from geomcheck.problem.read import problem_from


def model(names, *outputs, **parts):
    given = {"model": {"parameters": list(names), "inputs": [], "outputs": list(outputs)}, "samples": 1, "loss": "mse"}
    return {**given, **parts}


def rule(verdict):
    return verdict.outcome, (verdict.certificate or {}).get("minimum", {}).get("rule")


MINIMA = {
    "unreachable": model("w", "w^2", targets=[[-1]], parameters=[0]),
    "an orbit of minima": model("ab", "a*b", "a*b", targets=[[1, -1]], parameters=[3, 0]),
    "weight decay": model("ab", "a*b", targets=[[1]], parameters=["1/2", "1/2"], weight_decay="3/4"),
    "a singular H": model("ab", "a*b", targets=[[1]], parameters=[0, 0], weight_decay=1),
    "mean": {"network": "1-1-1 square, no bias", "reduction": "mean", "inputs": [[1], [-1]], "targets": [[0], [2]],
             "parameters": [1, 1], "loss": "mse"},
    "nuclear norm": {"network": "2-2-2 linear, no bias", "inputs": [[1, 0], [0, 1]], "targets": [[5, 0], [0, 2]],
                     "parameters": [2, 0, 0, 1, 2, 0, 0, 1], "loss": "mse", "weight_decay": 1},
    "own loss": model("ab", "a^2*b^2+1", targets=[[0]], parameters=[0, 3],
                      loss={"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2 + f"}),
}  # fmt: skip


@pytest.mark.parametrize("name", MINIMA)
def test_global_minima_by_squares(name):
    assert rule(check("global_minimum and local_minimum", problem=MINIMA[name])) == ("PROVED", "squares")


OTHERS = {
    "a better fit": model("w", "w^2", targets=[[1]], parameters=[0]),
    "a local minimum": model("w", "w^3 - 3*w", targets=[[-4]], parameters=[1]),
    "too little weight decay": model("ab", "a*b", targets=[[1]], parameters=[0, 0], weight_decay="1/2"),
    "a saddle of a product": model("abc", "a*b*c", targets=[[1]], parameters=[0, 0, 0]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_points_are_refuted(name):
    assert check("global_minimum", problem=OTHERS[name]).outcome == "REFUTED"
    assert sum_of_squares(problem_from(OTHERS[name])) is None


def test_every_local_minimum_is_global_is_refuted_without_an_instance():
    verdict = check("global_minimum at local_minima", problem=model("w", "w^3 - 3*w"))
    assert rule(verdict) == ("REFUTED", "lower")
    assert check("rank(H) == rank(G) at global_minima", problem=model("w", "w^2")).outcome == "REFUTED"


def test_only_half_of_the_support_is_used():
    assert half_support({(0, 0): 1, (0, 0, 1, 1): 1}, 2) == ((0,), (0, 1))
    assert half_support({(0, 0, 0, 0): 1, (0, 0, 1): 1}, 2) == ((0, 0),)
    assert excess(problem_from({**model("w", "exp(w)", targets=[[1]], parameters=[0])})) is None


def polynomial(rng, names):
    """A random polynomial of degree at most 3 with small integer coefficients."""
    terms = [rng.choice(["1", *names, f"{rng.choice(names)}^2", "*".join(rng.choices(names, k=2)), f"{names[0]}^3"])
             for _ in range(rng.randint(1, 3))]  # fmt: skip
    return " + ".join(f"({rng.randint(-3, 3)})*{term}" for term in terms)


@pytest.mark.parametrize("seed", range(60))
def test_no_verdict_against_a_grid_of_points(seed):
    """θ = 0 is made critical where it can be; if it is called a global minimum, no point of a grid may be lower."""
    rng = random.Random(seed)
    names = ["a", "b"][: rng.randint(1, 2)]
    outputs = [polynomial(rng, names) for _ in range(rng.randint(1, 2))]
    targets = [[rng.randint(-2, 2) for _ in outputs]]
    given = model(names, *outputs, targets=targets, weight_decay=rng.choice([0, 0, 1]))
    here = {**given, "parameters": [0] * len(names)}
    verdict = check("global_minimum", problem=here)
    values = [Fraction(n, 4) for n in range(-16, 17)]
    points = [(a,) for a in values] if len(names) == 1 else [(a, b) for a in values[::2] for b in values[::2]]

    def loss(theta):
        known = dict(zip(names, theta, strict=True))
        f = [eval(text.replace("^", "**"), {}, known) for text in outputs]
        return sum((x - y) ** 2 for x, y in zip(f, targets[0], strict=True)) + given["weight_decay"] * sum(
            x * x for x in theta
        )

    least = min(map(loss, points))
    if verdict.proved:
        assert loss([Fraction(0)] * len(names)) <= least
    if least < loss([Fraction(0)] * len(names)):
        assert not verdict.proved


@pytest.mark.parametrize("seed", range(30))
def test_planted_minima_are_never_refuted(seed):
    """F = targets + (s, t) with s, t vanishing to the order of a square at a rational point: there L is least."""
    rng = random.Random(seed)
    at = [Fraction(rng.randint(-2, 2), rng.randint(1, 2)) for _ in range(2)]
    a, b = (f"({name} - ({value}))" for name, value in zip("ab", at, strict=True))
    outputs = [f"({rng.randint(1, 3)})*{a}^2 + ({rng.randint(0, 2)})*{b}^2", f"({rng.randint(-2, 2)})*{a}*{b}"]
    given = model("ab", *outputs, targets=[[-rng.randint(0, 2), 0]], parameters=[str(x) for x in at])
    assert check("global_minimum", problem=given).outcome == "PROVED"
