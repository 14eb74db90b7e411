"""A short battery of known answers: what each fault must change, and what no fault may turn round.

Every claim's truth is known without geomcheck (by hand, or by the plain arithmetic of the self-test), and the sound
engine settles every one.
"""

import random
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import geomcheck as gc
from geomcheck.claims.grammar import parse
from geomcheck.geometry.continuous_symmetry import kernel_fields
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import rational
from geomcheck.problem.read import problem_from
from geomcheck.selftest.known_claims import a_case, posed_claims
from geomcheck.selftest.known_matrices import compared
from geomcheck.selftest.naive_derivatives import Case, Net, quantities

P, R = "PROVED", "REFUTED"
SOFT = {"network": "1-2 linear", "loss": "softmax_cross_entropy"}
ID = {"inputs": [[1, 0], [0, 1]], "targets": [[2, 0], [0, 1]]}
SADDLE = {"network": "2-1-2 linear, no bias", **ID, "parameters": [0, 1, 0, 1]}
LEAST = {"network": "2-1-2 linear, no bias", **ID, "parameters": [1, 0, 2, 0]}
W2 = {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1}


@dataclass(frozen=True)
class Answer:
    """A claim, its problem, and its one right verdict."""

    says: str
    problem: dict[str, Any]
    right: str


def net(shape: str, *rows: Any, **more: Any) -> dict[str, Any]:
    return dict(zip(("inputs", "targets", "parameters"), rows, strict=False)) | {"network": shape, **more}


