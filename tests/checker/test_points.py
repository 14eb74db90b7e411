"""Certificates about named points: altered ones, and proofs that prove too much."""

import copy
import json
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted as checked
from geomcheck.checker import Problem, Reject
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.claims.tree import to_json
from geomcheck.problem.canonical import problem_from_json
from geomcheck.prove import prove
from geomcheck.truth import Truth

from .test_forgeries import altered

Certificate = dict[str, Any]
# The long ones are altered less often.
STRIDE = {
    "at a point": 8,
    "ranks": 4,
    "minimum": 3,
    "invariance": 3,
    "implication": 3,
}
TANH = {"network": "1-2-1 tanh, no bias", "inputs": [[1], [1]], "targets": [[1], [0]]}
POINTS = {"A": ["1/2", 1, 1, 0], "B": [1, 0, 1, 1]}
RELU = {"network": "1-2-1 relu, no bias", "samples": 1}
PRODUCT = {"model": {"parameters": ["a", "b"], "outputs": ["a*b"]}, "samples": 1, "targets": [[1]]}
LINEAR = {"network": "1-2-1 linear, no bias", "inputs": [[1], [2]], "targets": [[1], [2]]}

CLAIMS: dict[str, tuple[str, dict[str, Any]]] = {
    "ranks": ("rank(G@A) == 1 and rank(H_o@B) == rank(G@B)", {**TANH, "points": POINTS}),
    "midpoint": ("L@(1/2*A + 1/2*B) == 1/2 at perfect_fits", {**PRODUCT, "points": {"A": [1, 1], "B": [-1, -1]}}),
    "minimum": (
        "rank(H@A) <= rank(G@permuted(A, s)) at global_minima",
        {**LINEAR, "points": {"A": [1, 0, 1, 0]}, "permutations": {"s": [[1, 0]]}},
    ),
    "overlaps": (
        "max_overlap(A, B) == 5 and orbit_size(A) == 2 and signed_orbit_size(B) == 4",
        {"network": "1-2-1 tanh, no bias", "samples": 1, "points": {"A": [1, 2, 0, 0], "B": [2, 1, 0, 1]}},
    ),
    "refuted": ("L@A == L@B at perfect_fits given rank(G@A) == 1", {**PRODUCT, "points": {"A": [1, 1]}}),
    "invariance": ("L@permuted(A, s) == L@A", {"network": "1-2-1 tanh, no bias", "samples": 1}),
    "at a point": ("rank(H@permuted(A, s)) == rank(G@A) at perfect_fits", RELU),
    "implication": ("perfect_fit@A implies perfect_fit@permuted(A, s)", {"network": "1-2-1 relu", "samples": 1}),
}  # fmt: skip


@pytest.fixture(scope="module")
def certificates() -> dict[str, Certificate]:
    found = {}
    for name, (claim, about) in CLAIMS.items():
        if name == "refuted":
            claim = "L@(A + B) == L@A at perfect_fits"
        verdict = gc.check(claim, trials=40, seconds=10, **about)
        assert verdict.certificate is not None, (name, verdict.known)
        found[name] = json.loads(json.dumps(verdict.certificate))
    return found


def accepted(certificate: Certificate) -> bool:
    return checked(certificate)[0]


def is_true(certificate: Certificate) -> bool:
    """Whether the engine, which shares no code with the checker, agrees."""
    claim, about = parse_claim(certificate["claim"]), problem_from_json(certificate["problem"])
    judgement = judge(claim, problem_from_json({**certificate["problem"], **certificate["witness"]}))
    if judgement.scope is not Truth.TRUE:
        return False
    if certificate["kind"] == "universal":
        return certificate["verdict"] == "PROVED" and prove(claim, about) is not None
    return judgement.holds is Truth.of(certificate["verdict"] == "PROVED")


@pytest.mark.parametrize("name", CLAIMS)
def test_no_alteration_makes_something_false_acceptable(name: str, certificates: dict[str, Certificate]) -> None:
    original = certificates[name]
    assert accepted(original)
    for number, forged in enumerate(altered(original)):
        if number % STRIDE.get(name, 1):
            continue
        changed = any(forged.get(key) != original[key] for key in ("claim", "problem", "witness", "verdict", "kind"))
        if accepted(forged) and changed:
            assert is_true(forged), forged


