"""Small files that mean much work: each is refused by its cost, before it is done."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from geomcheck import checker
from geomcheck.certificate import accepted as checked

from .certificates import G, certificate, dense, explicit, universal

POINT = {"inputs": [[]], "targets": [["0"]]}
TOO_MUCH = "too much work for this checker"


@pytest.fixture(autouse=True)
def _little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    checker.WORK[0] = 0
    monkeypatch.setattr(checker, "MAX_WORK", 10**6)


def reason(forged: dict[str, Any]) -> str:
    return checked(forged)[1]


def balanced(parts: list[Any], join: Any) -> Any:
    half = len(parts) // 2
    return parts[0] if len(parts) == 1 else join(balanced(parts[:half], join), balanced(parts[half:], join))


def long_rationals(count: int, digits: int = 2000) -> list[str]:
    rng = Random(7)
    return [str(Fraction(rng.randrange(10**digits), 10**digits + 2 * rng.randrange(10**digits))) for _ in range(count)]


def components(*outputs: str, names: str = "a b") -> dict[str, Any]:
    about = explicit(list(outputs), names.split(), parameters=["0"] * len(names.split()), inputs=[[]])
    return certificate("components(minima) == 1", {**about, "targets": [["0"] * len(outputs)]})


@pytest.mark.parametrize(
    "output", ["(a+b)^300", "(((a^1000)^1000)^1000)*b", "(((" + "9" * 3000 + "*a)^1000)^1000)*b", "(a^4-7)^125-b^500"]
)
def test_long_monomials_and_coefficients(output: str) -> None:
    assert reason(components(output)) == TOO_MUCH


def test_the_signature_of_a_large_form() -> None:
    with pytest.raises(checker.Reject, match=TOO_MUCH):
        checker.inertia([[Fraction(i == j) for j in range(120)] for i in range(120)])


def test_a_polynomial_of_huge_degree_along_a_segment() -> None:
    points = {"A": ["0"] * 6, "B": ["1"] * 6}
    about = dense(1, *[(1, "power(100)")] * 6, bias=False, inputs=[["1"]], targets=[["0"]], points=points)
    pair = [["point", "A"], ["point", "B"]]
    bound = {"permutation": None, "low": "0", "high": "0", "cuts": []}
    evidence = [{"of": ["barrier", *pair], "barrier": {"bounds": [bound], "relaxation": None}}]
    witness = {"parameters": None, "inputs": [["1"]], "targets": [["0"]], "points": points}
    assert reason(certificate("barrier(A, B) == 0", about, "PROVED", evidence, witness)) == TOO_MUCH


def test_sums_of_numbers_without_a_common_denominator() -> None:
    theta = long_rationals(60)
    about = dense(60, (1, "linear"), bias=False, inputs=[long_rationals(60)], targets=[["0"]], parameters=theta)
    assert reason(certificate("L > 0", about)) == TOO_MUCH
    checker.WORK[0] = 0
    numbers = [Fraction(x) for x in theta]
    with pytest.raises(checker.Reject, match=TOO_MUCH):
        checker.overlap(numbers, numbers)
    checker.WORK[0] = 0
    with pytest.raises(checker.Reject, match=TOO_MUCH):
        checker.cheapest([numbers[i : i + 20] for i in range(20)])
    checker.WORK[0] = 0
    with pytest.raises(checker.Reject, match=TOO_MUCH):
        checker.definiteness([[Fraction(10**6 * (i == j)) + numbers[i + j] for j in range(20)] for i in range(20)])


def test_long_intervals_cost_what_they_take() -> None:
    checker.Interval(1, 1, 8192)
    short, checker.WORK[0] = checker.WORK[0], 0
    checker.Interval(1 << 190_000, 1 << 190_000, 8192)
    assert checker.WORK[0] > 50 * short


def test_a_large_fact_used_many_times() -> None:
    large = balanced([G] * 4000, lambda a, b: ["+", a, b])
    steps: list[Any] = [("shape", [], ["<=", ["number", "0"], ["rank", large]], {})]
    steps += [("combine", [0], ["<=", ["number", "0"], ["rank", G]], {"combination": [[0, "0"]] * 400})]
    about, witness = explicit(["a"], ["a"]), {"parameters": ["0"], **POINT}
    assert reason(universal("P == 1", about, witness, steps, [])) == TOO_MUCH


def test_assumptions_that_pile_up() -> None:
    steps: list[Any] = []
    for i in range(700):
        steps.append(("assume", [], ["<=", ["rank", G], ["number", str(i)]], {}))
        steps.append(("shape", [2 * i, *([2 * i - 1] * (i > 0))], ["<=", ["number", "0"], ["rank", G]], {}))
    about, witness = explicit(["a"], ["a"]), {"parameters": ["0"], **POINT}
    assert reason(universal("P == 1", about, witness, steps, [])) == TOO_MUCH


def test_what_a_problem_implies_is_worked_out_once() -> None:
    about = checker.Problem(explicit(["a*b+a"], ["a", "b"]))
    assert not about.affine
    assert {"affine"} <= {*vars(about)}
    assert about.fit_form is about.fit_form


def test_evidence_is_told_apart_by_point_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, honest = [0], checker.placed

    def counted(tree: Any) -> Any:
        calls[0] += 1
        return honest(tree)

    monkeypatch.setattr(checker, "placed", counted)
    places = [["*", ["number", str(i)], ["point", "A"]] for i in range(2, 102)]
    evidence = [{"of": ["@", G, place], "rank": {"lower": None, "upper": None}} for place in places]
    about = {**explicit(["a"], ["a"], **POINT), "points": {"A": ["0"]}}
    witness = {"parameters": None, **POINT, "points": {"A": ["0"]}}
    assert reason(certificate("L@A == 0", about, "PROVED", evidence, witness)) == "PROVED L@A == 0"
    assert calls[0] < 2000
