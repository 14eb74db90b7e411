"""What was once wrong: certificates that were accepted though false, and input that was never answered."""

import json
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.certificate import accepted as checked
from geomcheck.checker import parse_claim

P, ZERO = ["word", "P"], ["number", "0"]
G, H = ["matrix", "G"], ["matrix", "H"]
RANK_G, RANK_H = ["rank", G], ["rank", H]
OFFSET = {"outputs": ["f"], "targets": ["y"], "value": "(f-y-1)^2"}


def forged(claim: str, rule: str, fact: list[Any], **parts: Any) -> dict[str, Any]:
    """A proof in one step of a claim about tanh networks with one hidden unit, for one sample."""
    layers = [{"width": 1, "bias": True, "activation": name, "residual": None} for name in ("tanh", "linear")]
    problem = {
        "model": {"kind": "dense", "inputs": 1, "layers": layers},
        "loss": "mse",
        "behaviour": "outputs",
        "reduction": "sum",
        "weight_decay": "0",
        "samples": 1,
        "inputs": None,
        "targets": None,
        "parameters": None,
    }
    tree = json.loads(json.dumps(parse_claim(claim)))
    return {
        "format": "geomcheck-certificate",
        "version": 2,
        "claim": claim,
        "tree": tree,
        "problem": problem | parts,
        "verdict": "PROVED",
        "kind": "universal",
        "witness": {"parameters": ["1"] * 4, "inputs": [["1"]], "targets": parts.get("targets", [["1"]])},
        "evidence": [],
        "minimum": None,
        "steps": [{"rule": rule, "fact": fact, "args": {"uses": []}}],
        "conclusion": [{"leaf": tree[1], "combination": [[0, "1"]]}],
    }


@pytest.mark.parametrize(
    ("claim", "rule", "fact"),
    [
        ("P <= generic_rank(G)", "generic-lower", ["<=", P, ["generic_rank", G]]),
        ("rank(G) <= 0", "ambient", ["<=", RANK_G, ["-", RANK_G, RANK_G]]),
        ("rank(H) <= 0", "linear-network", ["<=", RANK_H, ["*", ZERO, ["word", "L"]]]),
        ("rank(H) <= 0", "apolarity", ["<=", RANK_H, ["-", ["word", "L"], ["word", "L"]]]),
    ],
)
def test_a_bound_by_a_number_is_no_bound_by_a_term(claim: str, rule: str, fact: list[Any]) -> None:
    accepted, why = checked(forged(claim, rule, fact))
    assert (accepted, why) == (False, f"step 0: {rule} does not give this fact")


@pytest.mark.parametrize("loss", ["logistic", OFFSET])
def test_targets_that_copy_the_behaviour_are_no_perfect_fit_of_every_loss(loss: Any) -> None:
    certificate = forged("perfect_fit", "point", ["perfect_fit"], loss=loss, targets="perfect_fit")
    assert checked(certificate) == (False, "step 0: point does not give this fact")
    honest = forged("perfect_fit", "point", ["perfect_fit"], targets="perfect_fit")
    assert checked(honest) == (True, "PROVED perfect_fit")


def test_the_sine_of_a_large_number_is_enclosed() -> None:
    verdict = gc.check("L == 0", network="1-1, output sin", inputs=[[1]], targets=[[0]], parameters=[10_000, "1/7"])
    assert verdict.outcome == "REFUTED"