def test_the_opposite_verdict_is_rejected(certificates: dict[str, Certificate]) -> None:
    for original in certificates.values():
        opposite = {"PROVED": "REFUTED", "REFUTED": "PROVED"}[original["verdict"]]
        assert not accepted({**original, "verdict": opposite})


def test_a_best_match_is_a_hint(certificates: dict[str, Certificate]) -> None:
    original = certificates["overlaps"]
    (place,) = (i for i, entry in enumerate(original["evidence"]) if "match" in entry)
    assert original["evidence"][place]["match"] == [[1, 0]]
    assert accepted({**original, "evidence": []})  # few permutations: all are tried
    for match in ([[0, 1]], [[0, 0]], [[1, 0], [1, 0]], [], [[2, 1]], None, [["1", "0"]]):
        assert accepted(changed(original, "evidence", place, "match", to=match)) == (match is None)
    other = [{"of": ["orbit_size", ["point", "A"]], "match": [[1, 0]]}, {**original["evidence"][place], "barrier": {}}]
    for entry in other:
        assert not accepted({**original, "evidence": [entry]})


def changed(certificate: Certificate, *path: Any, to: Any) -> Certificate:
    forged = copy.deepcopy(certificate)
    place: Any = forged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return forged


@pytest.mark.parametrize(
    ("name", "path", "to"),
    [
        ("ranks", ("witness", "points"), {"A": POINTS["A"]}),
        ("ranks", ("witness", "points", "B"), ["1", "2", "1", "2"]),
        ("ranks", ("witness", "parameters"), ["1", "2", "1", "1"]),
        ("ranks", ("problem", "points"), {}),
        ("ranks", ("problem", "parameters"), ["1", "2", "1", "1"]),
        ("ranks", ("problem", "targets"), "perfect_fit"),
        ("ranks", ("evidence", 0, "of"), ["matrix", "G"]),
        ("ranks", ("evidence", 0, "of"), ["@", ["matrix", "G"], ["point", "B"]]),
        ("ranks", ("evidence", 0, "of"), ["@", ["matrix", "G"], ["permuted", ["point", "A"], ["permutation", "s"]]]),
        ("ranks", ("field",), [10**7, 1]),
        ("ranks", ("field",), [0, 1]),
        ("ranks", ("field",), [6]),
        ("ranks", ("field",), "6"),
        ("minimum", ("witness", "permutations"), {"s": [[0, 0]]}),
        ("minimum", ("problem", "permutations"), {"s": [[0, 0]]}),
        ("minimum", ("problem", "permutations"), {"s": [[1, 0, 2]]}),
        ("minimum", ("problem", "permutations"), {"r": [[1, 0]]}),
        ("minimum", ("problem", "baseline"), "middle"),
        ("minimum", ("problem", "teacher"), 0),
        ("minimum", ("minimum",), {"rule": "perfect-fit"}),
        ("minimum", ("minimum",), [{"at": ["point", "B"], "rule": "perfect-fit"}]),
        ("minimum", ("minimum",), [{"at": ["matrix", "H"], "rule": "perfect-fit"}]),
        ("minimum", ("minimum",), [{"at": ["point", "A"], "rule": "because"}]),
        ("overlaps", ("witness", "inputs"), None),
        ("overlaps", ("problem", "points", "B"), ["2", "1", "0", "2"]),
    ],
)
def test_tampering_is_rejected(name: str, path: Any, to: Any, certificates: dict[str, Certificate]) -> None:
    assert not accepted(changed(certificates[name], *path, to=to))


