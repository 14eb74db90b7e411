"""The checker, which shares no code with the prover, replays every proof and notices every change in one."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from geomcheck import checker
from geomcheck.certificate import accepted as checked
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.tree import to_json
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.problem import Problem

from .problems import problem, proof
from .test_proof import CLAIMS
from .test_rules import PROVED


def replay(says: str, about: Problem, steps: Any, conclusion: Any, point_set: str | None = None) -> None:
    """Raise checker.Reject unless the checker derives the claim from these steps."""
    _, formula, scope, given = checker.parse_claim(says)
    plain = json.loads(json.dumps([steps, conclusion]))
    checker.Proof(checker.Problem(problem_to_json(about)), point_set or scope, *plain).check(formula, given)


@pytest.mark.parametrize(("says", "parts"), [(says, parts) for says, parts, _ in PROVED] + [(c, {}) for c in CLAIMS])
def test_the_checker_replays_the_proof(says: str, parts: dict[str, Any]) -> None:
    about = problem(**parts)
    found = proof(says, about)
    assert found is not None
    replay(says, about, found.steps, found.conclusion)


def whole(says: str, about: Problem, seed: int = 0) -> dict[str, Any]:
    """A certificate with the witness that a perfect fit at small integers gives."""
    found = proof(says, about)
    assert found is not None
    return {
        "format": "geomcheck-certificate",
        "version": 2,
        "claim": says,
        "tree": to_json(parse_claim(says).tree),
        "problem": problem_to_json(about),
        "verdict": "PROVED",
        "kind": "universal",
        "witness": {
            "parameters": [str((i * i + seed) % 5 - 1) for i in range(about.P)],
            "inputs": [[str((i + 2 * j) % 3 + 1) for j in range(about.model.n_inputs)] for i in range(about.N)],
            "targets": "perfect_fit",
        },
        "evidence": [],
        "minimum": None,
        "steps": list(found.steps),
        "conclusion": list(found.conclusion),
    }


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"network": "2-3-3 tanh", "loss": "cross_entropy", "behaviour": "probabilities"},
        {"network": "2-3-1 tanh", "loss": "bce_logits"},
        {"network": "2-2-2 linear", "loss": {"outputs": ["f", "g"], "targets": ["y", "z"],
                                             "value": "(f-y)^2 + (f-y)*(g-z) + (g-z)^2"}},
    ],
)  # fmt: skip
def test_whole_certificates_are_accepted(parts: dict[str, Any]) -> None:
    certificate = whole("rank(H) == rank(G) at perfect_fits", problem(**parts))
    assert checked(certificate) == (True, "PROVED " + certificate["claim"])


def mutations(data: Any) -> Iterator[Any]:
    """Every way to drop one entry, or change one number or word, of steps and conclusion."""
    if isinstance(data, dict):
        for key, value in data.items():
            for changed in mutations(value):
                yield {**data, key: changed}
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield data[:i] + data[i + 1 :]
            for changed in mutations(value):
                yield [*data[:i], changed, *data[i + 1 :]]
    elif isinstance(data, int):
        yield data + 1
    else:
        yield (
            "7"
            if data.lstrip("-").isdigit()
            else {"H": "G", "G": "D", "H_o": "H", "H_f": "H_o", "==": "<="}.get(data, "x")
        )


def _substance(parts: Any) -> Any:
    # Without assumptions, what a combination uses says nothing beyond the combination itself.
    steps = copy.deepcopy(parts[0])
    for step in steps:
        if "combination" in step.get("args", {}):
            step["args"].pop("uses", None)
    return [steps, parts[1]]


def test_a_changed_proof_is_rejected() -> None:
    about = problem()
    certificate = whole("rank(H) == rank(G) at perfect_fits", about)
    steps, conclusion = json.loads(json.dumps([certificate["steps"], certificate["conclusion"]]))
    count = 0
    for changed in mutations([steps, conclusion]):
        if len(changed) == 2 and _substance(changed) != _substance([steps, conclusion]):
            count += 1
            with pytest.raises((checker.Reject, ValueError, TypeError, IndexError, KeyError)):
                replay(certificate["claim"], about, *copy.deepcopy(changed))
    assert count > 150


@pytest.mark.parametrize(
    ("parts", "point_set"),
    [
        ({"loss": "quartic"}, None),
        ({"network": "2-3-1 tanh", "weight_decay": "1/10"}, None),
        ({"loss": "logistic"}, None),
        ({}, "critical_points"),
        ({}, "global_minima"),
        ({}, "all_points"),
    ],
)
def test_a_proof_does_not_carry_over(parts: dict[str, Any], point_set: str | None) -> None:
    found = proof("rank(H) == rank(G) at perfect_fits")
    assert found is not None
    scope = point_set or "perfect_fits"
    with pytest.raises(checker.Reject):
        replay(f"rank(H) == rank(G) at {scope}", problem(**parts), found.steps, found.conclusion)


H, H_O, H_F, G = (["matrix", name] for name in ("H", "H_o", "H_f", "G"))
SPLIT = {"rule": "decomposition", "args": {"uses": []}, "fact": ["==", H, ["+", H_O, H_F]]}


def step(rule: str, fact: Any, uses: Any = (), **more: Any) -> dict[str, Any]:
    return {"rule": rule, "args": {"uses": list(uses), **more}, "fact": fact}


def equal(fact: Any, left: Any = H, right: Any = ("+", H_O, H_F)) -> dict[str, Any]:
    return step("equal-matrices", fact, [0], left=left, right=list(right), combination=[[0, "1"]])


@pytest.mark.parametrize(
    "wrong",
    [
        equal(["==", ["generic_rank", H], ["generic_rank", ["+", H_O, H_F]]]),
        equal(["==", ["dim", ["ker", H]], ["dim", ["ker", H_O]]]),
        equal(["==", ["dim", ["&", ["ker", H], ["ker", G]]], ["dim", ["&", ["ker", H], ["ker", ["+", H_O, H_F]]]]]),
        equal(["<=", ["rank", H], ["rank", ["+", H_O, H_F]]]),
        equal(["==", ["rank", H_O], ["rank", H_O]], left=H_O, right=H),
        step("combine", ["<=", ["rank", H], ["number", "0"]], combination=[]),
        step("combine", ["==", ["rank", H], ["rank", H]], combination=[]),
        step("trace", ["==", ["trace", H], ["trace", H_O]]),
        step("inclusion", ["==", ["dim", ["&", ["ker", H], ["ker", G]]], ["nullity", G]]),
        step("inclusion", ["==", ["dim", ["&", ["im", ["*", G, H]], ["ker", ["*", G, H]]]], ["number", "0"]]),
        step("full-rank", ["==", ["matrix", "r"], ["number", "0"]], [0]),
        step("fit-by-residual", ["perfect_fit"], [0]),
        step("fit-by-loss", ["perfect_fit"]),
        step("least-loss", ["==", ["word", "L"], ["number", "0"]]),
        step("softmax-kernel", ["==", ["nullity", ["matrix", "D"]], ["number", "4"]]),
        step("strict-minimum", ["local_minimum"]),
        step("gram-semidefinite", ["==", ["rank", H_O], ["rank", ["*", ["matrix", "D"], G]]]),
        step("product", ["==", G, ["number", "0"]]),
        step("product", ["==", G, ["number", "0"]], [0]),
        step("product", ["==", ["rank", ["*", G, G]], ["rank", G]]),
        step("product", ["==", ["rank", ["*", ["transpose", G], H]], ["rank", H]]),
        step("symmetric", ["==", ["transpose", G], G]),
        step("symmetric", ["==", ["transpose", ["*", H, H_O]], ["*", H, H_O]]),
        step("normalised", ["<=", ["rank", G], ["number", "0"]]),
        step("residual-vanishes", ["==", ["matrix", "r"], ["number", "0"]]),
        step("residual-vanishes", ["==", H_F, ["number", "0"]], [0]),
        step("stationary", ["==", ["*", ["transpose", ["matrix", "r"]], G], ["number", "0"]]),
        step("inclusion", ["==", ["dim", ["&", ["im", ["transpose", G]], ["ker", H]]], ["number", "0"]]),
    ],
)
def test_wrong_steps_are_refused(wrong: Any) -> None:
    with pytest.raises((checker.Reject, ValueError, IndexError)):
        replay("P == 13", problem(), [SPLIT, wrong], [])


@pytest.mark.parametrize("parts", [{"reduction": "mean"}, {"loss": "quartic"}, {"loss": "bce_logits"}])
def test_a_plain_gram_matrix_needs_the_squared_loss(parts: dict[str, str]) -> None:
    equation = step("decomposition", ["==", H_O, ["*", ["transpose", G], G]])
    with pytest.raises(checker.Reject, match="decomposition"):
        replay("P == 13", problem(**parts), [equation], [])
    assert proof("H_o == G.T*G", problem(**parts)) is None
    assert proof("H_o == G.T*G", problem()) is not None


def test_right_steps_are_taken() -> None:
    says = "dim(ker(H) & ker(H)) == nullity(H_o + H_f)"
    fine = equal(["==", ["dim", ["ker", H]], ["dim", ["ker", ["+", H_O, H_F]]]])
    found = proof(says)
    assert found is not None
    replay(says, problem(), found.steps, found.conclusion)
    sides = (["word", "P"], ["number", "13"])
    leaves = [{"leaf": ["<=", *pair], "combination": []} for pair in (sides, sides[::-1])]
    replay("P == 13", problem(), [SPLIT, fine], leaves)