BY_HAND = [
    Answer("rank(H) == rank(G) at perfect_fits", net("2-2-1 tanh", samples=3), P),
    Answer("rank(H) == rank(G) at perfect_fits", net("1-1-1 tanh", samples=1, loss="quartic"), R),
    Answer("rank(H) == rank(G) at perfect_fits", {**SOFT, "samples": 1}, R),
    Answer("rank(H) <= rank(G) at critical_points", W2, R),
    Answer("H == H_o + H_f", net("1-1 linear", samples=1, weight_decay="1/3"), R),
    Answer("index(H) == 0 at critical_points", W2, R),
    Answer("G.T*r == 0", net("1-1 linear", samples=1), R),
    Answer("rank(G) == N*K", net("1-1 linear, no bias", samples=1), R),
    Answer("generic_rank(G) == 1", net("1-1-1 square, no bias", samples=2), P),
    Answer("generic_rank(G) == 2", net("1-1-1 tanh, no bias", samples=2), P),
    Answer("rank(G) + nullity(G) == P and rank(H_o) <= rank(D)", net("1-2-1 relu", samples=2), P),
    Answer("global_minimum", SADDLE, R),
    Answer("global_minimum", LEAST, P),
    Answer("local_minimum", SADDLE, R),
    Answer("local_minimum", net("1-1-1 linear, no bias", [[1]], [[1]], [1, 1]), P),
    Answer("global_minimum", {**W2, "parameters": [0], "targets": [[-1]]}, P),
    Answer("local_minimum", net("1-1-1 relu", [[1], [2]], [[0], [1]], [-1, -1, 1, "1/2"]), P),
    Answer("local_minimum", net("1-1-1 relu", [[1]], [[0]], [1, 1, 0, 1]), R),
    Answer("local_minimum", net("1-1-1 relu, no bias", [[1], [2]], [[1], [1]], [1, "3/5"]), P),
    Answer("global_minimum", net("1-1-1 tanh", [[1], [1]], [[0], [1]], [0, 0, 0, "1/2"]), P),
    Answer("global_minimum", net("1-1-1 tanh", [[1], [2]], [[0], [1]], [0, 0, 0, "1/2"]), R),
    Answer("positive_definite(H)", net("1-1-1 linear, no bias", [[1]], [[1]], [1, 1]), R),
    Answer("perfect_fit", net("1-1 linear, no bias", [[1]], [["1/1000000000"]], [0]), R),
    Answer("critical_point", net("1-1 linear, no bias", [[1]], [["1/1000000000"]], [0]), R),
    Answer("rank(G) == 2", net("1-1 linear", [[1], ["1000000001/1000000000"]], [[1], [1]], [1, 1]), P),
    Answer("L == 1/50", net("1-1 linear, no bias", [["1"]], [["0.3"]], ["0.1"]), P),
    Answer("1 + 2*3 == 7 and (L < 0 implies L > 0)", net("1-1 linear, no bias", [[1]], [[2]], [1]), P),
    Answer("L < 1/2 or L != 1/2", net("1-1 linear, no bias", [[1]], [[2]], [1]), R),
    Answer("L > 0 or L < 0 and L < 0", net("1-1 linear, no bias", [[1]], [[2]], [1]), P),
    Answer("rank(H) == 2 given perfect_fit", net("1-1 linear, no bias", samples=1), R),
    Answer("P == 1 given L == 1", net("1-1 linear, no bias", [[1]], [[2]], [1]), "UNDECIDED empty-scope"),
    Answer("critical_point", net("1-1 linear, no bias", [[1]], [[2]], [1], weight_decay=1), P),
    Answer("H_f[0, 0] < 0", net("1-1-1 tanh, no bias", [[1]], [[0]], [1, 1]), P),
    Answer("generic_rank(G) <= 1", net("1-1-1 tanh, no bias", samples=2), R),
    Answer("generic_rank(G) == 1", net("1-1-1 relu, no bias", samples=2), P),
    Answer("rank(G) == generic_rank(G)", net("1-1-1 square, no bias", samples=2), "UNDECIDED generic-rank-open"),
    Answer("L > 0 implies L < 0", net("1-1 linear, no bias", [[1]], [[2]], [1]), R),
    Answer("L == L", net("1-1-1-1 tanh, no bias", [[1]], [[2]], [1, 1, 1]), P),
    Answer("L*(1 + L) == L + L*L", net("1-1-1-1 tanh, no bias", [[1]], [[2]], [1, 1, 1]), "UNDECIDED sign-unknown"),
    Answer("(G.T)[0, 1] == 2 and G != G.T", net("1-1 linear", [[1], [2]], [[1], [1]], [1, 1]), P),
    Answer("H - H_o == H_f", net("1-1-1 linear, no bias", [[1]], [[5]], [2, 3]), P),
    Answer("rank(H_o) + rank(H_f) <= rank(H)", net("1-1-1 linear, no bias", samples=1), R),
    Answer("dim(im(G) & ker(D)) == 1 and nullity(G) == 2",
           net("1-1 linear", [[1]], "perfect_fit", [1, 0], loss="quartic"), R),
    Answer("dim(im(G) & ker(D)) == 1 and nullity(G) == 1",
           net("1-1 linear", [[1]], "perfect_fit", [1, 0], loss="quartic"), P),
    Answer("(G.T*D*G)[0, 1] == 6 and G[0, 1] == 2 and rank(H - H_o) == 2",
           net("1-1-1 linear, no bias", [[1]], [[5]], [2, 3]), P),
    Answer("rank(H) == 1", net("1-1-1 relu, no bias", [[1]], [[0]], [0, 1]), "UNDECIDED kink"),
    Answer("H == H_o", net("1-1-1 tanh, no bias", [[1]], [[0]], [1, 1]), R),
    Answer("index(H) == 1 and rank(H) == 2", net("1-1-1 tanh, no bias", [[1]], [[1]], [0, 0]), P),
    Answer("index(H) == 1",  # the eigenvectors that floats find are none
           {"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["10^15*a + b", "b^2"]}, "samples": 1,
            "parameters": [0, 0], "targets": [[0, "1/2000000"]]}, P),
    Answer("rank(D) == 2", {**SOFT, "inputs": [[1]], "targets": [[1, 0]], "parameters": [1, 0, 0, 0]}, R),
    Answer("trace(D) == 1/4", net("1-1 linear", [[0]], [[1]], [1, 0], loss="bce_logits"), P),
    Answer("r[0, 0] == 1/2", net("1-1 linear", [[0]], [[-1]], [1, 0], loss="logistic"), P),
    Answer("D == 0", net("1-1 linear", [[0]], [[-1]], [1, -2], loss="squared_hinge"), P),
    Answer("rank(G) == 1",
           net("1-2 linear, no bias", [[1]], [["1/2", "1/2"]], [0, 0], behaviour="probabilities"), P),
]  # fmt: skip