def proof(claim: str, steps: list[tuple[str, str, list[int]]], certificates: dict[str, Certificate]) -> Certificate:
    """A universal certificate that claims to derive `claim`, its last step, over the network of an honest one."""
    honest = certificates["at a point"]
    tree = to_json(parse_claim(claim).tree)
    written = [
        {"rule": rule, "fact": to_json(parse_claim(fact).tree)[1], "args": {"uses": uses}} for rule, fact, uses in steps
    ]
    last = len(steps) - 1
    head, *parts = tree[1]
    if head == "@":
        conclusion = [{"leaf": tree[1], "combination": [[last, "1"]]}]
    elif head == "==" and (parts[0][0] != "@" or parts[0][1] == ["word", "L"]):
        conclusion = [
            {"leaf": ["<=", *parts], "combination": [[last, "1"]]},
            {"leaf": ["<=", *parts[::-1]], "combination": [[last, "-1"]]},
        ]
    else:
        conclusion = [{"leaf": tree[1], "combination": [[last, "1"]]}]
    witness = copy.deepcopy(honest["witness"])
    witness["points"]["B"] = witness["points"]["A"]
    witness["permutations"] = {name: [[1, 0]] for name in "st"}
    return {
        **honest,
        "witness": witness,
        "claim": claim,
        "tree": tree,
        "steps": written,
        "conclusion": conclusion,
        "evidence": [],
    }


R_ZERO, SPLIT = ("residual-vanishes", "r == 0", []), ("decomposition", "H == H_o + H_f", [])
FLAT = ("residual-vanishes", "H_f == 0", [])

OVERREACHING = [
    ("H@permuted(A, s) == H@A at perfect_fits", [("permutation", "H@permuted(A, s) == H@A", [])]),
    ("G@permuted(A, s) == G@A at perfect_fits", [("permutation", "G@permuted(A, s) == G@A", [])]),
    ("trace(G@permuted(A, s)) == trace(G@A) at perfect_fits",
     [("permutation", "trace(G@permuted(A, s)) == trace(G@A)", [])]),
    ("L@(1/2*A + 1/2*permuted(A, s)) == L@A at perfect_fits",
     [("permutation", "L@(1/2*A + 1/2*permuted(A, s)) == L@A", [])]),
    ("H_f@(2*A) == 0 at perfect_fits", [FLAT, ("at-point", "H_f@(2*A) == 0", [0])]),
    ("r@(1/2*A + 1/2*B) == 0 at perfect_fits", [R_ZERO, ("at-point", "r@(1/2*A + 1/2*B) == 0", [0])]),
    ("r@A == 0", [R_ZERO, ("at-point", "r@A == 0", [0])]),
    ("perfect_fit@A at all_points", [("point-in-scope", "perfect_fit@A", [])]),
    ("perfect_fit@(2*A) at perfect_fits", [("point-in-scope", "perfect_fit@(2*A)", [])]),
    ("global_minimum@A at critical_points", [("point-in-scope", "global_minimum@A", [])]),
    ("perfect_fit@permuted(B, s) at all_points", [("permutation", "perfect_fit@permuted(B, s)", [])]),
    ("perfect_fit@A implies perfect_fit@permuted(B, s)",
     [("assume", "perfect_fit@A", []), ("permutation", "perfect_fit@permuted(B, s)", [0])]),
    ("orbit_size(A) <= 1", [("permutation", "orbit_size(A) <= 1", [])]),
    ("orbit_size(A) == 2", [("permutation", "orbit_size(A) <= 2", []), ("permutation", "orbit_size(A) == 2", [])]),
    ("overlap(permuted(A, s), permuted(B, t)) == overlap(A, B)",
     [("permutation", "overlap(permuted(A, s), permuted(B, t)) == overlap(A, B)", [])]),
    ("rank(H@A) == rank(H@B) at perfect_fits", [("at-point", "rank(H@A) == rank(H@B)", [])]),
    ("L@A <= L@B at perfect_fits", [("least-at-point", "L@A <= L@B", [])]),
    ("L@A <= L@B at local_minima",
     [("point", "local_minimum", []), ("at-point", "local_minimum@A", [0]), ("least-at-point", "L@A <= L@B", [1])]),
    ("global_minimum@A implies L@B <= L@A",
     [("assume", "global_minimum@A", []), ("least-at-point", "L@B <= L@A", [0])]),
    ("signed_orbit_size(A) <= 2", [("permutation", "signed_orbit_size(A) <= 1", [])]),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "steps"), OVERREACHING, ids=[claim for claim, _ in OVERREACHING])
def test_proofs_that_prove_too_much_are_rejected(
    claim: str, steps: list[tuple[str, str, list[int]]], certificates: dict[str, Certificate]
) -> None:
    assert not accepted(proof(claim, steps, certificates))


