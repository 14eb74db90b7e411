"""An outside solver only suggests: what it is told, what it prints, and how it is stopped."""

import subprocess
import time
from fractions import Fraction

import pytest

from geomcheck.claims.claim import parse_claim
from geomcheck.engine import check
from geomcheck.problem.read import problem_from
from geomcheck.search import smt_solver
from geomcheck.search.smt_conditions import Conditions, violation


def model(names, *outputs, **parts):
    given = {"parameters": list(names), "inputs": [], "outputs": list(outputs)}
    return problem_from({"model": given, "samples": 1, "loss": "mse", **parts})


def test_conditions_are_those_of_a_violation():
    found = violation(parse_claim("trace(H) <= 3 or H[0, 1] == 0 at perfect_fits"), model("ab", "a*b", targets=[[0]]))
    assert found.names == ("p0", "p1")
    assert found.assertions[0] == "(= (* 1 p0 p1) 0)"
    assert "not" in found.assertions[1] and found.assertions[1].startswith("(and (> (+")


def test_what_cannot_be_said_is_left_out():
    about = model("a", "a^2", targets=[[1]])
    assert len(violation(parse_claim("rank(H) == 1 at critical_points"), about).assertions) == 1
    assert len(violation(parse_claim("rank(H) == 1 or L == 0"), about).assertions) == 1
    assert violation(parse_claim("rank(H) == 1"), about) is None
    assert violation(parse_claim("L == 0"), model("a", "exp(a)")) is None
    assert violation(parse_claim("L == 0"), problem_from({"network": "3-3-1 square", "samples": 4})) is None


def test_without_a_solver_nothing_is_suggested(monkeypatch):
    monkeypatch.setattr(smt_solver, "available", lambda: False)
    assert list(smt_solver.suggestions(parse_claim("L == 0"), model("a", "a^2"))) == []


def test_a_broken_or_slow_solver_suggests_nothing(monkeypatch):
    simple = Conditions(("p0",), ("(> p0 1)",))
    monkeypatch.setattr(smt_solver, "_SCRIPT", "print('[\"1/0\"]'); print('[\"3\"]'); print('[1, 2]'); print('{')")
    assert smt_solver.solutions(simple) == [[Fraction(3)]]
    monkeypatch.setattr(smt_solver, "_SCRIPT", "import time; print('[\"2\"]', flush=True); time.sleep(60)")
    started = time.monotonic()
    assert smt_solver.solutions(simple, seconds=1) == [[Fraction(2)]]
    assert time.monotonic() - started < 10
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: (_ for _ in ()).throw(OSError))
    assert smt_solver.solutions(simple) == []


def test_a_false_suggestion_is_judged(monkeypatch):
    monkeypatch.setattr(smt_solver, "available", lambda: True)
    monkeypatch.setattr(smt_solver, "PAUSE", 0)
    monkeypatch.setattr(smt_solver, "solutions", lambda *_: [[Fraction(5)], [Fraction(7)]])
    assert not check("L >= 0 and L != 3/7", problem=model("a", "a^2", targets=[[-1]]), trials=5).refuted
    assert check("L != 625/2 - 25 + 1/2", problem=model("a", "a^2", targets=[[1]]), trials=5).refuted


@pytest.mark.skipif(not smt_solver.available(), reason="z3 is not installed")
def test_solutions_are_rational_and_lifted():
    odd = parse_claim("L != 1/2 at critical_points given H[0, 0] > 100")
    about = model("ab", "a*b - 40*a", "b", targets=[[0, 41]])
    found = smt_solver.solutions(violation(odd, about))
    assert found == [[0, 40]] or all(len(row) == 2 for row in found)
    curve = Conditions(("p0", "p1"), ("(= (* p0 p1) 7)", "(= (* p0 p0 p1) 21)"))
    assert smt_solver.solutions(curve)[0] == [3, Fraction(7, 3)]
    pinned = Conditions(("p0", "p1"), ("(= (+ (* p0 p0) (* p1 p1)) 25)", "(> p0 3)", "(> p1 1)"))
    assert all(x * x + y * y == 25 for x, y in smt_solver.solutions(pinned))