def _cases() -> list[tuple[Case, Any]]:
    one, two, third = Fraction(1), Fraction(2), Fraction(1, 3)
    deep = Net((1, 2, 2), ("leaky_relu(1/10)", "square"), (True, False))
    smooth = Net((2, 2, 1), ("tanh", "linear"), (True, True))
    sigmoid = Net((1, 1, 1), ("sigmoid", "linear"), (False, False))
    chosen = [
        Case(deep, (one, -one, two, third, one, two, -one, third), ((one,), (-3 * one,)), ((one, two), (third, one)),
             mean=True, decay=third),
        Case(smooth, (Fraction(0),) * 6 + (one, two, one), ((one, two), (two, one)), ((two,), (third,)), decay=two),
        Case(sigmoid, (Fraction(0), two), ((one,),), ((third,),), loss="quartic"),
        *(a_case(random.Random(f"battery {seed}")) for seed in range(4)),
    ]  # fmt: skip
    return [(case, quantities(case)) for case in chosen]


CASES = _cases()
DRAWN = [Answer(p.says, p.problem, next(iter({P, R} - p.wrong))) for p in islice(posed_claims(17), 24)
         if len(p.wrong) == 1 and p.route in ("instance", "matrix")]  # fmt: skip
ANSWERS = BY_HAND + DRAWN
LIGHT = [answer for answer in ANSWERS if "parameters" in answer.problem]  # evaluated, not proved or searched for
HEAVY = [answer for answer in ANSWERS if answer not in LIGHT]


def outcome(answer: Answer) -> str:
    """The verdict, or that there was none."""
    try:
        verdict = gc.check(answer.says, problem=answer.problem, trials=15, seconds=2)
        return f"UNDECIDED {verdict.reason}" if verdict.outcome == "UNDECIDED" else verdict.outcome
    except Exception as error:
        return f"no verdict: {type(error).__name__}"


def wrong(answer: Answer, found: str) -> bool:
    """Whether a verdict is the contrary of the right one; where neither may be said, whether one is."""
    return found in (P, R) and found != answer.right


def quick_checks() -> list[str]:
    """The known answers that fail, besides verdicts: matrices entry by entry, ranks, parse trees, numbers."""
    failed = []
    for number, (case, known) in enumerate(CASES):
        names = ("F", "G", "r", "D", "H", "H_o", "H_f")
        try:
            found = gc.evaluate(["L", *names], problem=case.problem())
            for name in names:
                if [[Fraction(x) for x in row] for row in found[name].rows] != known.matrices[name]:
                    failed.append(f"{name} of case {number}")
            if known.loss is not None and Fraction(found["L"].value) != known.loss:
                failed.append(f"L of case {number}")
        except Exception as error:
            failed.append(f"case {number}: {type(error).__name__}")
    for number, (case, known) in enumerate(CASES):
        point = problem_from(case.problem())
        assert isinstance(point.model, DenseNetwork) and point.parameters is not None
        for field in kernel_fields(point.model):
            velocity = field.at(point.model, point.parameters)
            if any(sum(a * b for a, b in zip(row, velocity, strict=True)) for row in known.matrices["G"]):
                failed.append(f"symmetry {field} of case {number}")
    draw = random.Random(23)
    try:
        failed += [case[:40] for _ in range(6) for case in compared(draw).wrong]
        sums = ("+", ("number", "1"), ("*", ("number", "2"), ("number", "3")))
        if parse("1 + 2*3 == 7")[1][1] != sums or rational("0.1", "x") != Fraction(1, 10):
            failed.append("parsing")
    except Exception as error:
        failed.append(f"matrices and texts: {type(error).__name__}")
    return failed
