"""Proofs about named points may not lean on a point of their own: the witness of a claim about A, B has none."""

import json
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted as checked
from geomcheck.checker import parse_claim

ABOUT = {"network": "1-1-1 linear, no bias", "inputs": [[1]], "targets": [[1]]}
HALF, LOSS = ["number", "1/2"], ["word", "L"]
THERE = ["@", LOSS, ["point", "A"]]


def forged(rule: str, first: Any, second: Any, claim: str) -> dict[str, Any]:
    """L = 1/2 at θ = 0, where the checker would take L if it took it at no point; but L@A = 0 for A = (1, 1)."""
    verdict = gc.check("L@A <= 1/2", points={"A": [0, 0]}, **ABOUT)
    certificate = json.loads(json.dumps(verdict.certificate))
    certificate["problem"].pop("points")
    tree = json.loads(json.dumps(parse_claim(claim)))
    steps = [
        {"rule": rule, "args": {"uses": []}, "fact": first},
        {"rule": "at-point", "args": {"uses": [0]}, "fact": second},
    ]
    proof = {"steps": steps, "conclusion": [{"leaf": second, "combination": [[1, "1"]]}]}
    return {**certificate, **proof, "claim": claim, "tree": tree, "kind": "universal", "verdict": "PROVED"}


@pytest.mark.parametrize(
    ("first", "second", "claim"),
    [
        (["<=", HALF, LOSS], ["<=", HALF, THERE], "1/2 <= L@A"),
        (["==", LOSS, HALF], ["==", THERE, HALF], "L@A == 1/2 at global_minima"),
    ],
)
def test_the_least_value_is_not_taken_at_no_point(first: Any, second: Any, claim: str) -> None:
    certificate = forged("least-value", first, second, claim)
    accepted, reason = checked(certificate)
    assert not accepted and ("least-value" in reason or "point set" in reason), reason