HONEST = [
    ("L@permuted(A, s) == L@A at perfect_fits", [("permutation", "L@permuted(A, s) == L@A", [])]),
    ("rank(H@permuted(A, s)) == rank(H@A) at perfect_fits",
     [("permutation", "rank(H@permuted(A, s)) == rank(H@A)", [])]),
    ("r@A == 0 at perfect_fits", [R_ZERO, ("at-point", "r@A == 0", [0])]),
    ("r@permuted(A, s) == 0 at perfect_fits", [R_ZERO, ("at-point", "r@permuted(A, s) == 0", [0])]),
    ("perfect_fit@A at perfect_fits", [("point-in-scope", "perfect_fit@A", [])]),
    ("L@A <= L@(2*B) at perfect_fits",
     [("point", "global_minimum", []), ("at-point", "global_minimum@A", [0]),
      ("least-at-point", "L@A <= L@(2*B)", [1])]),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "steps"), HONEST, ids=[claim for claim, _ in HONEST])
def test_such_proofs_are_accepted_where_they_are_right(
    claim: str, steps: list[tuple[str, str, list[int]]], certificates: dict[str, Certificate]
) -> None:
    accepts, reason = checked(proof(claim, steps, certificates))
    assert accepts, reason


def test_nothing_is_replaced_under_a_point(certificates: dict[str, Certificate]) -> None:
    """H == H_o holds at perfect fits; at the midpoint of two of them it need not."""
    claim = "rank(H@(1/2*A + 1/2*B)) == rank(H_o@(1/2*A + 1/2*B)) at perfect_fits"
    forged = proof(claim, [SPLIT, FLAT], certificates)
    forged["steps"].append({
        "rule": "equal-matrices",
        "fact": forged["tree"][1],
        "args": {"uses": [0, 1], "left": ["matrix", "H"], "right": ["matrix", "H_o"],
                 "combination": [[0, "1"], [1, "1"]]},
    })  # fmt: skip
    for entry in forged["conclusion"]:
        entry["combination"][0][0] = 2
    for signs in (("1", "1"), ("-1", "-1"), ("1", "-1"), ("-1", "1")):
        combination = [[0, signs[0]], [1, signs[1]]]
        forged["steps"][2]["args"]["combination"] = combination
        assert not accepted(forged)


def test_a_permutation_that_breaks_a_residual_link_is_rejected() -> None:
    layers = [
        {"width": 2, "bias": False, "activation": "relu", "residual": None},
        {"width": 2, "bias": False, "activation": "relu", "residual": 1},
        {"width": 1, "bias": False, "activation": "linear", "residual": None},
    ]
    model = {"kind": "dense", "inputs": 1, "layers": layers}
    parts = {"loss": "mse", "behaviour": "outputs", "reduction": "sum", "weight_decay": "0", "samples": 1}
    about = {"model": model, **parts, "inputs": None, "targets": None, "parameters": None}
    assert Problem({**about, "permutations": {"s": [[1, 0], [1, 0]]}}).classes() == [[1, 2]]
    for broken in ([[1, 0], [0, 1]], [[1, 0]], [[1, 0], [1, 0], [0]], [[1, 1], [1, 1]], [[1, True], [1, 0]]):
        with pytest.raises((Reject, ValueError)):
            Problem({**about, "permutations": {"s": broken}})


def test_points_of_a_claim_without_points_are_rejected(certificates: dict[str, Certificate]) -> None:
    bare = gc.check("rank(G) == 1", **TANH, parameters=[1, 2, 1, 1]).certificate
    assert bare is not None and accepted(json.loads(json.dumps(bare)))
    for key in ("problem", "witness"):
        forged = json.loads(json.dumps(bare))
        forged[key]["points"] = {"A": ["1", "2", "1", "1"]}
        assert not accepted(forged)
    mixed = changed(certificates["ranks"], "claim", to="rank(G@A) == 1 and rank(H_o) == 1")
    mixed["tree"] = [
        "claim",
        ["and", mixed["tree"][1][1], ["==", ["rank", ["matrix", "H_o"]], ["number", "1"]]],
        None,
        None,
    ]
    assert not accepted(mixed)
